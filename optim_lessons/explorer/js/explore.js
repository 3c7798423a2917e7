// Explore: methods on a surface, from a start and with hyperparameters that the reader chooses.

import { flag, listOf, methodOf, oneOf, pointIn } from "./address.js";
import { choice } from "./controls.js";
import { ContourPlot } from "./contour-plot.js";
import { html, set } from "./dom.js";
import { lossAxis, LinePlot, rangeOf } from "./line-plot.js";
import { assignLooks } from "./looks.js";
import { methodRow } from "./method-row.js";
import { format, formatPair } from "./numbers.js";
import { lossAt, readout, run, trouble } from "./path.js";
import { call, construct, list as listing, literal, program } from "./python.js";
import { movesStart } from "./start.js";

/**
 * @typedef {{kind: string, surface: string, start: number[], steps: number, locked: boolean,
 *   optimizers: {method: string, hyper: Object<string, number>}[], caption: string}} Explore
 */

const SIDE_BY_SIDE = 560; // pixels; below, the loss stands under the contours
const FEW = 2; // rows begin unfolded where there are no more methods than these
const MOST = 20; // methods in one figure
const HINT = "Tap, drag or use the arrow keys to move the start: ";

/** @typedef {import("./controls.js").Option} Option */

/** @type {import("./stage.js").Kind} */
export const explore = { fields, python, play };

function fields(author, { optimizers, surfaces }) {
  const anywhere = Object.values(surfaces).map(({ viewport }) => viewport)
    .reduce((all, each) => all.map(([low, high], i) => [Math.min(low, each[i][0]), Math.max(high, each[i][1])]));
  return {
    ...(author.locked ? {} : { surface: oneOf(Object.keys(surfaces)) }),
    start: pointIn(anywhere),
    optimizers: listOf(methodOf(optimizers), MOST),
  };
}

function python(figure, { optimizers }) {
  const { surface, start, steps, optimizers: entries } = /** @type {Explore} */ (figure);
  const made = entries.map(({ method, hyper }) => construct(optimizers[method], hyper));
  const names = entries.map(({ method }) => optimizers[method].cls);
  const drawn = call("explore", [literal(surface), listing(made)], { start: literal(start), steps: literal(steps) });
  return program(["explore", ...names], drawn);
}

/** @param {import("./stage.js").Stage} stage @returns {import("./stage.js").Act} */
function play(stage) {
  const { optimizers, surfaces, levels, looks, rates } = stage.generated;
  let runs = []; // one a method: {label, path, look, points}
  let rows = [];
  let axis;
  let range;
  const [known, unfolded] = [new WeakSet(), new WeakSet()]; // of figure.optimizers

  const lossPlot = new LinePlot("Loss against step; the values are in the rows below.", "loss f(θ)");
  const contourPlot = new ContourPlot();
  stage.pictures.append(contourPlot.node, lossPlot.picture);
  const list = html("ul", { class: "ol-methods" });
  const adder = html("div", { class: "ol-adder" });
  const start = html("output", { class: "ol-at", "aria-live": "off" });
  stage.panel.append(list, adder);
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
    hyper.lr = rates[stage.figure.surface]?.[method] ?? hyper.lr; // a reader's own surface has none
    stage.figure.optimizers.push({ method, hyper });
    stage.rebuild();
    adder.firstChild.focus();
  }

  function removeMethod(i) {
    stage.figure.optimizers.splice(i, 1);
    stage.rebuild();
    adder.firstChild.focus();
  }

  function rebuild() {
    const surface = surfaceOf();
    const entries = stage.figure.optimizers;
    const methods = entries.map(({ method }) => method);
    const style = assignLooks(methods, optimizers, looks);
    runs = methods.map((method, i) => ({ label: labelOf(methods, i), look: style[i], path: null }));
    for (const entry of entries) {
      if (!known.has(entry) && entries.length <= FEW) unfolded.add(entry);
      known.add(entry);
    }
    range = rangeOf(surface);
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
    adder.replaceChildren(...(entries.length < MOST ? [choice("Add a method", menu(), "", addMethod)] : []));
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
    lossPlot.resize(beside ? room - width : room, beside ? height : 220);
  }

  function compute() {
    const { optimizers: entries, start: from, steps } = stage.figure;
    const surface = surfaceOf();
    entries.forEach(({ method, hyper }, i) => {
      runs[i].path = run(optimizers[method], surface, from, hyper, steps);
    });
    axis = lossAxis(runs.flatMap(({ path }) => path.value).filter(Number.isFinite), range);
    for (const each of runs) each.points = each.path.value.map((value, k) => [k, axis.to(value)]);
  }

  function draw(at) {
    const { viewport } = surfaceOf();
    contourPlot.draw(runs, stage.figure.start, at);
    lossPlot.draw(runs, axis, stage.steps, at);
    start.textContent = formatPair(stage.figure.start);
    const k = Math.floor(at);
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
