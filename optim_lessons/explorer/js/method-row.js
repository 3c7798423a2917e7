// The row of a method: its line, name, loss, hyperparameters, and what it computed at the current step.

import { button, hyperControl } from "./controls.js";
import { html, set } from "./dom.js";
import { colour, sample } from "./looks.js";
import { format } from "./numbers.js";

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
 * @param {boolean} unfolded @param {Element | null} played controls of a method that has none of its own
 * @returns {{node: Element, show: (loss: number, trouble: string | null, readout: () => object[]) => void}}
 */
export function methodRow(label, look, optimizer, hyper, unfolded, { change, remove, unfold }, played = null) {
  const loss = html("span", { class: "ol-loss", "data-name": "loss" });
  const values = html("dl", { class: "ol-values" });
  const words = html("p", { class: "ol-trouble" });
  const [first = played ?? "", ...others] = optimizer.hyper.map((info) =>
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
    played ? html("p", { class: "ol-why" }, `Played as Python computed it: ${optimizer.why}.`) : "",
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
    /** @param {() => {name: string, value: any}[]} readout only asked for where it is seen */
    show(height, trouble, readout) {
      loss.textContent = `loss ${format(height)}`;
      if (words.textContent !== (trouble ?? "")) {
        words.textContent = trouble ?? "";
        set(words, { hidden: trouble === null });
      }
      if (details.hidden) return;
      for (const { name, value } of readout()) {
        // A pair stands as a column; the style sheet keeps the line break.
        const text = value === null ? "–\n–" : value.map((u) => format(u, 3)).join("\n");
        (cells.get(name) ?? cell(name)).textContent = text;
      }
    },
  };
}
