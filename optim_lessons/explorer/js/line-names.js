// The names of lines, beside their ends.

import { svg } from "./dom.js";
import { fix } from "./frame.js";
import { colour } from "./looks.js";

const LINE = 14; // pixels between two names
const EDGE = 6; // pixels between a name and the picture's edge

/** @typedef {{points: number[][], look: import("./looks.js").Look, name: string}} Named */

/**
 * One text a line, at the height where it ends; moved apart where they would run together.
 * @param {import("./frame.js").Frame} frame @param {Named[]} lines @param {number} end the first
 *   coordinate beside which they stand @param {number} lit the line that stands out, -1 for none
 * @returns {Element[]}
 */
export function lineNames(frame, lines, end, lit = -1) {
  const last = lines.map(({ points }) => points.findLast(([, v]) => !Number.isNaN(v))[1]);
  const heights = apart(last.map((v) => Math.min(frame.height - EDGE, Math.max(EDGE, frame.y(v)))), frame.height - EDGE);
  return lines.map(({ name, look }, i) =>
    svg("text", {
      class: `ol-label${i === lit ? " ol-lit" : ""}`, x: fix(frame.x(end) + 8), y: fix(heights[i] + 4), ...colour(look),
    }, name));
}

/** Heights near those wanted, at least a line apart, none below the lowest. @param {number[]} wanted */
export function apart(wanted, lowest) {
  const order = wanted.map((y, i) => ({ y, i })).sort((a, b) => a.y - b.y);
  order.forEach((each, k) => k > 0 && (each.y = Math.max(each.y, order[k - 1].y + LINE)));
  let room = lowest;
  for (const each of order.toReversed()) {
    each.y = Math.min(each.y, room);
    room = each.y - LINE;
  }
  return order.sort((a, b) => a.i - b.i).map(({ y }) => y);
}
