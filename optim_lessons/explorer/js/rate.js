// The effective learning rate: how far a coordinate moved for each unit of its gradient.

const LOST = 1e-12; // of a coordinate: a smaller step is mostly the rounding of that coordinate

/**
 * |Δθᵢ / gᵢ| of each step, by coordinate; row k belongs to the step that led to point k. NaN where
 * there is none: before the first step, where the gradient is 0, and where the step is lost in rounding.
 * @param {import("./path.js").Path} path @returns {number[][]}
 */
export function effectiveRates({ theta, grad }) {
  return theta.map((point, k) => point.map((u, i) => {
    if (k === 0) return NaN;
    const step = Math.abs(u - theta[k - 1][i]);
    return step > LOST * Math.abs(u) ? step / Math.abs(grad[k - 1]?.[i] || NaN) : NaN;
  }));
}
