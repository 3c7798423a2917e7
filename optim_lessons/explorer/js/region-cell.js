// The chosen cell of a region map, moved by mouse, touch and keyboard.

import { set } from "./dom.js";
import { SIDE } from "./region-axis.js";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const FAR = 8; // cells at a press of a key with Shift

/**
 * @param {import("./region-map.js").RegionMap} map
 * @param {{from: () => number[], to: (cell: number[]) => void, over: (cell: number[] | null) => void}} cell
 *   where it is, moving it, and what lies under the pointer
 */
export function movesCell(map, { from, to, over }) {
  let dragging = false;
  set(map.node, {
    role: "application",
    tabindex: 0,
    // A finger may want to scroll the page: it chooses by a tap.
    pointerdown(event) {
      if (event.button !== 0 || event.pointerType === "touch") return;
      dragging = true;
      map.node.setPointerCapture(event.pointerId);
      to(map.cellAt(event));
    },
    pointermove(event) {
      if (dragging) to(map.cellAt(event));
      if (event.pointerType !== "touch") over(map.cellAt(event));
    },
    pointerleave: () => over(null),
    lostpointercapture: () => (dragging = false),
    click: (event) => to(map.cellAt(event)),
    keydown(event) {
      const arrow = ARROWS[event.key];
      if (!arrow) return;
      event.preventDefault();
      const stride = event.shiftKey ? FAR : 1;
      to(from().map((k, i) => Math.min(SIDE - 1, Math.max(0, k + stride * arrow[i]))));
    },
  });
}
