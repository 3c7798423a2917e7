// Labelled controls that report what a reader did.

import { html, icon, set } from "./dom.js";
import { format, fromPosition, parse, POSITIONS, toPosition } from "./numbers.js";

const ICONS = {
  back: "M13 4.5 6.5 10l6.5 5.5zM4.5 4.5v11",
  play: "M6 4l10 6-10 6z",
  pause: "M6.5 4v12M13.5 4v12",
  forward: "M7 4.5 13.5 10 7 15.5zM15.5 4.5v11",
  reset: "M5 7a6.5 6.5 0 1 1-1.2 5M4.5 3v4.5H9",
  more: "M8 5.5l4.5 4.5L8 14.5",
  remove: "M5.5 5.5l9 9M14.5 5.5l-9 9",
};

/** A button that shows an icon. */
export const button = (words, name, click) =>
  html("button", { type: "button", class: "ol-button", "aria-label": words, title: words, click }, icon(ICONS[name]));

/** A button that shows its words. */
export const textButton = (words, click) => html("button", { type: "button", class: "ol-text-button", click }, words);

/** A box to tick. @param {(checked: boolean) => void} change */
export function tick(words, checked, change) {
  const box = html("input", { type: "checkbox", checked, change: () => change(box.checked) });
  return html("label", { class: "ol-tick" }, box, words);
}

/**
 * A value and its words, or a group's words and its options.
 * @typedef {[string, string | [string, string][]]} Option
 */

/**
 * A menu. @param {string} label @param {(value: string) => void} choose
 * @param {Option[]} options
 */
export function choice(label, options, chosen, choose) {
  const node = html("select", { "aria-label": label, change: () => choose(node.value) });
  const item = ([value, words]) =>
    Array.isArray(words)
      ? html("optgroup", { label: value }, ...words.map(item))
      : html("option", { value, selected: value === chosen }, words);
  node.append(...options.map(item));
  return node;
}

/**
 * A few choices side by side, one of them pressed. @param {string} label
 * @param {[string, string][]} options values and their words @param {(value: string) => void} choose
 */
export function switcher(label, options, chosen, choose) {
  const buttons = options.map(([value, words]) => {
    const node = textButton(words, () => choose(value));
    return set(node, { "aria-pressed": String(value === chosen) });
  });
  return html("div", { class: "ol-switch", role: "group", "aria-label": label }, ...buttons);
}

/**
 * The menu of surfaces; the title alone where the author keeps the reader on one.
 * @param {{surface: string, locked: boolean}} figure @param {Object<string, {title: string}>} surfaces
 * @param {(name: string) => void} choose
 */
export function surfaceMenu({ surface, locked }, surfaces, choose) {
  if (locked) return html("strong", {}, surfaces[surface].title);
  /** @type {Option[]} */
  const places = Object.entries(surfaces).map(([name, { title }]) => [name, title]);
  return choice("Surface", places, surface, choose);
}

/**
 * One number: a slider, and the value to read or to type.
 * @param {string} owner the method or thing that it belongs to @param {import("./numbers.js").Hyper} hyper
 * @param {number} value @param {(value: number) => void} change
 */
export function hyperControl(owner, hyper, value, change) {
  const name = owner ? `${owner}: ${hyper.words}` : hyper.words;
  const slider = html("input", {
    type: "range", min: 0, max: POSITIONS, step: 1, "aria-label": name,
    input: () => take(fromPosition(hyper, Number(slider.value))),
  });
  const typed = html("input", {
    type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": `${name}, typed`,
    change: () => {
      const result = parse(hyper, typed.value);
      set(error, { hidden: !result.error });
      set(typed, { "aria-invalid": result.error ? "true" : null });
      error.textContent = result.error ?? "";
      if (!result.error) take(result.value);
    },
  });
  const error = html("p", { class: "ol-error", role: "alert", hidden: true });
  function show(shown) {
    slider.value = String(toPosition(hyper, shown));
    set(slider, { "aria-valuetext": format(shown) });
    typed.value = String(shown);
    set(error, { hidden: true });
    set(typed, { "aria-invalid": null });
  }
  function take(taken) {
    show(taken);
    change(taken);
  }
  show(value);
  const words = html("span", { class: "ol-words" }, hyper.words, ...(hyper.words === hyper.name ? [] : [" ", html("code", {}, hyper.name)]));
  return html("div", { class: "ol-hyper" }, words, slider, typed, error);
}

/** @type {Option[]} */
const SPEEDS = ["2", "20", "60"].map((speed) => [speed, `${speed} steps/s`]);

/**
 * Reset; and where the figure plays: step back, play or pause, step, scrub, speed.
 * @returns {{node: Element, show: (at: number, steps: number, playing: boolean) => void}}
 */
export function transport({ reset, step, play, scrub, speed, plays, speeds = SPEEDS }) {
  const slider = html("input", {
    type: "range", min: 0, step: 1, class: "ol-scrub", "aria-label": "Step",
    input: () => scrub(Number(slider.value)),
  });
  const count = html("output", { class: "ol-count", "aria-live": "off" });
  const toggle = button("Play", "play", play);
  const player = [
    button("Step back", "back", () => step(-1)),
    toggle,
    button("Step", "forward", () => step(1)),
    slider,
    count,
    choice("Speed", speeds, "20", (value) => speed(Number(value))),
  ];
  const node = html(
    "div",
    { class: "ol-transport", role: "group", "aria-label": "Steps" },
    button("Reset the figure", "reset", reset),
    ...(plays ? player : []),
  );
  return {
    node,
    show(at, steps, playing) {
      const k = Math.floor(at);
      set(slider, { max: steps, "aria-valuetext": `step ${k} of ${steps}` });
      slider.value = String(k);
      count.textContent = `step ${k} of ${steps}`;
      const words = playing ? "Pause" : "Play";
      if (toggle.title !== words) {
        set(toggle, { "aria-label": words, title: words });
        toggle.replaceChildren(icon(ICONS[playing ? "pause" : "play"]));
      }
    },
  };
}
