// The surface's contours with the paths over them.

import { StepArrows } from "./arrows.js";
import { contourLines, UNITS } from "./contours.js";
import { html, set, svg } from "./dom.js";
import { fix, Frame, MARGIN } from "./frame.js";
import { format, ticks } from "./numbers.js";

const CROSS = "M-5 0H5M0-5V5";

/** Its map back from pixels sets the start. */
export class ContourPlot extends Frame {
  constructor() {
    super("The paths over the contours.");
    this.start = svg("circle", { class: "ol-start", r: 6 });
    this.arrows = new StepArrows();
    this.front.append(this.start, this.arrows.node);
    this.picture.append(this.arrows.key);
    // A target for a finger. Browsers heed touch-action on HTML, not on a part of an SVG.
    this.handle = html("div", { class: "ol-handle" });
    this.node = html("div", { class: "ol-contours" }, this.picture, this.handle);
  }

  /** The height that keeps both directions at one scale, within what looks well. */
  static height({ viewport: [[x0, x1], [y0, y1]] }, width) {
    const ratio = Math.min(1.6, Math.max(1, (x1 - x0) / (y1 - y0)));
    const inner = (width - MARGIN.left - MARGIN.right) / ratio;
    return Math.round(inner + MARGIN.top + MARGIN.bottom);
  }

  /** @param {import("./path.js").Surface} surface @param {number[]} levels */
  drawSurface(surface, levels, width, height) {
    const [xs, ys] = surface.viewport;
    if (surface !== this.surface) this.contours = contourLines(surface, levels);
    this.surface = surface;
    this.lay(width, height, xs, ys);
    const name = ([low, high], count) => ticks(low, high, count).map((at) => ({ at, text: format(at) }));
    this.drawAxes(name(xs, width / 90), name(ys, height / 70), "θ₁", "θ₂");
    const scale = `scale(${this.width / UNITS} ${this.height / UNITS})`;
    this.back.replaceChildren(
      ...this.contours.map((d, i) =>
        svg("path", { d, transform: scale, class: "ol-contour", style: `--ol-rank: ${i / levels.length}` })),
      ...surface.minima.map(([x, y]) =>
        svg("path", { d: CROSS, class: "ol-minimum", transform: `translate(${this.x(x)} ${this.y(y)})` })),
    );
  }

  /** @param {{path: import("./path.js").Path, look: import("./looks.js").Look}[]} runs */
  draw(runs, start, at) {
    this.drawRuns(runs.map(({ path, look }) => ({ points: path.theta, look })), at, true);
    const [x, y] = [this.x(start[0]), this.y(start[1])];
    set(this.start, { cx: fix(x), cy: fix(y) });
    set(this.handle, { style: `left: ${fix(x + MARGIN.left)}px; top: ${fix(y + MARGIN.top)}px` });
  }

  /** The point of the surface under a pointer. @param {PointerEvent | MouseEvent} event */
  pointAt(event) {
    const box = this.picture.getBoundingClientRect(); // not of the inner svg, whose box is its content's
    const shares = [
      (event.clientX - box.left - MARGIN.left) / this.width,
      1 - (event.clientY - box.top - MARGIN.top) / this.height,
    ];
    return this.surface.viewport.map(([low, high], i) => low + (high - low) * Math.min(1, Math.max(0, shares[i])));
  }
}
