// What is played instead of stepped. Run by tests/test_recorded.py, which serves RECORDED and gives its folder.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { test } from "node:test";

const folder = new URL("../../optim_lessons/explorer/js/", import.meta.url);
const { gridSurface, load, pathOf } = await import(new URL("recorded.js", folder));
const { contourLines } = await import(new URL("contours.js", folder));
const { readout, trouble } = await import(new URL("path.js", folder));
const text = readFileSync(process.env.RECORDED, "utf8");
const { methods, starts } = JSON.parse(text); // of the surface "kink"
const viewport = [[-5, 5], [-2, 2]];

const paths = Object.values(methods).flatMap((method) =>
  Object.entries(method.paths).flatMap(([start, runs]) =>
    Object.values(runs).map((entry) => ({ start: starts[start], path: pathOf(entry) }))));

test("every recorded path begins at its start and has its losses as numbers", () => {
  assert.ok(paths.length > 30);
  for (const { start, path } of paths) {
    assert.deepEqual(path.theta[0], start);
    assert.equal(path.theta.length, path.value.length);
    assert.ok(path.theta.flat().concat(path.value).every((u) => typeof u === "number"));
    assert.ok(path.value.slice(0, -1).every(Number.isFinite));
  }
});

test("of a recorded path the point is read, before, at and after its end", () => {
  const path = pathOf(methods.LBFGS.paths.start.default);
  const last = path.value.length - 1;
  for (const k of [0, 1, last, 200]) {
    const at = Math.min(k, last);
    assert.deepEqual(readout(path, k), [{ name: "theta", value: path.theta[at] }]);
  }
});

test("a recorded path that diverged ends where it did, and says so", () => {
  const path = pathOf(methods.Newton.paths.start.default); // whose Hessian is zero
  assert.equal(path.diverged, true);
  assert.deepEqual([path.theta.at(-1), path.value.at(-1)], [[NaN, NaN], NaN]);
  assert.equal(trouble(path, 0, viewport), null);
  assert.match(trouble(path, 200, viewport), /diverged: at step 1 /);
  const far = pathOf({ theta: [[0, 0], ["Infinity", "-Infinity"]], value: [1, "Infinity"], diverged: true });
  assert.deepEqual(far.theta[1], [Infinity, -Infinity]);
});

test("a recorded path outside the picture is told with the step at which it left", () => {
  const path = pathOf({ theta: [[0, 0], [4, 1], [6, 1], [7, 1]], value: [3, 2, 1, 0], diverged: false });
  assert.equal(trouble(path, 1, viewport), null);
  assert.equal(trouble(path, 200, viewport), "outside the picture since step 2");
});

test("what was recorded is fetched once, and asked for again where that failed", async (t) => {
  const asked = [];
  let broken = true;
  const server = createServer(({ url }, response) => {
    asked.push(url);
    response.writeHead(broken ? 404 : 200).end(text);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => server.close());
  const base = `http://127.0.0.1:${server.address().port}/explorer/figures.js?v=2`;
  await assert.rejects(load("kink", base), /recorded\/kink\.json: 404/);
  broken = false;
  const [one, other] = await Promise.all([load("kink", base), load("kink", base)]);
  assert.equal(one, other);
  assert.deepEqual(one.starts, starts);
  assert.deepEqual(asked, Array(2).fill("/explorer/recorded/kink.json"));
});

test("a surface of heights is what is bilinear between them, and ends flat", () => {
  const f = (x, y) => 1 + 2 * x - y + 3 * x * y;
  const heights = [-2, -1, 0, 1, 2].map((y) => [0, 2, 4].map((x) => f(x, y)));
  const about = { title: "Your function", viewport: [[0, 4], [-2, 2]], start: [1, 1] };
  const surface = gridSurface(heights, about);
  assert.deepEqual([surface.title, surface.start, surface.minima], ["Your function", [1, 1], []]);
  for (const [x, y] of [[0, -2], [4, 2], [1, 0.5], [3.9, -1.25], [2, 1]]) {
    assert.ok(Math.abs(surface.value(x, y) - f(x, y)) < 1e-12, `${x} ${y}`);
  }
  assert.equal(surface.value(9, -7), f(4, -2));
});

test("a surface of heights is not a number just where one is missing", () => {
  const about = { title: "", viewport: [[0, 2], [0, 1]], start: [1, 1] };
  const left = gridSurface([[null, 1, 2], [3, 4, 5]], about);
  assert.deepEqual([left.value(0.5, 0.5), left.value(1.5, 0.5)], [NaN, 3]);
  const right = gridSurface([[0, 1, null], [3, 4, 5]], about);
  assert.deepEqual([right.value(0.5, 0.5), right.value(1.5, 0.5)], [2, NaN]);
});

test("contours of a surface of heights lie where the function's own do", () => {
  const side = [...Array(61).keys()].map((k) => -1 + k / 30);
  const heights = side.map((y) => side.map((x) => x ** 2 + y ** 2));
  const [d] = contourLines(gridSurface(heights, { title: "", viewport: [[-1, 1], [-1, 1]], start: [0, 0] }), [0.25]);
  const points = [...d.matchAll(/[ML](\S+) (\S+?)(?=[ML]|$)/g)].map((match) => match.slice(1).map(Number));
  assert.ok(points.length > 100);
  for (const [u, v] of points) assert.ok(Math.abs(Math.hypot(u - 500, v - 500) - 250) < 0.5);
});
