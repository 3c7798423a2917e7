// A row an eigenvalue: what theory says of its error, and what the run shows.

import { html, set } from "./dom.js";
import { colour } from "./looks.js";
import { format } from "./numbers.js";

const HEADS = ["λ", "lr·λ", "its error", "rate, theory", "rate, measured", "error"];
const THEORETICAL = [1, 2, 3]; // columns that stay away where there is no theory

/**
 * What stands in a row: `longRun` is null where there is no theory.
 * @typedef {{lambda: number | null, x: number | null, longRun: {rate: number, regime: string} | null,
 *   measured: number, look: import("./looks.js").Look}} ModeRow
 */

export class ModesTable {
  #rows = [];

  /** @param {(i: number) => void} light a row was pointed at or focused; -1: none is */
  constructor(light) {
    this.light = light;
    this.heads = HEADS.map((text) => html("th", { scope: "col" }, text));
    this.body = html("tbody", {});
    this.node = html("table", { class: "ol-table" }, html("thead", {}, html("tr", {}, ...this.heads)), this.body);
  }

  /** @param {ModeRow[]} rows the last is that of all eigenvalues together @param {boolean} theory */
  fill(rows, theory) {
    if (rows.length !== this.#rows.length) {
      this.#rows = rows.map((_, i) => this.#row(i, i === rows.length - 1));
      this.body.replaceChildren(...this.#rows.map(({ node }) => node));
    }
    const hidden = (cells) => THEORETICAL.forEach((k) => set(cells[k], { hidden: !theory }));
    hidden(this.heads);
    rows.forEach(({ lambda, x, longRun, measured, look }, i) => {
      const { node, name, cells } = this.#rows[i];
      set(node, colour(look));
      hidden([null, ...cells]);
      name.textContent = lambda === null ? "all" : format(lambda);
      const texts = [x === null ? "" : format(x, 3), longRun?.regime ?? "", longRun ? format(longRun.rate) : "", format(measured)];
      texts.forEach((text, k) => (cells[k].textContent = text));
    });
  }

  #row(i, last) {
    const tell = { focus: () => this.light(i), blur: () => this.light(-1), click: () => this.light(i) };
    const name = last ? html("strong", {}) : html("button", { type: "button", class: "ol-mode", ...tell });
    const cells = HEADS.slice(1).map(() => html("td", {}));
    const node = html("tr", {}, html("th", { scope: "row" }, name), ...cells);
    if (!last) set(node, { pointerenter: () => this.light(i), pointerleave: () => this.light(-1) });
    return { node, name, cells };
  }

  /** The errors at the current step, and the row that stands out. */
  show(sizes, lit) {
    this.#rows.forEach(({ node, cells }, i) => {
      cells.at(-1).textContent = format(sizes[i], 3);
      node.classList.toggle("ol-lit", i === lit);
    });
  }
}
