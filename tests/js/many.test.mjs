// Modes, online and cloud: what needs no page. Run by tests/test_explorer_js.py.
import assert from "node:assert/strict";
import { test } from "node:test";

const folder = new URL("../../optim_lessons/explorer/js/", import.meta.url);
const load = (name) => import(new URL(name, folder));
const { readShared, writeShared } = await load("address.js");
const { cloud, lateMean } = await load("cloud.js");
const { apart } = await load("line-names.js");
const { modes } = await load("modes.js");
const { ModesPlot } = await load("modes-plot.js");
const { online } = await load("online.js");
const { measured } = await load("rates.js");
const { evenly, parseEigenvalues } = await load("spectrum.js");
const { thin, timeOf } = await load("time-plot.js");
const { colour, curvatureLook } = await load("looks.js");
const generated = await import(process.env.GENERATED);

const AUTHORS = {
  modes: {
    kind: "modes", optimizer: { method: "Momentum", hyper: { lr: 0.01, momentum: 0.7 } }, eigenvalues: [1, 10, 100],
    steps: 150, caption: "",
  },
  online: {
    kind: "online", methods: ["Adam", "AMSGrad"], hyper: { lr: 0.5, beta1: 0, beta2: 0.1 },
    problem: { large: 3, small: -1, period: 3 }, start: 0, log: true, steps: 300, caption: "",
  },
  cloud: {
    kind: "cloud", hyper: { lr: 0.1, momentum: 0 }, sigma: 3, falling: false, seed: 0, eigenvalues: [1, 10],
    particles: 200, steps: 200, caption: "",
  },
};
const CHANGED = {
  modes: { optimizer: { method: "Nesterov", hyper: { lr: 0.002, momentum: 0.9 } }, eigenvalues: [0.5, 0.5, 7] },
  online: {
    methods: ["SGD"], hyper: { lr: 0.1, beta1: 0.9, beta2: 0.99 }, problem: { large: 55, small: -1, period: 11 },
    start: -1, log: false,
  },
  cloud: { hyper: { lr: 0.2, momentum: 0.9 }, sigma: 0, falling: true, seed: 4294967295 },
};
const KINDS = { modes, online, cloud };

test("what a reader changed comes back from the address, all of it and nothing else", () => {
  for (const [name, author] of Object.entries(AUTHORS)) {
    const fields = KINDS[name].fields(author, generated);
    assert.deepEqual(Object.keys(fields).sort(), Object.keys(CHANGED[name]).sort());
    const figure = { ...author, ...CHANGED[name] };
    assert.deepEqual(readShared(writeShared(author, figure, fields), fields), CHANGED[name]);
    assert.equal(writeShared(author, author, fields), "{}");
  }
});

test("values out of bounds, of another type or unknown are left out", () => {
  const hostile = {
    modes: {
      optimizer: [{ method: "constructor", hyper: {} }, { method: "SGD", hyper: { lr: -1 } }, { method: "SGD", hyper: {} }],
      eigenvalues: [[], [0, 1], [2, 1], [1, "2"], Array(13).fill(1), [1, 1e9], "1, 2", null],
    },
    online: {
      methods: [["Adma"], "Adam", Array(5).fill("SGD"), ["__proto__"]],
      hyper: [{ lr: 0.5, beta1: 1, beta2: 0 }, { lr: 0.5, beta1: 0 }, null],
      problem: [{ large: 1.9, small: -1, period: 3 }, { large: 3, small: -1, period: 4 }, { large: 1e9, small: -1, period: 3 }, null],
      start: [1.1, "0", null], log: [1, "true"],
    },
    cloud: {
      hyper: [{ lr: 0.1 }, { lr: 0.1, momentum: 1 }], sigma: [-1, 11, NaN], falling: [0], seed: [0.5, -1, 2 ** 32],
    },
  };
  for (const [name, author] of Object.entries(AUTHORS)) {
    const fields = KINDS[name].fields(author, generated);
    for (const [field, values] of Object.entries(hostile[name])) {
      for (const value of values) assert.deepEqual(readShared(JSON.stringify({ [field]: value }), fields), {}, `${field} ${value}`);
    }
    assert.deepEqual(readShared(JSON.stringify({ kind: "x", steps: 1e9, caption: "<b>", particles: 1e9 }), fields), {});
  }
  const kept = readShared(JSON.stringify({ problem: { large: 4, small: -99, period: 3 } }), online.fields(AUTHORS.online, generated));
  assert.equal(kept.problem.small, -1); // the author's, whatever the address says
});

test("eigenvalues are spaced evenly, in their logarithm or as they are", () => {
  assert.deepEqual(evenly(3, 100, "log"), [1, 10, 100]);
  assert.deepEqual(evenly(4, 10, "linear"), [1, 4, 7, 10]);
  assert.deepEqual(evenly(2, 1, "log"), [1, 1]);
});

test("typed eigenvalues are put in order, or answered with a sentence", () => {
  assert.deepEqual(parseEigenvalues(" 3, 0.5;2 "), { value: [0.5, 2, 3] });
  for (const text of ["", "1", "1, 2, x", "0, 1", "1, -2", "1, 1e9", Array(13).fill(1).join()]) {
    assert.match(parseEigenvalues(text).error, /2 to 12 numbers/, text);
  }
});

test("the measured rate is that of the largest errors, until doubles end", () => {
  const powers = (rate, n) => Array.from({ length: n + 1 }, (_, k) => rate ** k);
  assert.ok(Math.abs(measured(powers(0.9, 100)) - 0.9) < 1e-9);
  assert.ok(Math.abs(measured(powers(0.01, 500)) - 0.01) < 1e-9); // 1e-1000 is 0
  assert.ok(Math.abs(measured(powers(3, 2000)) - 3) < 1e-9); // and 3^2000 is infinite
  const swings = powers(0.9, 150).map((size, k) => Math.abs(size * Math.cos(0.7 * k)));
  assert.ok(Math.abs(measured(swings) - 0.9) < 2e-3);
  assert.equal(measured([1, 0, 0, 0]), 0);
});

test("names of lines are a line apart, in the order of their heights, and inside the picture", () => {
  assert.deepEqual(apart([50, 10, 90], 200), [50, 10, 90]);
  assert.deepEqual(apart([10, 10, 11], 200), [10, 24, 38]);
  assert.deepEqual(apart([195, 198, 10], 200), [186, 200, 10]);
});

test("a thinned line keeps the start, the end, and the highest and lowest of what lies between", () => {
  const values = Array.from({ length: 30001 }, (_, k) => Math.sin(k) * (k === 12345 ? 7 : 1));
  for (const log of [true, false]) {
    const time = timeOf(30000, log);
    const line = thin(values, time);
    assert.ok(line.length <= 2 * 401);
    assert.equal(line.length, 2 * time.firsts.length);
    assert.deepEqual(line.at(-1), [time.to(30000), values[30000]]);
    const heights = line.map(([, v]) => v);
    assert.equal(Math.max(...heights.map(Math.abs)), Math.abs(values[12345]));
    line.slice(1).forEach(([u], i) => assert.ok(u >= line[i][0]));
  }
  assert.deepEqual(thin([5, 6, 7], timeOf(2, false)), [[0, 5], [0, 5], [1, 6], [1, 6], [2, 7], [2, 7]]);
});

test("the axis of errors holds all of them, down to a millionth of the largest", () => {
  assert.deepEqual(ModesPlot.axis([2.6, 0.004]).ends, [-6, 1]);
  assert.deepEqual(ModesPlot.axis([2.6, 1e-12]).ends, [-13, 1]);
  assert.deepEqual(ModesPlot.axis([2.6, 1e200, Infinity, NaN]).ends, [-2, 4]); // a run that diverges
});

test("flat and steep directions have the ends of one ramp", () => {
  assert.match(colour(curvatureLook(0)).style, /--ol-flat\), var\(--ol-steep\) 0%/);
  assert.match(colour(curvatureLook(1)).style, /100%/);
});

test("the late mean is that of the last half", () => assert.equal(lateMean([9, 9, 1, 2]), 1.5));
