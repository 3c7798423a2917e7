// Lines against the step: the loss, an error, an effective learning rate.

import { set, svg } from "./dom.js";
import { fix, Frame, MARGIN } from "./frame.js";
import { spread, widthOf } from "./labels.js";
import { colour } from "./looks.js";
import { format, powerOfTen, ticks } from "./numbers.js";

/**
 * An axis: its ends in its own coordinate, the map to it, and its ticks there.
 * @typedef {{ends: import("./path.js").Pair, to: (value: number) => number, ticks: {at: number, text: string}[]}} Axis
 * @typedef {{points: number[][], look: import("./looks.js").Look, label?: string}} Line points are
 * (step, axis.to(value)); the label stands at the line's end where there is room
 */

const MOST_LABELS = 8; // more would be a thicket
const LABELS = 0.36; // of the picture's width, at most

/** One line a run; the vertical line is the current step. */
export class LinePlot extends Frame {
  /** @param {string} label for readers who do not see it @param {string} yLabel */
  constructor(label, yLabel, xLabel = "step t") {
    super(label);
    this.xLabel = xLabel;
    this.yLabel = yLabel;
    this.room = 1.02; // for the last mark, as a part of the steps
    this.now = svg("path", { class: "ol-now" });
    this.back.append(this.now);
    this.names = svg("g", { class: "ol-names" });
    this.picture.append(this.names);
  }

  /** Set the size in pixels; it counts from the next drawing. */
  resize(width, height) {
    this.size = { width, height };
  }

  /** @param {Line[]} lines @param {Axis} axis @param {number} steps @param {number} at */
  draw(lines, axis, steps, at) {
    const labelled = lines.filter(({ label }) => label !== undefined);
    const room = 8 + widthOf(labelled.map(({ label }) => label));
    const fits = labelled.length <= MOST_LABELS && room < LABELS * this.size.width;
    const right = Math.max(MARGIN.right, fits ? room : 0);
    const laid = [this.size.width, this.size.height, ...axis.ends, steps, right].join();
    if (laid !== this.laid) {
      this.laid = laid;
      this.lay(this.size.width, this.size.height, [0, steps * this.room], axis.ends, right);
      const stepTicks = ticks(0, steps, this.width / 60).filter(Number.isInteger);
      this.drawAxes(stepTicks.map((k) => ({ at: k, text: String(k) })), axis.ticks, this.xLabel, this.yLabel);
    }
    this.drawRuns(lines, at, false);
    this.#drawNames(fits ? labelled : []);
    set(this.now, { d: `M${fix(this.x(at))} 0V${this.height}` });
  }

  /** The names stand where the whole lines end, and so stay where they are while the figure plays. */
  #drawNames(lines) {
    const ends = lines.map(({ points }) => points.findLast(([, v]) => !Number.isNaN(v))?.[1]);
    const known = lines.filter((_, i) => ends[i] !== undefined);
    const wished = ends.filter((v) => v !== undefined)
      .map((v) => Math.min(this.height, Math.max(0, this.y(v))));
    const places = spread(wished, this.height) ?? [];
    const named = [this.laid, ...places.map((y, i) => `${known[i].label} ${known[i].look.family} ${fix(y)}`)].join();
    if (named === this.named) return;
    this.named = named;
    const x = MARGIN.left + this.width + 6;
    this.names.replaceChildren(...places.map((y, i) =>
      svg("text", { x, y: fix(MARGIN.top + y + 4), ...colour(known[i].look) }, known[i].label)));
  }
}

const SMALLEST = 1e-16; // what is below, zero included, stands here on a logarithmic axis

/** A logarithmic axis in whole decades. @param {number} smallest above 0 @param {number} largest @returns {Axis} */
export function logAxis(smallest, largest) {
  const low = Math.floor(Math.log10(Math.max(smallest, SMALLEST)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(largest)));
  const every = Math.ceil((high - low) / 7);
  const exponents = Array.from({ length: high - low + 1 }, (_, i) => low + i);
  return {
    ends: [low, high],
    to: (value) => Math.log10(Math.max(value, SMALLEST)),
    ticks: exponents.filter((e) => e % every === 0).map((e) => ({ at: e, text: powerOfTen(e) })),
  };
}

/** A linear axis, with a little room about it. @param {number} low @param {number} high @returns {Axis} */
export function linearAxis(low, high) {
  const pad = 0.05 * (high - low || 1);
  /** @type {import("./path.js").Pair} */
  const ends = [low - pad, high + pad];
  return { ends, to: (value) => value, ticks: ticks(ends[0], ends[1], 5).map((at) => ({ at, text: format(at) })) };
}

/**
 * The axis of losses: logarithmic where no loss is negative. Of runs that climb out of the picture it
 * shows no more than the surface does.
 * @param {number[]} values finite losses; the first is that of the start
 * @param {number[]} range the surface's lowest and highest value in the picture
 * @returns {Axis}
 */
export function lossAxis(values, [lowest, highest]) {
  const [most, least] = [Math.max(...values), Math.min(...values)];
  const top = values.length ? Math.max(values[0], Math.min(most, highest)) : highest;
  const bottom = values.length ? Math.min(values[0], Math.max(least, lowest)) : lowest;
  const smallest = Math.min(...values.filter((value) => value > 0));
  return least >= 0 && Number.isFinite(smallest) ? logAxis(smallest, top) : linearAxis(bottom, top);
}

/** The lowest and highest value on a coarse grid over the picture. @param {import("./path.js").Surface} surface */
export function rangeOf({ value, viewport: [[x0, x1], [y0, y1]] }) {
  const shares = Array.from({ length: 25 }, (_, i) => i / 24);
  const values = shares.flatMap((s) => shares.map((r) => value(x0 + s * (x1 - x0), y0 + r * (y1 - y0))));
  const known = values.filter(Number.isFinite);
  return [Math.min(...known), Math.max(...known)];
}
