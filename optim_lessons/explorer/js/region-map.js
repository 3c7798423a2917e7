// The picture of a region map: cells coloured by the final loss, with marks and lines over them.

import { html, set, svg } from "./dom.js";
import { fix, Frame, MARGIN } from "./frame.js";
import { SIDE } from "./region-axis.js";
import { BAR, colourBar, hatch } from "./region-colours.js";

const DEEPEST = -12; // decades; what is lower has the last colour
const [UNKNOWN, KNOWN, DIVERGED] = [0, 1, 2];
const [HATCHED, COLOURED] = [1, 2];

export const MARKS = {
  chosen: "M-6-6H6V6H-6z",
  best: "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z",
  polyak: "M0-6.5 6.5 0 0 6.5-6.5 0z",
};

/** What it knows of each cell it keeps until other rows come. */
export class RegionMap extends Frame {
  #state = new Uint8Array(SIDE * SIDE);
  #losses = new Float64Array(SIDE * SIDE);
  #ends = [DEEPEST, 0]; // of the colours, in decades

  /** @param {string[]} ramp from the lowest loss to the highest */
  constructor(ramp) {
    super("The final loss for each pair of values.");
    this.ramp = ramp;
    this.canvas = html("canvas", { class: "ol-cells" });
    this.edge = svg("path", { class: "ol-edge" });
    this.halo = svg("path", { class: "ol-edge ol-halo" });
    this.marks = Object.fromEntries(Object.entries(MARKS).map(([name, d]) =>
      [name, svg("g", { class: "ol-cell-mark" }, svg("path", { d, class: "ol-halo" }), svg("path", { d }))]));
    this.bar = svg("g", { class: "ol-axes" });
    this.front.append(this.halo, this.edge, this.marks.polyak, this.marks.best, this.marks.chosen);
    this.picture.append(this.bar);
    this.node = html("div", { class: "ol-map" }, this.canvas, this.picture);
  }

  /** @param {import("./region-axis.js").MapAxis[]} axes */
  layOut(width, height, axes, label) {
    /** @type {import("./path.js").Pair} */
    const ends = [-0.5, SIDE - 0.5];
    this.lay(width, height - BAR, ends, ends);
    set(this.picture, { height, viewBox: `0 0 ${width} ${height}` });
    const [across, up] = axes;
    const space = (this.width / (across.marks.length || 1)) > 34 ? 1 : 2;
    this.drawAxes(across.marks.filter((_, k) => k % space === 0), up.marks,
      across.hyper.words, up.hyper.words);
    this.label = label;
    const sharp = Math.min(2, window.devicePixelRatio);
    set(this.canvas, {
      width: Math.round(this.width * sharp), height: Math.round(this.height * sharp),
      style: `left: ${MARGIN.left}px; top: ${MARGIN.top}px; width: ${this.width}px; height: ${this.height}px`,
    });
    this.#paintAll();
  }

  /** The cells mean something else from now on. */
  clear() {
    this.#state.fill(UNKNOWN);
    this.#paintAll();
  }

  /** What the colours count from: the lowest loss that is known, and the loss at the start. */
  measure(lowest, first) {
    this.lowest = lowest;
    this.above = first - lowest; // a run that ends higher than this has climbed
  }

  /** @param {import("./region-runs.js").Row} row */
  take({ every, j, losses, diverged }) {
    for (let b = j; b < Math.min(SIDE, j + every); b += 1) {
      for (let a = 0; a < SIDE; a += 1) {
        const k = Math.floor(a / every);
        this.#losses[b * SIDE + a] = losses[k];
        this.#state[b * SIDE + a] = diverged[k] ? DIVERGED : KNOWN;
      }
    }
    if (this.#fit()) this.#paintAll();
    else this.#paintRows(j, every);
  }

  /** The loss of a cell, and whether its run diverged; null while nobody knows. */
  at(cell) {
    const k = cell[1] * SIDE + cell[0];
    return this.#state[k] === UNKNOWN ? null : { loss: this.#losses[k], diverged: this.#state[k] === DIVERGED };
  }

  /** The cell with the lowest loss, null where all diverged. */
  best() {
    let found = -1;
    this.#losses.forEach((loss, k) => {
      if (this.#state[k] === KNOWN && !(loss >= this.#losses[found])) found = k;
    });
    return found < 0 ? null : [found % SIDE, Math.floor(found / SIDE)];
  }

  /** @param {Object<string, number[] | null>} places of marks @param {number[][]} edge points, in cells */
  drawOver(places, edge) {
    for (const [name, mark] of Object.entries(this.marks)) {
      const place = places[name];
      set(mark, { display: place ? null : "none" });
      if (place) set(mark, { transform: `translate(${fix(this.x(place[0]))} ${fix(this.y(place[1]))})` });
    }
    const d = edge.map(([a, b], k) => `${k ? "L" : "M"}${fix(this.x(a))} ${fix(this.y(b))}`).join("");
    set(this.edge, { d });
    set(this.halo, { d });
  }

  /** The cell under a pointer, the nearest one beyond the edges. @param {PointerEvent | MouseEvent} event */
  cellAt(event) {
    const box = this.canvas.getBoundingClientRect();
    const shares = [(event.clientX - box.left) / box.width, (box.bottom - event.clientY) / box.height];
    return shares.map((share) => Math.min(SIDE - 1, Math.max(0, Math.floor(share * SIDE))));
  }

  /** Fit the colours to the losses, in whole decades. @returns {boolean} whether they changed */
  #fit() {
    let least = Infinity;
    this.#losses.forEach((loss, k) => {
      if (this.#state[k] === KNOWN && loss < least) least = loss;
    });
    const high = Math.ceil(Math.log10(this.above));
    const low = Math.floor(Math.log10(Math.max(least - this.lowest, 10 ** DEEPEST)));
    const ends = [Math.min(low, high - 1), high];
    const changed = String(ends) !== String(this.#ends);
    this.#ends = ends;
    return changed;
  }

  #paintAll() {
    if (!this.width) return;
    this.canvas.getContext("2d").clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.#paintRows(0, SIDE);
    this.bar.replaceChildren(...colourBar(this.ramp, this.#ends, this.width, this.height, this.label));
  }

  #paintRows(from, count) {
    if (!this.width) return;
    const { width, height } = this.canvas;
    const context = this.canvas.getContext("2d");
    const lines = context.createPattern(hatch(getComputedStyle(this.node).getPropertyValue("--ol-faint")), "repeat");
    const edgeAt = (k, size) => Math.round((k * size) / SIDE);
    for (let j = from; j < Math.min(SIDE, from + count); j += 1) {
      const [top, bottom] = [edgeAt(SIDE - 1 - j, height), edgeAt(SIDE - j, height)];
      context.clearRect(0, top, width, bottom - top);
      for (let i = 0, end = 0; i < SIDE; i = end) {
        const look = this.#lookOf(j * SIDE + i);
        while (end < SIDE && this.#lookOf(j * SIDE + end) === look) end += 1; // cells that look alike, at once
        for (const fill of [...(look & COLOURED ? [this.ramp[look >> 2]] : []), ...(look & HATCHED ? [lines] : [])]) {
          context.fillStyle = fill;
          context.fillRect(edgeAt(i, width), top, edgeAt(end, width) - edgeAt(i, width), bottom - top);
        }
      }
    }
  }

  /** How a cell looks: its place in the ramp times four, and whether it has a colour and is hatched. */
  #lookOf(k) {
    if (this.#state[k] !== KNOWN) return this.#state[k] === DIVERGED ? HATCHED : 0;
    const [low, high] = this.#ends;
    const above = this.#losses[k] - this.lowest;
    const rank = (Math.log10(Math.max(above, 10 ** DEEPEST)) - low) / (high - low);
    const place = Math.min(this.ramp.length - 1, Math.max(0, Math.floor(rank * this.ramp.length)));
    return 4 * place + COLOURED + (above > this.above ? HATCHED : 0);
  }
}
