// A picture with axes, and lines over them: what all plots share.

import { set, svg } from "./dom.js";
import { colour, markOf } from "./looks.js";

export const MARGIN = { top: 24, right: 12, bottom: 36, left: 46 };
const FAR = 1e5; // pixels; a diverged path is cut here, far outside the picture

const clip = (pixel) => Math.min(FAR, Math.max(-FAR, pixel));
export const fix = (pixel) => Math.round(pixel * 10) / 10;

/** A picture's parts, from back to front, and the map from its coordinates to pixels. */
export class Frame {
  #drawn = [];

  /** @param {string} label for readers who do not see it */
  constructor(label) {
    this.back = svg("g", { class: "ol-back" });
    this.runs = svg("g");
    this.front = svg("g");
    this.axes = svg("g", { class: "ol-axes" });
    this.inner = svg("svg", { class: "ol-inner" }, this.back, this.runs, this.front);
    this.picture = svg("svg", { class: "ol-plot", role: "img", "aria-label": label }, this.axes, this.inner);
  }

  /** Set the size in pixels and the extents; everything drawn later uses them. */
  lay(width, height, [x0, x1], [y0, y1], right = MARGIN.right) {
    this.width = width - MARGIN.left - right;
    this.height = height - MARGIN.top - MARGIN.bottom;
    this.x = (u) => clip(((u - x0) / (x1 - x0)) * this.width);
    this.y = (v) => clip(((y1 - v) / (y1 - y0)) * this.height);
    this.scale = [this.width / (x1 - x0), -this.height / (y1 - y0)]; // pixels to a unit
    set(this.picture, { width, height, viewBox: `0 0 ${width} ${height}` });
    set(this.inner, { x: MARGIN.left, y: MARGIN.top, width: this.width, height: this.height });
    this.#drawn.forEach((drawn) => (drawn.points = null)); // their pixels are no longer right
  }

  /** @param {{at: number, text: string}[]} xTicks @param {{at: number, text: string}[]} yTicks */
  drawAxes(xTicks, yTicks, xLabel, yLabel) {
    const { left, top } = MARGIN;
    const bottom = top + this.height;
    const right = left + this.width;
    this.axes.replaceChildren(
      svg("path", { d: `M${left} ${top}V${bottom}H${right}` }),
      ...xTicks.map(({ at, text }) =>
        svg("text", { x: left + this.x(at), y: bottom + 16, "text-anchor": "middle" }, text)),
      ...yTicks.map(({ at, text }) =>
        svg("text", { x: left - 7, y: top + this.y(at) + 4, "text-anchor": "end" }, text)),
      svg("text", { class: "ol-axis", x: right, y: bottom + 32, "text-anchor": "end" }, xLabel),
      svg("text", { class: "ol-axis", x: 4, y: 13 }, yLabel),
    );
  }

  /**
   * One line a run: the whole of it faint, what has passed strong, a mark where it stands. A point
   * that is not a number leaves a gap; one that is hidden, its third entry, stays faint.
   * Pixels are kept as long as `points` is the same array, so that playing costs little.
   * @param {{points: (number | boolean)[][], look: import("./looks.js").Look}[]} runs
   * @param {number} at a step, perhaps between two @param {boolean} dots whether each step has one
   */
  drawRuns(runs, at, dots) {
    while (this.#drawn.length > runs.length) this.#drawn.pop().node.remove();
    runs.forEach(({ points, look }, i) => {
      this.#drawn[i] ??= this.#newRun();
      const drawn = this.#drawn[i];
      if (drawn.points !== points) this.#place(drawn, points);
      if (drawn.look !== look) {
        drawn.look = look;
        set(drawn.node, { ...colour(look), class: look.thin ? "ol-thin" : null });
        set(drawn.past, { "stroke-dasharray": look.dash.join(" ") });
        set(drawn.mark, { d: markOf(look) });
      }
      const last = Math.min(at, points.length - 1);
      const k = Math.floor(last);
      const [x, y] = between(drawn.pixels, last).map(fix);
      const passed = k === drawn.lines.length - 1 ? drawn.all : drawn.lines.slice(0, k + 1).join("");
      const on = drawn.lines[k] && drawn.lines[k + 1]; // the line goes on from here, in sight
      set(drawn.past, { d: on ? `${passed}L${x} ${y}` : passed });
      if (dots) set(drawn.steps, { d: drawn.dots.slice(0, k + 1).join("") });
      set(drawn.mark, { transform: `translate(${x} ${y})` });
    });
  }

  #newRun() {
    const whole = svg("path", { class: "ol-line ol-whole" });
    const past = svg("path", { class: "ol-line" });
    const steps = svg("path", { class: "ol-steps" });
    const mark = svg("path", { class: "ol-mark" });
    const node = svg("g", {}, whole, past, steps, mark);
    this.runs.append(node);
    return { node, whole, past, steps, mark, points: null, look: null, pixels: [], lines: [], dots: [], all: "" };
  }

  /** Work out the pixels of a run's points, and the pieces of its line. */
  #place(drawn, points) {
    Object.assign(drawn, { points, pixels: [], lines: [], dots: [] });
    let whole = "";
    let before = null; // the pixel before, null after a gap
    let seen = false; // whether that was in sight
    for (const [u, v, hidden] of points) {
      const pixel = [this.x(u), this.y(v)];
      const known = !(Number.isNaN(pixel[0]) || Number.isNaN(pixel[1]));
      const place = known ? `${fix(pixel[0])} ${fix(pixel[1])}` : "";
      drawn.pixels.push(pixel);
      drawn.lines.push(known && !hidden ? `${seen ? "L" : "M"}${place}` : "");
      // Steps shorter than a few pixels would run together into a thick line: they get no dot.
      const far = before && known && Math.hypot(pixel[0] - before[0], pixel[1] - before[1]) > 5;
      drawn.dots.push(far && !hidden ? `M${place}h0` : "");
      whole += known ? `${before ? "L" : "M"}${place}` : "";
      before = known ? pixel : null;
      seen = known && !hidden;
    }
    drawn.all = drawn.lines.join("");
    set(drawn.whole, { d: whole });
  }
}

const NOWHERE = [-FAR, -FAR];
const isKnown = ([x, y]) => !(Number.isNaN(x) || Number.isNaN(y));

/** The place between two neighbouring points; in a gap, the last point before it. */
function between(pixels, at) {
  const [k, share] = [Math.floor(at), at % 1];
  const here = pixels[k];
  const next = pixels[k + 1] ?? here;
  const place = share === 0 ? here : here.map((u, i) => u + share * (next[i] - u));
  return isKnown(place) ? place : pixels.slice(0, k + 1).findLast(isKnown) ?? NOWHERE;
}
