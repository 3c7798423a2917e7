// A picture with axes, and lines over them: what all plots share.

import { set, svg } from "./dom.js";
import { colour, markOf } from "./looks.js";

export const MARGIN = { top: 28, right: 12, bottom: 36, left: 46 };
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
      if (k !== drawn.k) this.#passTo(drawn, k, dots);
      const [x, y] = placeAt(drawn, last).map(fix);
      const on = last > k && isSeen(drawn, k) && isSeen(drawn, k + 1); // the line goes on from here
      if (on || drawn.on) set(drawn.past, { d: on ? `${drawn.passed}L${x} ${y}` : drawn.passed });
      drawn.on = on;
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
    return { node, whole, past, steps, mark, points: null, look: null };
  }

  /** Work out the pixels of a run's points. */
  #place(drawn, points) {
    const [xs, ys, hidden] = [new Float64Array(points.length), new Float64Array(points.length), new Uint8Array(points.length)];
    for (let i = 0; i < points.length; i += 1) { // a plain loop: this is most of what a frame costs
      xs[i] = this.x(points[i][0]);
      ys[i] = this.y(points[i][1]);
      hidden[i] = points[i][2] ? 1 : 0;
    }
    Object.assign(drawn, { points, xs, ys, hidden, k: -1, on: false });
    drawn.all = lineTo(drawn, points.length - 1, isKnown);
    set(drawn.whole, { d: drawn.all });
  }

  /** Draw strong what has passed after k steps. */
  #passTo(drawn, k, dots) {
    drawn.k = k;
    const whole = k === drawn.xs.length - 1 && !drawn.hidden.includes(1);
    drawn.passed = whole ? drawn.all : lineTo(drawn, k, isSeen);
    set(drawn.past, { d: drawn.passed });
    if (dots) set(drawn.steps, { d: dotsTo(drawn, k) });
  }
}

const NOWHERE = [-FAR, -FAR];
const isKnown = ({ xs, ys }, k) => !Number.isNaN(xs[k] + ys[k]);
const isSeen = (drawn, k) => isKnown(drawn, k) && !drawn.hidden[k];

/** The line through the first points, k the last of them, with gaps where one is not `shown`. */
function lineTo(drawn, k, shown) {
  const { xs, ys } = drawn;
  let d = "";
  let pen = "M";
  for (let i = 0; i <= k; i += 1) {
    const on = shown(drawn, i);
    if (on) d += `${pen}${fix(xs[i])} ${fix(ys[i])}`;
    pen = on ? "L" : "M";
  }
  return d;
}

/** Steps shorter than a few pixels would run together into a thick line: they get no dot. */
function dotsTo(drawn, k) {
  const { xs, ys } = drawn;
  let d = "";
  for (let i = 1; i <= k; i += 1) {
    const far = Math.hypot(xs[i] - xs[i - 1], ys[i] - ys[i - 1]) > 5;
    if (far && isSeen(drawn, i)) d += `M${fix(xs[i])} ${fix(ys[i])}h0`;
  }
  return d;
}

/** The place between two neighbouring points; in a gap, the last point before it. */
function placeAt(drawn, at) {
  const { xs, ys } = drawn;
  const [k, share] = [Math.floor(at), at % 1];
  if (share > 0 && isKnown(drawn, k) && isKnown(drawn, k + 1)) {
    return [xs[k] + share * (xs[k + 1] - xs[k]), ys[k] + share * (ys[k + 1] - ys[k])];
  }
  for (let i = k; i >= 0; i -= 1) if (isKnown(drawn, i)) return [xs[i], ys[i]];
  return NOWHERE;
}
