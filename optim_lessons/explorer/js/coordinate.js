// One coordinate under an optimizer, where its gradient does not depend on the others.

/**
 * The points after 0, 1, ... steps, as `minimize` in Python computes them. A run that diverges goes on,
 * with values that are not finite.
 * @param {import("./path.js").Optimizer} optimizer @param {number} start
 * @param {Object<string, number>} hp hyperparameters by name @param {number} steps
 * @param {(theta: number, t: number) => number} grad that of step t, from 1
 * @param {{rates?: number[] | null, project?: (theta: number) => number}} options rates: the learning
 *   rates of steps 1, 2, ..., in the place of `hp.lr`; project: back into the constraint set
 * @returns {Float64Array}
 */
export function walk(optimizer, start, hp, steps, grad, { rates = null, project = (theta) => theta } = {}) {
  const points = new Float64Array(steps + 1);
  points[0] = start;
  let state = optimizer.init(start, hp);
  const now = { ...hp };
  for (let t = 1; t <= steps; t += 1) {
    if (rates) now.lr = rates[t - 1];
    const next = optimizer.step(points[t - 1], grad(points[t - 1], t), state, now);
    points[t] = project(next.theta);
    state = next.state;
  }
  return points;
}
