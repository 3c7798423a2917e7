// Contour lines of a surface: D3's marching squares on a grid of heights.

import { contours } from "./vendor/d3.js";

const SIDE = 200; // cells to a side: fine enough for the narrow valley of Rosenbrock's function
export const UNITS = 1000; // the picture's own units to a side

/**
 * One SVG path a level, in a square picture whose second coordinate points down.
 * @param {import("./path.js").Surface} surface @param {number[]} levels @returns {string[]}
 */
export function contourLines({ value, viewport: [[x0, x1], [y0, y1]] }, levels) {
  const shares = Array.from({ length: SIDE + 1 }, (_, k) => k / SIDE);
  const heights = shares.flatMap((down) => shares.map((right) => value(x0 + (x1 - x0) * right, y1 - (y1 - y0) * down)));
  const lines = contours().size([SIDE + 1, SIDE + 1]);
  return levels.map((level) => lines.contour(heights, level).coordinates.flat().map(openLine).join(""));
}

/**
 * A ring that D3 closed, as a path. Along the picture's edge D3 closes rings half a cell outside of
 * the outermost points; those pieces are no part of a contour, and the line is left open there.
 */
function openLine(ring) {
  let text = "";
  let open = false;
  for (const point of ring) {
    const inside = point.every((u) => u >= 0.5 && u <= SIDE + 0.5);
    if (inside) text += `${open ? "L" : "M"}${inUnits(point)}`;
    open = inside;
  }
  return text;
}

const inUnits = (point) => point.map((u) => Math.round(((u - 0.5) * UNITS * 10) / SIDE) / 10).join(" ");
