// Cloud: many runs with gradient noise, which shrink to a floor and no farther, unless the rate falls.

import { flag, hyperValue, hyperValues, whole } from "./address.js";
import { choice, hyperControl, textButton } from "./controls.js";
import { CloudPlot, SquaresPlot } from "./cloud-plot.js";
import { expectedSquares, floorOf } from "./cloud-theory.js";
import { walk } from "./coordinate.js";
import { html } from "./dom.js";
import { logAxis } from "./line-plot.js";
import { colour, curvatureLook } from "./looks.js";
import { format } from "./numbers.js";
import { call, literal, program } from "./python.js";
import { normals, stepNoise } from "./random.js";

const SIDE_BY_SIDE = 620; // pixels; below, the squares stand under the cloud
const SPREAD = 1.5; // standard deviation of the starts
const HEADS = ["λ", "floor, theory", "floor, measured", "expected now", "measured now"];

/** @type {import("./stage.js").Kind} */
export const cloud = { fields, python, play };

/** @type {import("./numbers.js").Hyper} */
const SIGMA = {
  name: "sigma", symbol: "σ", words: "standard deviation of the noise σ", value: 3, scale: "linear", interval: "[0, 10]",
};

const hypersOf = (optimizers) =>
  optimizers.Momentum.hyper.map((info) => (info.name === "lr" ? { ...info, value: 0.1 } : info));

function fields(author, { optimizers }) {
  return {
    hyper: hyperValues(hypersOf(optimizers)),
    sigma: hyperValue(SIGMA),
    falling: flag,
    seed: whole(0, 2 ** 32 - 1),
  };
}

function python(figure) {
  const { hyper, sigma, falling, seed, eigenvalues, particles, steps } = figure;
  const named = { ...hyper, sigma, falling, seed, eigenvalues, particles, steps };
  const texts = Object.entries(named).map(([name, value]) => [name, literal(value)]);
  return program([], call("cloud", [], Object.fromEntries(texts)), ["cloud"]);
}

/** The learning rates of steps 1, 2, ...: constant, or falling so that they come to 1 / (eigenvalue t). */
export function ratesOf({ hyper: { lr }, falling, eigenvalues, steps }, { schedules }) {
  const rate = (t) => schedules.InverseTime.rate(t, { lr, decay: lr * eigenvalues[0] });
  return Array.from({ length: steps }, (_, k) => (falling ? rate(k + 1) : lr));
}

/**
 * The particles' coordinates after each step, first all of the first coordinate; and the mean squares.
 * @returns {{points: Float64Array[], squares: number[][]}}
 */
export function playCloud(figure, generated) {
  const { hyper, sigma, seed, eigenvalues, particles, steps } = figure;
  const count = 2 * particles;
  const rates = ratesOf(figure, generated);
  const noise = rates.map((_, k) => stepNoise(seed, k + 1, count));
  const points = Array.from(normals(seed, 0, count), (z, i) => {
    const lambda = eigenvalues[Math.floor(i / particles)];
    const grad = (theta, t) => lambda * theta + sigma * noise[t - 1][i];
    return walk(generated.optimizers.Momentum, SPREAD * z, hyper, steps, grad, { rates });
  });
  const squares = [0, 1].map((c) => {
    const own = points.slice(c * particles, (c + 1) * particles);
    return Array.from({ length: steps + 1 }, (_, k) => own.reduce((sum, path) => sum + path[k] ** 2, 0) / particles);
  });
  return { points, squares };
}

/** @param {import("./stage.js").Stage} stage @returns {import("./stage.js").Act} */
function play(stage) {
  const { optimizers } = stage.generated;
  const [plot, plotted] = [new CloudPlot(), new SquaresPlot()];
  const controls = html("div", { class: "ol-controls" });
  const said = html("p", { class: "ol-promised" });
  const rows = [0, 1].map((rank) => {
    const name = html("span", { class: "ol-mode" });
    const cells = HEADS.slice(1).map(() => html("td", {}));
    const node = html("tr", colour(curvatureLook(rank)), html("th", { scope: "row" }, name), ...cells);
    return { cells: [name, ...cells], node };
  });
  const table = html("table", { class: "ol-table" },
    html("thead", {}, html("tr", {}, ...HEADS.map((text) => html("th", { scope: "col" }, text)))),
    html("tbody", {}, ...rows.map(({ node }) => node)));
  stage.pictures.append(plot.picture, plotted.picture);
  stage.panel.append(said, table, controls);
  let results;

  function rebuild() {
    const { figure } = stage;
    const put = (owner, name) => (value) => {
      owner[name] = value;
      stage.change();
    };
    const schedules = /** @type {import("./controls.js").Option[]} */ ([
      ["constant", "constant learning rate"], ["falling", "learning rate falls as 1/t"],
    ]);
    stage.head.replaceChildren(
      choice("Schedule", schedules, figure.falling ? "falling" : "constant",
        (name) => put(figure, "falling")(name === "falling")),
      textButton("Another cloud", () => put(figure, "seed")((figure.seed + 1) % 2 ** 32)),
    );
    controls.replaceChildren(
      ...hypersOf(optimizers).map((info) => hyperControl("", info, figure.hyper[info.name], put(figure.hyper, info.name))),
      hyperControl("", SIGMA, figure.sigma, put(figure, "sigma")),
    );
  }

  function layOut(room) {
    const beside = room >= SIDE_BY_SIDE;
    const width = beside ? Math.round(room * 0.5) : room;
    const height = Math.min(420, Math.round(0.88 * width));
    plot.layOut(stage.figure.eigenvalues, width, height);
    plotted.resize(beside ? room - width : room, beside ? height : 240);
  }

  function compute() {
    const { figure } = stage;
    const { hyper, sigma, eigenvalues, falling } = figure;
    const { points, squares } = playCloud(figure, stage.generated);
    const rates = ratesOf(figure, stage.generated);
    const expected = eigenvalues.map((lambda) => expectedSquares(rates, hyper.momentum, lambda, sigma, SPREAD ** 2));
    const seen = [...squares, ...expected].flat().filter((value) => value > 0 && Number.isFinite(value));
    const axis = logAxis(Math.max(1e-8, Math.min(...seen)), Math.min(1e4, Math.max(...seen)));
    const lines = squares.map((values, c) => ({
      points: values.map((value, k) => [k, Number.isNaN(value) ? NaN : axis.to(value)]),
      look: curvatureLook(c), name: `λ ${format(eigenvalues[c])}`,
    }));
    const floors = eigenvalues.map((lambda) => (falling ? NaN : floorOf(hyper, lambda, sigma)));
    results = { points, squares, expected, axis, lines, floors };
  }

  function draw(at) {
    const { eigenvalues, particles, steps, falling } = stage.figure;
    const { points, squares, expected, axis, lines, floors } = results;
    const k = Math.floor(at);
    const part = at - k;
    const place = (path) => (part === 0 ? path[k] : path[k] + part * (path[k + 1] - path[k]));
    const pairs = Array.from({ length: particles }, (_, i) => [place(points[i]), place(points[i + particles])]);
    const ellipse = falling ? expected.map((values) => values[k]) : floors;
    const inside = pairs.filter((pair) => pair.reduce((sum, u, c) => sum + u ** 2 / ellipse[c], 0) <= 4).length;
    plot.draw(pairs, ellipse);
    plotted.drawSquares(lines, expected, axis, steps, at);
    rows.forEach(({ cells }, c) => {
      const texts = falling ? ["–", "–"] : [format(floors[c]), format(lateMean(squares[c]))];
      [format(eigenvalues[c]), ...texts, format(expected[c][k]), format(squares[c][k])]
        .forEach((text, i) => (cells[i].textContent = text));
    });
    const share = `${inside} of ${particles} particles are inside the ellipse of two standard deviations; `
      + `of a normal cloud ${format(100 * (1 - Math.exp(-2)), 2)} % are.`;
    said.textContent = warning() || share;
  }

  function warning() {
    const { hyper: { lr, momentum }, eigenvalues, falling } = stage.figure;
    const steepest = eigenvalues[1];
    if (falling || lr * steepest < 2 * (1 + momentum)) return "";
    return `Diverges along eigenvalue ${format(steepest)}: learning rate × eigenvalue = ${format(lr * steepest)} `
      + `is not below 2 (1 + momentum) = ${format(2 * (1 + momentum))}.`;
  }

  function words(k) {
    const { eigenvalues, particles, steps } = stage.figure;
    const each = eigenvalues.map((lambda, c) =>
      `along eigenvalue ${format(lambda)} ${format(results.squares[c][k])}, expected ${format(results.expected[c][k])}`);
    return `Mean square of ${particles} particles after ${k} of ${steps} steps: ${each.join("; ")}. ${warning()}`;
  }
  return { rebuild, layOut, compute, draw, words };
}

/** The mean of the last half, when the cloud has come to its floor. @param {number[]} squares */
export function lateMean(squares) {
  const late = squares.slice(Math.ceil(squares.length / 2));
  return late.reduce((sum, value) => sum + value, 0) / late.length;
}
