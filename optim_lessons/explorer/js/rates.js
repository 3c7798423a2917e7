// How fast an error along one eigenvector shrinks: what theory says, and what a run shows.
//
// On a quadratic the point after a step is p times the point before it, less q times the one before
// that, where p and q depend on x = lr * eigenvalue and on the momentum. In the long run each step
// multiplies the error by the larger root of r^2 - p r + q = 0 (Goh 2017; Lessard, Recht and Packard
// 2016, proposition 1).

/**
 * pq: the two coefficients; bounds: for a momentum, the values of x up to which the error shrinks
 * without a change of sign, swings slowly, changes its sign at each step; above the last it grows.
 * tuned: hyperparameters for eigenvalues from mu to L, with the rate that theory promises.
 * @typedef {{words: string, hyper: (mu: number, L: number) => Object<string, number>,
 *   rate: (kappa: number) => number}} Tuned
 * @typedef {{pq: (x: number, beta: number) => number[], bounds: (beta: number) => number[], tuned: Tuned[]}} Theory
 */

const { sqrt } = Math;
const heavyBall = (beta) => [(1 - sqrt(beta)) ** 2, (1 + sqrt(beta)) ** 2, 2 * (1 + beta)];

/** @type {Object<string, Theory>} */
export const THEORY = {
  SGD: {
    pq: (x) => [1 - x, 0],
    bounds: heavyBall, // without momentum it is the heavy ball's lower edge
    tuned: [{
      words: "Optimal values",
      hyper: (mu, L) => ({ lr: 2 / (L + mu) }),
      rate: (kappa) => (kappa - 1) / (kappa + 1),
    }],
  },
  Momentum: {
    pq: (x, beta) => [1 + beta - x, beta],
    bounds: heavyBall,
    tuned: [{
      words: "Optimal values (Polyak)",
      hyper: (mu, L) => ({
        lr: 4 / (sqrt(L) + sqrt(mu)) ** 2,
        momentum: ((sqrt(L) - sqrt(mu)) / (sqrt(L) + sqrt(mu))) ** 2,
      }),
      rate: (kappa) => (sqrt(kappa) - 1) / (sqrt(kappa) + 1),
    }],
  },
  Nesterov: {
    pq: (x, beta) => [(1 + beta) * (1 - x), beta * (1 - x)],
    bounds: (beta) => [((1 - beta) / (1 + beta)) ** 2, 1, (2 * (1 + beta)) / (1 + 2 * beta)],
    tuned: [
      {
        words: "Optimal values",
        hyper: (mu, L) => ({
          lr: 4 / (3 * L + mu),
          momentum: (sqrt(3 * L + mu) - 2 * sqrt(mu)) / (sqrt(3 * L + mu) + 2 * sqrt(mu)),
        }),
        rate: (kappa) => 1 - 2 / sqrt(3 * kappa + 1),
      },
      {
        words: "Nesterov's values",
        hyper: (mu, L) => ({
          lr: 1 / L,
          momentum: (sqrt(L) - sqrt(mu)) / (sqrt(L) + sqrt(mu)),
        }),
        rate: (kappa) => 1 - 1 / sqrt(kappa),
      },
    ],
  },
};

const CLOSE = 1e-12; // two roots that meet, or one at 1, are found to rounding only

/**
 * The factor of the error at a step, in the long run, and what the error does.
 * @param {Theory} theory @returns {{rate: number, regime: string}}
 */
export function longRun({ pq }, x, beta) {
  const [p, q] = pq(x, beta);
  const under = p * p - 4 * q;
  const rate = under < 0 ? sqrt(q) : (Math.abs(p) + sqrt(under)) / 2;
  if (rate > 1 + CLOSE) return { rate, regime: "diverges" };
  if (rate > 1 - CLOSE) return { rate, regime: "stays" };
  if (under < -CLOSE) return { rate, regime: "oscillates" };
  return { rate, regime: p >= 0 ? "monotone" : "alternates" };
}

const TINIEST = 1e-250; // below, doubles lose their digits

/**
 * The factor of the error at a step, from the run itself: the largest errors of its last third and
 * of the third before, whose swings the largest does not see.
 * @param {ArrayLike<number>} errors not negative @returns {number}
 */
export function measured(errors) {
  let end = errors.length - 1;
  while (end > 0 && !(errors[end] > TINIEST && errors[end] < Infinity)) end -= 1;
  const third = Math.floor(end / 3);
  if (third === 0) return errors[errors.length - 1] === 0 ? 0 : NaN;
  const largest = (from) => {
    let most = 0;
    for (let k = from; k < from + third; k += 1) most = Math.max(most, errors[k + 1]);
    return most;
  };
  return (largest(end - third) / largest(end - 2 * third)) ** (1 / third);
}
