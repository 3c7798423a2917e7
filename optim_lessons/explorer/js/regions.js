// Regions: the final loss over two hyperparameters of a method, and the path of one cell of that map.

import { hyperControl } from "./controls.js";
import { ContourPlot } from "./contour-plot.js";
import { html, set } from "./dom.js";
import { rangeOf } from "./line-plot.js";
import { assignLooks } from "./looks.js";
import { format, formatPair } from "./numbers.js";
import { lossAt, run, trouble } from "./path.js";
import { SIDE } from "./region-axis.js";
import { movesCell } from "./region-cell.js";
import { axesOf, chosenOf, fields, python } from "./region-choice.js";
import { regionHead } from "./region-head.js";
import { RegionMap } from "./region-map.js";
import { regionKey, theory } from "./region-words.js";
import { RegionWork } from "./region-work.js";
import { movesStart } from "./start.js";

const SIDE_BY_SIDE = 620; // pixels; below, the path stands under the map

/** @type {import("./stage.js").Kind} */
export const regions = { fields, python, play };

/** The lowest loss that is known: at a minimum, or else in the picture. @param {import("./path.js").Surface} surface */
export const lowestOf = (surface) =>
  surface.minima.length ? Math.min(...surface.minima.map(([x, y]) => surface.value(x, y))) : rangeOf(surface)[0];

/** @param {import("./stage.js").Stage} stage @returns {import("./stage.js").Act} */
function play(stage) {
  const { optimizers, surfaces, levels, looks } = stage.generated;
  const [map, plot] = [new RegionMap(looks.ramp), new ContourPlot()];
  const chosen = html("output", { class: "ol-chosen", "aria-live": "off" });
  const pointed = html("output", { class: "ol-hint", "aria-live": "off" });
  const key = html("div", { class: "ol-key" });
  const words = html("p", { class: "ol-theory" });
  const fixed = html("div", { class: "ol-details" });
  stage.pictures.append(map.node, plot.node);
  stage.panel.append(html("div", { class: "ol-reading" }, chosen, pointed), key, words, fixed);
  let axes;
  let theirs; // what theory says
  let shown; // the chosen cell's run
  let asked = ""; // what the map shows, or is being computed for
  let best = null;
  const surfaceOf = () => surfaces[stage.figure.surface];
  const cellOf = () => stage.figure.optimizer.cell;
  const name = (cell) => axes.map(({ hyper, values }, k) => `${hyper.words} ${format(values[cell[k]])}`).join(", ");
  const outcome = ({ loss, diverged }) => (diverged ? "diverged" : `loss ${format(loss)}`);

  const work = new RegionWork(stage.generated, (row) => {
    map.take(row);
    const done = row.every === 1 && row.j === SIDE - 1;
    if (done) best = map.best();
    set(map.node, { "aria-busy": String(!done) });
    stage.request();
  });

  movesCell(map, {
    from: cellOf,
    to(cell) {
      stage.figure.optimizer.cell = cell;
      stage.change();
    },
    over(cell) {
      const end = cell && map.at(cell);
      pointed.textContent = end ? `Here: ${name(cell)}, ${outcome(end)}` : "";
    },
  });

  movesStart(plot, stage);

  function rebuild() {
    const { optimizer } = stage.figure;
    const about = optimizers[optimizer.method];
    axes = axesOf(about, optimizer.axes);
    shown = { path: null, look: assignLooks([optimizer.method], optimizers, looks)[0] };
    map.clear();
    asked = "";
    regionHead(stage);
    fixed.replaceChildren(...about.hyper.filter((hyper) => hyper.name in optimizer.hyper).map((hyper) =>
      hyperControl(about.title, hyper, optimizer.hyper[hyper.name], (value) => {
        optimizer.hyper[hyper.name] = value;
        stage.change();
      })));
    const over = axes.map(({ hyper }) => hyper.words).join(" and ");
    const { title } = surfaceOf();
    set(map.node, { "aria-label":
      `Final loss of ${about.title} on ${title}, over ${over}. Arrow keys choose a cell, with Shift by eight.` });
    set(plot.node, { "aria-label":
      `Contours of ${title}, with the chosen cell's path. Arrow keys move the start, with Shift by little.` });
  }

  function layOut(room) {
    const beside = room >= SIDE_BY_SIDE;
    const width = beside ? Math.round(room / 2) : room;
    const lowest = lowestOf(surfaceOf());
    map.layOut(width, width + 12, axes, lowest === 0 ? "final loss" : `final loss above ${format(lowest)}`);
    const right = beside ? room - width : room;
    plot.drawSurface(surfaceOf(), levels[stage.figure.surface], right, Math.min(right, ContourPlot.height(surfaceOf(), right)));
  }

  function compute() {
    const { optimizer, surface, start, steps } = stage.figure;
    const { method, axes: names, hyper } = optimizer;
    shown.path = run(optimizers[method], surfaceOf(), start, chosenOf(optimizer, optimizers), steps);
    const task = { method, surface, start, steps, hyper, names, values: axes.map(({ values }) => values) };
    if (JSON.stringify(task) === asked) return;
    asked = JSON.stringify(task);
    best = null;
    map.measure(lowestOf(surfaceOf()), surfaceOf().value(start[0], start[1]));
    theirs = theory(method, optimizers[method].title, axes, surfaceOf(), start);
    words.textContent = theirs.words;
    key.replaceChildren(...regionKey(theirs.edge.length > 0, theirs.best !== null, looks.ramp.at(-1)));
    set(map.node, { "aria-busy": "true" });
    work.ask(task);
  }

  function atStep(k) {
    const wrong = trouble(shown.path, k, surfaceOf().viewport);
    const loss = lossAt(shown.path, k);
    if (wrong && !Number.isFinite(loss)) return wrong;
    return `loss ${format(loss)}${wrong ? `, ${wrong}` : ""}`;
  }

  function draw(at) {
    const k = Math.floor(at);
    map.drawOver({ chosen: cellOf(), best, polyak: theirs.best }, theirs.edge);
    plot.draw([shown], stage.figure.start, at);
    chosen.textContent = `Chosen: ${name(cellOf())}; after ${k} steps ${atStep(k)}`;
  }

  function say(k) {
    const lowest = best ? ` The lowest loss of the map, ${format(map.at(best).loss)}, is at ${name(best)}.` : "";
    return `From ${formatPair(stage.figure.start)} with ${name(cellOf())}: after ${k} of ${stage.steps} steps ${atStep(k)}.${lowest}`;
  }

  return { rebuild, layOut, compute, draw, words: say, remove: () => work.end() };
}
