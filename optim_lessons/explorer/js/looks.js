// How the runs of a figure look: a colour for each family, and within it lines and marks.

import { svg } from "./dom.js";

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

/**
 * The line and mark of one run: its family's colour, and within the family a style of its own.
 * @typedef {{family: string, dash: number[], marker: string, thin?: boolean, rank?: number}} Look
 * thin: the second of two lines of one run; rank: in place of the family's colour, one of the ramp
 */

/** @param {Look} look */
export const markOf = ({ marker }) => MARKS[marker];

/** The colour of a run, for all that is inside an element. @param {Look} look */
export const colour = ({ family, rank }) => ({
  style: rank === undefined
    ? `--ol-colour: var(--ol-${family})`
    : `--ol-colour: color-mix(in oklab, var(--ol-flat), var(--ol-steep) ${Math.round(100 * rank)}%)`,
});

/**
 * A line's look by its curvature: `rank` is 0 for the flattest direction, 1 for the steepest.
 * @param {number} rank @returns {Look}
 */
export const curvatureLook = (rank) => ({ family: "steep", dash: [], marker: "o", rank });

/** A short piece of a run's line with its mark. @param {Look} look */
export const sample = (look) =>
  svg(
    "svg",
    { viewBox: "0 0 40 16", class: "ol-sample", "aria-hidden": "true", ...colour(look) },
    svg("path", { class: "ol-line", d: "M1 8H39", "stroke-dasharray": look.dash.join(" ") }),
    svg("path", { class: "ol-mark", d: markOf(look), transform: "translate(20 8)" }),
  );

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
    const inTurn = dashes.map((_, k) => ((places[method] ?? 0) + k) % dashes.length);
    const place = inTurn.find((k) => !taken.has(`${family} ${k}`)) ?? inTurn[0];
    taken.add(`${family} ${place}`);
    return { family, dash: dashes[place], marker: markers[place] };
  });
}
