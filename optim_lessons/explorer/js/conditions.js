// What the methods meet on their way: noise on the gradient, and a schedule of the learning rate.

import { hyperValue, hyperValues, maybe, oneOf, record } from "./address.js";
import { choice, hyperControl, tick } from "./controls.js";
import { html, set, svg } from "./dom.js";
import { usual } from "./numbers.js";
import { call, literal } from "./python.js";

/** @type {import("./numbers.js").Hyper} */
const SIGMA = { name: "sigma", symbol: "\\sigma", words: "noise", value: 1, interval: "[0, inf)", scale: "log" };
/** @type {import("./numbers.js").Hyper} */
const SEED = { name: "seed", symbol: "", words: "seed", value: 1, interval: "[0, 4294967295]", scale: "whole" };
const FIRST = { sigma: 1, seed: 1 };

const isRate = ({ name }) => /^lr(_min)?$/.test(name.split(".").at(-1));

/**
 * The learning rates of all steps, from a method's own as the largest to 0; null without a schedule.
 * @param {{name: string, hyper: Object<string, number>} | null} schedule
 * @param {Object<string, any>} schedules the generated ones @param {number} lr @param {number} steps
 * @returns {number[] | null}
 */
export function ratesOf(schedule, schedules, lr, steps) {
  if (!schedule) return null;
  const { rate, hyper } = schedules[schedule.name];
  const own = hyper.filter(isRate).map(({ name }) => [name, name.endsWith("lr_min") ? 0 : lr]);
  const hp = { ...schedule.hyper, ...Object.fromEntries(own) };
  return Array.from({ length: steps + 1 }, (_, k) => rate(k + 1, hp));
}

/** What a reader sets of a schedule: all but its rates, whose largest is each method's own. */
export const settingsOf = ({ hyper }) => hyper.filter((info) => !isRate(info));

/** What an address may say of the conditions. @returns {Object<string, import("./address.js").Field>} */
export const conditionFields = (schedules) => ({
  noise: maybe(record({ sigma: hyperValue(SIGMA), seed: hyperValue(SEED) })),
  schedule: maybe((value) => {
    const name = oneOf(Object.keys(schedules))(value?.name);
    return name && record({ name: () => name, hyper: hyperValues(settingsOf(schedules[name])) })(value);
  }),
});

/** A schedule as Python: what is inside another one, and tuples, put together again. */
export function scheduleText({ name, hyper }, schedules) {
  const { parts } = schedules[name];
  const named = {};
  const inside = {};
  for (const [key, value] of Object.entries(hyper)) {
    const [first, rest] = key.split(".");
    if (first in parts) (inside[first] ??= {})[rest] = literal(value);
    else if (rest !== undefined) (named[first] ??= []).push(value);
    else named[first] = value;
  }
  const texts = Object.fromEntries(Object.entries(named).map(([key, value]) => [key, literal(value)]));
  for (const [key, values] of Object.entries(inside)) texts[key] = call(`schedules.${parts[key]}`, [], values);
  return call(`schedules.${name}`, [], texts);
}

/**
 * @param {{noise: {sigma: number, seed: number} | null, schedule: {name: string, hyper: Object<string, number>} | null, steps: number}} figure
 * @param {Object<string, any>} schedules
 * @param {{change: () => void, rebuild: () => void}} did a number changed; what there is to set changed
 * @returns {Element}
 */
export function conditions(figure, schedules, { change, rebuild }) {
  const { noise, schedule } = figure;

  function takeNoise(checked) {
    figure.noise = checked ? { ...FIRST } : null;
    rebuild();
  }

  function takeSchedule(name) {
    figure.schedule = name ? { name, hyper: usual(settingsOf(schedules[name])) } : null;
    rebuild();
  }

  const noiseControls = noise && [
    hyperControl("", SIGMA, noise.sigma, (value) => {
      noise.sigma = value;
      change();
    }),
    hyperControl("", SEED, noise.seed, (value) => {
      noise.seed = value;
      change();
    }),
  ];
  const sketch = svg("path", { class: "ol-line" });
  const drawSketch = () => schedule && set(sketch, { d: outline(ratesOf(schedule, schedules, 1, figure.steps)) });
  drawSketch();
  const scheduleControls = schedule && [
    ...settingsOf(schedules[schedule.name]).map((info) =>
      hyperControl("", info, schedule.hyper[info.name], (value) => {
        schedule.hyper[info.name] = value;
        drawSketch();
        change();
      })),
    svg("svg", { class: "ol-sketch", viewBox: "0 0 120 40", preserveAspectRatio: "none", role: "img",
      "aria-label": "The learning rate against the step, as a share of its largest" }, sketch),
  ];
  /** @type {import("./controls.js").Option[]} */
  const names = Object.entries(schedules).map(([name, { title }]) => [name, title]);
  return html(
    "details", { class: "ol-fold", open: noise !== null || schedule !== null },
    html("summary", {}, "Noise and schedule"),
    html(
      "div", { class: "ol-conditions" },
      tick("Noise on the gradient", noise !== null, takeNoise),
      ...(noiseControls ?? []),
      choice("Schedule of the learning rate", [["", "Constant learning rate"], ...names.slice(1)], schedule?.name ?? "", takeSchedule),
      ...(scheduleControls ?? []),
    ),
  );
}

/** @param {number[]} rates shares of the largest */
const outline = (rates) => rates.map((rate, k) => `${k ? "L" : "M"}${(120 * k) / (rates.length - 1)} ${38 - 36 * rate}`).join("");
