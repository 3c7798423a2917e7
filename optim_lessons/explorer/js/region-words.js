// What stands below a region map: what its marks mean, and what theory says.

import { html, svg } from "./dom.js";
import { format, formatPair } from "./numbers.js";
import { MARKS } from "./region-map.js";
import { curvatureNear, EDGES, polyak } from "./stability.js";

/**
 * The edge of stability as points in cells, Polyak's best pair where it is known, and the words for both.
 * @param {string} method @param {string} title @param {import("./region-axis.js").MapAxis[]} axes
 * @param {import("./path.js").Surface} surface @param {number[]} start
 * @returns {{edge: number[][], best: number[] | null, words: string}}
 */
export function theory(method, title, axes, surface, start) {
  const known = EDGES[method];
  if (!known) return { edge: [], best: null, words: unknown(method, title) };
  const found = curvatureNear(surface, start);
  if (!found) return { edge: [], best: null, words: "No line: this surface has no minimum with a curvature, by which theory could say where the edge of stability is." };
  const { mu, L, minimum, exact } = found;
  const byName = Object.fromEntries(axes.map((axis) => [axis.hyper.name, axis]));
  const place = (values) => axes.map((axis) => axis.place(values[axis.hyper.name]));
  const edge = byName.momentum.values.map((beta) => place({ lr: known.limit(beta) / L, momentum: beta }));
  const where = exact ? "the largest curvature of this quadratic" : `the largest curvature near the minimum at ${formatPair(minimum)}; farther away it is another`;
  const line = `Line: theory's edge of stability, learning rate = ${known.formula} with momentum β. Beyond it, steps on a quadratic grow. Here L = ${format(L)}, ${where}.`;
  const pair = exact && mu > 0 ? known.best?.(polyak(mu, L)) : null;
  if (!pair) return { edge, best: null, words: line };
  const best = `Diamond: Polyak's pair, the fastest in the long run for curvatures from ${format(mu)} to L: learning rate ${format(pair.lr, 3)}, momentum ${format(pair.momentum, 3)}.`;
  return { edge, best: place(pair), words: `${line} ${best}` };
}

function unknown(method, title) {
  const reason = `No line: an edge of this form is known where steps are linear in the gradients, and those of ${title} are not.`;
  if (method !== "Adam") return reason;
  return `${reason} In full-batch training of networks with β₁ = 0.9, the largest curvature, after each coordinate is scaled as Adam scales it, settles at about 38 / learning rate (Cohen et al. 2022, arXiv 2207.14484).`;
}

const mark = (name) => svg("svg", { viewBox: "-8 -8 16 16", class: "ol-icon ol-cell-mark", "aria-hidden": "true" }, svg("path", { d: MARKS[name] }));
const line = () => svg("svg", { viewBox: "-8 -8 16 16", class: "ol-icon", "aria-hidden": "true" }, svg("path", { d: "M-8 0H8", class: "ol-edge" }));

/**
 * What the marks of the map mean. @param {boolean} edge @param {boolean} best whether these are drawn
 * @param {string} highest the colour of the highest loss
 */
export function regionKey(edge, best, highest) {
  const swatch = (colour) => html("span", { class: "ol-swatch", style: `--ol-under: ${colour}` });
  const items = [
    [mark("chosen"), "chosen"],
    [mark("best"), "lowest"],
    ...(best ? [[mark("polyak"), "Polyak’s pair"]] : []),
    ...(edge ? [[line(), "edge in theory"]] : []),
    [swatch(highest), "ended above its start"],
    [swatch("transparent"), "diverged: not a finite number"],
  ];
  return items.map((item) => html("span", {}, ...item));
}
