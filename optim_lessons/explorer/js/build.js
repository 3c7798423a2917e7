// Build: the rules of a method as the reader chooses them, its equations, its name, and its path.

import { completed, fields, MOST, python } from "./build-data.js";
import { compose, methodsOf } from "./compose.js";
import { hyperControl, surfaceMenu, tick } from "./controls.js";
import { ContourPlot } from "./contour-plot.js";
import { html, set } from "./dom.js";
import { equationList } from "./equation-list.js";
import { lossAxis, LinePlot, rangeOf } from "./line-plot.js";
import { assignLooks, colour, sample } from "./looks.js";
import { methodChips, verdict } from "./method-chips.js";
import { format, formatPair, usual } from "./numbers.js";
import { lossAt, run, trouble } from "./path.js";
import { rivalList } from "./rival-list.js";
import { PARTS, ruleChoices } from "./rule-choices.js";
import { movesStart } from "./start.js";
import { tunedRate } from "./tuning.js";

const SIDE_BY_SIDE = 560; // pixels; below, the loss stands under the contours
const HINT = "Tap, drag or use the arrow keys to move the start: ";

/** The part that a hyperparameter belongs to; none for the learning rate and epsilon. @param {string} name */
const ownerOf = (name) => (name.includes("_") ? name.split("_")[0] : "");

/** @type {import("./stage.js").Kind} */
export const build = { fields, python, play };

/** @param {import("./stage.js").Stage} stage @returns {import("./stage.js").Act} */
function play(stage) {
  const { optimizers, surfaces, levels, looks, rates, framework } = stage.generated;
  let tunes = true; // whether a new choice gets a learning rate of its own
  let optimizer; // what the choice composes
  let runs = []; // {label, look, path, points}: the rivals, and last the choice, which lies above them
  let rivals; // their list
  let raced = ""; // from where the paths of the rivals are
  let axis;
  let range;

  const contourPlot = new ContourPlot();
  const lossPlot = new LinePlot("Loss against step; the values are in the rows below.", "loss f(θ)");
  stage.pictures.append(contourPlot.node, lossPlot.picture);
  const rules = ruleChoices(framework, (choice) => choose(choice));
  const lines = equationList(framework);
  const said = html("p", { class: "ol-verdict" });
  const chips = methodChips(framework, (name) => choose({ ...framework.forms[name].choice }, framework.forms[name].hyper));
  const live = html("div", { class: "ol-live" }, said, lines.node);
  stage.head.before(html("div", { class: "ol-bench" }, rules.node, live, chips.node));
  const start = html("output", { class: "ol-at", "aria-live": "off" });
  const [mine, others] = [html("div", { class: "ol-mine" }), html("div")];
  const loss = html("span", { class: "ol-loss", "data-name": "loss" });
  const wrong = html("p", { class: "ol-trouble", hidden: true });
  stage.panel.append(mine, others);
  const surfaceOf = () => surfaces[stage.figure.surface];

  movesStart(contourPlot, stage);

  /** Values that a choice has in common with the last one stay, unless a method brings its own. */
  function choose(choice, values = stage.figure.hyper) {
    const { lr } = stage.figure.hyper;
    Object.assign(stage.figure, { choice, hyper: { ...values, lr } });
    rebuildChoice();
    if (tunes) tune();
    stage.change();
  }

  function tune() {
    const { hyper, start: from } = stage.figure;
    hyper.lr = tunedRate(optimizer, hyper, surfaceOf(), from, stage.steps, rates);
    rebuildSliders();
  }

  function chooseSurface(name) {
    Object.assign(stage.figure, { surface: name, start: [...surfaces[name].start] });
    if (tunes) tune();
    stage.rebuild();
    stage.head.firstChild.focus(); // the list was made anew
  }

  function setRivals(names) {
    stage.figure.rivals = names;
    rebuildChoice();
    stage.change();
    others.querySelector("select")?.focus();
  }

  function rebuildChoice() {
    const { choice, rivals: names } = stage.figure;
    optimizer = compose(choice, framework);
    stage.figure.hyper = completed(optimizer, stage.figure.hyper);
    rules.show(choice);
    lines.show(choice);
    chips.show(choice);
    said.textContent = verdict(choice, framework);

    const form = framework.forms[methodsOf(choice, framework)[0]];
    const all = { ...optimizers, choice: { title: form?.title ?? "Your choice", family: form?.family ?? framework.family } };
    const [own, ...styles] = assignLooks(["choice", ...names], all, looks);
    runs = [...names, "choice"].map((name, i) => ({ label: all[name].title, look: styles[i] ?? own, path: null }));
    raced = "";
    /** @type {import("./controls.js").Option[]} */
    const left = Object.entries(optimizers).filter(([name]) => !names.includes(name)).map(([name, { title }]) => [name, title]);
    rivals = rivalList(runs.slice(0, -1), names.length < MOST ? [["", "Race against…"], ...left] : null, {
      add: (name) => setRivals([...names, name]),
      remove: (i) => setRivals(names.toSpliced(i, 1)),
    });
    others.replaceChildren(rivals.node);
    rebuildSliders();
  }

  function rebuildSliders() {
    const { label, look } = runs.at(-1);
    const sliders = optimizer.hyper.map((info) => {
      const owner = PARTS[ownerOf(info.name)] ?? "";
      const slider = hyperControl(owner, info, stage.figure.hyper[info.name], (value) => {
        stage.figure.hyper[info.name] = value;
        stage.change();
      });
      return html("div", {}, ...(owner ? [html("span", { class: "ol-owner" }, owner)] : []), slider);
    });
    const ticked = tick("Tune the learning rate at each choice", tunes, (checked) => {
      tunes = checked;
      if (tunes) tune();
      stage.change();
      mine.querySelector("input[type=checkbox]").focus(); // made anew
    });
    set(mine, colour(look));
    mine.replaceChildren(
      html("div", { class: "ol-rival" }, sample(look), html("div", { class: "ol-name" }, html("strong", {}, label), loss), ticked),
      wrong, ...sliders,
    );
  }

  function rebuild() {
    const surface = surfaceOf();
    range = rangeOf(surface);
    rebuildChoice();
    stage.head.replaceChildren(
      surfaceMenu(stage.figure, surfaces, chooseSurface),
      html("span", { class: "ol-hint" }, HINT, start),
    );
    const words = `Contours of ${surface.title}, with the paths.`;
    set(contourPlot.node, { "aria-label": `${words} Arrow keys move the start, with Shift by little.` });
  }

  function layOut(room) {
    const surface = surfaceOf();
    const beside = room >= SIDE_BY_SIDE;
    const width = beside ? Math.round(room * 0.58) : room;
    const height = ContourPlot.height(surface, width);
    contourPlot.drawSurface(surface, levels[stage.figure.surface], width, height);
    lossPlot.resize(beside ? room - width : room, beside ? height : 180);
  }

  /** The rivals run anew only where the race itself has changed, as each is tuned. */
  function compute() {
    const { start: from, surface: name, rivals: names, hyper } = stage.figure;
    const surface = surfaceOf();
    const race = JSON.stringify([name, from, names]);
    if (race !== raced) {
      names.forEach((method, i) => {
        const values = usual(optimizers[method].hyper);
        runs[i].lr = tunedRate(optimizers[method], values, surface, from, stage.steps, rates);
        runs[i].path = run(optimizers[method], surface, from, { ...values, lr: runs[i].lr }, stage.steps);
      });
      raced = race;
    }
    runs.at(-1).path = run(optimizer, surface, from, hyper, stage.steps);
    axis = lossAxis(runs.flatMap(({ path }) => path.value).filter(Number.isFinite), range);
    for (const each of runs) each.points = each.path.value.map((value, k) => [k, axis.to(value)]);
  }

  function draw(at) {
    const { viewport } = surfaceOf();
    const k = Math.floor(at);
    contourPlot.draw(runs, stage.figure.start, at);
    lossPlot.draw(runs, axis, stage.steps, at);
    start.textContent = formatPair(stage.figure.start);
    const { path } = runs.at(-1);
    loss.textContent = `loss ${format(lossAt(path, k))}`;
    wrong.textContent = trouble(path, k, viewport) ?? "";
    set(wrong, { hidden: wrong.textContent === "" });
    runs.slice(0, -1).forEach((each, i) =>
      rivals.show(i, each.lr, lossAt(each.path, k), trouble(each.path, k, viewport)));
  }

  function words(k) {
    const { viewport } = surfaceOf();
    const results = runs.toReversed().map(({ label, path }) => `${label} ${trouble(path, k, viewport) ?? format(lossAt(path, k))}`);
    const when = `From ${formatPair(stage.figure.start)}, loss after ${k} of ${stage.steps} steps`;
    return `${verdict(stage.figure.choice, framework)} ${when}: ${results.join("; ")}.`;
  }

  return { rebuild, layOut, compute, draw, words };
}
