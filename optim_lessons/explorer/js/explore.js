// Explore: methods on a surface, from a start and with hyperparameters that the reader chooses.

import { everywhere, flag, listOf, maybe, methodOf, oneOf, pointIn, whole, within } from "./address.js";
import { moved } from "./arrows.js";
import { conditionFields, conditions, ratesOf, scheduleText } from "./conditions.js";
import { choice, surfaceMenu, switcher, tick } from "./controls.js";
import { ContourPlot } from "./contour-plot.js";
import { html, set } from "./dom.js";
import { HeightPlot } from "./height-plot.js";
import { rangeOf } from "./line-plot.js";
import { assignLooks } from "./looks.js";
import { methodRow } from "./method-row.js";
import { format, formatPair, usual } from "./numbers.js";
import { givenSurfaces, playedOf, Player } from "./played.js";
import { lossAt, readout, run, trouble } from "./path.js";
import { call, construct, list as listing, literal, program } from "./python.js";
import { raceTable } from "./race-table.js";
import { SIDES, sides } from "./sides.js";
import { movesStart } from "./start.js";
import { tunedRate } from "./tuning.js";
import { ELEVATIONS, turns } from "./turn.js";

/**
 * @typedef {{kind: string, surface: string, start: number[], steps: number, locked: boolean,
 *   optimizers: {method: string, hyper: Object<string, number>, played?: any}[], tolerance: number | null,
 *   noise: {sigma: number, seed: number} | null, schedule: {name: string, hyper: Object<string, number>} | null,
 *   caption: string, view: "contours" | "height", turn: number[], side: "loss" | "rate" | "state",
 *   watch: number, arrows: boolean}} Explore tolerance: of the table that compares, null where it is not
 * shown; schedule: without its largest rate, which is each method's own; turn: azimuth and elevation of
 * the 3-D view, in degrees; watch: the place of the method whose state is shown
 */

const SIDE_BY_SIDE = 560; // pixels; below, the loss stands under the contours
const FEW = 2; // rows begin unfolded where there are no more methods than these
const MOST = 20; // methods in one figure
const FROM_GIVEN = { start: "given", setting: "given" }; // of Python, where the page has no gradient
const HINTS = {
  contours: "Tap, drag or arrow keys move the start: ",
  height: "Drag or arrow keys turn it. The start: ",
};
const DEFAULTS = { view: "contours", turn: [-60, 30], side: "loss", watch: 0, arrows: false }; // of Python's explore

/** @typedef {import("./controls.js").Option} Option */

/** @type {import("./stage.js").Kind} */
export const explore = { fields, python, play };

function fields(author, { optimizers, playable, surfaces, schedules }) {
  return {
    ...(author.locked ? {} : { surface: oneOf(Object.keys(surfaces)) }),
    start: pointIn(everywhere(surfaces)),
    optimizers: listOf((value) => methodOf(optimizers)(value) ?? playedOf(playable)(value), MOST),
    tolerance: maybe(within(1e-300, 1e300)),
    ...conditionFields(schedules),
    view: oneOf(Object.keys(HINTS)),
    turn: pointIn([[-180, 180], ELEVATIONS]),
    side: oneOf(SIDES.map(([side]) => side)),
    watch: whole(0, MOST - 1),
    arrows: flag,
  };
}

function python(figure, { optimizers, schedules }) {
  const { surface, start, steps, optimizers: entries, tolerance, noise, schedule } = /** @type {Explore} */ (figure);
  const made = entries.map((entry) => entry.played?.code ?? construct(optimizers[entry.method], entry.hyper));
  const names = entries.flatMap(({ method, played }, i) => (played ? classesIn(made[i]) : [optimizers[method].cls]));
  const problem = noise
    ? call("problems.Noisy", [`problems.${surface}`], { sigma: literal(noise.sigma), seed: literal(noise.seed) })
    : literal(surface);
  const drawn = call("explore", [problem, listing(made)], {
    start: literal(start),
    steps: literal(steps),
    tolerance: tolerance === null ? undefined : literal(tolerance),
    schedule: schedule ? scheduleText(schedule, schedules) : undefined,
    ...Object.fromEntries(Object.entries(DEFAULTS)
      .filter(([name, value]) => String(figure[name]) !== String(value))
      .map(([name]) => [name, literal(figure[name])])),
  });
  const modules = [...(noise ? ["problems"] : []), ...(schedule ? ["schedules"] : [])];
  return program(["explore", ...names, ...modules], drawn);
}

/** The classes that a piece of Python makes objects of. @param {string} code */
const classesIn = (code) => [...code.matchAll(/\b([A-Z]\w*)\(/g)].map(([, name]) => name);

/** @param {import("./stage.js").Stage} stage @returns {import("./stage.js").Act} */
function play(stage) {
  const { optimizers, playable, looks, rates, schedules, given } = stage.generated;
  const surfaces = { ...stage.generated.surfaces, ...givenSurfaces(given) };
  const levels = { ...stage.generated.levels, ...(given?.heights ? { [given.surface]: given.levels } : {}) };
  const methods = { ...optimizers, ...playable, ...given?.methods };
  const player = new Player(stage);
  let runs = []; // one a method, see sides.js
  let rows = [];
  let range;
  let table = null; // the race in numbers, where it is shown
  let tabled = false; // whether it shows the paths as they are
  const [known, unfolded] = [new WeakSet(), new WeakSet()]; // of figure.optimizers

  const [contourPlot, heightPlot] = [new ContourPlot(), new HeightPlot()];
  const beside = sides({ range: () => range, watched: () => stage.figure.watch });
  const side = () => beside[stage.figure.side];
  const inHeight = () => stage.figure.view === "height";
  const list = html("ul", { class: "ol-methods" });
  const adder = html("div", { class: "ol-adder" });
  const [tickBox, way, race] = [html("div"), html("div"), html("div", { class: "ol-compare" })];
  const start = html("output", { class: "ol-at", "aria-live": "off" });
  stage.panel.append(list, html("div", { class: "ol-more" }, adder, tickBox), way, race);
  const surfaceOf = () => surfaces[stage.figure.surface];

  movesStart(contourPlot, stage);

  turns(heightPlot, {
    from: () => stage.figure.turn,
    to(turn) {
      stage.figure.turn = turn.map((u) => Number(u.toFixed(1)));
      stage.settle();
      stage.request();
    },
  });

  /** Change what the head chooses. All is made anew, and the focus stays on the same control. */
  function choose(changes) {
    const controls = () => [...stage.head.querySelectorAll("select, button, input")];
    const focused = controls().indexOf(document.activeElement);
    Object.assign(stage.figure, changes);
    stage.rebuild();
    controls()[focused]?.focus();
  }

  const chooseSurface = (name) => choose({ surface: name, start: [...surfaces[name].start] });

  function addMethod(method) {
    if (method in playable) stage.figure.optimizers.push(Player.entry(method));
    else addStepped(method);
    stage.rebuild();
    adder.firstChild.focus();
  }

  function addStepped(method) {
    const hyper = usual(optimizers[method].hyper);
    if ("lr" in hyper) hyper.lr = tunedFor(method, hyper);
    stage.figure.optimizers.push({ method, hyper });
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
    const names = entries.map(({ method }) => method);
    const style = assignLooks(names, methods, looks);
    runs = entries.map(({ hyper }, i) => {
      const second = { ...style[i], dash: [3, 2], thin: true };
      return { label: labelOf(names, i), look: style[i], second, hyper, path: null, key: "" };
    });
    for (const entry of entries) {
      if (!known.has(entry) && entries.length <= FEW) unfolded.add(entry);
      known.add(entry);
    }
    rows = entries.map((entry, i) =>
      methodRow(runs[i].label, style[i], { hyper: [], ...methods[entry.method] }, entry.hyper, unfolded.has(entry), {
        change: (name, value) => {
          entry.hyper[name] = value;
          stage.change();
        },
        remove: () => removeMethod(i),
        unfold: (shown) => {
          unfolded[shown ? "add" : "delete"](entry);
          stage.request();
        },
      }, entry.played ? player.controls(runs[i].label, entry, stage.figure.surface, () => stage.rebuild()) : null));
    list.replaceChildren(...rows.map(({ node }) => node));
  }

  function rebuild() {
    const surface = surfaceOf();
    range = rangeOf(surface);
    rebuildRows();
    rebuildTable();
    rebuildWay();
    adder.replaceChildren(...(stage.figure.optimizers.length < MOST ? [choice("Add a method", menu(), "", addMethod)] : []));
    rebuildHead();
    stage.pictures.replaceChildren(inHeight() ? heightPlot.node : contourPlot.node, side().node);
    const words = `${surface.title}, with the paths.`;
    set(contourPlot.node, { "aria-label": `Contours of ${words} Arrow keys move the start, with Shift by little.` });
    set(heightPlot.node, { "aria-label": `Height of ${words} Arrow keys turn it, with Shift by little.` });
  }

  function rebuildHead() {
    const { view, side: chosen, watch, arrows } = stage.figure;
    /** @type {Option[]} */
    const states = runs.map(({ label }, i) => [String(i), `of ${label}`]);
    stage.head.replaceChildren(...[
      surfaceMenu(stage.figure, surfaces, chooseSurface),
      switcher("View", [["contours", "2-D"], ["height", "3-D"]], view, (to) => choose({ view: to })),
      choice("Side picture", SIDES, chosen, (to) => choose({ side: to })),
      chosen === "state" && runs.length > 1 &&
        choice("Whose state", states, String(watch), (to) => choose({ watch: Number(to) })),
      view === "contours" && tick("Show the step's parts", arrows, (to) => choose({ arrows: to })),
      html("span", { class: "ol-hint" }, HINTS[view], start),
    ].filter(Boolean));
  }

  /** All methods, by family. @returns {Option[]} */
  function menu() {
    const all = Object.entries(surfaceOf().grad ? methods : playable);
    /** @returns {[string, string][]} */
    const members = (name) =>
      all.filter(([, { family }]) => family === name).map(([method, { title }]) => [method, title]);
    const groups = Object.entries(looks.families).map(([family, words]) => [words, members(family)]);
    return [["", "Add a method…"], .../** @type {Option[]} */ (groups.filter(([, inside]) => inside.length))];
  }

  /** The title, with a number where a method occurs twice. */
  function labelOf(names, i) {
    const { title } = methods[names[i]];
    const earlier = names.slice(0, i).filter((name) => name === names[i]).length;
    return earlier ? `${title} (${earlier + 1})` : title;
  }

  function layOut(room) {
    const surface = surfaceOf();
    const together = room >= SIDE_BY_SIDE;
    const width = together ? Math.round(room * 0.58) : room;
    const height = ContourPlot.height(surface, width);
    const plot = inHeight() ? heightPlot : contourPlot;
    plot.drawSurface(surface, levels[stage.figure.surface], width, height);
    side().resize(together ? room - width : room, together ? height : 180);
  }

  function compute() {
    const { optimizers: entries, start: from, steps, noise, schedule } = stage.figure;
    const surface = surfaceOf();
    entries.forEach((entry, i) => {
      const { method, hyper } = entry;
      if (entry.played || !surface.grad) {
        runs[i].path = player.path({ played: FROM_GIVEN, ...entry }, stage.figure.surface, surface);
        runs[i].key = "";
        if (entry.played) entry.played.code = player.code(entry, stage.figure.surface);
        return;
      }
      const key = JSON.stringify([stage.figure.surface, from, steps, noise, schedule, method, hyper]);
      if (runs[i].key === key) return; // a slider of another method moved
      runs[i].key = key;
      const changes = { noise, rates: ratesOf(schedule, schedules, hyper.lr, steps) };
      runs[i].path = run(optimizers[method], surface, from, hyper, steps, changes);
    });
    tabled = false;
    side().compute(runs);
  }

  function draw(at) {
    const { start: from, turn, arrows } = stage.figure;
    const { viewport } = surfaceOf();
    if (inHeight()) {
      heightPlot.draw(runs, from, at, turn);
    } else {
      contourPlot.draw(runs, from, arrows && stage.slow ? moved(at) : at);
      contourPlot.arrows.draw(contourPlot, arrows ? runs : [], at, stage.slow);
    }
    side().draw(stage.steps, at);
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

  return { rebuild, layOut, compute, draw, words, remove: () => heightPlot.remove() };
}
