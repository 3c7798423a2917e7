// Values against very many steps: thinned to what the eye can see, on a linear or a logarithmic axis.

import { set, svg } from "./dom.js";
import { fix, Frame, MARGIN } from "./frame.js";
import { lineNames } from "./line-names.js";
import { format, powerOfTen, ticks } from "./numbers.js";

const COLUMNS = 400; // of each, the lowest and the highest value are drawn
const LETTER = 7.2; // pixels of a name's letter, at most

/**
 * The steps 0, 1, ..., steps in columns of the axis, each from one step up to the next column's first.
 * @typedef {{log: boolean, steps: number, firsts: number[], to: (k: number) => number}} Time
 * @param {boolean} log @returns {Time}
 */
export function timeOf(steps, log) {
  const to = log ? (k) => Math.log10(Math.max(k, 1)) : (k) => k;
  const back = log ? (u) => 10 ** u : (u) => u;
  const edges = Array.from({ length: COLUMNS }, (_, c) => Math.floor(back((to(steps) * c) / COLUMNS)));
  const firsts = [...new Set([...edges, steps])];
  return { log, steps, firsts, to };
}

/**
 * Two points a column: where the values are lowest and highest, in the order of time. The last column
 * is the last step alone.
 * @param {ArrayLike<number>} values one a step @param {Time} time @returns {number[][]}
 */
export function thin(values, { firsts, to }) {
  return firsts.flatMap((first, c) => {
    let [low, high] = [first, first];
    for (let k = first + 1; k < (firsts[c + 1] ?? first + 1); k += 1) {
      if (values[k] < values[low]) low = k;
      if (values[k] > values[high]) high = k;
    }
    return [Math.min(low, high), Math.max(low, high)].map((k) => [to(k), values[k]]);
  });
}

/** The place in a thinned line after k steps. @param {Time} time */
const placeOf = ({ firsts }, k) => 2 * Math.max(0, firsts.findLastIndex((first) => first <= k)) + 1;

export class TimePlot extends Frame {
  /** @param {string} label for readers who do not see it @param {string} yLabel */
  constructor(label, yLabel) {
    super(label);
    this.yLabel = yLabel;
    this.now = svg("path", { class: "ol-now" });
    this.levels = svg("g");
    this.back.append(this.levels, this.now);
  }

  resize(width, height) {
    this.size = { width, height };
  }

  /**
   * @param {import("./line-names.js").Named[]} lines thinned @param {Time} time
   * @param {import("./line-plot.js").Axis} axis @param {{at: number, text: string}[]} levels heights to compare with
   * @param {number} at
   */
  draw(lines, time, axis, levels, at) {
    const { to, steps, log } = time;
    const names = 12 + LETTER * Math.max(0, ...lines.map(({ name }) => name.length));
    const inner = this.size.width - MARGIN.left - MARGIN.right;
    this.lay(this.size.width, this.size.height, [0, (to(steps) * inner) / (inner - names)], axis.ends);
    const decades = Array.from({ length: Math.floor(Math.log10(steps)) + 1 }, (_, e) => ({ at: e, text: powerOfTen(e) }));
    const named = log ? decades : ticks(0, steps, 4).map((k) => ({ at: k, text: format(k) }));
    this.drawAxes(named, axis.ticks, "step t", this.yLabel);
    this.levels.replaceChildren(...levels.flatMap((level) => {
      const y = fix(this.y(level.at));
      return [
        svg("path", { class: "ol-level", d: `M0 ${y}H${fix(this.x(to(steps)))}` }),
        svg("text", { class: "ol-level-name", x: 6, y: level.at > 0 ? y - 5 : y + 14 }, level.text),
      ];
    }));
    this.drawRuns(lines, placeOf(time, Math.floor(at)), false);
    set(this.now, { d: `M${fix(this.x(to(at)))} 0V${this.height}` });
    this.front.replaceChildren(...lineNames(this, lines, to(steps)));
  }
}
