// Contour lines of a surface, by marching squares.

const SIDE = 200; // cells to a side: fine enough for the narrow valley of Rosenbrock's function
export const UNITS = 1000; // the picture's own units to a side

/**
 * One SVG path a level, in a square picture whose second coordinate points down.
 * @param {import("./path.js").Surface} surface @param {number[]} levels @returns {string[]}
 */
export function contourLines({ value, viewport: [[x0, x1], [y0, y1]] }, levels) {
  const share = Array.from({ length: SIDE + 1 }, (_, k) => k / SIDE);
  const heights = share.map((down) => share.map((right) => value(x0 + (x1 - x0) * right, y1 - (y1 - y0) * down)));
  return levels.map((level) => {
    const segments = [];
    for (let j = 0; j < SIDE; j += 1) {
      for (let i = 0; i < SIDE; i += 1) segments.push(...cell(heights, i, j, level));
    }
    return segments.map(([from, to]) => `M${inUnits(from)}L${inUnits(to)}`).join("");
  });
}

/** The segments of one level in the cell with corner (i, j): none, one, or two across a saddle. */
function cell(heights, i, j, level) {
  const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
  const above = corners.map(([u, v]) => heights[v][u] - level);
  if (above.every((a) => a >= 0) || above.every((a) => a < 0)) return [];
  const crossings = corners.flatMap((from, k) => {
    const [a, b] = [above[k], above[(k + 1) % 4]];
    if (a >= 0 === b >= 0) return [];
    const to = corners[(k + 1) % 4];
    return [from.map((u, axis) => u + ((to[axis] - u) * a) / (a - b))];
  });
  if (crossings.length === 2) return [crossings];
  // Across a saddle the middle says which corners belong together.
  const [top, right, bottom, left] = crossings;
  const joined = above.reduce((sum, a) => sum + a, 0) >= 0 === above[0] >= 0;
  return joined ? [[top, right], [bottom, left]] : [[left, top], [right, bottom]];
}

const inUnits = (point) => point.map((u) => Math.round((u * UNITS * 10) / SIDE) / 10).join(" ");
