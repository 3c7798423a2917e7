// The start of the paths, moved by mouse, touch and keyboard.

import { set } from "./dom.js";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const STRIDE = { far: 1 / 50, near: 1 / 500 }; // of the picture's width, at a press of a key

/**
 * @param {import("./contour-plot.js").ContourPlot} plot
 * @param {import("./stage.js").Stage} stage whose figure has the start
 */
export function movesStart(plot, stage) {
  let dragging = false;
  function to(point) {
    stage.figure.start = point.map((u) => Number(u.toPrecision(4)));
    stage.change();
  }
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
        Math.min(high, Math.max(low, stage.figure.start[i] + arrow[i] * share * (high - low)))));
    },
  });
}
