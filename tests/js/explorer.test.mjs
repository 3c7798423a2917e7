// The explorer's functions that need no page. Run by tests/test_explorer_js.py.
import assert from "node:assert/strict";
import { test } from "node:test";

const folder = new URL("../../optim_lessons/explorer/js/", import.meta.url);
const load = (name) => import(new URL(name, folder));
const { format, fromPosition, parse, POSITIONS, powerOfTen, ticks, toPosition } = await load("numbers.js");
const { contourLines } = await load("contours.js");
const { readout, run, trouble } = await load("path.js");
const { nameOf } = await load("method-row.js");
const { assignLooks } = await load("looks.js");
const { readShared, writeShared } = await load("address.js");
const { explore } = await load("explore.js");
const { lossAxis } = await load("line-plot.js");
const generated = await import(process.env.GENERATED);
const { levels, looks, optimizers, surfaces } = generated;

const hypers = Object.entries(optimizers).flatMap(([name, { hyper }]) => hyper.map((info) => ({ name, info })));
const defaults = (name) => Object.fromEntries(optimizers[name].hyper.map((h) => [h.name, h.value]));

test("every slider position gives a value that gives the position back", () => {
  assert.ok(hypers.length > 10);
  for (const { name, info } of hypers) {
    for (let position = 0; position <= POSITIONS; position += 1) {
      assert.equal(toPosition(info, fromPosition(info, position)), position, `${name} ${info.name}`);
    }
  }
});

test("every slider position gives a valid value, and the default is within reach", () => {
  for (const { name, info } of hypers) {
    for (let position = 0; position <= POSITIONS; position += 1) {
      const value = fromPosition(info, position);
      assert.deepEqual(parse(info, String(value)), { value }, `${name} ${info.name}`);
    }
    const near = fromPosition(info, toPosition(info, info.value));
    const hit = info.value === 0 ? near === 0 : Math.abs(near / info.value - 1) < 0.06;
    assert.ok(hit, `${name} ${info.name}: ${near}`);
  }
});

test("a slider moves evenly in the logarithm of lr, and in that of 1 - beta", () => {
  const [lr, beta1] = optimizers.Adam.hyper;
  const quarter = [0, 1, 2, 3, 4].map((k) => (k * POSITIONS) / 4);
  const ratios = (values) => values.slice(1).map((value, k) => Math.round(Math.log10(values[k] / value) * 100) / 100);
  assert.deepEqual(ratios(quarter.map((p) => 1 - fromPosition(beta1, p))), [1, 1, 1, 1]);
  assert.deepEqual(ratios(quarter.map((p) => fromPosition(lr, p))), [-1.75, -1.75, -1.75, -1.75]);
});

test("a hyperparameter that is 0 by default is 0 at the slider's low end, and small beside it", () => {
  const decay = { scale: "log", interval: "[0, inf)", value: 0 };
  assert.equal(fromPosition(decay, 0), 0);
  assert.equal(toPosition(decay, 0), 0);
  assert.ok(Math.abs(Math.log10(fromPosition(decay, 1)) + 6) < 0.1);
});

test("the menu has a heading for every family", () => {
  const families = new Set(Object.values(optimizers).map(({ family }) => family));
  for (const family of families) assert.ok(looks.families[family].length > 3, family);
});

test("a typed value is taken as Python would take it, or answered with a sentence", () => {
  const [lr, beta1] = optimizers.Adam.hyper;
  assert.deepEqual(parse(lr, " 2e-3 "), { value: 0.002 });
  assert.deepEqual(parse(lr, "0"), { value: 0 });
  assert.deepEqual(parse(lr, "0,5"), { value: 0.5 });
  for (const text of ["", "fast", "-1", "NaN", "Infinity"]) assert.match(parse(lr, text).error, /learning rate/);
  assert.match(parse(beta1, "1").error, /\[0, 1\)/);
});

test("numbers are printed for reading", () => {
  assert.equal(format(0.00527412), "0.005274");
  assert.equal(format(-12), "−12");
  assert.equal(format(1.23456e-7), "1.23e−7");
  assert.equal(format(4.2e21), "4.20e21");
  assert.equal(format(NaN), "not a number");
  assert.equal(format(-Infinity), "−∞");
  assert.equal(powerOfTen(-12), "10⁻¹²");
  assert.deepEqual(ticks(-1.5, 2, 4), [-1, 0, 1, 2]);
});

test("what a step computes has the book's names", () => {
  assert.equal(nameOf("theta"), "θ");
  assert.equal(nameOf("v_hat"), "v\u0302");
  assert.equal(nameOf("g_bar"), "g\u0304");
  assert.equal(nameOf("mu_next"), "μ next");
  assert.equal(nameOf("v_max"), "v max");
});

test("a path has the start and one row a step, and stays finite where it converges", () => {
  const path = run(optimizers.Adam, surfaces.beale, [1, 1.5], { ...defaults("Adam"), lr: 0.1 }, 50);
  assert.equal(path.value.length, 51);
  assert.equal(path.diverged, false);
  assert.ok(path.value[50] < path.value[0]);
});

test("a path stops at the first value that is not finite, and says so", () => {
  const path = run(optimizers.SGD, surfaces.rosenbrock, [-1.2, 1], { lr: 1 }, 200);
  const last = path.value.length - 1;
  assert.equal(path.diverged, true);
  assert.ok(last < 20);
  assert.ok(path.value.slice(0, -1).every(Number.isFinite));
  assert.match(trouble(path, 200, surfaces.rosenbrock.viewport), new RegExp(`diverged: at step ${last}`));
});

test("a path outside the picture is told with the step at which it left", () => {
  const path = run(optimizers.SGD, surfaces.saddle, [0, 1], { lr: 0.1 }, 20); // y grows by 1.2 a step
  assert.equal(trouble(path, 2, surfaces.saddle.viewport), null);
  assert.equal(trouble(path, 9, surfaces.saddle.viewport), "outside the picture since step 3");
});

test("the readout gives what a step computed, and the step is theta's change", () => {
  const path = run(optimizers.Adam, surfaces.beale, [1, 1.5], defaults("Adam"), 5);
  const rows = Object.fromEntries(readout(path, 1).map(({ name, value }) => [name, value]));
  assert.deepEqual(Object.keys(rows), ["theta", "g", "step", "m", "v", "m_hat", "v_hat"]);
  assert.deepEqual(rows.g, surfaces.beale.grad(1, 1.5));
  rows.m_hat.forEach((u, i) => assert.ok(Math.abs(u / rows.g[i] - 1) < 1e-12)); // bias-corrected
  rows.step.forEach((u, i) => assert.ok(Math.abs(u + 0.001 * Math.sign(rows.g[i])) < 1e-9)); // Adam's first step
  assert.equal(readout(path, 0).find(({ name }) => name === "step").value, null);
});

test("runs of one family never look alike, the same method twice included", () => {
  const methods = [...Object.keys(optimizers), "Adam", "Adam", "SGD"];
  const all = assignLooks(methods, optimizers, looks).map(({ family, dash, marker }) => `${family} ${dash} ${marker}`);
  assert.equal(new Set(all).size, methods.length);
});

test("the loss has a logarithmic axis of whole decades unless a loss is negative", () => {
  assert.deepEqual(lossAxis([42, 0.003], [0, 500]).ends, [-3, 2]);
  assert.deepEqual(lossAxis([42, 0.003, 1e90], [0, 500]).ends, [-3, 3]); // no more than the surface
  assert.equal(lossAxis([42, 0], [0, 500]).to(0), -16);
  const [low, high] = lossAxis([1, -3e9], [-2, 2]).ends;
  assert.ok(low > -3 && high < 2);
});

test("the contours of a cone are circles, left open where the picture ends", () => {
  const cone = { value: (x, y) => Math.hypot(x, y), viewport: [[-1, 1], [-1, 1]] };
  const [whole, cut] = contourLines(cone, [0.503, 1.2]);
  const points = (d) => [...d.matchAll(/[ML](\S+) (\S+?)(?=[ML]|$)/g)].map((match) => match.slice(1).map(Number));
  for (const [d, radius] of [[whole, 251.5], [cut, 600]]) {
    assert.ok(points(d).length > 100);
    for (const [u, v] of points(d)) assert.ok(Math.abs(Math.hypot(u - 500, v - 500) - radius) < 0.2);
  }
  assert.deepEqual(points(whole)[0], points(whole).at(-1));
  for (const piece of cut.split("M").slice(1)) {
    const line = points(`M${piece}`);
    line.slice(1).forEach(([u, v], k) => assert.ok(Math.hypot(u - line[k][0], v - line[k][1]) < 10, piece));
  }
});

test("every surface has contours within its picture, each at its level", () => {
  assert.deepEqual(Object.keys(levels), Object.keys(surfaces));
  for (const [name, surface] of Object.entries(surfaces)) {
    const [[x0, x1], [y0, y1]] = surface.viewport;
    const lines = contourLines(surface, levels[name]);
    assert.ok(lines.filter((d) => d.length > 0).length > 8, name);
    lines.forEach((d, k) => {
      for (const [, u, v] of d.matchAll(/[ML](\S+) (\S+?)(?=[ML]|$)/g)) {
        assert.ok(u >= 0 && u <= 1000 && v >= 0 && v <= 1000, `${name}: ${u} ${v}`);
        // The level lies between the heights half a cell away on all sides.
        const heights = [-2.5, 0, 2.5].flatMap((a) => [-2.5, 0, 2.5].map((b) =>
          surface.value(x0 + (x1 - x0) * (Number(u) + a) / 1000, y1 - (y1 - y0) * (Number(v) + b) / 1000)));
        const room = 0.1 * (Math.max(...heights) - Math.min(...heights));
        assert.ok(Math.min(...heights) - room <= levels[name][k], name);
        assert.ok(Math.max(...heights) + room >= levels[name][k], name);
      }
    });
  }
});

test("the state that an address holds comes back as it was", () => {
  const author = { surface: "beale", start: [1, 1.5], locked: false, optimizers: [], tolerance: null };
  const fields = explore.fields(author, generated);
  const changed = {
    ...author, surface: "saddle", start: [0.25, -1], tolerance: 0.01,
    optimizers: [{ method: "Adam", hyper: { ...defaults("Adam"), lr: 0.3 } }, { method: "SGD", hyper: { lr: 0 } }],
  };
  assert.deepEqual({ ...author, ...readShared(writeShared(author, changed, fields), fields) }, changed);
  assert.equal(writeShared(author, author, fields), "{}");
});

test("an address gives no value that the whitelist does not", () => {
  const author = { surface: "beale", start: [1, 1.5], locked: false, optimizers: [], tolerance: null };
  const allowed = explore.fields(author, generated);
  const adam = (change) => JSON.stringify({ optimizers: [{ method: "Adam", hyper: { ...defaults("Adam"), ...change } }] });
  for (const text of [
    "", "no JSON", "null", "[1]", '"text"', '{"surface":"nowhere"}', '{"surface":["beale"]}', '{"start":[1]}', '{"start":[1e9,0]}',
    '{"start":["1",0]}', '{"start":[null,0]}', '{"tolerance":-1}', '{"tolerance":"0.1"}', '{"optimizers":{}}', '{"caption":"<b>"}', '{"steps":1e9}',
    '{"optimizers":[{"method":"__proto__","hyper":{}}]}', '{"optimizers":[{"method":"Adam","hyper":{"lr":0.1}}]}',
    adam({ lr: -1 }), adam({ beta1: 1 }), adam({ lr: "1" }), adam({ lr: null }), `{"optimizers":[${'{"method":"SGD","hyper":{"lr":0}},'.repeat(30)}{}]}`,
  ]) assert.deepEqual(readShared(text, allowed), {}, text);
  assert.deepEqual(readShared(adam({ more: 1 }), allowed).optimizers[0].hyper, defaults("Adam"));
  assert.deepEqual(explore.fields({ ...author, locked: true }, generated).surface, undefined);
});
