// The surface's height over its two parameters, turned as the reader likes, with the paths on it.

import { html, set, svg } from "./dom.js";
import { fix, Frame, MARGIN } from "./frame.js";
import { brightness, heightAt, heightTicks, isHidden, meshOf, view } from "./mesh.js";
import { format, ticks } from "./numbers.js";

const SHADES = 32;
const SEAM = 0.4; // pixels that a cell reaches over its neighbours
const INK = { shade: [0.03, 0.3], line: 0.42, floor: 0.18 }; // how much of it is in the surface's colours
const LIFT = 0.012; // of the height: so much the paths stand above the surface
const ROOM = 24; // pixels at both sides for the numbers of the axes
const CORNER = 0.03; // of an edge: no number stands so near to a corner, where two would meet
const CORNERS = [[0, 0], [1, 0], [1, 1], [0, 1]]; // of the floor
const CROSS = "M-5 0H5M0-5V5";

/** The surface is on a canvas, which is drawn anew only when it turns; paths and axes lie over it. */
export class HeightPlot extends Frame {
  #seen = null; // the angle and size that the canvas shows
  #points = new WeakMap(); // of each path, as it is seen now

  constructor() {
    super("The paths over the surface.");
    this.canvas = html("canvas");
    this.start = svg("circle", { class: "ol-start", r: 6 });
    this.front.append(this.start);
    this.node = html("div", { class: "ol-heights" }, this.canvas, this.picture);
    // The canvas takes its colours from the page's theme, and cannot follow it by itself.
    this.themed = new MutationObserver(() => this.#paint());
    for (const element of [document.documentElement, document.body]) {
      this.themed.observe(element, { attributes: true, attributeFilter: ["data-theme", "data-jp-theme-light"] });
    }
  }

  remove() {
    this.themed.disconnect();
  }

  /** @param {import("./path.js").Surface} surface @param {number[]} levels */
  drawSurface(surface, levels, width, height) {
    if (surface !== this.surface) this.mesh = meshOf(surface, levels);
    this.surface = surface;
    // Points are given in pixels: the frame leaves them as they are.
    const [right, down] = [width - MARGIN.left - MARGIN.right, height - MARGIN.top - MARGIN.bottom];
    this.lay(width, height, [0, right], [down, 0]);
    const [[x0, x1], [y0, y1]] = surface.viewport;
    this.aspect = Math.min(1.6, Math.max(1, (x1 - x0) / (y1 - y0)));
    this.#seen = null;
  }

  /** @param {import("./sides.js").Run[]} runs @param {number[]} start @param {number} at @param {number[]} turn */
  draw(runs, start, at, turn) {
    const seen = turn.join();
    if (seen !== this.#seen) this.#turnTo(turn);
    this.#seen = seen;
    this.drawRuns(runs.map(({ path, look }) => ({ points: this.#pointsOf(path), look })), at, true);
    const [cx, cy, hidden] = this.#place(start);
    set(this.start, { cx: fix(cx), cy: fix(cy), opacity: hidden ? 0.35 : null });
  }

  #pointsOf(path) {
    if (!this.#points.has(path)) this.#points.set(path, path.theta.map((theta) => this.#place(theta)));
    return this.#points.get(path);
  }

  /** A point of the surface: its pixels, and whether a hill stands before it. */
  #place(theta) {
    const [u, v] = theta.map((coordinate, i) => {
      const [low, high] = this.surface.viewport[i];
      return (coordinate - low) / (high - low);
    });
    if (!(u >= 0 && u <= 1 && v >= 0 && v <= 1)) return [NaN, NaN, true];
    const height = heightAt(this.mesh, u, v) + LIFT;
    return [...this.toPixels(u, v, height), isHidden(this.mesh, this.view.toward, u, v, height)];
  }

  #turnTo(turn) {
    this.view = view(turn, this.aspect);
    const [across, down] = this.view.extent;
    const scale = Math.min((this.width - 2 * ROOM) / across, this.height / down); // the floor's numbers need room
    this.toPixels = (u, v, height) => {
      const [right, below] = this.view.project(u, v, height);
      return [this.width / 2 + scale * right, this.height / 2 + scale * below];
    };
    this.#points = new WeakMap();
    this.#paint();
    this.#nameAxes();
    this.back.replaceChildren(...this.surface.minima.map((minimum) => {
      const [x, y, hidden] = this.#place(minimum);
      const transform = `translate(${fix(x)} ${fix(y)})`;
      return svg("path", { d: CROSS, class: "ol-minimum", transform, opacity: hidden ? 0.35 : null });
    }));
  }

  /** Draw the surface from its far end to its near one, so that what is near covers what is behind. */
  #paint() {
    const sharp = window.devicePixelRatio || 1;
    const [width, height] = [Number(this.picture.getAttribute("width")), Number(this.picture.getAttribute("height"))];
    set(this.canvas, { width: Math.round(width * sharp), height: Math.round(height * sharp), style: `width: ${width}px` });
    const pen = this.canvas.getContext("2d");
    pen.setTransform(sharp, 0, 0, sharp, MARGIN.left * sharp, MARGIN.top * sharp);
    const { side, heights, pieces } = this.mesh;
    const nodes = Array.from(heights, (height, k) =>
      this.toPixels(Math.floor(k / (side + 1)) / side, (k % (side + 1)) / side, height));
    const colours = coloursOf(this.canvas, pen);
    pen.beginPath(); // the floor
    for (const [u, v] of CORNERS) pen.lineTo(...this.toPixels(u, v, 0));
    pen.closePath();
    pen.strokeStyle = colours.floor;
    pen.stroke();
    const [towardU, towardV] = this.view.toward;
    const order = (toward) => Array.from({ length: side }, (_, k) => (toward > 0 ? k : side - 1 - k));
    const [is, js] = [order(towardU), order(towardV)];
    pen.lineWidth = 0.8;
    for (const i of is) {
      for (const j of js) {
        const a = i * (side + 1) + j;
        const corners = [nodes[a], nodes[a + side + 1], nodes[a + side + 2], nodes[a + 1]];
        const [x, y] = [(corners[0][0] + corners[2][0]) / 2, (corners[0][1] + corners[2][1]) / 2];
        pen.beginPath();
        for (let c = 0; c < 4; c += 1) { // a little too large, else the page shines through between cells
          const corner = corners[c];
          pen.lineTo(corner[0] + (corner[0] > x ? SEAM : -SEAM), corner[1] + (corner[1] > y ? SEAM : -SEAM));
        }
        pen.fillStyle = colours.shades[Math.round(SHADES * brightness(this.mesh, this.view.light, this.aspect, a))];
        pen.fill();
        if (pieces[i * side + j].length === 0) continue;
        pen.beginPath();
        for (const [u, v, h, u2, v2] of pieces[i * side + j]) {
          pen.moveTo(...this.toPixels(u, v, h));
          pen.lineTo(...this.toPixels(u2, v2, h));
        }
        pen.strokeStyle = colours.line;
        pen.stroke();
      }
    }
  }

  /** The floor, and the axes along its two near edges and up its leftmost corner. */
  #nameAxes() {
    const [towardU, towardV] = this.view.toward;
    const near = [towardU > 0 ? 1 : 0, towardV > 0 ? 1 : 0];
    const middle = this.toPixels(0.5, 0.5, 0);
    const at = (u, v, h = 0) => this.toPixels(u, v, h).map((pixel, i) => pixel + [MARGIN.left, MARGIN.top][i]);
    const out = (u, v, far) => { // beside the floor, away from its middle
      const [x, y] = this.toPixels(u, v, 0);
      const [dx, dy] = [x - middle[0], y - middle[1]];
      const size = Math.hypot(dx, dy) || 1;
      return { x: fix(x + MARGIN.left + (far * dx) / size), y: fix(y + MARGIN.top + (far * dy) / size + 4) };
    };
    const texts = [0, 1].flatMap((axis) => {
      const [low, high] = this.surface.viewport[axis];
      const point = (share) => (axis === 0 ? [share, near[1]] : [near[0], share]);
      return [
        ...ticks(low, high, 4).flatMap((value) => {
          const share = (value - low) / (high - low);
          if (Math.min(share, 1 - share) < CORNER) return [];
          return svg("text", { ...out(...point(share), 16), "text-anchor": "middle" }, format(value));
        }),
        svg("text", { ...out(...point(0.5), 38), "text-anchor": "middle", class: "ol-axis" }, `θ${"₁₂"[axis]}`),
      ];
    });
    const left = CORNERS.reduce((a, b) => (at(...a)[0] < at(...b)[0] ? a : b));
    const path = (points) => points.map((pixels, k) => `${k ? "L" : "M"}${pixels.map(fix).join(" ")}`).join("");
    const { low, scale } = this.mesh;
    const above = Math.abs(low) < scale.small / 100 ? "f" : `(f ${low < 0 ? "+" : "−"} ${format(Math.abs(low), 3)})`;
    this.axes.replaceChildren(
      svg("path", { d: path([at(near[0], 1 - near[1]), at(...near), at(1 - near[0], near[1])]) }),
      svg("path", { d: path([at(...left), at(...left, 1)]) }),
      ...texts,
      ...heightTicks(this.mesh).map(({ value, height }) => {
        const [x, y] = at(...left, height);
        return svg("text", { x: fix(x - 6), y: fix(y + 4), "text-anchor": "end" }, format(value));
      }),
      svg("text", { class: "ol-axis", x: 4, y: 13 }, `height: log(1 + ${above} / ${format(scale.small, 2)})`),
    );
  }
}

/** The surface's colours in the page's theme. @param {Element} element @param {CanvasRenderingContext2D} pen */
function coloursOf(element, pen) {
  const style = getComputedStyle(element);
  const [ink, paper] = ["--ol-ink", "--ol-paper"].map((name) => {
    pen.fillStyle = style.getPropertyValue(name).trim(); // any way of writing a colour becomes #rrggbb
    return [1, 3, 5].map((at) => parseInt(String(pen.fillStyle).slice(at, at + 2), 16));
  });
  const mixed = (share) => `rgb(${paper.map((u, i) => Math.round(u + share * (ink[i] - u))).join(" ")})`;
  const sum = (colour) => colour[0] + colour[1] + colour[2];
  const [from, to] = sum(ink) > sum(paper) ? INK.shade : INK.shade.toReversed(); // what is lit is bright
  const shades = Array.from({ length: SHADES + 1 }, (_, k) => mixed(from + (k / SHADES) * (to - from)));
  return { shades, line: mixed(INK.line), floor: mixed(INK.floor) };
}
