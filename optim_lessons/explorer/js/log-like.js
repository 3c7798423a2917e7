// A scale for what spans decades, zero included: even near zero, logarithmic far from it.

/**
 * @typedef {{small: number, most: number, to: (size: number) => number}} LogLike
 * `to` takes a size from 0 to `most` onto 0 to 1, as log(1 + size / small); below `small` it is
 * almost even.
 */

/**
 * The scale that suits some sizes: a tenth of them are below its `small`. What spans less than a
 * decade or two is shown almost as it is.
 * @param {number[]} sizes 0 or above; those that are not finite are left out @returns {LogLike}
 */
export function logLike(sizes) {
  const known = sizes.filter((size) => size > 0 && Number.isFinite(size)).sort((a, b) => a - b);
  const most = known.at(-1) ?? 1;
  const small = known[Math.floor(known.length / 10)] ?? 1;
  const whole = Math.log1p(most / small);
  return { small, most, to: (size) => Math.log1p(Math.min(size, most) / small) / whole };
}
