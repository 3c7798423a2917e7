// An axis of a region map: the values of a hyperparameter, as evenly spaced as on its slider.

import { format, powerOfTen, SCALES, ticks } from "./numbers.js";

export const SIDE = 64; // cells to a side of the map
const WIDEST = { log: Infinity, one_minus: 4 }; // beside the axis is no room for 0.9999
const RATES = [-4, 1]; // the map's learning rates: below, no surface moves within its steps

/**
 * `low` and `high` are the outer cells' middles in the scale's coordinate; `nearest` is the cell of a
 * value, `place` its exact place in cells. regions.py has the same values.
 * @param {import("./numbers.js").Hyper} hyper
 */
export function mapAxis(hyper) {
  const scale = SCALES[hyper.scale];
  const [low, high] = hyper.name === "lr" ? RATES : scale.span(hyper);
  const values = Array.from({ length: SIDE }, (_, i) =>
    i === 0 && hyper.value === 0 ? 0 : scale.from(low + ((high - low) * i) / (SIDE - 1)));
  const place = (value) => ((scale.to(value) - low) / (high - low)) * (SIDE - 1);
  const nearest = (value) => Math.min(SIDE - 1, Math.max(0, Math.round(place(value))));
  const labelled = (u) => hyper.scale === "linear" || (Number.isInteger(u) && u < WIDEST[hyper.scale]);
  const marks = ticks(low, high, 6).filter(labelled)
    .map((u) => ({ at: ((u - low) / (high - low)) * (SIDE - 1), text: textOf(hyper, u, u === low) }));
  return { hyper, values, place, nearest, marks };
}

/** @typedef {ReturnType<typeof mapAxis>} MapAxis */

function textOf({ scale, value }, u, first) {
  if (scale === "linear") return format(u);
  if (scale === "one_minus") return String(Number((1 - 10 ** -u).toPrecision(6)));
  return first && value === 0 ? "0" : powerOfTen(u);
}
