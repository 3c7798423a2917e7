// A learning rate found by a stated search: the same as explorer/tuning.py.

import { isInside, run } from "./path.js";

/**
 * Of the rates tried, the one that ends lowest among those that end inside the picture; the smallest
 * where none does.
 * @param {import("./path.js").Optimizer} optimizer @param {Object<string, number>} hyper
 * @param {import("./path.js").Surface} surface @param {number[]} start @param {number} steps
 * @param {number[]} rates in ascending order
 */
export function tunedRate(optimizer, hyper, surface, start, steps, rates) {
  const ends = rates.map((lr) => {
    const { theta, value, diverged } = run(optimizer, surface, start, { ...hyper, lr }, steps);
    return !diverged && isInside(theta.at(-1), surface.viewport) ? value.at(-1) : Infinity;
  });
  return rates[ends.indexOf(Math.min(...ends))];
}
