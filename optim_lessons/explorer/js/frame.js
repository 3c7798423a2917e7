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
  lay(width, height, [x0, x1], [y0, y1]) {
    this.width = width - MARGIN.left - MARGIN.right;
    this.height = height - MARGIN.top - MARGIN.bottom;
    this.x = (u) => clip(((u - x0) / (x1 - x0)) * this.width);
    this.y = (v) => clip(((y1 - v) / (y1 - y0)) * this.height);
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
   * One line a run: the whole of it faint, what has passed strong, a mark where it stands.
   * Pixels are kept as long as `points` is the same array, so that playing costs little.
   * @param {{points: number[][], look: import("./looks.js").Look}[]} runs
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
        set(drawn.node, colour(look));
        set(drawn.past, { "stroke-dasharray": look.dash.join(" ") });
        set(drawn.mark, { d: markOf(look) });
      }
      const last = Math.min(at, points.length - 1);
      const k = Math.floor(last);
      const head = between(drawn.pixels, last);
      const passed = k >= drawn.lines.length - 1 ? drawn.all : drawn.lines.slice(0, k + 1).join("");
      set(drawn.past, { d: passed && `${passed}L${fix(head[0])} ${fix(head[1])}` });
      if (dots) set(drawn.steps, { d: drawn.dots.slice(0, k + 1).join("") });
      set(drawn.mark, { transform: `translate(${fix(head[0])} ${fix(head[1])})` });
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

  /** Work out the pixels of a run's points, up to the first that is not a number. */
  #place(drawn, points) {
    drawn.points = points;
    drawn.pixels = points.map(([u, v]) => [this.x(u), this.y(v)]);
    const end = drawn.pixels.findIndex((pixel) => pixel.some(Number.isNaN));
    const known = end === -1 ? drawn.pixels : drawn.pixels.slice(0, end);
    drawn.lines = known.map(([x, y], k) => `${k ? "L" : "M"}${fix(x)} ${fix(y)}`);
    // Steps shorter than a few pixels would run together into a thick line: they get no dot.
    drawn.dots = known.map(([x, y], k) =>
      k > 0 && Math.hypot(x - known[k - 1][0], y - known[k - 1][1]) > 5 ? `M${fix(x)} ${fix(y)}h0` : "");
    drawn.all = drawn.lines.join("");
    set(drawn.whole, { d: drawn.all });
  }
}

/** The place between two neighbouring points; where the next is not a number, the last that is. */
function between(pixels, at) {
  const [k, share] = [Math.floor(at), at % 1];
  const here = pixels[k];
  const next = pixels[k + 1] ?? here;
  const place = share === 0 ? here : here.map((u, i) => u + share * (next[i] - u));
  return place.some(Number.isNaN) ? pixels.findLast((pixel) => !pixel.some(Number.isNaN)) : place;
}
