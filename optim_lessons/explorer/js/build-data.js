// What the figure "Build" holds as data: read through a whitelist, completed, and printed as Python.

import { everywhere, hyperValue, listOf, oneOf, pointIn } from "./address.js";
import { compose, isChoice, PLACES } from "./compose.js";
import { call, construct, imports, literal } from "./python.js";

/**
 * @typedef {import("./compose.js").Choice} Choice @typedef {import("./compose.js").Framework} Framework
 * @typedef {{kind: string, surface: string, start: number[], steps: number, locked: boolean,
 *   choice: Choice, hyper: Object<string, number>, rivals: string[], caption: string}} Build
 * hyper: named as `compose` names them; rivals: methods, each with a tuned learning rate
 */

export const MOST = 4; // rivals; more take longer than a frame to tune

/** @type {import("./stage.js").Kind["fields"]} */
export function fields(author, { optimizers, surfaces, framework }) {
  return {
    ...(author.locked ? {} : { surface: oneOf(Object.keys(surfaces)) }),
    start: pointIn(everywhere(surfaces)),
    choice: (value) => (isChoice(value, framework) ? inOneForm(value) : undefined),
    hyper: valuesOf(framework),
    rivals: listOf(oneOf(Object.keys(optimizers)), MOST),
  };
}

/** One text for every choice: the parts in order, and no epsilon where there is no root. @param {Choice} choice */
const inOneForm = ({ phi, psi, chi, decay, eps }) => ({ phi, psi, chi, decay, eps: psi === null ? null : eps });

/** Values of hyperparameters that some choice has. @returns {import("./address.js").Field} */
function valuesOf({ rules, glue }) {
  const parts = [rules.phi, rules.psi, glue].flatMap((of) => Object.values(of));
  const known = new Map(parts.flatMap(({ hyper }) => hyper).map((info) => [info.name, hyperValue(info)]));
  return (value) => {
    if (typeof value !== "object" || value === null) return undefined;
    const entries = Object.entries(value);
    return entries.every(([name, u]) => known.get(name)?.(u) !== undefined) ? Object.fromEntries(entries) : undefined;
  };
}

/** The values that an optimizer needs: those given, and its defaults. */
export const completed = ({ hyper }, given) =>
  Object.fromEntries(hyper.map(({ name, value }) => [name, given[name] ?? value]));

/** @type {import("./stage.js").Kind["python"]} */
export function python(figure, { framework }) {
  const { surface, start, steps, choice, hyper, rivals } = /** @type {Build} */ (figure);
  const chosen = PLACES.filter((part) => choice[part] !== null);
  const optimizer = compose(choice, framework);
  const rules = chosen.map((part) => {
    const { rule } = framework.rules[part][choice[part]];
    const infos = optimizer.hyper.filter(({ name }) => name.startsWith(`${part}_`));
    const own = infos.map((info) => ({ ...info, name: info.name.slice(part.length + 1) }));
    const values = Object.fromEntries(own.map(({ name }, i) => [name, hyper[infos[i].name]]));
    // A rule that is always corrected has no such flag.
    const flags = rule === choice[part] ? {} : { corrected: true };
    return { part, rule, text: construct({ cls: rule, flags, hyper: own }, values) };
  });
  const made = call("Framework", [], {
    lr: literal(hyper.lr),
    ...Object.fromEntries(rules.map(({ part, text }) => [part, text])),
    eps: "eps" in hyper ? literal(hyper.eps) : undefined,
    eps_inside: choice.eps === "inside" ? "True" : undefined,
  });
  const drawn = call("build", [made, literal(surface)], {
    start: literal(start),
    steps: literal(steps),
    rivals: rivals.length ? literal(rivals) : undefined,
  });
  return [
    imports("optim_lessons.explorer", ["build"]),
    imports("optim_lessons.framework", ["Framework"]),
    imports("optim_lessons.rules", rules.map(({ rule }) => rule)),
    `\n${drawn}\n`,
  ].join("");
}
