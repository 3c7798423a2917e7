// Online: a large gradient once a period, small ones against it, on which Adam walks to the worst point.

import { flag, hyperValue, listOf, oneOf, record, within } from "./address.js";
import { choice, hyperControl, tick } from "./controls.js";
import { walk } from "./coordinate.js";
import { html } from "./dom.js";
import { linearAxis } from "./line-plot.js";
import { assignLooks, colour, sample } from "./looks.js";
import { NumberLine } from "./number-line.js";
import { format } from "./numbers.js";
import { call, list as listing, literal, program } from "./python.js";
import { thin, TimePlot, timeOf } from "./time-plot.js";

const METHODS = ["Adam", "AMSGrad", "Adagrad", "SGD"];
const PERIODS = [3, 11, 101];
const SECONDS = 10; // that all steps take at the usual speed, 20 "steps" a second
const POINTS = linearAxis(-1.2, 1.2); // with room for words beyond the ends
const TIMES = 10; // the largest gradient that the slider has, in periods of small ones

/** @type {import("./stage.js").Kind} */
export const online = { fields, python, play, speeds: [["2", "in 100 s"], ["20", "in 10 s"], ["60", "in 3 s"]] };

/** Hyperparameters for all methods at once, described as Adam's, but for the rate that they begin with. */
const hypersOf = (optimizers) => optimizers.Adam.hyper.filter(({ name }) => name !== "eps")
  .map((info) => (info.name === "lr" ? { ...info, value: 0.5, words: "learning rate, divided by √t" } : info));

/** What the large gradient may be, that -1 is the best point. @returns {import("./numbers.js").Hyper} */
const largeOf = ({ small, period }) => ({
  name: "large", symbol: "C", words: "large gradient", value: -small * period, scale: "linear",
  interval: `[${-small * (period - 0.9)}, ${-small * period * TIMES}]`,
});

/** @type {import("./numbers.js").Hyper} */
const START = { name: "start", symbol: "x_1", words: "start", value: 0, scale: "linear", interval: "[-1, 1]" };

function fields(author, { optimizers }) {
  const { small, large, period } = author.problem;
  return {
    methods: listOf(oneOf(METHODS), METHODS.length),
    hyper: record(Object.fromEntries(hypersOf(optimizers).map((info) => [info.name, hyperValue(info)]))),
    problem: (value) => {
      const periods = [...PERIODS, period];
      if (!periods.includes(value?.period)) return undefined;
      const about = { small, period: value.period };
      const own = value.period === period && value.large === large; // the author's may be off the slider
      return record({ small: () => small, period: (n) => n, large: own ? (u) => u : hyperValue(largeOf(about)) })(value);
    },
    start: within(-1, 1),
    log: flag,
  };
}

function python(figure) {
  const { methods, hyper, problem, start, log, steps } = figure;
  const named = { ...hyper, ...problem, start, log, steps };
  const texts = Object.entries(named).map(([name, value]) => [name, literal(value)]);
  return program([], call("online", [listing(methods.map(literal))], Object.fromEntries(texts)), ["online"]);
}

/**
 * The points after each step, and the average regret up to it (at 0 steps there is none: it is 0).
 * @returns {{points: Float64Array, regret: Float64Array}}
 */
export function playOnline(optimizer, { hyper, problem: { large, small, period }, start, steps }, { schedules }) {
  const slope = (t) => (t % period === 1 ? large : small);
  const hp = { ...Object.fromEntries(optimizer.hyper.map(({ name, value }) => [name, value])), ...hyper };
  const rates = Array.from({ length: steps }, (_, k) => schedules.InverseSqrt.rate(k + 1, { lr: hyper.lr, warmup: 1 }));
  const project = (theta) => Math.min(Math.max(theta, -1), 1);
  const points = walk(optimizer, start, hp, steps, (_, t) => slope(t), { rates, project });
  const regret = new Float64Array(steps + 1);
  let lost = 0;
  for (let t = 1; t <= steps; t += 1) {
    lost += slope(t) * (points[t - 1] + 1);
    regret[t] = lost / t;
  }
  return { points, regret };
}

/** @param {import("./stage.js").Stage} stage @returns {import("./stage.js").Act} */
function play(stage) {
  const { optimizers, looks } = stage.generated;
  const line = new NumberLine();
  const plot = new TimePlot("Points against step; the values are in the rows below.", "point x");
  const lost = new TimePlot("Average regret against step; the values are in the rows below.", "average regret");
  const controls = html("div", { class: "ol-controls" });
  const list = html("ul", { class: "ol-results" });
  stage.pictures.append(line.picture, plot.picture, lost.picture);
  stage.panel.append(list, controls);
  let runs = [];
  let time;

  const average = () => {
    const { large, small, period } = stage.figure.problem;
    return (large + (period - 1) * small) / period;
  };
  const slope = (t) => stage.figure.problem[t % stage.figure.problem.period === 1 ? "large" : "small"];

  function rebuild() {
    const { figure } = stage;
    const put = (owner, name) => (value) => {
      owner[name] = value;
      stage.change();
    };
    const periods = [...new Set([...PERIODS, figure.problem.period])].sort((a, b) => a - b);
    stage.head.replaceChildren(
      choice("Period", periods.map((n) => [String(n), `large gradient once in ${n} steps`]), String(figure.problem.period),
        (text) => {
          const period = Number(text);
          Object.assign(figure.problem, { period, large: -figure.problem.small * period });
          stage.rebuild();
          stage.head.querySelector("select").focus(); // the menu was made anew
        }),
      ...METHODS.map((method) => tick(optimizers[method].title, figure.methods.includes(method), (on) => {
        const chosen = (other) => (other === method ? on : figure.methods.includes(other));
        figure.methods = METHODS.filter(chosen);
        style();
        stage.layOut();
        stage.change();
      })),
      tick("logarithmic time", figure.log, put(figure, "log")),
    );
    controls.replaceChildren(
      ...hypersOf(optimizers).map((info) => hyperControl("", info, figure.hyper[info.name], put(figure.hyper, info.name))),
      hyperControl("", largeOf(figure.problem), figure.problem.large, put(figure.problem, "large")),
      hyperControl("", START, figure.start, put(figure, "start")),
    );
    style();
  }

  /** A look and a row for each method. */
  function style() {
    const styles = assignLooks(stage.figure.methods, optimizers, looks);
    runs = stage.figure.methods.map((method, i) => {
      const says = html("span", {});
      const name = optimizers[method].title;
      const row = html("li", { ...colour(styles[i]), "data-method": method }, sample(styles[i]), html("strong", {}, name), says);
      return { method, name, look: styles[i], says, row };
    });
    list.replaceChildren(...runs.map(({ row }) => row));
  }

  function layOut(room) {
    line.resize(room, runs.length);
    plot.resize(room, 220);
    lost.resize(room, 170);
  }

  function compute() {
    time = timeOf(stage.steps, stage.figure.log);
    for (const each of runs) {
      Object.assign(each, playOnline(optimizers[each.method], stage.figure, stage.generated));
      each.path = { points: thin(each.points, time), look: each.look, name: each.name };
      each.loss = { points: thin(each.regret, time), look: each.look, name: each.name };
    }
  }

  function draw(at) {
    const { hyper, problem } = stage.figure;
    const k = Math.floor(at);
    const t = Math.min(k + 1, stage.steps); // the step that comes; at the end, the last
    const lr = hyper.lr / Math.sqrt(t) || 1;
    line.draw(runs.map(({ name, look, points }) =>
      ({ name, look, point: points[k], step: (points[t] - points[t - 1]) / lr })), slope(t), problem.large);
    const worst = 2 * average();
    const ends = [{ at: 1, text: "worst point" }, { at: -1, text: "best point" }];
    plot.draw(runs.map(({ path }) => path), time, POINTS, ends, at);
    lost.yLabel = `average regret; dashed: at the worst point, ${format(worst, 3)}`;
    const highest = Math.max(worst, ...runs.map(({ regret }) => regret[stage.steps]));
    lost.draw(runs.map(({ loss }) => loss), time, linearAxis(0, 1.4 * highest),
      [{ at: worst, text: "" }], at);
    for (const { says, points, regret } of runs) says.textContent = `x = ${format(points[k])}, average regret ${format(regret[k])}`;
  }

  function words(k) {
    const results = runs.map(({ name, points, regret }) => `${name} at ${format(points[k])}, average regret ${format(regret[k])}`);
    return `After ${k} of ${stage.steps} steps, best point −1: ${results.join("; ") || "no method"}.`;
  }

  /** All steps pass in ten seconds: evenly, or where time is logarithmic, evenly in its logarithm. */
  const pace = (at) => {
    const { steps } = stage;
    return (stage.figure.log ? (1 + at) * Math.log(1 + steps) : steps) / (20 * SECONDS);
  };
  return { rebuild, layOut, compute, draw, words, pace };
}
