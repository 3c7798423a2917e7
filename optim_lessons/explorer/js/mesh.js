// A surface as a mesh of heights, and how it is seen from a direction.

import { logLike } from "./log-like.js";

const SIDE = 60; // cells to a side
const TALL = 0.7; // the highest point, of the shorter side of the floor
const APART = 0.15; // of the height: the least from one number of the axis to the next
const RADIANS = Math.PI / 180;
const LIGHT = [-0.55, -0.5, 0.67]; // right, down and to the eye: it comes from the upper left

/**
 * Heights on a grid, from 0 to 1, and the pieces of contour lines in each cell. u and v go from 0 to 1
 * over the picture's extents; node (i, j) is at u = i / side, v = j / side and has index i (side + 1) + j.
 * @typedef {{side: number, low: number, scale: import("./log-like.js").LogLike, heights: Float64Array,
 *   pieces: number[][][]}} Mesh pieces: for each cell a list of [u, v, height, u, v, height]
 */

/** @param {import("./path.js").Surface} surface @param {number[]} levels @returns {Mesh} */
export function meshOf({ value, viewport: [[x0, x1], [y0, y1]] }, levels) {
  const values = [];
  for (let i = 0; i <= SIDE; i += 1) {
    for (let j = 0; j <= SIDE; j += 1) values.push(value(x0 + ((x1 - x0) * i) / SIDE, y0 + ((y1 - y0) * j) / SIDE));
  }
  const low = Math.min(...values.filter(Number.isFinite));
  const scale = logLike(values.map((height) => height - low));
  const raised = (height) => (Number.isNaN(height) ? 1 : scale.to(height - low));
  const heights = Float64Array.from(values, raised);
  const lines = levels.map(raised);
  return { side: SIDE, low, scale, heights, pieces: pieces(heights, lines) };
}

/** Where the levels cross each cell's edges, joined in pairs. */
function pieces(heights, levels) {
  const cells = [];
  for (let i = 0; i < SIDE; i += 1) {
    for (let j = 0; j < SIDE; j += 1) {
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
      const at = corners.map(([a, b]) => heights[a * (SIDE + 1) + b]);
      const [least, most] = [Math.min(...at), Math.max(...at)];
      const found = [];
      for (const level of levels) {
        if (level <= least || level > most) continue;
        const ends = [0, 1, 2, 3].filter((c) => at[c] < level !== at[(c + 1) % 4] < level).map((c) => {
          const share = (level - at[c]) / (at[(c + 1) % 4] - at[c]);
          return corners[c].map((a, k) => (a + share * (corners[(c + 1) % 4][k] - a)) / SIDE);
        });
        for (let e = 0; e < ends.length; e += 2) found.push([...ends[e], level, ...ends[e + 1], level]);
      }
      cells.push(found);
    }
  }
  return cells;
}

/** The height of the mesh at a point, between its nodes. @param {Mesh} mesh */
export function heightAt({ side, heights }, u, v) {
  const i = Math.min(side - 1, Math.max(0, Math.floor(u * side)));
  const j = Math.min(side - 1, Math.max(0, Math.floor(v * side)));
  const [a, b] = [u * side - i, v * side - j];
  const node = i * (side + 1) + j;
  const near = heights[node] + b * (heights[node + 1] - heights[node]);
  const far = heights[node + side + 1] + b * (heights[node + side + 2] - heights[node + side + 1]);
  return near + a * (far - near);
}

/**
 * Round heights for an axis: first 0 and the powers of ten, then between them where there is room.
 * @param {Mesh} mesh @returns {{value: number, height: number}[]}
 */
export function heightTicks({ low, scale }) {
  const highest = low + scale.most;
  const exponents = Array.from({ length: 13 }, (_, k) => Math.floor(Math.log10(scale.most)) - k);
  const sizes = [1, 5, 2].flatMap((digit) => exponents.map((e) => Number(`${digit}e${e}`)));
  const chosen = [];
  for (const value of [0, ...sizes.flatMap((size) => [size, -size])]) {
    const height = scale.to(value - low);
    const free = chosen.every((other) => Math.abs(other.height - height) > APART);
    if (value >= low && value <= highest && free) chosen.push({ value, height });
  }
  return chosen;
}

/**
 * A view from far away: azimuth and elevation in degrees, as Matplotlib's. `project` gives pixels to
 * the right and down from the middle, where the shorter side of the floor is one pixel long; `toward`
 * is the direction to the eye.
 * @param {number[]} turn @param {number} aspect the floor's first side, its second being 1
 */
export function view([azimuth, elevation], aspect) {
  const [ca, sa] = [Math.cos(azimuth * RADIANS), Math.sin(azimuth * RADIANS)];
  const [ce, se] = [Math.cos(elevation * RADIANS), Math.sin(elevation * RADIANS)];
  return {
    /** @param {number} u @param {number} v @param {number} height */
    project(u, v, height) {
      const [x, y, z] = [(u - 0.5) * aspect, v - 0.5, (height - 0.5) * TALL];
      return [y * ca - x * sa, se * (x * ca + y * sa) - ce * z];
    },
    toward: [(ce * ca) / aspect, ce * sa, se / TALL], // in the mesh's own units
    light: [-sa, ca, 0].map((right, k) =>
      LIGHT[0] * right + LIGHT[1] * [se * ca, se * sa, -ce][k] + LIGHT[2] * [ce * ca, ce * sa, se][k]),
    extent: [aspect * Math.abs(sa) + Math.abs(ca), se * (aspect * Math.abs(ca) + Math.abs(sa)) + ce * TALL],
  };
}

/**
 * How much light falls on the cell that begins at a node, from 0 to 1.
 * @param {Mesh} mesh @param {number[]} light
 */
export function brightness({ side, heights }, light, aspect, node) {
  const along = ((heights[node + side + 1] - heights[node]) * TALL * side) / aspect;
  const across = (heights[node + 1] - heights[node]) * TALL * side;
  const facing = light[2] - along * light[0] - across * light[1];
  return Math.max(0, facing / Math.hypot(along, across, 1));
}

/**
 * Whether the mesh stands before a point, for an eye in the direction `toward`.
 * @param {Mesh} mesh @param {number[]} toward
 */
export function isHidden(mesh, toward, u, v, height) {
  const [du, dv, dh] = toward;
  const stride = 1 / (mesh.side * Math.max(Math.abs(du), Math.abs(dv)));
  for (let s = stride; ; s += stride) {
    const [a, b, h] = [u + s * du, v + s * dv, height + s * dh];
    if (h > 1 || a < 0 || a > 1 || b < 0 || b > 1) return false;
    if (heightAt(mesh, a, b) > h) return true;
  }
}
