// Particles on a quadratic, and the ellipse in which theory expects most of them.

import { set, svg } from "./dom.js";
import { fix, Frame } from "./frame.js";
import { LinePlot } from "./line-plot.js";
import { lineNames } from "./line-names.js";
import { format, ticks } from "./numbers.js";

const LEVELS = [0.5, 2, 4.5, 8, 18, 32]; // of the loss, for the contours
/** @type {import("./path.js").Pair} */
const ENDS = [-4, 4];

export class CloudPlot extends Frame {
  constructor() {
    super("Particles about the minimum of a quadratic, with the ellipse of two standard deviations that theory expects.");
    this.particles = svg("path", { class: "ol-particles" });
    this.ellipse = svg("ellipse", { class: "ol-ellipse" });
    this.runs.append(this.particles);
    this.front.append(this.ellipse);
  }

  /** @param {number[]} eigenvalues two */
  layOut(eigenvalues, width, height) {
    this.lay(width, height, ENDS, ENDS);
    const named = ticks(...ENDS, 5).map((at) => ({ at, text: format(at) }));
    this.drawAxes(named, named, `θ₁, eigenvalue ${format(eigenvalues[0])}`, `θ₂, eigenvalue ${format(eigenvalues[1])}`);
    const centre = { cx: fix(this.x(0)), cy: fix(this.y(0)) };
    this.back.replaceChildren(...LEVELS.map((level, i) =>
      svg("ellipse", {
        class: "ol-contour", style: `--ol-rank: ${i / LEVELS.length}`, ...centre,
        ...this.radii(eigenvalues.map((u) => Math.sqrt((2 * level) / u))),
      })));
    set(this.ellipse, centre);
  }

  /** @param {number[]} extents along each axis */
  radii(extents) {
    const [across, up] = extents;
    return { rx: fix(this.x(across) - this.x(0)), ry: fix(this.y(0) - this.y(up)) };
  }

  /** @param {number[][]} points @param {number[]} squares expected, one a coordinate */
  draw(points, squares) {
    const known = points.filter((point) => !point.some(Number.isNaN));
    set(this.particles, { d: known.map(([u, v]) => `M${fix(this.x(u))} ${fix(this.y(v))}h0`).join("") });
    const finite = squares.every(Number.isFinite);
    set(this.ellipse, { visibility: finite ? "visible" : "hidden", ...(finite ? this.radii(squares.map((u) => 2 * Math.sqrt(u))) : {}) });
  }
}

/** Mean squares against step: what the cloud has, and what theory expects. */
export class SquaresPlot extends LinePlot {
  constructor() {
    super("Mean square against step, measured and expected; the values are in the table below.", "mean square of θ; dashed: expected");
    this.room = 1.16; // for the names
    this.expected = svg("path", { class: "ol-expected" });
    this.back.append(this.expected);
  }

  /** @param {import("./line-names.js").Named[]} lines @param {number[][]} expected one list a line */
  drawSquares(lines, expected, axis, steps, at) {
    this.draw(lines, axis, steps, at);
    const line = (squares) => squares.filter(Number.isFinite)
      .map((value, k) => `${fix(this.x(k))} ${fix(this.y(axis.to(value)))}`).join("L");
    set(this.expected, { d: expected.map((squares) => `M${line(squares)}`).join("") });
    this.front.replaceChildren(...lineNames(this, lines, steps));
  }
}
