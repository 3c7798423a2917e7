// The framework as the reader chooses it: an optimizer, its equations and its name.

/**
 * Rules by name, or null where none is chosen; `eps` is where epsilon is added, if anywhere: to the
 * root ("outside") or to what is below it ("inside").
 * @typedef {{phi: string, psi: string | null, chi: string | null, decay: string | null,
 *   eps: "outside" | "inside" | null}} Choice
 */

/**
 * Printed by choices.py. The steps of `rules.phi` and `rules.psi` give a moment in place of theta; a glue
 * reads both moments from the state, as `phi` and `psi`. `{phi}` and `{psi}` in its lines stand for
 * the moments' symbols.
 * @typedef {{title: string, family: string, rules: Object<string, Object<string, any>>,
 *   glue: Object<string, any>,
 *   forms: Object<string, {title: string, family: string, choice: Choice, hyper: Object<string, number>,
 *     limits: string}>}} Framework
 */

export const PLACES = ["phi", "psi", "chi", "decay"];
const EPS = [null, "outside", "inside"];

/** Without psi there is no root, and so no place for epsilon. @param {Choice} choice */
const placeOfEps = ({ psi, eps }) => (psi === null ? null : eps);

/** What a choice is made of. @param {Choice} choice @param {Framework} framework */
function partsOf(choice, { rules, glue }) {
  const scaled = choice.psi === null ? null : "scaled";
  return {
    phi: rules.phi[choice.phi],
    psi: choice.psi === null ? null : rules.psi[choice.psi],
    glue: glue[[scaled, placeOfEps(choice), choice.chi, choice.decay].join()], // null joins as nothing
  };
}

/**
 * The optimizer that a choice is, as the printed ones are. The name of a rule's hyperparameter begins
 * with its part: phi_beta1.
 * @param {Choice} choice @param {Framework} framework
 * @returns {import("./path.js").Optimizer}
 */
export function compose(choice, framework) {
  const { phi, psi, glue } = partsOf(choice, framework);
  const parts = psi ? [phi, psi, glue] : [phi, glue];
  const place = ({ name }) => PLACES.indexOf(name.split("_")[0]); // -1 for lr and eps, which come first
  return {
    title: framework.title,
    family: framework.family,
    cls: "Framework",
    flags: {},
    hyper: parts.flatMap((part) => part.hyper).sort((a, b) => place(a) - place(b)),
    state: [...new Set(parts.flatMap((part) => part.state))],
    init: (theta, hp) => Object.assign({}, ...parts.map((part) => part.init(theta, hp))),
    step(theta, g, state, hp) {
      const m = phi.step(theta, g, state, hp);
      const v = psi?.step(theta, g, state, hp);
      const end = glue.step(theta, g, { ...state, phi: m.theta, psi: v?.theta }, hp);
      return {
        theta: end.theta,
        state: { ...m.state, ...v?.state, ...end.state },
        named: { ...m.named, ...v?.named, ...end.named },
      };
    },
  };
}

/**
 * The equations of a choice in order, as MathML, each with the part that it belongs to; those of chi
 * and decay, and the step itself, are the "step".
 * @param {Choice} choice @param {Framework} framework @returns {{part: string, math: string}[]}
 */
export function equations(choice, framework) {
  const { phi, psi, glue } = partsOf(choice, framework);
  const step = glue.lines.map((line) => line.replaceAll("{phi}", phi.symbol).replaceAll("{psi}", psi?.symbol));
  const lines = { phi: phi.lines, psi: psi?.lines ?? [], step };
  return Object.entries(lines).flatMap(([part, of]) =>
    of.map((line) => ({ part, math: `<math display="block"><mrow>${line}</mrow></math>` })));
}

/** @param {Choice} a @param {Choice} b */
const areSame = (a, b) =>
  PLACES.every((part) => a[part] === b[part]) &&
  (placeOfEps(a) === "inside") === (placeOfEps(b) === "inside");

/**
 * The methods of the book that a choice is, whatever its numbers; `forms` has the limits within which
 * it is. The first is the one that Python's `name_of` gives.
 * @param {Choice} choice @param {Framework} framework @returns {string[]}
 */
export const methodsOf = (choice, { forms }) =>
  Object.keys(forms).filter((name) => areSame(choice, forms[name].choice));

/**
 * The methods that are one choice away: with `part` (a rule's, or "eps") set to `to`.
 * @param {Choice} choice @param {Framework} framework
 * @returns {{name: string, part: string, to: string | null}[]}
 */
export function neighbours(choice, { forms }) {
  return Object.entries(forms)
    .filter(([, form]) => !areSame(choice, form.choice))
    .flatMap(([name, form]) =>
      [...PLACES, "eps"]
        .map((part) => ({ name, part, to: form.choice[part] }))
        .filter(({ part, to }) => areSame({ ...choice, [part]: to }, form.choice)));
}

/**
 * Whether a value, from an address perhaps, is a choice.
 * @param {any} value @param {Framework} framework
 */
export function isChoice(value, { rules }) {
  if (typeof value !== "object" || value === null) return false;
  const known = (part) => Object.hasOwn(rules[part], value[part]) || (part !== "phi" && value[part] === null);
  return PLACES.every(known) && EPS.includes(value.eps) && Object.keys(value).length === PLACES.length + 1;
}
