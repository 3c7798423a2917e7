// Gradient noise: the very numbers that NumPy draws, so that a notebook can draw the same path.
//
// Of NumPy's generators SFC64 is the shortest to write here: it adds and shifts 64-bit words, where
// PCG64 and Philox multiply them, and MT19937 has 624 words to fill before it draws its first.

/** What a sum of low halves carries to the high ones. @param {number} x */
const carry = (x) => Math.floor(x / 2 ** 32);

/** @param {number} x */
const folded = (x) => x ^ (x >>> 16);

/** A hash whose factor moves on with each call. @param {number} factor @param {number} growth */
function hasher(factor, growth) {
  return (/** @type {number} */ value) => {
    const mixed = value ^ factor;
    factor = Math.imul(factor, growth);
    return folded(Math.imul(mixed, factor));
  };
}

/**
 * `np.random.SeedSequence(entropy).generate_state(count)`.
 * @param {number[]} entropy at most four whole numbers below 2^32 @param {number} count
 * @returns {Uint32Array}
 */
export function seedWords(entropy, count) {
  const first = hasher(0x43b0d7e5, 0x931e8875);
  const last = hasher(0x8b51f9dd, 0x58f38ded);
  const pool = [0, 1, 2, 3].map((k) => first(entropy[k] ?? 0));
  for (let from = 0; from < 4; from += 1) {
    for (let to = 0; to < 4; to += 1) {
      if (from === to) continue;
      pool[to] = folded(Math.imul(0xca01f9dd, pool[to]) - Math.imul(0x4973f715, first(pool[from])));
    }
  }
  return Uint32Array.from({ length: count }, (_, k) => last(pool[k % 4]));
}

/**
 * The noise of step t: `noise(seed, t, count)` of optim_lessons/problems/noisy.py, to the last bit.
 * Each number is the sum of twelve of NumPy's float32 uniforms, less 6. A uniform is the 24 high
 * bits of 32, over 2^24; sums of such numbers are exact.
 * @param {number} seed @param {number} t both whole numbers below 2^32 @param {number} count
 * @returns {Float64Array}
 */
export function normals(seed, t, count) {
  const sums = new Float64Array(count).fill(-6);
  // The state of SFC64: three words as (low half, high half), and a counter that stays below 2^32.
  let [aLow, aHigh, bLow, bHigh, cLow, cHigh] = seedWords([seed, t], 6);
  for (let counter = 1; counter <= 12 + 6 * count; counter += 1) {
    // Sums of halves are exact; what lies beyond 32 bits is the carry.
    const sum = aLow + bLow + counter;
    const low = sum >>> 0;
    const high = (aHigh + bHigh + carry(sum)) >>> 0;
    aLow = (bLow ^ ((bLow >>> 11) | (bHigh << 21))) >>> 0;
    aHigh = (bHigh ^ (bHigh >>> 11)) >>> 0;
    bLow = (9 * cLow) >>> 0; // 9 c is c + (c << 3)
    bHigh = (9 * cHigh + carry(9 * cLow)) >>> 0;
    const turned = (((cLow << 24) | (cHigh >>> 8)) >>> 0) + low;
    cHigh = (((cHigh << 24) | (cLow >>> 8)) + high + carry(turned)) >>> 0;
    cLow = turned >>> 0;
    // NumPy's warm-up are 12 words; then each word gives two uniforms, and six words a number.
    if (counter > 12) sums[Math.floor((counter - 13) / 6)] += ((low >>> 8) + (high >>> 8)) / 2 ** 24;
  }
  return sums;
}

let drawn = { seed: -1, /** @type {Float64Array[]} */ steps: [] };

/**
 * `normals`, drawn once for all paths of a seed: a slider that is dragged draws nothing again.
 * More coordinates only add numbers at the end, so there may be more than `count` of them.
 * @param {number} seed @param {number} t @param {number} count
 */
export function stepNoise(seed, t, count) {
  if (drawn.seed !== seed) drawn = { seed, steps: [] };
  if (!(drawn.steps[t]?.length >= count)) drawn.steps[t] = normals(seed, t, count);
  return drawn.steps[t];
}
