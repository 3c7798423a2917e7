// Turning a picture of heights by mouse, finger and keyboard.

import { set } from "./dom.js";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const STRIDE = { far: 5, near: 1 }; // degrees, at a press of a key
const DRAG = 0.5; // degrees a pixel
export const ELEVATIONS = [5, 90]; // degrees; from below one sees nothing

/**
 * @param {{node: Element}} plot
 * @param {{from: () => number[], to: (turn: number[]) => void}} turn azimuth and elevation, and setting them
 */
export function turns(plot, { from, to }) {
  let last = null; // where the pointer was, while it drags
  function by(azimuth, elevation) {
    const [a, e] = from();
    const [lowest, highest] = ELEVATIONS;
    const round = ((a + azimuth + 540) % 360) - 180;
    to([round, Math.min(highest, Math.max(lowest, e + elevation))]);
  }
  set(plot.node, {
    role: "application",
    tabindex: 0,
    pointerdown(event) {
      if (event.button !== 0) return;
      last = event;
      plot.node.setPointerCapture(event.pointerId);
    },
    // A finger turns sideways only: up and down it scrolls the page.
    pointermove(event) {
      if (!last) return;
      const up = event.pointerType === "touch" ? 0 : event.clientY - last.clientY;
      by(-DRAG * (event.clientX - last.clientX), DRAG * up);
      last = event;
    },
    lostpointercapture: () => (last = null),
    keydown(event) {
      const arrow = ARROWS[event.key];
      if (!arrow) return;
      event.preventDefault();
      const stride = event.shiftKey ? STRIDE.near : STRIDE.far;
      by(...arrow.map((u) => u * stride));
    },
  });
}
