// Running an optimizer: the same loop as `minimize` in Python, around generated steps.

import { stepNoise } from "./random.js";

/**
 * Printed from the trace of an optimizer's `step`; it acts on one coordinate at a time.
 * @typedef {{title: string, family: string, cls: string, flags: object, hyper: import("./numbers.js").Hyper[], state: string[],
 *   init: (theta: number, hp: object) => object,
 *   step: (theta: number, g: number, state: object, hp: object) =>
 *     {theta: number, state: object, named: object}}} Optimizer
 * @typedef {[number, number]} Pair
 * @typedef {{title: string, value: (x: number, y: number) => number,
 *   grad: (x: number, y: number) => number[], start: Pair, minima: Pair[],
 *   viewport: [Pair, Pair]}} Surface
 */

/**
 * Row k belongs to the point after k steps; `named[k]` and `states[k]` hold one object a coordinate.
 * A run ends at a value that is not finite: then `diverged` is true and that point is the last.
 * `value` is the true loss; `grad` is what the next step sees, with the noise if there is some.
 * @typedef {{theta: number[][], value: number[], grad: number[][], states: object[][],
 *   named: object[][], diverged: boolean}} Path
 */

/**
 * `noise` makes the surface Python's `Noisy(surface, sigma, seed)`. `rates` are what Python's
 * `schedule` gives: the learning rates of steps 1, 2, ..., which stand in the place of `hp.lr`.
 * @param {Optimizer} optimizer @param {Surface} surface @param {number[]} start
 * @param {Object<string, number>} hp hyperparameters by name @param {number} steps
 * @param {{noise?: {sigma: number, seed: number} | null, rates?: number[] | null}} [changes]
 * @returns {Path}
 */
export function run(optimizer, surface, start, hp, steps, { noise = null, rates = null } = {}) {
  const path = { theta: [], value: [], grad: [], states: [], named: [], diverged: false };
  let theta = start;
  let states = start.map((coordinate) => optimizer.init(coordinate, hp));
  let named = start.map(() => ({}));
  for (let k = 0; k <= steps; k += 1) {
    const value = surface.value(theta[0], theta[1]);
    const tilt = noise ? stepNoise(noise.seed, k + 1, start.length) : null;
    const grad = surface.grad(theta[0], theta[1]).map((u, i) => (tilt ? u + noise.sigma * tilt[i] : u));
    path.theta.push(theta);
    path.value.push(value);
    path.grad.push(grad);
    path.states.push(states);
    path.named.push(named);
    path.diverged = ![value, ...grad].every(Number.isFinite);
    if (path.diverged) break;
    const now = rates ? { ...hp, lr: rates[k] } : hp;
    const next = theta.map((coordinate, i) => optimizer.step(coordinate, grad[i], states[i], now));
    theta = next.map((result) => result.theta);
    states = next.map((result) => result.state);
    named = next.map((result) => result.named);
  }
  return path;
}

/** @param {number[]} point @param {number[][]} viewport */
export const isInside = (point, viewport) =>
  point.every((u, i) => u >= viewport[i][0] && u <= viewport[i][1]);

/** The loss after k steps, or where the run ended. @param {Path} path @param {number} k */
export const lossAt = ({ value }, k) => value[Math.min(k, value.length - 1)];

/**
 * What there is to read after k steps, in pairs, one value a coordinate: the point, and what the last
 * step saw and made of it (null before the first step).
 * @param {Path} path @param {number} k
 * @returns {{name: string, value: number[] | null}[]}
 */
export function readout(path, k) {
  const at = Math.min(k, path.value.length - 1);
  const moved = at > 0;
  const pair = (objects, name) => objects.map((object) => object[name]);
  const names = (objects) => Object.keys(objects?.[0] ?? {}).filter((name) => name !== "t");
  return [
    { name: "theta", value: path.theta[at] },
    { name: "g", value: moved ? path.grad[at - 1] : null },
    { name: "step", value: moved ? path.theta[at].map((u, i) => u - path.theta[at - 1][i]) : null },
    ...names(path.states[0]).map((name) => ({ name, value: pair(path.states[at], name) })),
    ...names(path.named[1]).map((name) => ({ name, value: moved ? pair(path.named[at], name) : null })),
  ];
}

/**
 * What went wrong up to step k, in words, or null.
 * @param {Path} path @param {number} k @param {number[][]} viewport
 */
export function trouble(path, k, viewport) {
  const last = path.value.length - 1;
  if (path.diverged && k >= last) return `diverged: at step ${last} the loss is not a finite number`;
  let since = Math.min(k, last);
  if (isInside(path.theta[since], viewport)) return null;
  while (since > 0 && !isInside(path.theta[since - 1], viewport)) since -= 1;
  return since === 0 ? "outside the picture from the start" : `outside the picture since step ${since}`;
}
