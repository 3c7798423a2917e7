// What a method knows at the current step, as signed bars: gradient, step, and its state.

import { set, svg } from "./dom.js";
import { fix } from "./frame.js";
import { logLike } from "./log-like.js";
import { colour } from "./looks.js";
import { nameOf } from "./method-row.js";
import { format } from "./numbers.js";
import { readout } from "./path.js";

const NAMES = 76; // pixels for the names at the left
const NUMBERS = 62; // and for the numbers at the right
const TOP = 28;
const ROW = 34; // pixels a quantity, at least

/**
 * A row a quantity, in it a bar a coordinate. Each quantity has a scale of its own, log-like, which
 * holds for the whole run; so a bar that grows says that the quantity does.
 */
export class StateBars {
  #rows = []; // {name, scale, signed, bars, numbers}
  #path = null;

  constructor() {
    this.node = svg("svg", { class: "ol-plot ol-bars", role: "img" });
  }

  resize(width, height) {
    this.size = { width, height };
    this.#path = null; // all is laid out anew
  }

  /** @param {import("./sides.js").Run | undefined} run */
  compute(run) {
    this.run = run;
  }

  /** @param {number} k a step */
  draw(k) {
    if (this.#path !== (this.run?.path ?? undefined)) this.#lay();
    if (!this.run) return;
    const values = readout(this.run.path, k);
    this.#rows.forEach(({ name, scale, from, room, bars, numbers }) => {
      const { value } = values.find((each) => each.name === name) ?? { value: null };
      bars.forEach((bar, i) => {
        const u = value?.[i] ?? 0;
        const length = Number.isFinite(u) ? room * scale.to(Math.abs(u)) : room;
        set(bar, { x: fix(u < 0 ? from - length : from), width: fix(length) });
        numbers[i].textContent = value ? format(u, 3) : "–";
      });
    });
  }

  /** Work out the rows and their scales from the whole run. */
  #lay() {
    const { width, height } = this.size;
    this.#path = this.run?.path;
    if (!this.run) {
      this.#rows = [];
      set(this.node, { width, height, "aria-label": "No method." }).replaceChildren();
      return;
    }
    const { path, look, label } = this.run;
    const all = path.value.map((_, k) => readout(path, k));
    const names = all.at(-1).map(({ name }) => name).filter((name) => name !== "theta");
    const tall = Math.max(height, TOP + ROW * names.length);
    const each = Math.min(58, (tall - TOP) / names.length);
    const middle = NAMES + (width - NAMES - NUMBERS) / 2;
    this.#rows = names.map((name, r) => {
      const values = all.flatMap((at) => at.find((one) => one.name === name)?.value ?? []).filter(Number.isFinite);
      const signed = values.some((u) => u < 0);
      const from = signed ? middle : NAMES;
      const y = TOP + r * each;
      const thick = Math.min(18, (each - 10) / 2);
      const bars = [0, 1].map((i) => svg("rect", { y: fix(y + i * (thick + 2)), height: fix(thick), class: `ol-bar-${i + 1}` }));
      const numbers = [0, 1].map((i) =>
        svg("text", { x: width - 2, y: fix(y + i * (thick + 2) + thick / 2 + 4), "text-anchor": "end" }));
      return { name, from, room: width - NUMBERS - from, scale: logLike(values.map(Math.abs)), bars, numbers, y, thick };
    });
    const parts = this.#rows.flatMap(({ name, from, bars, numbers, y, thick }) => [
      svg("text", { class: "ol-bar-name", x: NAMES - 10, y: fix(y + thick + 5), "text-anchor": "end" }, nameOf(name)),
      ...bars,
      svg("path", { class: "ol-zero", d: `M${fix(from)} ${fix(y - 2)}v${fix(2 * thick + 6)}` }),
      ...numbers,
    ]);
    const title = svg("text", { class: "ol-bar-name", x: 4, y: 13 }, `${label}: θ₁ above, θ₂ below`);
    const words = `State of ${label} at the current step, as bars; the values are in the rows below.`;
    set(this.node, { width, height: tall, viewBox: `0 0 ${width} ${tall}`, "aria-label": words, ...colour(look) });
    this.node.replaceChildren(title, ...parts);
  }
}
