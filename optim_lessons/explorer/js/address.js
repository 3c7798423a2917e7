// A figure's state in the page's address: written as JSON, read back through a whitelist with bounds.

import { allows } from "./numbers.js";

/**
 * What a reader can change: gives back a value that is allowed, undefined for any other.
 * @typedef {(value: any) => any} Field
 */

/** @param {string[]} names @returns {Field} */
export const oneOf = (names) => (value) => (names.includes(value) ? value : undefined);

/** @type {Field} */
export const flag = (value) => (typeof value === "boolean" ? value : undefined);

/** A number within bounds, the bounds included. @returns {Field} */
export const within = (low, high) => (value) =>
  typeof value === "number" && value >= low && value <= high ? value : undefined;

/** @returns {Field} */
export const whole = (low, high) => (value) => (Number.isInteger(value) ? within(low, high)(value) : undefined);

/** @param {number[][]} viewport @returns {Field} */
export const pointIn = (viewport) => (value) =>
  Array.isArray(value) && value.length === viewport.length &&
  value.every((u, i) => within(...viewport[i])(u) !== undefined) ? value.map(Number) : undefined;

/** The extents of all surfaces together. @param {Object<string, import("./path.js").Surface>} surfaces */
export const everywhere = (surfaces) =>
  Object.values(surfaces).map(({ viewport }) => viewport)
    .reduce((all, each) => /** @type {any} */ (all.map(([low, high], i) => [Math.min(low, each[i][0]), Math.max(high, each[i][1])])));

/** @param {Field} field @returns {Field} */
export const maybe = (field) => (value) => (value === null ? null : field(value));

/** An object with all of these fields; what else it holds is left out. @returns {Field} */
export const record = (fields) => (value) => {
  if (typeof value !== "object" || value === null) return undefined;
  const entries = Object.entries(fields).map(([name, field]) => [name, field(value[name])]);
  return entries.some(([, kept]) => kept === undefined) ? undefined : Object.fromEntries(entries);
};

/** @param {Field} field @param {number} most @returns {Field} */
export const listOf = (field, most) => (value) => {
  if (!Array.isArray(value) || value.length > most) return undefined;
  const kept = value.map(field);
  return kept.includes(undefined) ? undefined : kept;
};

/** A value of a hyperparameter, by its own interval. @param {import("./numbers.js").Hyper} hyper @returns {Field} */
export const hyperValue = (hyper) => (value) => (typeof value === "number" && allows(hyper, value) ? value : undefined);

/** All hyperparameters of a method or a schedule. @param {import("./numbers.js").Hyper[]} hypers @returns {Field} */
export const hyperValues = (hypers) => record(Object.fromEntries(hypers.map((hyper) => [hyper.name, hyperValue(hyper)])));

/** A method with its hyperparameters. @param {Object<string, import("./path.js").Optimizer>} optimizers @returns {Field} */
export const methodOf = (optimizers) => (value) => {
  const method = oneOf(Object.keys(optimizers))(value?.method);
  return method && record({ method: () => method, hyper: hyperValues(optimizers[method].hyper) })(value);
};

/**
 * The author's figure, with what the address says of it where that is allowed.
 * @param {any} author @param {Object<string, Field>} fields @param {string | null} place
 */
export function withShared(author, fields, place) {
  const figure = structuredClone(author);
  const text = place === null ? null : new URLSearchParams(window.location.search).get(place);
  return text === null ? figure : Object.assign(figure, readShared(text, fields));
}

/** The allowed part of a shared text; nothing of it is ever evaluated. @returns {object} */
export function readShared(text, fields) {
  let said;
  try {
    said = JSON.parse(text);
  } catch {
    return {};
  }
  if (typeof said !== "object" || said === null) return {};
  const names = Object.keys(fields).filter((name) => Object.hasOwn(said, name));
  const kept = names.map((name) => [name, fields[name](said[name])]);
  return Object.fromEntries(kept.filter(([, value]) => value !== undefined));
}

/** What a reader changed, as text: no more of it than is read back. @returns {string} */
export function writeShared(author, figure, fields) {
  const said = (of, name) => JSON.stringify(fields[name](of[name]));
  const changed = Object.keys(fields).filter((name) => said(figure, name) !== said(author, name));
  return JSON.stringify(Object.fromEntries(changed.map((name) => [name, fields[name](figure[name])])));
}

/** The page's address with the figure's state in it. */
export function shareOf(author, figure, fields, place) {
  const address = new URL(window.location.href);
  address.searchParams.set(place, writeShared(author, figure, fields));
  address.hash = place;
  return address.href;
}
