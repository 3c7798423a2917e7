// The rules to choose from: for each part of the framework its options, as groups of radio buttons.

import { html, set } from "./dom.js";

/** What each part is called, on its group and wherever a change of it is named. */
export const PARTS = { phi: "direction", psi: "scale", chi: "what is made of it", decay: "weight decay", eps: "epsilon" };
const SYMBOLS = { phi: "φ", psi: "ψ", chi: "χ", decay: "", eps: "ε" };
const CORRECTED = "corrected for its start at 0";
const EPSILON = [["", "none"], ["outside", "outside the root"], ["inside", "inside the root"]];

let groups = 0; // names of radio groups, apart from those of other figures on the page

/** @typedef {import("./compose.js").Choice} Choice @typedef {import("./compose.js").Framework} Framework */

/**
 * What an option of a part is called; "" stands for none.
 * @param {string} part @param {string | null} name @param {Framework} framework
 */
export function wordsOf(part, name, { rules }) {
  if (part === "eps") return EPSILON.find(([value]) => value === (name ?? ""))[1];
  return name ? rules[part][name].title : "none";
}

/** A rule's form without and with correction; of most there is only one. */
const formsOf = (name, of) => Object.keys(of).filter((other) => of[other].rule === of[name].rule);

/**
 * @param {Framework} framework @param {(choice: Choice) => void} choose
 * @returns {{node: Element, show: (choice: Choice) => void}}
 */
export function ruleChoices(framework, choose) {
  const { rules } = framework;
  let chosen;

  /** Take another rule, as far corrected as the one before it. */
  function take(part, name) {
    const before = rules[part]?.[chosen[part]];
    const forms = name && formsOf(name, rules[part]);
    const taken = forms ? (forms.find((form) => rules[part][form].corrected === before?.corrected) ?? forms[0]) : null;
    const choice = { ...chosen, [part]: taken };
    if (part === "psi") choice.eps = taken && (chosen.psi === null ? "outside" : chosen.eps);
    choose(choice);
  }

  const parts = Object.fromEntries(Object.entries(rules).map(([part, of]) => {
    const names = Object.keys(of).filter((name) => formsOf(name, of)[0] === name);
    const options = names.map((name) => [name, of[name].title]);
    if (part !== "phi") options.unshift(["", "none"]);
    return [part, radios(part, options, (name) => take(part, name))];
  }));
  const eps = radios("eps", EPSILON, (place) => choose({ ...chosen, eps: /** @type {any} */ (place || null) }));

  const ticks = ["phi", "psi"].map((part) => {
    const box = html("input", {
      type: "checkbox",
      change() {
        const forms = formsOf(chosen[part], rules[part]);
        choose({ ...chosen, [part]: forms.find((form) => rules[part][form].corrected === box.checked) });
      },
    });
    const label = html("label", { class: "ol-tick" }, box, `${SYMBOLS[part]}: ${CORRECTED}`);
    parts[part].node.append(label);
    return { part, box, label };
  });

  return {
    node: html("div", { class: "ol-rules" }, ...Object.values(parts).map(({ node }) => node), eps.node),
    show(choice) {
      chosen = choice;
      for (const [part, group] of Object.entries(parts)) {
        const name = choice[part];
        group.show(name === null ? "" : formsOf(name, rules[part])[0]);
      }
      eps.show(choice.psi === null ? "" : (choice.eps ?? ""), choice.psi === null);
      for (const { part, box, label } of ticks) {
        const name = choice[part];
        box.checked = name !== null && rules[part][name].corrected;
        box.disabled = name === null || formsOf(name, rules[part]).length === 1;
        set(label, { "aria-disabled": String(box.disabled) });
      }
    },
  };
}

/** @param {string} part @param {string[][]} options @param {(value: string) => void} choose */
function radios(part, options, choose) {
  groups += 1;
  const name = `ol-rule-${groups}`;
  const boxes = options.map(([value]) => html("input", { type: "radio", name, value, change: () => choose(value) }));
  const labels = options.map(([, words], i) => html("label", { class: "ol-option" }, boxes[i], html("span", {}, words)));
  const legend = html("legend", {}, `${PARTS[part]} ${SYMBOLS[part]} `, html("code", {}, part));
  const node = html("fieldset", { class: `ol-rule ol-rule-${part}` }, legend, html("div", { class: "ol-options" }, ...labels));
  return {
    node,
    /** @param {string} value */
    show(value, disabled = false) {
      for (const box of boxes) box.checked = box.value === value;
      /** @type {any} */ (node).disabled = disabled;
    },
  };
}
