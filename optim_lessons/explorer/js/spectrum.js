// The eigenvalues of a quadratic, spaced evenly or typed, and the controls that set them.

import { choice, hyperControl } from "./controls.js";
import { html, set } from "./dom.js";
import { format } from "./numbers.js";

export const MOST = 12; // eigenvalues: as many lines as can be told apart
export const LARGEST = 1e4;
export const SMALLEST = 1e-4;

const SPACINGS = { log: "log spacing", linear: "even spacing" };
/** @type {import("./numbers.js").Hyper} */
const CONDITION = {
  name: "condition", symbol: "κ", words: "condition number κ", value: 100, interval: `[1, ${LARGEST}]`, scale: "log",
};
const tidy = (value) => Number(value.toPrecision(6));

/** `count` eigenvalues from 1 to `condition`. @param {string} spacing "log" or "linear" @returns {number[]} */
export function evenly(count, condition, spacing) {
  const shares = Array.from({ length: count }, (_, i) => i / (count - 1));
  return shares.map((share) => tidy(spacing === "log" ? condition ** share : 1 + (condition - 1) * share));
}

/** A reader's list of numbers, in order, or the sentence that says what would be one.
 * @param {string} text @returns {{value?: number[], error?: string}} */
export function parseEigenvalues(text) {
  const value = text.trim().split(/[\s,;]+/).map(Number);
  const fine = value.length >= 2 && value.length <= MOST && value.every((u) => u >= SMALLEST && u <= LARGEST);
  if (fine) return { value: value.sort((a, b) => a - b) };
  return { error: `The eigenvalues are 2 to ${MOST} numbers from ${SMALLEST} to ${format(LARGEST)}.` };
}

/** How eigenvalues are spaced: "log", "linear", or "" for neither. @param {number[]} values */
function spacingOf(values) {
  const condition = values.at(-1) / values[0];
  const same = (spacing) => values.length > 1 && evenly(values.length, condition, spacing)
    .every((u, i) => Math.abs(u * values[0] - values[i]) < 1e-4 * values[i]);
  return Object.keys(SPACINGS).find(same) ?? "";
}

/**
 * Condition number, number and spacing; and the eigenvalues themselves.
 * @param {number[]} eigenvalues @param {(eigenvalues: number[]) => void} change
 * @returns {Element[]}
 */
export function spectrumControls(eigenvalues, change) {
  const described = (values) => ({
    count: values.length, condition: tidy(values.at(-1) / values[0]), spacing: spacingOf(values),
  });
  const now = described(eigenvalues);
  function space(changed) {
    Object.assign(now, changed);
    now.spacing ||= "log";
    const values = evenly(now.count, now.condition, now.spacing);
    spacings.value = now.spacing;
    show(values);
    change(values);
  }
  const kappa = () => hyperControl("", CONDITION, now.condition, (value) => space({ condition: value }));
  let condition = kappa();
  const counts = Array.from({ length: MOST - 1 }, (_, i) => String(i + 2));
  const spacings = choice("Spacing", [...Object.entries(SPACINGS), ["", "as typed"]], now.spacing,
    (spacing) => spacing && space({ spacing }));
  const typed = html("input", {
    type: "text", class: "ol-list", autocomplete: "off", "aria-label": "Eigenvalues λ, typed",
    change() {
      const { value, error } = parseEigenvalues(typed.value);
      show(value ?? typed.value, error);
      if (!value) return;
      Object.assign(now, described(value));
      count.value = String(now.count);
      spacings.value = now.spacing;
      const before = condition;
      condition = kappa();
      before.replaceWith(condition);
      change(value);
    },
  });
  const said = html("p", { class: "ol-error", role: "alert", hidden: true });
  function show(values, error = "") {
    typed.value = Array.isArray(values) ? values.join(", ") : values;
    set(typed, { "aria-invalid": error ? "true" : null });
    set(said, { hidden: !error });
    said.textContent = error;
  }
  show(eigenvalues);
  const count = choice("Number of eigenvalues", counts.map((n) => [n, `${n} eigenvalues`]), String(now.count),
    (n) => space({ count: Number(n) }));
  return [
    condition,
    html("div", { class: "ol-choices" }, count, spacings),
    html("label", { class: "ol-typed" }, html("span", { class: "ol-words" }, "eigenvalues λ"), typed, said),
  ];
}
