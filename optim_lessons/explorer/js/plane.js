// What momentum does to an eigenvector, by lr * eigenvalue and momentum: regions from theory, a dot a mode.

import { set, svg } from "./dom.js";
import { fix, Frame } from "./frame.js";
import { colour } from "./looks.js";
import { powerOfTen } from "./numbers.js";

/** @type {import("./path.js").Pair} */
const ENDS = [-4, 1]; // of log10(lr * eigenvalue); dots beyond stand at the edge
/** @type {import("./path.js").Pair} */
const BETA_ENDS = [-0.05, 1]; // room for dots at 0
const BETAS = Array.from({ length: 101 }, (_, i) => i / 100);
const REGIONS = ["monotone", "oscillates", "alternates", "diverges"];
const NEAR = 22; // pixels from a dot at which a pointer means it

export class Plane extends Frame {
  constructor() {
    super("Learning rate times eigenvalue, and momentum: a dot an eigenvalue, over the regions where its error"
      + " shrinks, oscillates, alternates or diverges. The table below says the same.");
    this.picture.classList.add("ol-plane");
  }

  /** @param {import("./rates.js").Theory} theory */
  layOut(theory, width, height) {
    this.lay(width, height, ENDS, BETA_ENDS);
    const decades = Array.from({ length: ENDS[1] - ENDS[0] + 1 }, (_, i) => ENDS[0] + i);
    this.drawAxes(decades.map((at) => ({ at, text: powerOfTen(at) })),
      [0, 0.2, 0.4, 0.6, 0.8, 1].map((at) => ({ at, text: String(at) })), "learning rate × eigenvalue", "momentum β");
    const edge = (i) => BETAS.map((beta) => {
      const x = i < 0 ? ENDS[0] : i > 2 ? ENDS[1] : Math.log10(theory.bounds(beta)[i]);
      return `${fix(this.x(Math.max(x, ENDS[0])))} ${fix(this.y(beta))}`;
    });
    this.back.replaceChildren(
      ...REGIONS.map((name, i) =>
        svg("path", { class: `ol-region ol-${name}`, d: `M${[...edge(i - 1), ...edge(i).reverse()].join("L")}Z` })),
      ...this.#names(theory),
    );
  }

  /** Each region's name where it is widest; the narrow one's along its edge. */
  #names(theory) {
    const name = (text, x, beta, more = {}) =>
      svg("text", { class: "ol-region-name", x: fix(this.x(Math.log10(x))), y: fix(this.y(beta)), ...more }, text);
    const [, from, to] = theory.bounds(0.08);
    const [x, y] = [this.x(Math.log10(Math.sqrt(from * to))) + 4, this.y(0.02)];
    return [
      name("monotone", 1.4e-4, 0.3),
      name("oscillates", 0.3, 0.62, { "text-anchor": "middle" }),
      name("alternates", 1, 0, { x: 0, y: 0, transform: `translate(${fix(x)} ${fix(y)}) rotate(-90)` }),
      name("diverges", 9.4, 0.5, { "text-anchor": "end" }),
    ];
  }

  /** @param {number[]} xs lr * eigenvalue @param {{look: import("./looks.js").Look}[]} modes */
  drawDots(xs, beta, modes, lit) {
    this.dots = xs.map((x) => [this.x(Math.min(ENDS[1], Math.max(ENDS[0], Math.log10(x)))), this.y(beta)]);
    const order = xs.map((_, i) => i).sort((a, b) => Number(a === lit) - Number(b === lit)); // the lit one in front
    this.front.replaceChildren(...order.map((i) =>
      svg("circle", {
        class: `ol-dot${i === lit ? " ol-lit" : ""}`, ...colour(modes[i].look), r: i === lit ? 8 : 5.5,
        cx: fix(this.dots[i][0]), cy: fix(this.dots[i][1]),
      })));
  }

  /**
   * Hear what a pointer does: all dots are dragged together, sideways and up.
   * @param {(factor: number, rise: number) => void} drag lr is multiplied, momentum rises
   * @param {(mode: number) => void} light the mode pointed at, -1 for none
   */
  onDrag(drag, light) {
    let last = null;
    set(this.picture, {
      pointerdown: (event) => {
        light(this.modeAt(event));
        if (event.button !== 0) return;
        last = event;
        this.picture.setPointerCapture(event.pointerId);
      },
      pointermove: (event) => {
        if (!last) return light(this.modeAt(event));
        const shares = [(event.clientX - last.clientX) / this.width, (last.clientY - event.clientY) / this.height];
        last = event;
        drag(10 ** (shares[0] * (ENDS[1] - ENDS[0])), shares[1] * (BETA_ENDS[1] - BETA_ENDS[0]));
      },
      lostpointercapture: () => (last = null),
      pointerleave: () => last || light(-1),
    });
  }

  /** The mode under a pointer, -1 where there is none. @param {MouseEvent} event */
  modeAt(event) {
    const box = this.inner.getScreenCTM();
    const distances = this.dots.map(([x, y]) => Math.hypot(event.clientX - box.e - x, event.clientY - box.f - y));
    const nearest = distances.indexOf(Math.min(...distances));
    return distances[nearest] <= NEAR ? nearest : -1;
  }
}
