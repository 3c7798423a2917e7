// The bar of a region map's colours, and the lines that mark cells which no colour fits.

import { svg } from "./dom.js";
import { fix, MARGIN } from "./frame.js";
import { powerOfTen } from "./numbers.js";

export const BAR = 58; // pixels for the bar, below the map

/**
 * @param {string[]} ramp @param {number[]} ends in decades
 * @param {number} width of the map within its axes @param {number} height @param {string} label
 */
export function colourBar(ramp, [low, high], width, height, label) {
  const top = MARGIN.top + height + MARGIN.bottom + 6;
  const share = width / ramp.length;
  const every = Math.ceil((high - low) / Math.min(8, width / 44));
  const decades = Array.from({ length: high - low + 1 }, (_, k) => low + k).filter((e) => (e - low) % every === 0);
  const x = (e) => fix(MARGIN.left + ((e - low) / (high - low)) * width);
  return [
    ...ramp.map((fill, k) =>
      svg("rect", { x: fix(MARGIN.left + k * share), y: top, width: fix(share + 0.5), height: 10, fill })),
    ...decades.map((e) => svg("text", { x: x(e), y: top + 25, "text-anchor": "middle" }, powerOfTen(e))),
    svg("text", { class: "ol-axis", x: MARGIN.left + width, y: top + 42, "text-anchor": "end" }, label),
  ];
}

/** A tile of slanting lines. @param {string} colour */
export function hatch(colour) {
  const tile = document.createElement("canvas");
  [tile.width, tile.height] = [8, 8];
  const context = tile.getContext("2d");
  context.strokeStyle = colour;
  context.lineWidth = 1.6;
  for (const shift of [-8, 0, 8]) {
    context.moveTo(shift - 1, 9);
    context.lineTo(shift + 9, -1);
  }
  context.stroke();
  return tile;
}
