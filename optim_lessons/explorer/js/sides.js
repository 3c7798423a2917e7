// What stands beside the surface: the loss, the effective learning rates, or a method's state.

import { effectiveRates } from "./rate.js";
import { LinePlot, logAxis, lossAxis } from "./line-plot.js";
import { StateBars } from "./state-bars.js";

/**
 * A run of explore.js.
 * @typedef {{label: string, look: import("./looks.js").Look, second: import("./looks.js").Look,
 *   path: import("./path.js").Path}} Run second: the look of its second line
 *
 * @typedef {{node: Element, resize: (width: number, height: number) => void,
 *   compute: (runs: Run[]) => void, draw: (steps: number, at: number) => void}} Side
 */

/** The words of the menu. @type {import("./controls.js").Option[]} */
export const SIDES = [["loss", "Loss"], ["rate", "Effective learning rate"], ["state", "State"]];

/**
 * @param {{range: () => number[], watched: () => number}} figure the surface's lowest and highest
 * value, and the place of the method whose state is shown @returns {Object<string, Side>}
 */
export function sides({ range, watched }) {
  return { loss: lossSide(range), rate: rateSide(), state: stateSide(watched) };
}

/** @returns {Side} */
function lossSide(range) {
  const kept = new WeakMap(); // of each path, as the axis stands: a line that is the same is not placed anew
  const pointsOf = (axis, path) => {
    const ends = axis.ends.join();
    if (kept.get(path)?.ends !== ends) kept.set(path, { ends, points: onto(axis, path.value) });
    return kept.get(path).points;
  };
  const plot = new LinePlot("Loss against step; the values are in the rows below.", "loss f(θ)");
  return lineSide(plot, (runs) => {
    const axis = lossAxis(runs.flatMap(({ path }) => path.value).filter(Number.isFinite), range());
    const line = ({ path, look, label }) => ({ points: pointsOf(axis, path), look, label });
    return { axis, lines: runs.map(line) };
  });
}

const [LEAST, MOST] = [0.02, 0.98]; // where a gradient crosses zero, a few rates shoot out of the picture

/** @returns {Side} */
function rateSide() {
  const words = "Effective learning rate of each coordinate against step, the second coordinate's thin.";
  const plot = new LinePlot(words, "|Δθ / g|: θ₁ bold, θ₂ thin");
  return lineSide(plot, (runs) => {
    const rates = runs.map(({ path }) => effectiveRates(path));
    const known = rates.flat(2).filter((rate) => rate > 0 && Number.isFinite(rate)).sort((a, b) => a - b);
    const ranked = (share) => known[Math.floor(share * (known.length - 1))] ?? 1;
    const axis = logAxis(ranked(LEAST), ranked(MOST));
    const lines = runs.flatMap(({ look, second, label }, r) => [look, second].map((own, i) =>
      ({ points: onto(axis, rates[r].map((pair) => pair[i])), look: own, label: `${label} θ${"₁₂"[i]}` })));
    return { axis, lines };
  });
}

const onto = (axis, values) => values.map((value, k) => [k, axis.to(value)]);

/** @param {LinePlot} plot @returns {Side} */
function lineSide(plot, computed) {
  let shown;
  return {
    node: plot.picture,
    resize: (width, height) => plot.resize(width, height),
    compute: (runs) => (shown = computed(runs)),
    draw: (steps, at) => plot.draw(shown.lines, shown.axis, steps, at),
  };
}

/** @returns {Side} */
function stateSide(watched) {
  const bars = new StateBars();
  return {
    node: bars.node,
    resize: (width, height) => bars.resize(width, height),
    compute: (runs) => bars.compute(runs[Math.min(watched(), runs.length - 1)]),
    draw: (steps, at) => bars.draw(Math.floor(at)),
  };
}
