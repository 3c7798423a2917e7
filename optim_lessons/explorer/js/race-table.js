// The race in numbers: how many steps each method took to a tolerance, and where it ended.

import { hyperControl, textButton } from "./controls.js";
import { html } from "./dom.js";
import { sample } from "./looks.js";
import { format } from "./numbers.js";
import { lossAt } from "./path.js";

/** @type {import("./numbers.js").Hyper} */
const TOLERANCE = { name: "tolerance", symbol: "", words: "tolerance", value: 1e-3, interval: "(0, inf)", scale: "log" };

/**
 * The first step whose loss is within a tolerance of the lowest, or null.
 * @param {import("./path.js").Path} path @param {number} lowest @param {number} tolerance
 */
export function stepsTo({ value }, lowest, tolerance) {
  const k = value.findIndex((height) => height - lowest <= tolerance);
  return k === -1 ? null : k;
}

/** The lowest loss known of a surface: that of its minima; 0 where none is marked. @param {import("./path.js").Surface} surface */
export const lowestOf = ({ minima, value }) =>
  minima.length ? Math.min(...minima.map(([x, y]) => value(x, y))) : 0;

/**
 * @param {{tolerance: number, rates: number[], change: (tolerance: number) => void, tune: () => void}} options
 * @returns {{node: Element, show: (runs: any[], surface: import("./path.js").Surface, steps: number, tolerance: number) => void}}
 */
export function raceTable({ tolerance, rates, change, tune }) {
  const head = ["method", "learning rate", "steps to tolerance", "final loss"];
  const body = html("tbody", {});
  const said = html("p", { class: "ol-said", role: "status" });
  const tuner = textButton("Tune every learning rate", () => {
    tune();
    said.textContent =
      `Every learning rate is now the best of ${rates.length} from ${rates[0]} to ${rates.at(-1)}: ` +
      "the one with the lowest loss at the end, from this start, inside the picture. All else stayed as it was.";
  });
  const node = html(
    "div", { class: "ol-race" },
    html("div", { class: "ol-race-set" }, hyperControl("", TOLERANCE, tolerance, change), tuner),
    said,
    html("table", {}, html("thead", {}, html("tr", {}, ...head.map((words) => html("th", { scope: "col" }, words)))), body),
  );
  return {
    node,
    show(runs, surface, steps, within) {
      const lowest = lowestOf(surface);
      const rows = runs.map(({ path, label, look, hyper }) => ({ path, label, look, hyper, k: stepsTo(path, lowest, within) }));
      rows.sort((a, b) => (a.k ?? Infinity) - (b.k ?? Infinity) || lossAt(a.path, steps) - lossAt(b.path, steps));
      body.replaceChildren(...rows.map(({ path, label, look, hyper, k }) =>
        html(
          "tr", {},
          html("th", { scope: "row" }, sample(look), label),
          html("td", {}, "lr" in hyper ? String(hyper.lr) : "–"),
          html("td", {}, k === null ? "not reached" : String(k)),
          html("td", {}, path.diverged ? `diverged at step ${path.value.length - 1}` : format(lossAt(path, steps))),
        )));
    },
  };
}
