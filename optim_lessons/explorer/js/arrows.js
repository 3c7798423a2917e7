// The parts of a step as arrows: where downhill is, what is remembered, and what was made of both.

import { set, svg } from "./dom.js";
import { fix, MARGIN } from "./frame.js";
import { widthOf } from "./labels.js";
import { colour } from "./looks.js";

const LONG = 0.14; // of the picture's width: the longer of gradient and average
const SHORTEST = 22; // pixels of a step; a shorter one is drawn as long, or it would not be seen
const HEAD = 7; // pixels

/** What a part is called in the key; where there is little room, only its symbol. */
const WORDS = { downhill: ["downhill ", "−g"], average: ["average ", "−m"], step: ["step ", "Δθ"] };
const SAMPLE = 37; // pixels that an arrow takes in the key, with the room about it

/**
 * The step that led to point k, in its parts. The average is the one of gradients with which the
 * step was made, corrected or looked ahead where the method does so; RMSprop's m adds up steps.
 * @param {import("./path.js").Path} path @param {string} family @param {number} k 1 or above
 * @returns {{downhill: number[], average: number[] | null, step: number[]}}
 */
export function partsOf(path, family, k) {
  const average = path.named[k].map((/** @type {any} */ named, i) =>
    named.m_bar ?? named.m_hat ?? (family === "adaptive" ? undefined : /** @type {any} */ (path.states[k][i]).m));
  return {
    downhill: path.grad[k - 1].map((u) => -u),
    average: average.includes(undefined) ? null : average.map((u) => -u),
    step: path.theta[k].map((u, i) => u - path.theta[k - 1][i]),
  };
}

/** How much of each part is shown when a share of the step has passed: one after the other. */
export const revealed = (share) => [0, 1, 2].map((i) => Math.min(1, Math.max(0, 3 * share - i)));

/** Where the runs stand, of a step shown in its parts: they move when all parts are there. */
export const moved = (at) => Math.floor(at) + revealed(at % 1)[2];

/** Arrows over a picture of contours; gradient and average share one scale at each step. */
export class StepArrows {
  constructor() {
    this.node = svg("g", { class: "ol-arrows" });
    this.key = svg("g", { class: "ol-key" });
  }

  /**
   * @param {import("./frame.js").Frame} plot
   * @param {{path: import("./path.js").Path, look: import("./looks.js").Look}[]} runs
   * @param {number} at @param {boolean} slow whether the parts come one after the other
   */
  draw(plot, runs, at, slow) {
    const k = Math.ceil(at);
    const shares = slow && at % 1 ? revealed(at % 1) : [1, 1, 1];
    const known = runs.filter(({ path }) => k > 0 && k < path.theta.length && path.grad.length);
    const names = new Set();
    this.node.replaceChildren(...known.map(({ path, look }) => {
      const parts = Object.entries(partsOf(path, look.family, k)).filter(([, by]) => by !== null);
      const [x, y] = path.theta[k - 1];
      const from = [plot.x(x), plot.y(y)];
      const vectors = parts.map(([, by]) => by.map((u, i) => u * plot.scale[i]));
      const sizes = vectors.map((vector) => Math.hypot(...vector));
      const longest = Math.max(...sizes.slice(0, -1));
      return svg("g", colour(look), ...parts.map(([name], p) => {
        names.add(name);
        const wished = name === "step" ? Math.max(SHORTEST, sizes[p]) : LONG * plot.width * sizes[p] / longest;
        const share = shares[Object.keys(WORDS).indexOf(name)];
        const scaled = vectors[p].map((u) => (u * wished * share) / sizes[p]);
        return arrow(name, from, scaled);
      }));
    }));
    this.#drawKey(plot, [...names]);
  }

  /** What the arrows mean, at the picture's upper right. */
  #drawKey(plot, names) {
    const keyed = [plot.width, ...names].join();
    if (keyed === this.keyed) return;
    this.keyed = keyed;
    const shown = Object.entries(WORDS).filter(([name]) => names.includes(name));
    const wide = shown.map(([name, words]) => [name, words.join("")]);
    const room = wide.reduce((sum, [, text]) => sum + SAMPLE + widthOf([text]), 0);
    const entries = room < plot.width ? wide : shown.map(([name, [, symbol]]) => [name, symbol]);
    let x = 0;
    this.key.replaceChildren(...entries.map(([name, text]) => {
      const entry = svg("g", { transform: `translate(${x} 0)` },
        arrow(name, [0, -4], [20, 0]),
        svg("text", { x: 25 }, text));
      x += SAMPLE + widthOf([text]);
      return entry;
    }));
    set(this.key, { transform: `translate(${fix(MARGIN.left + plot.width - x)} 13)` });
  }
}

/**
 * An arrow; what is hardly there has no head, and what is no number is not drawn.
 * @param {string} name @param {number[]} from @param {number[]} by
 */
function arrow(name, [x, y], by) {
  const [dx, dy] = by;
  const length = Math.hypot(dx, dy);
  const drawn = svg("g", { class: `ol-arrow ol-${name}` });
  if (!(length > 1)) return drawn;
  const [tx, ty] = [x + dx, y + dy];
  const head = Math.min(HEAD, length / 2) / length;
  const side = (turn) => `${fix(tx - head * (dx - turn * dy * 0.6))} ${fix(ty - head * (dy + turn * dx * 0.6))}`;
  drawn.append(
    svg("path", { class: "ol-shaft", d: `M${fix(x)} ${fix(y)}L${fix(tx)} ${fix(ty)}` }),
    svg("path", { d: `M${side(1)}L${fix(tx)} ${fix(ty)}L${side(-1)}` }),
  );
  return drawn;
}
