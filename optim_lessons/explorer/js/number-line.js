// The points of methods on a line from -1 to 1, and where the next step takes each.

import { set, svg } from "./dom.js";
import { fix, MARGIN } from "./frame.js";
import { colour, markOf } from "./looks.js";
import { format } from "./numbers.js";

const ROW = 24; // pixels
const NAMES = 112; // pixels for the names on the left
const TWO_NAMES = 230; // pixels: below, the ends of the line have short names
const LONGEST = 0.16; // of the width: the longest arrow of a gradient, and of a step that is the learning rate

export class NumberLine {
  constructor() {
    this.picture = svg("svg", {
      class: "ol-plot", role: "img",
      "aria-label": "The points of the methods between -1 and 1, with arrows of the next step; the values are below.",
    });
  }

  resize(width, rows) {
    this.width = width;
    this.inner = width - NAMES - 3 * MARGIN.right;
    const height = ROW * (rows + 2);
    set(this.picture, { width, height, viewBox: `0 0 ${width} ${height}` });
  }

  x(u) {
    return NAMES + (this.inner * (u + 1)) / 2;
  }

  /**
   * @param {{name: string, look: import("./looks.js").Look, point: number, step: number}[]} runs step in
   *   learning rates @param {number} g the gradient of this step @param {number} largest gradient
   */
  draw(runs, g, largest) {
    const middle = (row) => ROW * (row + 0.5);
    const bottom = middle(runs.length + 1);
    const reach = LONGEST * this.inner;
    const push = (-g / largest) * reach;
    const [best, worst] = this.inner < TWO_NAMES ? ["−1, best", "1, worst"] : ["−1, the best point", "1, the worst point"];
    this.picture.replaceChildren(
      svg("text", { class: "ol-label", x: 4, y: middle(0) + 4, ...INK }, "downhill"),
      svg("g", INK, arrow(this.x(0), middle(0), push)),
      svg("text", {
        class: "ol-label", ...INK, x: fix(this.x(0) - Math.sign(push) * 8), y: middle(0) + 4,
        "text-anchor": push > 0 ? "end" : "start",
      }, `gradient ${format(g)}`),
      ...runs.flatMap(({ name, look, point, step }, i) => {
        const y = middle(i + 1);
        const x = this.x(point);
        return [
          svg("text", { class: "ol-label", x: 4, y: y + 4, ...colour(look) }, name),
          svg("path", { class: "ol-level", d: `M${fix(this.x(-1))} ${y}H${fix(this.x(1))}` }),
          svg("g", colour(look),
            arrow(x, y, Math.min(this.width - 4 - x, Math.max(NAMES - 24 - x, step * reach))),
            svg("path", { class: "ol-mark", d: markOf(look), transform: `translate(${fix(x)} ${y})` })),
        ];
      }),
      svg("text", { class: "ol-level-name", x: fix(this.x(-1)) - 4, y: bottom + 4 }, best),
      svg("text", { class: "ol-level-name", x: fix(this.x(1)) + 4, y: bottom + 4, "text-anchor": "end" }, worst),
    );
  }
}

const INK = { style: "--ol-colour: var(--ol-ink)" };

/** A horizontal arrow; of a length below a pixel there is none. */
function arrow(x, y, length) {
  if (!(Math.abs(length) >= 1)) return svg("g");
  const tip = fix(x + length);
  const back = fix(tip - Math.sign(length) * 5);
  return svg("path", { class: "ol-arrow", d: `M${fix(x)} ${y}H${tip}M${back} ${y - 4}L${tip} ${y}L${back} ${y + 4}` });
}
