// Paths and heights that Python computed, for what cannot be stepped here: optim_lessons/explorer/recorded.py.

/**
 * A number as JSON has it: one that is not finite is a string, which `Number` reads.
 * @typedef {number | "NaN" | "Infinity" | "-Infinity"} Printed
 * @typedef {[number, number]} Pair
 * @typedef {{theta: Printed[][], value: Printed[], diverged: boolean}} Entry
 * @typedef {{starts: Object<string, Pair>, methods: Object<string, {title: string, family: string, why: string,
 *   settings: Object<string, {title: string, code: string}>,
 *   paths: Object<string, Object<string, Entry>>}>}} Recorded paths by start, then by setting
 */

/**
 * A recorded run as one to play: it knows where it was, not what its steps saw and made.
 * @param {Entry} entry @returns {import("./path.js").Path}
 */
export const pathOf = ({ theta, value, diverged }) => ({
  theta: theta.map((point) => point.map(Number)),
  value: value.map(Number),
  grad: [],
  states: [],
  named: [],
  diverged,
});

const loaded = new Map();

/**
 * What was recorded on a surface of the library, fetched once. Refused where there is no such place.
 * @param {string} name the surface's @param {string} base the address of a file beside the folder `recorded`
 * @returns {Promise<Recorded>}
 */
export async function load(name, base = import.meta.url) {
  const address = new URL(`recorded/${name}.json`, base).href;
  if (!loaded.has(address)) {
    const answer = fetch(address).then((response) => {
      if (!response.ok) throw new Error(`${address}: ${response.status} ${response.statusText}`);
      return response.json();
    });
    answer.catch(() => loaded.delete(address)); // the next call asks again
    loaded.set(address, answer);
  }
  return loaded.get(address);
}

/**
 * A surface of which only heights are known, to draw and not to step on. Between the points of the grid
 * it is bilinear, outside as at the edge, and not a number in a cell where a height is missing.
 * @param {(number | null)[][]} heights the rows from below, each from the left
 * @param {{title: string, viewport: [Pair, Pair], start: Pair, minima?: Pair[]}} about
 */
export function gridSurface(heights, { title, viewport, start, minima = [] }) {
  const [across, up] = [heights[0].length - 1, heights.length - 1];
  /** The cell along one axis, and how far into it. */
  const place = (u, [low, high], cells) => {
    const at = cells * Math.min(1, Math.max(0, (u - low) / (high - low)));
    const cell = Math.min(cells - 1, Math.floor(at));
    return [cell, at - cell];
  };
  const between = (a, b, share) => (a ?? NaN) * (1 - share) + (b ?? NaN) * share;
  const value = (x, y) => {
    const [i, right] = place(x, viewport[0], across);
    const [j, above] = place(y, viewport[1], up);
    const [low, high] = [heights[j], heights[j + 1]].map((row) => between(row[i], row[i + 1], right));
    return between(low, high, above);
  };
  return { title, value, viewport, start, minima };
}
