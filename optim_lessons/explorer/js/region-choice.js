// What a reader chooses in a region map: a method, two of its hyperparameters, a cell, and where to start.

import { hyperValues, oneOf, pointIn, record, whole } from "./address.js";
import { call, construct, literal, program } from "./python.js";
import { mapAxis, SIDE } from "./region-axis.js";

/**
 * `hyper` has the fixed hyperparameters; those of the axes are the chosen cell's.
 * @typedef {{method: string, axes: string[], cell: number[], hyper: Object<string, number>}} Choice
 * @typedef {{kind: string, optimizer: Choice, surface: string, start: import("./path.js").Pair, steps: number, locked: boolean,
 *   caption: string}} Regions
 */

export const STEPS = [50, 100, 200, 500, 1000]; // to choose from

/** The methods with two hyperparameters at least. */
export const mapped = (optimizers) => Object.keys(optimizers).filter((method) => optimizers[method].hyper.length > 1);

/** The axes of a method's map, by name. @param {import("./path.js").Optimizer} about @param {string[]} names */
export const axesOf = ({ hyper }, names) => names.map((name) => mapAxis(hyper.find((each) => each.name === name)));

/** All hyperparameters of the chosen cell. @param {Choice} choice @returns {Object<string, number>} */
export function chosenOf({ method, axes, cell, hyper }, optimizers) {
  const values = axesOf(optimizers[method], axes).map((axis, k) => [axis.hyper.name, axis.values[cell[k]]]);
  return { ...hyper, ...Object.fromEntries(values) };
}

/** A method with these axes, at the cell nearest to its values. @returns {Choice} */
export function arrange(method, axes, values, optimizers) {
  const cell = axesOf(optimizers[method], axes).map((axis) => axis.nearest(values[axis.hyper.name]));
  const fixed = optimizers[method].hyper.filter(({ name }) => !axes.includes(name));
  return { method, axes, cell, hyper: Object.fromEntries(fixed.map(({ name }) => [name, values[name]])) };
}

/** @param {any} author @param {any} generated @returns {Object<string, import("./address.js").Field>} */
export function fields(author, { optimizers, surfaces }) {
  const anywhere = Object.values(surfaces).map(({ viewport }) => viewport)
    .reduce((all, each) => all.map(([low, high], i) => [Math.min(low, each[i][0]), Math.max(high, each[i][1])]));
  return {
    optimizer: choiceOf(optimizers),
    ...(author.locked ? {} : { surface: oneOf(Object.keys(surfaces)) }),
    start: pointIn(anywhere),
    steps: whole(STEPS[0], STEPS.at(-1)),
  };
}

/** @returns {import("./address.js").Field} */
const choiceOf = (optimizers) => (value) => {
  const method = oneOf(mapped(optimizers))(value?.method);
  if (!method) return undefined;
  const { hyper } = optimizers[method];
  const axes = twoOf(hyper.map(({ name }) => name))(value.axes);
  if (!axes) return undefined;
  const fixed = hyperValues(hyper.filter(({ name }) => !axes.includes(name)));
  return record({ method: () => method, axes: () => axes, cell: inMap, hyper: fixed })(value);
};

/** Two different names. @returns {import("./address.js").Field} */
const twoOf = (names) => (value) =>
  Array.isArray(value) && value.length === 2 && value[0] !== value[1] &&
  value.every((name) => names.includes(name)) ? value : undefined;

/** @type {import("./address.js").Field} */
const inMap = (value) => {
  const cell = pointIn([[0, SIDE - 1], [0, SIDE - 1]])(value);
  return cell?.every(Number.isInteger) ? cell : undefined;
};

export function python(figure, { optimizers }) {
  const { optimizer, surface, start, steps, locked, caption } = /** @type {Regions} */ (figure);
  const about = optimizers[optimizer.method];
  const drawn = call("regions", [construct(about, chosenOf(optimizer, optimizers)), literal(surface)], {
    axes: literal(optimizer.axes), start: literal(start), steps: literal(steps),
    locked: locked ? "True" : undefined, caption: caption ? literal(caption) : undefined,
  });
  return program([about.cls], drawn, ["regions"]);
}
