// The menus above a region map.

import { choice, surfaceMenu } from "./controls.js";
import { html } from "./dom.js";
import { usual } from "./numbers.js";
import { arrange, chosenOf, mapped, STEPS } from "./region-choice.js";

/** Make the menus anew; what is chosen in them goes to the stage. @param {import("./stage.js").Stage} stage */
export function regionHead(stage) {
  const { optimizers, surfaces, looks } = stage.generated;
  const { optimizer, steps } = stage.figure;
  const about = optimizers[optimizer.method];

  /** Build the figure anew, and keep the focus in the menu that was used. @param {string} label */
  function changed(label) {
    stage.rebuild();
    /** @type {HTMLElement} */ (stage.head.querySelector(`[aria-label="${label}"]`)).focus();
  }

  function chooseMethod(method) {
    const values = usual(optimizers[method].hyper);
    const names = Object.keys(values);
    const axes = optimizer.axes.every((name) => names.includes(name)) ? optimizer.axes : names.slice(0, 2);
    stage.figure.optimizer = arrange(method, axes, values, optimizers);
    changed("Method");
  }

  function chooseSurface(name) {
    Object.assign(stage.figure, { surface: name, start: [...surfaces[name].start] });
    changed("Surface");
  }

  function chooseSteps(count) {
    stage.figure.steps = Number(count);
    stage.at = stage.steps;
    stage.change();
  }

  function chooseAxis(k, label, name) {
    const axes = [...optimizer.axes];
    if (axes[1 - k] === name) axes[1 - k] = axes[k]; // they change places
    axes[k] = name;
    stage.figure.optimizer = arrange(optimizer.method, axes, chosenOf(optimizer, optimizers), optimizers);
    changed(label);
  }

  const inside = (family) => mapped(optimizers).filter((method) => optimizers[method].family === family);
  const families = Object.entries(looks.families).filter(([family]) => inside(family).length);
  /** @type {import("./controls.js").Option[]} */
  const methods = families.map(([family, words]) =>
    [words, inside(family).map((method) => /** @type {[string, string]} */ ([method, optimizers[method].title]))]);
  /** @type {import("./controls.js").Option[]} */
  const counts = [...new Set([...STEPS, steps])].sort((a, b) => a - b).map((n) => [String(n), `${n} steps`]);
  /** @type {import("./controls.js").Option[]} */
  const names = about.hyper.map(({ name, words }) => [name, words]);
  const axis = (k, label) => html("label", { class: "ol-tick" }, html("span", { class: "ol-hint" }, label),
    choice(label, names, optimizer.axes[k], (name) => chooseAxis(k, label, name)));

  stage.head.replaceChildren(
    choice("Method", methods, optimizer.method, chooseMethod),
    surfaceMenu(stage.figure, surfaces, chooseSurface),
    choice("Number of steps", counts, String(steps), chooseSteps),
    axis(0, "Across"),
    axis(1, "Up"),
  );
}
