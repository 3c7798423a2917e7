// The mean square of momentum's distance from the minimum, under gradient noise: what theory says.

/**
 * The floor at which a constant learning rate ends, in the sum form of momentum: infinite where the
 * error grows.
 * @param {{lr: number, momentum: number}} hyper
 */
export function floorOf({ lr, momentum }, lambda, sigma) {
  const room = 2 * (1 + momentum) - lr * lambda;
  return room > 0 ? (lr * sigma ** 2 * (1 + momentum)) / (lambda * (1 - momentum) * room) : Infinity;
}

/**
 * The expected square after 0, 1, ... steps: the step is linear in the point and the buffer m, so their
 * second moments follow from those before, exactly and with any learning rates.
 * @param {number[]} rates the learning rates of steps 1, 2, ... @param {number} first the first square
 * @returns {number[]}
 */
export function expectedSquares(rates, momentum, lambda, sigma, first) {
  let [tt, tm, mm] = [first, 0, 0]; // of theta theta, theta m, m m
  const squares = [tt];
  for (const lr of rates) {
    // m becomes momentum m + lambda theta + noise, and theta falls by lr times this.
    const gm = momentum * tm + lambda * tt;
    const next = momentum ** 2 * mm + 2 * momentum * lambda * tm + lambda ** 2 * tt + sigma ** 2;
    tt += lr ** 2 * next - 2 * lr * gm;
    tm = gm - lr * next;
    mm = next;
    squares.push(tt);
  }
  return squares;
}
