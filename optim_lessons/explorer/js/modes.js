// Modes: the error along each eigenvector of a quadratic, against the step, under one method.

import { listOf, methodOf, within } from "./address.js";
import { choice, hyperControl, textButton } from "./controls.js";
import { walk } from "./coordinate.js";
import { html } from "./dom.js";
import { curvatureLook } from "./looks.js";
import { ModesPlot, SpectrumPlot } from "./modes-plot.js";
import { ModesTable } from "./modes-table.js";
import { format, usual } from "./numbers.js";
import { Plane } from "./plane.js";
import { call, construct, literal, program } from "./python.js";
import { longRun, measured, THEORY } from "./rates.js";
import { LARGEST, MOST, SMALLEST, spectrumControls } from "./spectrum.js";

const SIDE_BY_SIDE = 620; // pixels; below, the plane stands under the errors
const INK = { family: "ink", dash: [], marker: "o" };
const BEGIN = 0.05; // a learning rate with which a method that has no theory moves from 1 to 0

/** @type {import("./stage.js").Kind} */
export const modes = { fields, python, play };

function fields(author, { optimizers }) {
  const spectrum = listOf(within(SMALLEST, LARGEST), MOST);
  const rises = (values) => values?.length > 0 && values.every((u, i) => i === 0 || u >= values[i - 1]);
  return {
    optimizer: methodOf(optimizers),
    eigenvalues: (value) => (rises(spectrum(value)) ? value : undefined),
  };
}

function python(figure, { optimizers }) {
  const { optimizer: { method, hyper }, eigenvalues, steps } = figure;
  const made = construct(optimizers[method], hyper);
  return program([optimizers[method].cls],
    call("modes", [made], { eigenvalues: literal(eigenvalues), steps: literal(steps) }), ["modes"]);
}

/**
 * The errors after each step: of each eigenvector, and their root of the sum of squares. The run ends,
 * as in Python, at the first loss that is not finite.
 */
export function errorsOf(optimizer, { optimizer: { hyper }, eigenvalues, steps }) {
  const paths = eigenvalues.map((lambda) => walk(optimizer, 1, hyper, steps, (theta) => lambda * theta));
  const at = (k) => paths.map((path) => path[k]);
  const loss = (k) => at(k).reduce((sum, theta, i) => sum + (eigenvalues[i] * theta * theta) / 2, 0);
  let end = 0;
  while (end < steps && Number.isFinite(loss(end))) end += 1;
  const until = Array.from({ length: end + 1 }, (_, k) => k);
  return {
    modes: paths.map((path) => until.map((k) => Math.abs(path[k]))),
    total: until.map((k) => Math.hypot(...at(k))),
    diverged: Number.isFinite(loss(end)) ? null : end,
  };
}

/** @param {import("./stage.js").Stage} stage @returns {import("./stage.js").Act} */
function play(stage) {
  const { optimizers, looks } = stage.generated;
  const [plot, plane, spectrum] = [new ModesPlot(), new Plane(), new SpectrumPlot()];
  const controls = html("div", { class: "ol-controls" });
  const promised = html("p", { class: "ol-promised" });
  const table = new ModesTable(light);
  stage.panel.append(controls, promised, table.node);
  let lit = -1;
  let results;
  let lines = [];
  let promise = null;

  const theory = () => THEORY[stage.figure.optimizer.method] ?? null;
  const titleOf = (method) => optimizers[method].title;
  function light(i) {
    if (i === lit) return;
    lit = i;
    stage.request();
  }
  plane.onDrag((factor, rise) => {
    const { hyper } = stage.figure.optimizer;
    hyper.lr = Number(Math.min(10, hyper.lr * factor).toPrecision(3));
    if ("momentum" in hyper) hyper.momentum = Number(Math.min(0.999, Math.max(0, hyper.momentum + rise)).toFixed(3));
    stage.rebuild(); // the sliders follow
  }, light);

  function chooseMethod(method) {
    const hyper = usual(optimizers[method].hyper);
    const slowest = THEORY[method] ? 1 / stage.figure.eigenvalues.at(-1) : Math.max(hyper.lr, BEGIN);
    stage.figure.optimizer = { method, hyper: { ...hyper, lr: slowest } };
    stage.rebuild();
    stage.head.firstChild.focus(); // the list was made anew
  }

  function tune({ hyper }, i) {
    const { eigenvalues, optimizer } = stage.figure;
    Object.assign(optimizer.hyper, hyper(eigenvalues[0], eigenvalues.at(-1)));
    stage.rebuild();
    stage.head.querySelectorAll("button")[i].focus();
  }

  /** All methods, those with a theory first. @returns {import("./controls.js").Option[]} */
  function menu() {
    const others = Object.keys(optimizers).filter((method) => !THEORY[method]);
    const named = (methods) => methods.map((method) => [method, titleOf(method)]);
    return [["With a theory", named(Object.keys(THEORY))], ["Others", named(others)]];
  }

  function rebuild() {
    const { method, hyper } = stage.figure.optimizer;
    stage.head.replaceChildren(
      choice("Method", menu(), method, chooseMethod),
      ...(theory()?.tuned ?? []).map((tuned, i) => textButton(tuned.words, () => tune(tuned, i))),
    );
    controls.replaceChildren(
      ...optimizers[method].hyper.map((info) => hyperControl("", info, hyper[info.name], (value) => {
        hyper[info.name] = value;
        stage.change();
      })),
      ...spectrumControls(stage.figure.eigenvalues, (eigenvalues) => {
        stage.figure.eigenvalues = eigenvalues;
        stage.change();
      }),
    );
    const right = theory() ? plane.picture : spectrum.picture;
    if (right !== stage.pictures.lastChild) stage.pictures.replaceChildren(plot.picture, right);
  }

  function layOut(room) {
    const beside = room >= SIDE_BY_SIDE;
    const width = beside ? Math.round(room * 0.54) : room;
    const height = beside ? 340 : 280;
    plot.resize(width, height);
    spectrum.resize(beside ? room - width : room, height);
    if (theory()) plane.layOut(theory(), beside ? room - width : room, height);
  }

  function compute() {
    const { optimizer: { method, hyper }, eigenvalues } = stage.figure;
    results = errorsOf(optimizers[method], stage.figure);
    const axis = ModesPlot.axis(results.total);
    const line = (errors) => errors.map((error, k) => [k, Number.isNaN(error) ? NaN : axis.to(error)]);
    const ranks = ranksOf(eigenvalues);
    lines = results.modes.map((errors, i) =>
      ({ points: line(errors), look: curvatureLook(ranks[i]), name: `λ ${format(eigenvalues[i], 3)}` }));
    lines.push({ points: line(results.total), look: INK, name: "all" });
    results.axis = axis;
    const rows = eigenvalues.map((lambda, i) => {
      const x = hyper.lr * lambda;
      const promised = theory() && longRun(theory(), x, hyper.momentum ?? 0);
      return { lambda, x, longRun: promised, measured: measured(results.modes[i]), look: lines[i].look };
    });
    results.slowest = theory() && Math.max(...rows.map((row) => row.longRun.rate));
    const all = theory() && { rate: results.slowest, regime: "" };
    table.fill([...rows, { lambda: null, x: null, longRun: all, measured: measured(results.total), look: INK }],
      theory() !== null);
    if (lit >= eigenvalues.length) lit = -1;
    promise = theory()?.tuned.find((tuned) => Object.entries(tuned.hyper(eigenvalues[0], eigenvalues.at(-1)))
      .every(([name, value]) => Math.abs(hyper[name] - value) <= 1e-9 * value));
  }

  function draw(at) {
    const { optimizer: { hyper }, eigenvalues, steps } = stage.figure;
    const k = Math.min(Math.floor(at), results.total.length - 1);
    const sizes = results.modes.map((errors) => errors[k]);
    plot.drawModes(lines, results.axis, steps, at, lit);
    if (theory()) plane.drawDots(eigenvalues.map((lambda) => hyper.lr * lambda), hyper.momentum ?? 0, lines, lit);
    else spectrum.drawSpectrum(eigenvalues, lines, sizes, results.axis, lit);
    table.show([...sizes, results.total[k]], lit);
    promised.textContent = saying();
  }

  function saying() {
    const { eigenvalues } = stage.figure;
    if (results.diverged !== null) return `Diverged: at step ${results.diverged} the loss is not a finite number.`;
    if (!promise) return "";
    const kappa = eigenvalues.at(-1) / eigenvalues[0];
    return `${promise.words}: the slowest mode shrinks by ${format(results.slowest)} a step; theory promises `
      + `${format(promise.rate(kappa))} at condition number ${format(kappa)}.`;
  }

  function words(k) {
    const { optimizer: { method }, eigenvalues, steps } = stage.figure;
    const errors = results.modes.map((all) => all[Math.min(k, all.length - 1)]);
    const largest = errors.reduce((best, error, i) => (error > errors[best] ? i : best), 0);
    const all = format(results.total[Math.min(k, results.total.length - 1)]);
    return `${titleOf(method)} after ${k} of ${steps} steps: error ${all}, the largest part along eigenvalue `
      + `${format(eigenvalues[largest])}. ${saying()}`;
  }
  return { rebuild, layOut, compute, draw, words };
}

/** Where each eigenvalue stands on the ramp of colours: by its logarithm. @param {number[]} eigenvalues */
function ranksOf(eigenvalues) {
  const span = Math.log(eigenvalues.at(-1) / eigenvalues[0]) || 1;
  return eigenvalues.map((lambda) => Math.log(lambda / eigenvalues[0]) / span);
}
