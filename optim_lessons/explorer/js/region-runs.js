// The runs of a region map: what the worker computes, and the page where there can be no worker.

/**
 * What is to be computed: the method's fixed hyperparameters, and the two that the axes have, by name
 * with their values.
 * @typedef {{method: string, surface: string, start: import("./path.js").Pair, steps: number, hyper: Object<string, number>,
 *   names: string[], values: number[][]}} Task
 *
 * A row of cells, or of squares of `every` x `every` cells, from the cell (0, j) on.
 * @typedef {{every: number, j: number, losses: number[], diverged: boolean[]}} Row
 */

const COARSE = 4; // cells to the side of a square, of which the first picture is made

/**
 * The row just finished, or null after each cell before its end, so that one can stop between cells:
 * first a coarse picture, then every cell.
 * @param {{optimizers: Object<string, import("./path.js").Optimizer>, surfaces: Object<string, import("./path.js").Surface>}} generated
 * @param {Task} task @returns {Generator<Row | null>}
 */
export function* rowsOf({ optimizers, surfaces }, { method, surface, start, steps, hyper, names, values: [across, up] }) {
  for (const every of [COARSE, 1]) {
    const middle = every >> 1;
    for (let j = middle; j < up.length; j += every) {
      const row = { every, j: j - middle, losses: [], diverged: [] };
      for (let i = middle; i < across.length; i += every) {
        const hp = { ...hyper, [names[0]]: across[i], [names[1]]: up[j] };
        const { loss, diverged } = lastOf(optimizers[method], surfaces[surface], start, hp, steps);
        row.losses.push(loss);
        row.diverged.push(diverged);
        yield null;
      }
      yield row;
    }
  }
}

/** The last loss of the run that `run` in path.js records whole, and whether it is the end of a diverged one. */
export function lastOf(optimizer, surface, [x, y], hp, steps) {
  let [first, second] = [optimizer.init(x, hp), optimizer.init(y, hp)];
  for (let k = 0; ; k += 1) {
    const loss = surface.value(x, y);
    const [gx, gy] = surface.grad(x, y);
    const diverged = !(Number.isFinite(loss) && Number.isFinite(gx) && Number.isFinite(gy));
    if (diverged || k === steps) return { loss, diverged };
    const nextX = optimizer.step(x, gx, first, hp);
    const nextY = optimizer.step(y, gy, second, hp);
    [x, y, first, second] = [nextX.theta, nextY.theta, nextX.state, nextY.state];
  }
}
