// The rows of methods and the transport bar: labelled controls that report what a reader did.

import { html, icon, set } from "./dom.js";
import { format, fromPosition, parse, POSITIONS, toPosition } from "./numbers.js";
import { colour, sample } from "./plots.js";

const ICONS = {
  back: "M13 4.5 6.5 10l6.5 5.5zM4.5 4.5v11",
  play: "M6 4l10 6-10 6z",
  pause: "M6.5 4v12M13.5 4v12",
  forward: "M7 4.5 13.5 10 7 15.5zM15.5 4.5v11",
  reset: "M5 7a6.5 6.5 0 1 1-1.2 5M4.5 3v4.5H9",
  more: "M8 5.5l4.5 4.5L8 14.5",
  remove: "M5.5 5.5l9 9M14.5 5.5l-9 9",
};

const button = (words, name, click) =>
  html("button", { type: "button", class: "ol-button", "aria-label": words, title: words, click }, icon(ICONS[name]));

/**
 * A menu. @param {string} label @param {(value: string) => void} choose
 * @param {[string, string | [string, string][]][]} options value and words, or a group's words and its options
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
 * One hyperparameter: a slider, and the value to read or to type.
 * @param {string} method its label @param {import("./numbers.js").Hyper} hyper
 * @param {number} value @param {(value: number) => void} change
 */
function hyperControl(method, hyper, value, change) {
  const name = `${method}: ${hyper.words}`;
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
  const words = html("span", { class: "ol-words" }, hyper.words, " ", html("code", {}, hyper.name));
  return html("div", { class: "ol-hyper" }, words, slider, typed, error);
}

const LABELS = { theta: "θ", step: "step Δθ", g: "gradient g" };
const GREEK = { delta: "δ", gamma: "γ", mu: "μ", rho: "ρ", sigma: "σ" };
const MARKS_ABOVE = { hat: "\u0302", bar: "\u0304" }; // combining marks

/** The book's name of what a step computes: m_hat is m with a hat, mu_next is "μ next". */
export function nameOf(name) {
  const [stem, ...words] = name.split("_");
  const label = words.reduce((text, word) => text + (MARKS_ABOVE[word] ?? ` ${word}`), GREEK[stem] ?? stem);
  return LABELS[name] ?? label;
}

/**
 * A method: its line, name, loss and first hyperparameter, the learning rate. The others, and what
 * it computed at the current step, can be folded away.
 * @param {boolean} unfolded
 * @returns {{node: Element, show: (values: object[], trouble: string | null) => void}}
 */
export function methodRow(label, look, optimizer, hyper, unfolded, { change, remove, unfold }) {
  const loss = html("span", { class: "ol-loss", "data-name": "loss" });
  const values = html("dl", { class: "ol-values" });
  const words = html("p", { class: "ol-trouble" });
  const [first = "", ...others] = optimizer.hyper.map((info) =>
    hyperControl(label, info, hyper[info.name], (value) => change(info.name, value)));
  const details = html("div", { class: "ol-details", hidden: !unfolded }, ...others, values);
  const more = button(`More of ${label}`, "more", () => {
    const shown = details.hidden;
    set(details, { hidden: !shown });
    set(more, { "aria-expanded": String(shown) });
    unfold(shown);
  });
  set(more, { "aria-expanded": String(unfolded) });
  const node = html(
    "li",
    { class: "ol-method", "aria-label": label, ...colour(look) },
    more,
    sample(look),
    html("div", { class: "ol-name" }, html("strong", {}, label), loss),
    first,
    button(`Remove ${label}`, "remove", remove),
    words,
    details,
  );
  const cells = new Map();
  function cell(name) {
    const text = html("dd", { "data-name": name });
    values.append(html("div", {}, html("dt", {}, nameOf(name)), text));
    cells.set(name, text);
    return text;
  }
  return {
    node,
    show([{ value: height }, ...rows], trouble) {
      loss.textContent = `loss ${format(height)}`;
      words.textContent = trouble ?? "";
      set(words, { hidden: trouble === null });
      for (const { name, value } of rows) {
        // A pair stands as a column; the style sheet keeps the line break.
        const text = value === null ? "–\n–" : value.map((u) => format(u, 3)).join("\n");
        (cells.get(name) ?? cell(name)).textContent = text;
      }
    },
  };
}

const SPEEDS = ["2", "20", "60"].map((speed) => [speed, `${speed} steps/s`]);

/**
 * Reset, step back, play or pause, step, scrub, speed.
 * @returns {{node: Element, show: (at: number, steps: number, playing: boolean) => void}}
 */
export function transport({ reset, step, play, scrub, speed }) {
  const slider = html("input", {
    type: "range", min: 0, step: 1, class: "ol-scrub", "aria-label": "Step",
    input: () => scrub(Number(slider.value)),
  });
  const count = html("output", { class: "ol-count", "aria-live": "off" });
  const toggle = button("Play", "play", play);
  const node = html(
    "div",
    { class: "ol-transport", role: "group", "aria-label": "Steps" },
    button("Reset the figure", "reset", reset),
    button("Step back", "back", () => step(-1)),
    toggle,
    button("Step", "forward", () => step(1)),
    slider,
    count,
    choice("Speed", SPEEDS, "20", (value) => speed(Number(value))),
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
