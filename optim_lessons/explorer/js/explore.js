// Explore: methods on a surface, from a start and with hyperparameters that the reader chooses.

import { everywhere, listOf, maybe, methodOf, oneOf, pointIn, within } from "./address.js";
import { conditionFields, conditions, ratesOf, scheduleText } from "./conditions.js";
import { choice, tick } from "./controls.js";
import { ContourPlot } from "./contour-plot.js";
import { html, set } from "./dom.js";
import { lossAxis, LinePlot, rangeOf } from "./line-plot.js";
import { assignLooks } from "./looks.js";
import { methodRow } from "./method-row.js";
import { format, formatPair } from "./numbers.js";
import { lossAt, readout, run, trouble } from "./path.js";
import { call, construct, list as listing, literal, program } from "./python.js";
import { raceTable } from "./race-table.js";
import { movesStart } from "./start.js";
import { tunedRate } from "./tuning.js";

/**
 * @typedef {{kind: string, surface: string, start: number[], steps: number, locked: boolean,
 *   optimizers: {method: string, hyper: Object<string, number>}[], tolerance: number | null,
 *   noise: {sigma: number, seed: number} | null, schedule: {name: string, hyper: Object<string, number>} | null,
 *   caption: string}} Explore tolerance: of the table that compares, null where it is not shown;
 *   schedule: without its largest rate, which is each method's own
 */

const SIDE_BY_SIDE = 560; // pixels; below, the loss stands under the contours
const FEW = 2; // rows begin unfolded where there are no more methods than these
const MOST = 20; // methods in one figure
const HINT = "Tap, drag or use the arrow keys to move the start: ";

/** @typedef {import("./controls.js").Option} Option */

/** @type {import("./stage.js").Kind} */
export const explore = { fields, python, play };

function fields(author, { optimizers, surfaces, schedules }) {
  return {
    ...(author.locked ? {} : { surface: oneOf(Object.keys(surfaces)) }),
    start: pointIn(everywhere(surfaces)),
    optimizers: listOf(methodOf(optimizers), MOST),
    tolerance: maybe(within(1e-300, 1e300)),
    ...conditionFields(schedules),
  };
}

function python(figure, { optimizers, schedules }) {
  const { surface, start, steps, optimizers: entries, tolerance, noise, schedule } = /** @type {Explore} */ (figure);
  const made = entries.map(({ method, hyper }) => construct(optimizers[method], hyper));
  const names = entries.map(({ method }) => optimizers[method].cls);
  const problem = noise
    ? call("problems.Noisy", [`problems.${surface}`], { sigma: literal(noise.sigma), seed: literal(noise.seed) })
    : literal(surface);
  const drawn = call("explore", [problem, listing(made)], {
    start: literal(start),
    steps: literal(steps),
    tolerance: tolerance === null ? undefined : literal(tolerance),
    schedule: schedule ? scheduleText(schedule, schedules) : undefined,
  });
  const modules = [...(noise ? ["problems"] : []), ...(schedule ? ["schedules"] : [])];
  return program(["explore", ...names, ...modules], drawn);
}

/** @param {import("./stage.js").Stage} stage @returns {import("./stage.js").Act} */
function play(stage) {
  const { optimizers, surfaces, levels, looks, rates, schedules } = stage.generated;
  let runs = []; // one a method: {label, path, look, points}
  let rows = [];
  let axis;
  let range;
  let table = null; // the race in numbers, where it is shown
  let tabled = false; // whether it shows the paths as they are
  const [known, unfolded] = [new WeakSet(), new WeakSet()]; // of figure.optimizers

  const lossPlot = new LinePlot("Loss against step; the values are in the rows below.", "loss f(θ)");
  const contourPlot = new ContourPlot();
  stage.pictures.append(contourPlot.node, lossPlot.picture);
  const list = html("ul", { class: "ol-methods" });
  const adder = html("div", { class: "ol-adder" });
  const [tickBox, way, race] = [html("div"), html("div"), html("div", { class: "ol-compare" })];
  const start = html("output", { class: "ol-at", "aria-live": "off" });
  stage.panel.append(list, html("div", { class: "ol-more" }, adder, tickBox), way, race);
  const surfaceOf = () => surfaces[stage.figure.surface];

  movesStart(contourPlot, {
    from: () => stage.figure.start,
    to(point) {
      stage.figure.start = point.map((u) => Number(u.toPrecision(4)));
      stage.change();
    },
  });

  function chooseSurface(name) {
    Object.assign(stage.figure, { surface: name, start: [...surfaces[name].start] });
    stage.rebuild();
    stage.head.firstChild.focus(); // the list was made anew
  }

  function addMethod(method) {
    const hyper = Object.fromEntries(optimizers[method].hyper.map(({ name, value }) => [name, value]));
    if ("lr" in hyper) hyper.lr = tunedFor(method, hyper);
    stage.figure.optimizers.push({ method, hyper });
    stage.rebuild();
    adder.firstChild.focus();
  }

  /** The learning rate with which a method ends lowest; the library's default would hardly move on some. */
  function tunedFor(method, hyper) {
    return tunedRate(optimizers[method], hyper, surfaceOf(), stage.figure.start, stage.steps, rates);
  }

  function tuneAll() {
    for (const { method, hyper } of stage.figure.optimizers) {
      if ("lr" in hyper) hyper.lr = tunedFor(method, hyper);
    }
    rebuildRows();
    stage.change();
  }

  function showTable(shown) {
    stage.figure.tolerance = shown ? 1e-3 : null;
    rebuildTable();
    stage.change();
  }

  function rebuildWay() {
    const change = () => stage.change();
    const again = () => {
      rebuildWay();
      way.querySelector("summary").focus();
      stage.change();
    };
    way.replaceChildren(conditions(stage.figure, schedules, { change, rebuild: again }));
  }

  function rebuildTable() {
    const { tolerance } = stage.figure;
    table = tolerance === null ? null : raceTable({
      tolerance,
      rates,
      change(value) {
        stage.figure.tolerance = value;
        stage.change();
      },
      tune: tuneAll,
    });
    tickBox.replaceChildren(tick("Compare in a table", tolerance !== null, showTable));
    race.replaceChildren(...(table ? [table.node] : []));
  }

  function removeMethod(i) {
    stage.figure.optimizers.splice(i, 1);
    stage.rebuild();
    adder.firstChild.focus();
  }

  function rebuildRows() {
    const entries = stage.figure.optimizers;
    const methods = entries.map(({ method }) => method);
    const style = assignLooks(methods, optimizers, looks);
    runs = entries.map(({ hyper }, i) => ({ label: labelOf(methods, i), look: style[i], hyper, path: null }));
    for (const entry of entries) {
      if (!known.has(entry) && entries.length <= FEW) unfolded.add(entry);
      known.add(entry);
    }
    rows = entries.map((entry, i) =>
      methodRow(runs[i].label, style[i], optimizers[entry.method], entry.hyper, unfolded.has(entry), {
        change: (name, value) => {
          entry.hyper[name] = value;
          stage.change();
        },
        remove: () => removeMethod(i),
        unfold: (shown) => {
          unfolded[shown ? "add" : "delete"](entry);
          stage.request();
        },
      }));
    list.replaceChildren(...rows.map(({ node }) => node));
  }

  function rebuild() {
    const surface = surfaceOf();
    range = rangeOf(surface);
    rebuildRows();
    rebuildTable();
    rebuildWay();
    adder.replaceChildren(...(stage.figure.optimizers.length < MOST ? [choice("Add a method", menu(), "", addMethod)] : []));
    /** @type {Option[]} */
    const places = Object.entries(surfaces).map(([name, { title }]) => [name, title]);
    stage.head.replaceChildren(
      stage.figure.locked
        ? html("strong", {}, surface.title)
        : choice("Surface", places, stage.figure.surface, chooseSurface),
      html("span", { class: "ol-hint" }, HINT, start),
    );
    const words = `Contours of ${surface.title}, with the paths.`;
    set(contourPlot.node, { "aria-label": `${words} Arrow keys move the start, with Shift by little.` });
  }

  /** All methods, by family. @returns {Option[]} */
  function menu() {
    const all = Object.entries(optimizers);
    /** @returns {[string, string][]} */
    const members = (name) =>
      all.filter(([, { family }]) => family === name).map(([method, { title }]) => [method, title]);
    const groups = Object.entries(looks.families).map(([family, words]) => [words, members(family)]);
    return [["", "Add a method…"], .../** @type {Option[]} */ (groups.filter(([, inside]) => inside.length))];
  }

  /** The title, with a number where a method occurs twice. */
  function labelOf(methods, i) {
    const { title } = optimizers[methods[i]];
    const earlier = methods.slice(0, i).filter((method) => method === methods[i]).length;
    return earlier ? `${title} (${earlier + 1})` : title;
  }

  function layOut(room) {
    const surface = surfaceOf();
    const beside = room >= SIDE_BY_SIDE;
    const width = beside ? Math.round(room * 0.58) : room;
    const height = ContourPlot.height(surface, width);
    contourPlot.drawSurface(surface, levels[stage.figure.surface], width, height);
    lossPlot.resize(beside ? room - width : room, beside ? height : 180);
  }

  function compute() {
    const { optimizers: entries, start: from, steps, noise, schedule } = stage.figure;
    const surface = surfaceOf();
    entries.forEach(({ method, hyper }, i) => {
      const changes = { noise, rates: ratesOf(schedule, schedules, hyper.lr, steps) };
      runs[i].path = run(optimizers[method], surface, from, hyper, steps, changes);
    });
    tabled = false;
    axis = lossAxis(runs.flatMap(({ path }) => path.value).filter(Number.isFinite), range);
    for (const each of runs) each.points = each.path.value.map((value, k) => [k, axis.to(value)]);
  }

  function draw(at) {
    const { viewport } = surfaceOf();
    contourPlot.draw(runs, stage.figure.start, at);
    lossPlot.draw(runs, axis, stage.steps, at);
    start.textContent = formatPair(stage.figure.start);
    const k = Math.floor(at);
    if (table && !tabled) table.show(runs, surfaceOf(), stage.steps, stage.figure.tolerance);
    tabled = true;
    rows.forEach((row, i) => {
      const { path } = runs[i];
      row.show(lossAt(path, k), trouble(path, k, viewport), () => readout(path, k));
    });
  }

  function words(k) {
    const { viewport } = surfaceOf();
    const results = runs.map(({ label, path }) =>
      `${label} ${trouble(path, k, viewport) ?? format(lossAt(path, k))}`);
    const when = `From ${formatPair(stage.figure.start)}, loss after ${k} of ${stage.steps} steps`;
    return `${when}: ${results.join("; ") || "no method"}.`;
  }

  return { rebuild, layOut, compute, draw, words };
}
