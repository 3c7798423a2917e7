// What the explorer shows beside and above the contours. Run by tests/test_explorer_js.py.
import assert from "node:assert/strict";
import { test } from "node:test";

const folder = new URL("../../optim_lessons/explorer/js/", import.meta.url);
const load = (name) => import(new URL(name, folder));
const { moved, partsOf, revealed } = await load("arrows.js");
const { spread } = await load("labels.js");
const { logLike } = await load("log-like.js");
const { brightness, heightAt, heightTicks, isHidden, meshOf, view } = await load("mesh.js");
const { run } = await load("path.js");
const { effectiveRates } = await load("rate.js");
const { levels, optimizers, surfaces } = await import(process.env.GENERATED);

const near = (a, b, room = 1e-9) => assert.ok(Math.abs(a - b) <= room * Math.max(1, Math.abs(b)), `${a} is not ${b}`);
function path(method, changes = {}, surface = "ravine", steps = 40, start = surfaces[surface].start) {
  const hyper = Object.fromEntries(optimizers[method].hyper.map((h) => [h.name, h.value]));
  return run(optimizers[method], surfaces[surface], start, { ...hyper, ...changes }, steps);
}
const known = (rates, i) => rates.map((pair) => pair[i]).filter((rate) => !Number.isNaN(rate));

test("the effective rate of gradient descent is its learning rate, at every step and coordinate", () => {
  const rates = effectiveRates(path("SGD", { lr: 0.03 }));
  assert.deepEqual(rates[0], [NaN, NaN]); // no step led to the start
  for (const i of [0, 1]) {
    assert.equal(known(rates, i).length, 40);
    known(rates, i).forEach((rate) => near(rate, 0.03));
  }
});

test("Adagrad's effective rates fall at every step", () => {
  const rates = effectiveRates(path("Adagrad", { lr: 0.5 }));
  for (const i of [0, 1]) {
    const falling = known(rates, i);
    falling.slice(1).forEach((rate, k) => assert.ok(rate <= falling[k] * (1 + 1e-9)));
    assert.ok(falling.at(-1) < falling[0]);
  }
});

test("Adam's effective rates differ by coordinate: the first is lr / |g|", () => {
  const adam = path("Adam", { lr: 0.1 });
  effectiveRates(adam)[1].forEach((rate, i) => near(rate, 0.1 / Math.abs(adam.grad[0][i]), 1e-6));
});

test("there is no effective rate where the gradient is zero or the step is lost in rounding", () => {
  const still = effectiveRates(path("SGD", { lr: 0.03 }, "ravine", 5, [1, 0])); // on the axis: no slope across
  assert.equal(known(still, 0).length, 5);
  assert.equal(known(still, 1).length, 0);
  assert.equal(known(effectiveRates(path("SGD", { lr: 1e-300 })), 0).length, 0);
});

test("the parts of a step are the downhill gradient, minus the average that was used, and the step", () => {
  const momentum = path("Momentum", { lr: 0.01 });
  const parts = partsOf(momentum, "momentum", 7);
  assert.deepEqual(parts.downhill, momentum.grad[6].map((u) => -u));
  parts.step.forEach((u, i) => {
    near(u, momentum.theta[7][i] - momentum.theta[6][i]);
    near(u, 0.01 * parts.average[i], 1e-9); // θ moves by -lr m
  });
  const named = (method, family) => partsOf(path(method), family, 3).average;
  assert.equal(named("SGD", "plain"), null);
  assert.equal(named("RMSprop", "adaptive"), null); // its m adds up steps, not gradients
  const adam = path("Adam");
  assert.deepEqual(named("Adam", "adam"), adam.named[3].map(({ m_hat }) => -m_hat));
  assert.deepEqual(named("NAdam", "adam"), path("NAdam").named[3].map(({ m_bar }) => -m_bar));
});

test("the parts come one after the other, and the runs move with the last", () => {
  assert.deepEqual(revealed(0), [0, 0, 0]);
  assert.deepEqual(revealed(0.5), [1, 0.5, 0]);
  assert.deepEqual(revealed(1), [1, 1, 1]);
  assert.equal(moved(4.6), 4);
  near(moved(4 + 5 / 6), 4.5);
  assert.equal(moved(5), 5);
});

test("a log-like scale rises from 0 to 1, evenly below `small` and by decades above", () => {
  const { to, small, most } = logLike([0, 1e-3, 1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, NaN, Infinity]);
  assert.deepEqual([to(0), to(most), most, small], [0, 1, 1e8, 1]);
  near(to(small / 1000) * 2, to(small / 500), 1e-3);
  near(to(1e6) - to(1e5), to(1e5) - to(1e4), 1e-3);
  assert.equal(logLike([]).to(0), 0);
});

test("labels keep clear of each other and of the edges, near their lines", () => {
  assert.deepEqual(spread([50, 10], 100), [50, 10]);
  const places = spread([99, 99, 98, 20], 100);
  assert.ok(places.every((y) => y >= 0 && y <= 100));
  places.forEach((a, i) => places.forEach((b, j) => assert.ok(i === j || Math.abs(a - b) >= 14)));
  assert.equal(places[3], 20);
  assert.equal(spread([1, 2, 3], 30), null);
});

test("heights keep the order of the losses on every surface, and span from 0 to 1", () => {
  for (const [name, surface] of Object.entries(surfaces)) {
    const mesh = meshOf(surface, levels[name]);
    const [[x0, x1], [y0, y1]] = surface.viewport;
    const { side } = mesh;
    const nodes = Array.from(mesh.heights, (height, k) =>
      ({ height, loss: surface.value(x0 + ((x1 - x0) * Math.floor(k / (side + 1))) / side, y0 + ((y1 - y0) * (k % (side + 1))) / side) }));
    nodes.sort((a, b) => a.loss - b.loss);
    assert.equal(nodes[0].height, 0, name);
    assert.equal(nodes.at(-1).height, 1, name);
    nodes.slice(1).forEach(({ height }, k) => assert.ok(height >= nodes[k].height, name));
  }
});

test("the pieces of contour lie on the mesh, at their height", () => {
  const mesh = meshOf(surfaces.himmelblau, levels.himmelblau);
  const found = mesh.pieces.flat();
  assert.ok(found.length > 1000);
  for (const [u, v, height, u2, v2] of found) {
    near(heightAt(mesh, u, v), height, 1e-9);
    near(heightAt(mesh, u2, v2), height, 1e-9);
  }
});

test("the height axis has round numbers within the surface, none beside another", () => {
  for (const [name, surface] of Object.entries(surfaces)) {
    const named = heightTicks(meshOf(surface, levels[name]));
    assert.ok(named.length >= 2 && named.length <= 6, `${name}: ${named.length}`);
    named.forEach(({ value, height }) => {
      assert.match(value.toExponential(), /^-?[0125]e/);
      assert.ok(height >= 0 && height <= 1);
    });
  }
  const decades = heightTicks(meshOf(surfaces.goldstein_price, levels.goldstein_price)).map(({ value }) => value);
  assert.deepEqual(decades.slice(0, 4), [1e6, 1e5, 1e4, 1000]);
});

test("from straight above, a view is the picture of contours", () => {
  const { project } = view([-90, 90], 1.5);
  const close = ([x, y], [a, b]) => [near(x, a), near(y, b)];
  close(project(0.5, 0.5, 0.3), [0, 0]);
  close(project(1, 0.5, 0.3), [0.75, 0]); // θ₁ to the right
  close(project(0.5, 1, 0.3), [0, -0.5]); // θ₂ up
});

test("what is higher stands higher in the picture, and turning keeps the floor's middle", () => {
  for (const azimuth of [-180, -60, 0, 45, 130]) {
    const { project } = view([azimuth, 30], 1);
    assert.ok(project(0.2, 0.7, 0.9)[1] < project(0.2, 0.7, 0.1)[1]);
    assert.deepEqual(project(0.5, 0.5, 0.5).map((u) => Math.round(u * 1e9) + 0), [0, 0]);
  }
});

test("a hill hides what is behind it, and nothing from straight above", () => {
  const hill = { value: (x, y) => Number(Math.max(Math.abs(x), Math.abs(y)) < 0.3), viewport: [[-1, 1], [-1, 1]] };
  const mesh = meshOf(hill, []);
  const seen = (turn, u, v) => !isHidden(mesh, view(turn, 1).toward, u, v, heightAt(mesh, u, v) + 0.01);
  assert.ok(seen([-90, 20], 0.5, 0.2)); // the eye is at small θ₂
  assert.ok(!seen([-90, 20], 0.5, 0.8));
  assert.ok(seen([90, 20], 0.5, 0.8));
  assert.ok(seen([-90, 20], 0.05, 0.8)); // beside the hill
  assert.ok(seen([-90, 89], 0.5, 0.8));
});

test("the light comes from the left and above, whatever the angle", () => {
  const roof = { value: (x, y) => -Math.abs(x), viewport: [[-1, 1], [-1, 1]] };
  const mesh = meshOf(roof, []);
  const [left, right] = [5 * (mesh.side + 1) + 20, 50 * (mesh.side + 1) + 20];
  const lit = (azimuth, node) => brightness(mesh, view([azimuth, 40], 1).light, 1, node);
  assert.ok(lit(-90, left) > lit(-90, right));
  assert.ok(lit(90, left) < lit(90, right));
});
