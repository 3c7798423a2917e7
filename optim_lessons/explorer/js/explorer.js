// The interactive figure: what it shows (a plain object), and what a reader can do to it.

import { choice, methodRow, transport } from "./controls.js";
import { html, set } from "./dom.js";
import { format, formatPair } from "./numbers.js";
import { readout, run, trouble } from "./path.js";
import { assignLooks, ContourPlot, LossPlot } from "./plots.js";

/**
 * @typedef {{surface: string, start: number[], steps: number, locked: boolean, caption: string,
 *   optimizers: {method: string, hyper: Object<string, number>}[]}} Figure
 * @typedef {{optimizers: Object<string, import("./path.js").Optimizer>,
 *   surfaces: Object<string, import("./path.js").Surface>, levels: Object<string, number[]>,
 *   looks: object, rates: Object<string, Object<string, number>>}} Generated
 */

const SIDE_BY_SIDE = 560; // pixels; below, the loss stands under the contours
const FEW = 2; // rows begin unfolded where there are no more methods than these
const SETTLED = 300; // milliseconds without a change, after which it is announced and reported
const HINT = "Tap, drag or use the arrow keys to move the start: ";

/**
 * Bring a figure to life inside an element, in place of what stands there.
 * @param {Element} element @param {Figure} author the figure as its author set it
 * @param {Generated} generated @param {(figure: Figure) => void} report called when a reader changed it
 * @returns {() => void} removes the figure, with every listener and timer
 */
export function mount(element, author, { optimizers, surfaces, levels, looks, rates }, report = () => {}) {
  const missing = [author.surface].filter((name) => !(name in surfaces))
    .concat(author.optimizers.map(({ method }) => method).filter((name) => !(name in optimizers)));
  if (missing.length) throw new Error(`the explorer has no ${missing.join(", ")}`);

  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  let figure = structuredClone(author);
  let at = figure.steps; // the current step; between two steps while playing
  let speed = 20;
  let playing = false;
  let runs = []; // one a method: {label, path, look}
  let rows = [];
  const unfolded = new WeakSet(); // entries of figure.optimizers
  let fresh = false; // whether `runs` belong to `figure`
  let before = null; // when the last advance was, null while nothing plays
  let frame = 0;
  let settling = 0;

  const surfaceOf = () => surfaces[figure.surface];
  const lossPlot = new LossPlot();
  const contourPlot = new ContourPlot();
  const pictures = html("div", { class: "ol-pictures" }, contourPlot.node, lossPlot.picture);
  const list = html("ul", { class: "ol-methods" });
  const head = html("div", { class: "ol-head" });
  const adder = html("div", { class: "ol-adder" });
  const start = html("output", { class: "ol-at", "aria-live": "off" });
  const summary = html("p", { class: "ol-heard", "aria-live": "polite" }); // what the eye sees, in words
  const bar = transport({
    reset,
    step: (by) => goTo(Math.floor(at) + by),
    play,
    scrub: goTo,
    speed: (value) => (speed = value),
  });
  const body = html("div", { class: "ol-body" }, head, pictures, bar.node, summary, list, adder);

  // ---- what a reader can do

  function reset() {
    figure = structuredClone(author);
    unfoldFew(figure.optimizers);
    playing = false;
    at = figure.steps;
    rebuild();
  }

  function chooseSurface(name) {
    Object.assign(figure, { surface: name, start: [...surfaces[name].start] });
    rebuild();
    head.firstChild.focus(); // the list was made anew
  }

  function chooseStart(point) {
    figure.start = point.map((u) => Number(u.toPrecision(4)));
    change();
  }

  function addMethod(method) {
    const hyper = Object.fromEntries(optimizers[method].hyper.map(({ name, value }) => [name, value]));
    hyper.lr = rates[figure.surface]?.[method] ?? hyper.lr; // a reader's own surface has none
    figure.optimizers.push({ method, hyper });
    unfoldFew(figure.optimizers.slice(-1));
    rebuild();
    adder.firstChild.focus();
  }

  function removeMethod(i) {
    figure.optimizers.splice(i, 1);
    rebuild();
    adder.firstChild.focus();
  }

  function unfoldFew(entries) {
    if (figure.optimizers.length <= FEW) entries.forEach((entry) => unfolded.add(entry));
  }

  function goTo(k) {
    playing = false;
    at = Math.min(figure.steps, Math.max(0, k));
    settle();
    request();
  }

  function play() {
    playing = !playing;
    if (playing && at >= figure.steps) at = 0;
    request();
  }

  // ---- drawing, at most once a frame

  function change() {
    fresh = false;
    settle();
    request();
  }

  function request() {
    frame ||= requestAnimationFrame(draw);
  }

  function draw(now) {
    frame = 0;
    if (contourPlot.width === undefined) return; // not on the page yet
    if (playing) advance(now);
    else before = null;
    const surface = surfaceOf();
    compute();
    contourPlot.draw(runs, figure.start, at);
    lossPlot.draw(runs, surface, figure.steps, at);
    bar.show(at, figure.steps, playing);
    start.textContent = formatPair(figure.start);
    const k = Math.floor(at);
    rows.forEach((row, i) => row.show(readout(runs[i].path, k), trouble(runs[i].path, k, surface.viewport)));
    if (playing) request();
  }

  /** Bring the paths up to date with the figure. */
  function compute() {
    if (fresh) return;
    figure.optimizers.forEach(({ method, hyper }, i) => {
      runs[i].path = run(optimizers[method], surfaceOf(), figure.start, hyper, figure.steps);
    });
    fresh = true;
  }

  function advance(now) {
    before ??= now;
    // Where motion is unwelcome, two jumps a second by whole steps; else as smooth as the screen.
    if (still.matches && now - before < 500) return;
    const elapsed = Math.min(600, now - before); // no more after the page was out of sight
    at = Math.min(figure.steps, at + (elapsed / 1000) * speed);
    if (still.matches) at = Math.floor(at);
    before = now;
    if (at >= figure.steps) {
      playing = false;
      settle();
    }
  }

  /** Lay out the pictures: after a change of surface or of the room there is. */
  function layOut() {
    const surface = surfaceOf();
    const room = Math.floor(pictures.clientWidth);
    if (room === 0) return;
    const beside = room >= SIDE_BY_SIDE;
    const width = beside ? Math.round(room * 0.58) : room;
    const height = ContourPlot.height(surface, width);
    contourPlot.drawSurface(surface, levels[figure.surface], width, height);
    lossPlot.resize(beside ? room - width : room, beside ? height : 220);
    request();
  }

  /** Make the controls anew: after a change of surface or of the list of methods. */
  function rebuild() {
    const surface = surfaceOf();
    const methods = figure.optimizers.map(({ method }) => method);
    const style = assignLooks(methods, optimizers, looks);
    runs = methods.map((method, i) => ({ label: labelOf(methods, i), look: style[i], path: null }));
    rows = figure.optimizers.map((entry, i) =>
      methodRow(runs[i].label, style[i], optimizers[entry.method], entry.hyper, unfolded.has(entry), {
        change: (name, value) => {
          entry.hyper[name] = value;
          change();
        },
        remove: () => removeMethod(i),
        unfold: (shown) => unfolded[shown ? "add" : "delete"](entry),
      }));
    list.replaceChildren(...rows.map(({ node }) => node));
    const options = Object.entries(looks.families).map(([family, words]) => [words, ofFamily(family)]);
    const groups = options.filter(([, members]) => members.length);
    adder.replaceChildren(choice("Add a method", [["", "Add a method…"], ...groups], "", addMethod));
    const places = Object.entries(surfaces).map(([name, { title }]) => [name, title]);
    head.replaceChildren(
      figure.locked ? html("strong", {}, surface.title) : choice("Surface", places, figure.surface, chooseSurface),
      html("span", { class: "ol-hint" }, HINT, start),
    );
    const words = `Contours of ${surface.title}, with the paths.`;
    set(contourPlot.node, { "aria-label": `${words} Arrow keys move the start, with Shift by little.` });
    layOut();
    change();
  }

  /** The methods of a family, for the menu. */
  function ofFamily(name) {
    const members = Object.entries(optimizers).filter(([, { family }]) => family === name);
    return members.map(([method, { title }]) => [method, title]);
  }

  /** The title, with a number where a method occurs twice. */
  function labelOf(methods, i) {
    const { title } = optimizers[methods[i]];
    const earlier = methods.slice(0, i).filter((method) => method === methods[i]).length;
    return earlier ? `${title} (${earlier + 1})` : title;
  }

  // ---- announcing, when the reader's hand has come to rest

  function settle() {
    clearTimeout(settling);
    settling = setTimeout(() => {
      announce();
      report(structuredClone(figure));
    }, SETTLED);
  }

  function announce() {
    compute();
    const k = Math.floor(at);
    const { viewport } = surfaceOf();
    const results = runs.map(({ label, path }) =>
      `${label} ${trouble(path, k, viewport) ?? format(path.value[Math.min(k, path.value.length - 1)])}`);
    const when = `From ${formatPair(figure.start)}, loss after ${k} of ${figure.steps} steps`;
    summary.textContent = `${when}: ${results.join("; ") || "no method"}.`;
  }

  // ---- the start, by mouse, touch and keyboard

  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  let dragging = false;
  set(contourPlot.node, {
    role: "application",
    tabindex: 0,
    // A finger that does not begin on the start may want to scroll the page: it sets by a tap.
    pointerdown: (event) => {
      if (event.button !== 0 || (event.pointerType === "touch" && event.target !== contourPlot.handle)) return;
      dragging = true;
      contourPlot.node.setPointerCapture(event.pointerId);
      chooseStart(contourPlot.pointAt(event));
    },
    pointermove: (event) => dragging && chooseStart(contourPlot.pointAt(event)),
    lostpointercapture: () => (dragging = false),
    click: (event) => chooseStart(contourPlot.pointAt(event)),
    keydown: (event) => {
      const arrow = arrows[event.key];
      if (!arrow) return;
      event.preventDefault();
      const share = event.shiftKey ? 1 / 500 : 1 / 50;
      const move = ([low, high], i) =>
        Math.min(high, Math.max(low, figure.start[i] + arrow[i] * share * (high - low)));
      chooseStart(surfaceOf().viewport.map(move));
    },
  });

  const resized = new ResizeObserver(layOut);
  element.replaceChildren(body);
  unfoldFew(figure.optimizers);
  rebuild();
  clearTimeout(settling); // nothing has changed yet that a reader should hear of
  resized.observe(pictures);

  return () => {
    playing = false;
    resized.disconnect();
    cancelAnimationFrame(frame);
    clearTimeout(settling);
    body.remove();
  };
}
