// The two pictures: the path over the contours, and the loss against the step.

import { html, set, svg } from "./dom.js";
import { powerOfTen, format, ticks } from "./numbers.js";

const MARGIN = { top: 24, right: 12, bottom: 36, left: 46 };
const FAR = 1e5; // pixels; a diverged path is cut here, far outside the picture

/** Marks by Matplotlib's names, as paths around the origin. */
const MARKS = {
  o: "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0z",
  s: "M-4-4h8v8h-8z",
  D: "M0-5.5 5.5 0 0 5.5-5.5 0z",
  "^": "M0-5.5 5 3.5h-10z",
  v: "M0 5.5 5-3.5h-10z",
  P: "M-1.7-5h3.4v3.3h3.3v3.4h-3.3v3.3h-3.4v-3.3h-3.3v-3.4h3.3z",
  X: "M-5-2.6-2.6-5 0-2.4 2.6-5 5-2.6 2.4 0 5 2.6 2.6 5 0 2.4-2.6 5-5 2.6-2.4 0z",
  "*": "M0-6 1.4-1.9 5.7-1.9 2.2.7 3.5 4.9 0 2.3-3.5 4.9-2.2.7-5.7-1.9-1.4-1.9z",
  "<": "M-5.5 0 3.5-5v10z",
  ">": "M5.5 0-3.5-5v10z",
  p: "M0-5.2 4.9-1.6 3.1 4.2-3.1 4.2-4.9-1.6z",
  h: "M0-5.2 4.5-2.6V2.6L0 5.2-4.5 2.6V-2.6z",
};
const CROSS = "M-5 0H5M0-5V5";

/**
 * The line and mark of one run: its family's colour, and within the family a style of its own.
 * @typedef {{family: string, dash: number[], marker: string}} Look
 */

/**
 * A look for each run: its method's own where it is free, else the family's next free one.
 * @param {string[]} methods @param {Object<string, {family: string}>} optimizers
 * @param {{places: Object<string, number>, dashes: number[][], markers: string[]}} looks look.py's
 * @returns {Look[]}
 */
export function assignLooks(methods, optimizers, { places, dashes, markers }) {
  const taken = new Set();
  return methods.map((method) => {
    const { family } = optimizers[method];
    const inTurn = dashes.map((_, k) => (places[method] + k) % dashes.length);
    const place = inTurn.find((k) => !taken.has(`${family} ${k}`)) ?? inTurn[0];
    taken.add(`${family} ${place}`);
    return { family, dash: dashes[place], marker: markers[place] };
  });
}

/** A short piece of a run's line with its mark. @param {Look} look */
export const sample = (look) =>
  svg(
    "svg",
    { viewBox: "0 0 40 16", class: "ol-sample", "aria-hidden": "true", ...colour(look) },
    svg("path", { class: "ol-line", d: "M1 8H39", "stroke-dasharray": look.dash.join(" ") }),
    svg("path", { class: "ol-mark", d: MARKS[look.marker], transform: "translate(20 8)" }),
  );

/** The colour of a run, for all that is inside an element. @param {Look} look */
export const colour = (look) => ({ style: `--ol-colour: var(--ol-${look.family})` });

/** A picture's parts, from back to front, and the map from its coordinates to pixels. */
class Frame {
  /** @param {string} label for readers who do not see it */
  constructor(label) {
    this.back = svg("g", { class: "ol-back" });
    this.runs = svg("g");
    this.front = svg("g");
    this.axes = svg("g", { class: "ol-axes" });
    this.inner = svg("svg", { class: "ol-inner" }, this.back, this.runs, this.front);
    this.picture = svg("svg", { class: "ol-plot", role: "img", "aria-label": label }, this.axes, this.inner);
    this.drawn = [];
  }

  /** Set the size in pixels and the extents; everything drawn later uses them. */
  lay(width, height, [x0, x1], [y0, y1]) {
    this.width = width - MARGIN.left - MARGIN.right;
    this.height = height - MARGIN.top - MARGIN.bottom;
    this.x = (u) => clip(((u - x0) / (x1 - x0)) * this.width);
    this.y = (v) => clip(((y1 - v) / (y1 - y0)) * this.height);
    set(this.picture, { width, height, viewBox: `0 0 ${width} ${height}` });
    set(this.inner, { x: MARGIN.left, y: MARGIN.top, width: this.width, height: this.height });
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
   * @param {{points: number[][], look: Look}[]} runs @param {number} at a step, perhaps between two
   */
  drawRuns(runs, at, dots) {
    while (this.drawn.length > runs.length) this.drawn.pop().node.remove();
    runs.forEach(({ points, look }, i) => {
      this.drawn[i] ??= this.#newRun();
      const { node, whole, past, steps, mark } = this.drawn[i];
      const pixels = points.map(([u, v]) => [this.x(u), this.y(v)]);
      const last = Math.min(at, points.length - 1);
      const seen = pixels.slice(0, Math.floor(last) + 1);
      const head = between(pixels, last);
      set(node, colour(look));
      set(whole, { d: line(pixels) });
      set(past, { d: line([...seen, head]), "stroke-dasharray": look.dash.join(" ") });
      if (dots) set(steps, { d: seen.filter(standsApart).map(([x, y]) => `M${fix(x)} ${fix(y)}h0`).join("") });
      set(mark, { d: MARKS[look.marker], transform: `translate(${fix(head[0])} ${fix(head[1])})` });
    });
  }

  #newRun() {
    const whole = svg("path", { class: "ol-line ol-whole" });
    const past = svg("path", { class: "ol-line" });
    const steps = svg("path", { class: "ol-steps" });
    const mark = svg("path", { class: "ol-mark" });
    const node = svg("g", {}, whole, past, steps, mark);
    this.runs.append(node);
    return { node, whole, past, steps, mark };
  }
}

/** Steps shorter than a few pixels would run together into a thick line: they get no dot. */
const standsApart = ([x, y], k, pixels) => k > 0 && Math.hypot(x - pixels[k - 1][0], y - pixels[k - 1][1]) > 5;

const clip = (pixel) => Math.min(FAR, Math.max(-FAR, pixel));
const fix = (pixel) => Math.round(pixel * 10) / 10;

/** The points that are numbers, as a line. */
function line(pixels) {
  const end = pixels.findIndex((pixel) => pixel.some(Number.isNaN));
  const points = end === -1 ? pixels : pixels.slice(0, end);
  return points.map(([x, y], i) => `${i ? "L" : "M"}${fix(x)} ${fix(y)}`).join("");
}

/** The place between two neighbouring points; where the next is not a number, the last that is. */
function between(pixels, at) {
  const [k, share] = [Math.floor(at), at % 1];
  const here = pixels[k];
  const next = pixels[k + 1] ?? here;
  const place = share === 0 ? here : here.map((u, i) => u + share * (next[i] - u));
  return place.some(Number.isNaN) ? pixels.findLast((pixel) => !pixel.some(Number.isNaN)) : place;
}

/** The surface's contours with the paths over them; its map back from pixels sets the start. */
export class ContourPlot extends Frame {
  constructor() {
    super("The paths over the contours.");
    this.start = svg("circle", { class: "ol-start", r: 6 });
    this.front.append(this.start);
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

  drawSurface(surface, contours, width, height) {
    const [xs, ys] = surface.viewport;
    this.viewport = surface.viewport;
    this.lay(width, height, xs, ys);
    const name = (ends, count) => ticks(...ends, count).map((at) => ({ at, text: format(at) }));
    this.drawAxes(name(xs, width / 90), name(ys, height / 70), "θ₁", "θ₂");
    const scale = `scale(${this.width / 1000} ${this.height / 1000})`;
    this.back.replaceChildren(
      ...contours.map((d, i) =>
        svg("path", { d, transform: scale, class: "ol-contour", style: `--ol-rank: ${i / contours.length}` })),
      ...surface.minima.map(([x, y]) =>
        svg("path", { d: CROSS, class: "ol-minimum", transform: `translate(${this.x(x)} ${this.y(y)})` })),
    );
  }

  draw(runs, start, at) {
    this.drawRuns(runs.map(({ path, look }) => ({ points: path.theta, look })), at, true);
    const [x, y] = [this.x(start[0]), this.y(start[1])];
    set(this.start, { cx: x, cy: y });
    set(this.handle, { style: `left: ${x + MARGIN.left}px; top: ${y + MARGIN.top}px` });
  }

  /** The point of the surface under a pointer. @param {PointerEvent | MouseEvent} event */
  pointAt(event) {
    const box = this.picture.getBoundingClientRect(); // not of the inner svg, whose box is its content's
    const shares = [
      (event.clientX - box.left - MARGIN.left) / this.width,
      1 - (event.clientY - box.top - MARGIN.top) / this.height,
    ];
    return this.viewport.map(([low, high], i) => low + (high - low) * Math.min(1, Math.max(0, shares[i])));
  }
}

/** The loss of every run against the step; the vertical line is the current step. */
export class LossPlot extends Frame {
  constructor() {
    super("Loss against step; the values are in the rows below.");
    this.now = svg("path", { class: "ol-now" });
    this.back.append(this.now);
  }

  resize(width, height) {
    this.size = [width, height];
  }

  draw(runs, surface, steps, at) {
    const values = runs.flatMap(({ path }) => path.value).filter(Number.isFinite);
    const axis = lossAxis(values, rangeOf(surface));
    this.lay(...this.size, [0, steps * 1.02], axis.ends); // room for the last mark
    const stepTicks = ticks(0, steps, this.width / 60).filter(Number.isInteger);
    this.drawAxes(stepTicks.map((k) => ({ at: k, text: String(k) })), axis.ticks, "step t", "loss f(θ)");
    const points = (path) => path.value.map((value, k) => [k, axis.to(value)]);
    this.drawRuns(runs.map(({ path, look }) => ({ points: points(path), look })), at, false);
    set(this.now, { d: `M${fix(this.x(at))} 0V${this.height}` });
  }
}

/**
 * A logarithmic axis in whole decades where no loss is negative, else a linear one. Of runs that
 * climb out of the picture it shows no more than the surface does.
 * @param {number[]} values finite losses; the first is that of the start
 * @param {number[]} range the surface's lowest and highest value in the picture
 */
export function lossAxis(values, [lowest, highest]) {
  const top = values.length ? Math.max(values[0], Math.min(Math.max(...values), highest)) : highest;
  const bottom = values.length ? Math.min(values[0], Math.max(Math.min(...values), lowest)) : lowest;
  const smallest = Math.min(...values.filter((value) => value > 0));
  if (values.every((value) => value >= 0) && Number.isFinite(smallest)) {
    const low = Math.floor(Math.log10(Math.max(smallest, 1e-16)));
    const high = Math.max(low + 1, Math.ceil(Math.log10(top)));
    const every = Math.ceil((high - low) / 7);
    const exponents = Array.from({ length: high - low + 1 }, (_, i) => low + i);
    return {
      ends: [low, high],
      to: (value) => Math.log10(Math.max(value, 1e-16)),
      ticks: exponents.filter((e) => e % every === 0).map((e) => ({ at: e, text: powerOfTen(e) })),
    };
  }
  const pad = 0.05 * (top - bottom || 1);
  const ends = [bottom - pad, top + pad];
  return { ends, to: (value) => value, ticks: ticks(...ends, 5).map((at) => ({ at, text: format(at) })) };
}

/** The lowest and highest value on a coarse grid over the picture. */
function rangeOf({ value, viewport: [[x0, x1], [y0, y1]] }) {
  const shares = Array.from({ length: 25 }, (_, i) => i / 24);
  const values = shares.flatMap((s) => shares.map((r) => value(x0 + s * (x1 - x0), y0 + r * (y1 - y0))));
  return [Math.min(...values), Math.max(...values)];
}
