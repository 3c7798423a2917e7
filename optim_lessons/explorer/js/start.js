// The start of the paths, moved by mouse, touch and keyboard.

import { set } from "./dom.js";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const STRIDE = { far: 1 / 50, near: 1 / 500 }; // of the picture's width, at a press of a key

/**
 * @param {import("./contour-plot.js").ContourPlot} plot
 * @param {{from: () => number[], to: (point: number[]) => void}} start where it is, and moving it
 */
export function movesStart(plot, { from, to }) {
  let dragging = false;
  set(plot.node, {
    role: "application",
    tabindex: 0,
    // A finger that does not begin on the start may want to scroll the page: it sets by a tap.
    pointerdown(event) {
      if (event.button !== 0 || (event.pointerType === "touch" && event.target !== plot.handle)) return;
      dragging = true;
      plot.node.setPointerCapture(event.pointerId);
      to(plot.pointAt(event));
    },
    pointermove: (event) => dragging && to(plot.pointAt(event)),
    lostpointercapture: () => (dragging = false),
    click: (event) => to(plot.pointAt(event)),
    keydown(event) {
      const arrow = ARROWS[event.key];
      if (!arrow) return;
      event.preventDefault();
      const share = event.shiftKey ? STRIDE.near : STRIDE.far;
      to(plot.surface.viewport.map(([low, high], i) =>
        Math.min(high, Math.max(low, from()[i] + arrow[i] * share * (high - low)))));
    },
  });
}
