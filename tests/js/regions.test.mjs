// Region maps without a page. Run by tests/test_explorer_js.py.
import assert from "node:assert/strict";
import { test } from "node:test";

const folder = new URL("../../optim_lessons/explorer/js/", import.meta.url);
const load = (name) => import(new URL(name, folder));
const { run, lossAt } = await load("path.js");
const { readShared, writeShared } = await load("address.js");
const { mapAxis, SIDE } = await load("region-axis.js");
const { arrange, axesOf, chosenOf, fields, mapped } = await load("region-choice.js");
const { lastOf, rowsOf } = await load("region-runs.js");
const { RegionWork } = await load("region-work.js");
const { curvatureNear, EDGES, polyak } = await load("stability.js");
const generated = await import(process.env.GENERATED);
const { optimizers, surfaces } = generated;

const author = {
  kind: "regions", surface: "ravine", start: [-4, 1], steps: 50, locked: false, caption: "",
  optimizer: { method: "Adam", axes: ["lr", "beta2"], cell: [30, 40], hyper: { beta1: 0.9, eps: 1e-8 } },
};
const taskOf = ({ optimizer: { method, axes, hyper }, surface, start, steps }) =>
  ({ method, surface, start, steps, hyper, names: axes, values: axesOf(optimizers[method], axes).map(({ values }) => values) });

test("every cell's value leads back to the cell, and is allowed, on every axis of every method", () => {
  for (const method of mapped(optimizers)) {
    for (const hyper of optimizers[method].hyper) {
      const { values, nearest } = mapAxis(hyper);
      assert.equal(values.length, SIDE);
      values.forEach((value, i) => assert.equal(nearest(value), i, `${method} ${hyper.name} ${value}`));
    }
  }
});

test("the last loss is that of the recorded run, diverged runs included", () => {
  for (const method of mapped(optimizers)) {
    const hp = Object.fromEntries(optimizers[method].hyper.map(({ name, value }) => [name, value]));
    for (const lr of [0.01, 30]) {
      const path = run(optimizers[method], surfaces.rosenbrock, [-1.2, 1], { ...hp, lr }, 60);
      const last = lastOf(optimizers[method], surfaces.rosenbrock, [-1.2, 1], { ...hp, lr }, 60);
      assert.deepEqual(last, { loss: lossAt(path, 60), diverged: path.diverged }, method);
    }
  }
});

test("rows come coarse first, then all, and one can stop after each cell", () => {
  const all = [...rowsOf(generated, taskOf(author))];
  const rows = all.filter((row) => row);
  assert.equal(all.length, 16 * 17 + 64 * 65);
  assert.deepEqual(rows.map(({ every }) => every), [...Array(16).fill(4), ...Array(64).fill(1)]);
  assert.deepEqual(rows[1].losses[3], rows[16 + 6].losses[3 * 4 + 2]); // a square has its middle's loss
});

test("the choice round-trips through the address, and what is not allowed is left out", () => {
  const allowed = fields(author, generated);
  const figure = structuredClone(author);
  figure.optimizer = arrange("Nesterov", ["momentum", "lr"], { lr: 0.02, momentum: 0.9 }, optimizers);
  figure.steps = 500;
  assert.deepEqual({ ...author, ...readShared(writeShared(author, figure, allowed), allowed) }, figure);
  const bad = [{ method: "SGD" }, { axes: ["lr", "lr"] }, { axes: ["lr", "rho"] }, { cell: [1.5, 2] }, { cell: [64, 0] },
    { hyper: { beta1: 1, eps: 1e-8 } }, { hyper: { beta1: 0.9 } }];
  for (const part of bad) {
    const said = JSON.stringify({ optimizer: { ...author.optimizer, ...part }, steps: 2000 });
    assert.deepEqual(readShared(said, allowed), {}, said);
  }
});

test("other axes keep the values of the chosen cell", () => {
  const before = chosenOf(author.optimizer, optimizers);
  const after = arrange("Adam", ["beta1", "beta2"], before, optimizers);
  assert.equal(after.hyper.lr, before.lr);
  assert.equal(after.cell[1], author.optimizer.cell[1]);
  assert.ok(Math.abs(chosenOf(after, optimizers).beta1 - 0.9) < 0.01);
});

test("the edge is where a step's own linear map stops contracting", () => {
  for (const [method, { limit }] of Object.entries(EDGES)) {
    for (const momentum of [0, 0.3, 0.9, 0.99]) {
      for (const [share, stable] of [[0.999, true], [1.001, false]]) {
        const lr = (share * limit(momentum)) / 20;
        const step = (theta, m) => optimizers[method].step(theta, 20 * theta, { m }, { lr, momentum });
        const [a, b] = [step(1, 0), step(0, 1)];
        const [trace, det] = [a.theta + b.state.m, a.theta * b.state.m - b.theta * a.state.m];
        const root = trace ** 2 / 4 - det;
        const radius = root < 0 ? Math.sqrt(det) : Math.abs(trace) / 2 + Math.sqrt(root);
        assert.equal(radius < 1, stable, `${method} ${momentum} ${share}: ${radius}`);
      }
    }
  }
});

test("no pair contracts faster than Polyak's", () => {
  const radius = ({ lr, momentum }) => Math.max(...[1, 20].map((lambda) => {
    const trace = 1 + momentum - lr * lambda;
    const root = trace ** 2 / 4 - momentum;
    return root < 0 ? Math.sqrt(momentum) : Math.abs(trace) / 2 + Math.sqrt(root);
  }));
  const best = polyak(1, 20);
  for (const lr of mapAxis(optimizers.Momentum.hyper[0]).values) {
    for (const momentum of mapAxis(optimizers.Momentum.hyper[1]).values) {
      assert.ok(radius({ lr, momentum }) >= radius(best) - 1e-7);
    }
  }
});

test("curvature is that of the nearest minimum; a kink or no minimum has none", () => {
  const ravine = curvatureNear(surfaces.ravine, [-4, 1]);
  assert.ok(ravine.exact && Math.abs(ravine.mu - 1) < 1e-9 && Math.abs(ravine.L - 20) < 1e-9);
  const himmelblau = curvatureNear(surfaces.himmelblau, [-3, -3]);
  assert.ok(!himmelblau.exact && himmelblau.minimum[0] < -3 && himmelblau.minimum[1] < -3);
  for (const name of ["saddle", "ackley", "kink"]) assert.equal(curvatureNear(surfaces[name], [1, 1]), null, name);
});

test("without workers, as in Node, the map is computed in slices, and a new request replaces the old", async () => {
  const rows = [];
  await new Promise((done) => {
    const work = new RegionWork(generated, (row) => {
      rows.push(row);
      if (row.every === 1 && row.j === SIDE - 1) done();
    });
    work.ask(taskOf({ ...author, surface: "beale" }));
    work.ask(taskOf(author));
  });
  assert.deepEqual(rows, [...rowsOf(generated, taskOf(author))].filter((row) => row));
});

test("work that has ended gives no more rows", async () => {
  const work = new RegionWork(generated, () => assert.fail());
  work.ask(taskOf(author));
  work.end();
  await new Promise((done) => setTimeout(done, 50));
});

test("answers to an older request are dropped, and a worker that fails is done without", async () => {
  let worker;
  globalThis.Worker = class {
    constructor() {
      worker = this;
      this.asked = [];
      this.ended = false;
    }
    postMessage({ id }) { this.asked.push(id); }
    terminate() { this.ended = true; }
  };
  const rows = [];
  const work = new RegionWork(generated, (row) => rows.push(row));
  delete globalThis.Worker;
  work.ask(taskOf(author));
  work.ask(taskOf(author));
  const [older, newer] = worker.asked;
  worker.onmessage({ data: { id: older, row: "old" } });
  worker.onmessage({ data: { id: newer, row: "new" } });
  assert.deepEqual(rows, ["new"]);
  worker.onmessage({ data: { refused: "no modules" } });
  assert.ok(worker.ended);
  await new Promise((done) => setTimeout(done, 50));
  assert.equal(rows[1].every, 4);
  work.end();
});
