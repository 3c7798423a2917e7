// Runs figures of one dimension and many without a page. Used by tests/test_many.py: figures come on the
// standard input, what they compute and the Python that they print go to the standard output.
import { readFileSync } from "node:fs";

const folder = new URL("../../optim_lessons/explorer/js/", import.meta.url);
const load = (name) => import(new URL(name, folder));
const generated = await import(process.env.GENERATED);
const { errorsOf, modes } = await load("modes.js");
const { online, playOnline } = await load("online.js");
const { cloud, playCloud, ratesOf } = await load("cloud.js");
const { expectedSquares, floorOf } = await load("cloud-theory.js");
const { longRun, measured, THEORY } = await load("rates.js");

const plain = (points) => Array.from(points);
const RUN = {
  modes(figure) {
    const { modes: errors, total, diverged } = errorsOf(generated.optimizers[figure.optimizer.method], figure);
    return { errors, total, diverged, measured: measured(total) };
  },
  online(figure) {
    const runs = figure.methods.map((method) => playOnline(generated.optimizers[method], figure, generated));
    return { points: runs.map(({ points }) => plain(points)), regret: runs.map(({ regret }) => plain(regret)) };
  },
  cloud(figure) {
    const { points, squares } = playCloud(figure, generated);
    const { hyper, sigma, eigenvalues } = figure;
    const rates = ratesOf(figure, generated);
    return {
      points: points.map(plain), squares,
      floors: eigenvalues.map((lambda) => floorOf(hyper, lambda, sigma)),
      expected: eigenvalues.map((lambda) => expectedSquares(rates, hyper.momentum, lambda, sigma, 1.5 ** 2)),
    };
  },
  // Theory: for each x and beta the rate and the regime; the tuned values for eigenvalues from mu to L.
  theory({ method, grid, betas, mu, L }) {
    const theory = THEORY[method];
    return {
      grid: grid.map(([x, beta]) => longRun(theory, x, beta)),
      bounds: betas.map((beta) => theory.bounds(beta)),
      tuned: theory.tuned.map(({ words, hyper, rate }) => ({ words, hyper: hyper(mu, L), rate: rate(L / mu) })),
    };
  },
  // A long run of which only the end is of interest.
  end(figure) {
    return figure.methods.map((method) => {
      const { points, regret } = playOnline(generated.optimizers[method], figure, generated);
      return [points.at(-1), regret.at(-1)];
    });
  },
};
const KINDS = { modes, online, cloud };

const figures = JSON.parse(readFileSync(0, "utf8"));
const results = figures.map((figure) =>
  ({ ...RUN[figure.kind](figure), ...(KINDS[figure.kind] && { python: KINDS[figure.kind].python(figure, generated) }) }));
process.stdout.write(JSON.stringify(results));
