// Numbers as the reader meets them: on a slider, typed, and printed.

import { ticks as ticksBetween } from "./vendor/d3.js";

/**
 * What a slider needs to know of a hyperparameter (printed from the dataclass's metadata).
 * @typedef {{name: string, symbol: string, words: string, value: number, interval: string,
 *   scale: "linear" | "log" | "one_minus" | "whole"}} Hyper
 */

/** The ends of an interval written as in mathematics: "[0, 1)". @param {string} interval */
const ends = (interval) =>
  interval.slice(1, -1).split(",").map((end) => (end.trim() === "inf" ? Infinity : Number(end)));

/** Sliders have positions 0 to POSITIONS: fine enough to drag, coarse enough for arrow keys. */
export const POSITIONS = 240;

/** Three digits: what a reader would type, and all that a slider can tell apart. */
const tidy = (value) => Number(value.toPrecision(3));

/** Scales: `to` goes from a value to the evenly spaced coordinate of the slider, `from` back. */
export const SCALES = {
  // Counts and seeds: from the lowest, far enough to see what they do.
  whole: {
    span: ({ interval, value }) => [ends(interval)[0], Math.min(ends(interval)[1], Math.max(20, 4 * value))],
    to: (value) => value,
    from: Math.round,
  },
  linear: {
    span: ({ interval, value }) => ends(interval).map((end) => (Number.isFinite(end) ? end : 10 * value)),
    to: (value) => value,
    from: tidy,
  },
  // From a thousandth of the default up to 10: a learning rate or an epsilon may be far off.
  // Where the default is 0, such as no weight decay, the lowest position is 0. An interval with a
  // lowest value above 0 is all on the slider.
  log: {
    span: ({ value, interval }) => {
      const [low, high] = ends(interval);
      if (interval.startsWith("[") && low > 0) return [low, high].map(Math.log10);
      return [Math.log10(value || 1e-3) - 3, Math.log10(Math.min(10, high))];
    },
    to: Math.log10,
    from: (u) => tidy(10 ** u),
  },
  // Decay rates: the memory 1 / (1 - beta) is what matters, from 1 step to 10,000.
  one_minus: {
    span: () => [0, 4],
    to: (value) => -Math.log10(1 - value),
    from: (u) => Number((1 - tidy(10 ** -u)).toPrecision(12)),
  },
};

/**
 * The slider's position nearest to a value; values beyond its ends stay at the end.
 * @param {Hyper} hyper @param {number} value @returns {number}
 */
export function toPosition(hyper, value) {
  const scale = SCALES[hyper.scale];
  const [low, high] = scale.span(hyper);
  const share = (scale.to(value) - low) / (high - low);
  return Math.round(POSITIONS * Math.min(1, Math.max(0, share)));
}

/** @param {Hyper} hyper @param {number} position @returns {number} */
export function fromPosition(hyper, position) {
  if (position === 0 && hyper.value === 0 && hyper.scale === "log") return 0;
  const scale = SCALES[hyper.scale];
  const [low, high] = scale.span(hyper);
  return scale.from(low + ((high - low) * position) / POSITIONS);
}

/** Values by name: the default of each. @param {Hyper[]} hypers @returns {Object<string, number>} */
export const usual = (hypers) => Object.fromEntries(hypers.map(({ name, value }) => [name, value]));

/** Whether a value is in a hyperparameter's interval. @param {Hyper} hyper @param {number} value */
export function allows({ interval, scale }, value) {
  if (scale === "whole" && !Number.isInteger(value)) return false;
  const [low, high] = ends(interval);
  const above = interval.startsWith("(") ? value > low : value >= low;
  return above && (interval.endsWith(")") ? value < high : value <= high);
}

/**
 * A typed value, or the sentence that says what would be one.
 * @param {Hyper} hyper @param {string} text @returns {{value?: number, error?: string}}
 */
export function parse(hyper, text) {
  const value = Number(text.trim().replace("−", "-").replace(",", "."));
  if (text.trim() !== "" && allows(hyper, value)) return { value };
  return { error: `The ${hyper.words} is a ${hyper.scale === "whole" ? "whole " : ""}number in ${hyper.interval.replace("inf", "∞")}.` };
}

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** 10 to an integer power, as text. @param {number} exponent */
export function powerOfTen(exponent) {
  if (exponent === 0) return "1";
  const digits = [...String(Math.abs(exponent))].map((digit) => SUPERSCRIPTS[Number(digit)]);
  return `10${exponent < 0 ? "⁻" : ""}${digits.join("")}`;
}

/**
 * A number for reading: `digits` significant ones (one fewer beside a power of ten, to save room), a
 * true minus sign, and words where there is no number.
 * @param {number} value
 */
export function format(value, digits = 4) {
  if (Number.isNaN(value)) return "not a number";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  const plain = size === 0 || (size >= 1e-3 && size < 1e5);
  const text = plain ? String(Number(value.toPrecision(digits))) : value.toExponential(digits - 2);
  return text.replace("e+", "e").replaceAll("-", "−");
}

/** A point or a vector of two coordinates. @param {number[]} pair */
export const formatPair = (pair, digits = 3) => `(${pair.map((u) => format(u, digits)).join(", ")})`;

/** About `count` round numbers between low and high. @returns {number[]} */
export const ticks = (low, high, count = 5) => ticksBetween(low, high, count).map((u) => (u === 0 ? 0 : u));
