// The edge of stability from theory, for methods that are linear where the loss is a quadratic.

/**
 * With eigenvalue λ a step is a linear map of (θ, m); it contracts when both roots r of its
 * characteristic polynomial have |r| < 1. By the Schur-Cohn conditions, for lr > 0 and 0 <= β < 1:
 *   heavy ball  r² - (1 + β - lr λ) r + β                  lr λ < 2 (1 + β)
 *   Nesterov    r² - (1 + β) (1 - lr λ) r + β (1 - lr λ)   lr λ < 2 (1 + β) / (1 + 2 β)
 * The average form is heavy ball with (1 - β) lr. At β = 0 all three are gradient descent.
 * `limit` is the largest stable lr times λ; region_theory.py has the same.
 * `best` turns Polyak's pair into the method's own, where it has one.
 * @typedef {{lr: number, momentum: number}} Pair
 * @type {Object<string, {limit: (beta: number) => number, formula: string, best?: (pair: Pair) => Pair}>}
 */
export const EDGES = {
  Momentum: { limit: (beta) => 2 * (1 + beta), formula: "2 (1 + β) / L", best: (pair) => pair },
  Momentum_average: {
    limit: (beta) => (2 * (1 + beta)) / (1 - beta),
    formula: "2 (1 + β) / ((1 − β) L)",
    best: ({ lr, momentum }) => ({ lr: lr / (1 - momentum), momentum }),
  },
  Nesterov: { limit: (beta) => (2 * (1 + beta)) / (1 + 2 * beta), formula: "2 (1 + β) / ((1 + 2β) L)" },
};

/** Polyak's best learning rate and momentum of the heavy ball for eigenvalues from mu to L (1964). */
export function polyak(mu, L) {
  const [low, high] = [Math.sqrt(mu), Math.sqrt(L)];
  return { lr: 4 / (low + high) ** 2, momentum: ((high - low) / (high + low)) ** 2 };
}

/**
 * The smallest and largest eigenvalue of the Hessian at the known minimum nearest to a point;
 * `exact` where the surface is a quadratic. Null without a minimum, or without curvature there (a kink).
 * @param {import("./path.js").Surface} surface @param {number[]} point
 * @returns {{mu: number, L: number, minimum: number[], exact: boolean} | null}
 */
export function curvatureNear({ grad, minima, viewport: [[x0, x1], [y0, y1]] }, point) {
  if (minima.length === 0) return null;
  const distance = (place) => Math.hypot(place[0] - point[0], place[1] - point[1]);
  const minimum = minima.reduce((best, each) => (distance(each) < distance(best) ? each : best));
  const hessian = hessianAt(grad, minimum, STRIDE);
  const [mu, L] = eigenvalues(hessian);
  const nearer = eigenvalues(hessianAt(grad, minimum, STRIDE / 8))[1];
  if (!(L > 0) || !(Math.abs(nearer - L) < 0.1 * L)) return null;
  const same = (other) => other.every((u, i) => Math.abs(u - hessian[i]) < 1e-6 * L);
  const others = SHARES.map(([s, r]) => hessianAt(grad, [x0 + s * (x1 - x0), y0 + r * (y1 - y0)], STRIDE));
  return { mu, L, minimum, exact: others.every(same) };
}

const STRIDE = 1e-3; // of central differences
const SHARES = [[0.13, 0.37], [0.83, 0.29], [0.41, 0.93]]; // odd places: a periodic surface is no quadratic

/** The second derivatives xx, xy, yy, by central differences of the gradient. @returns {[number, number, number]} */
function hessianAt(grad, point, h) {
  const [x, y] = point;
  const [right, left, above, below] = [grad(x + h, y), grad(x - h, y), grad(x, y + h), grad(x, y - h)];
  const mixed = (right[1] - left[1] + above[0] - below[0]) / 2;
  return [(right[0] - left[0]) / (2 * h), mixed / (2 * h), (above[1] - below[1]) / (2 * h)];
}

/** Of a symmetric matrix, the smaller first. @param {[number, number, number]} matrix @returns {[number, number]} */
function eigenvalues([xx, xy, yy]) {
  const [middle, reach] = [(xx + yy) / 2, Math.hypot((xx - yy) / 2, xy)];
  return [middle - reach, middle + reach];
}
