// The named methods: which of them a choice is, and which it would be after one change.

import { methodsOf, neighbours } from "./compose.js";
import { html, set } from "./dom.js";
import { PARTS, wordsOf } from "./rule-choices.js";

/** @typedef {import("./compose.js").Choice} Choice @typedef {import("./compose.js").Framework} Framework */

/** What a choice is, in one or two sentences. @param {Choice} choice @param {Framework} framework */
export function verdict(choice, framework) {
  const { forms } = framework;
  const [first, ...others] = methodsOf(choice, framework);
  if (!first) return "This choice is no method of the book.";
  const also = others.map((name) => ` It is also ${forms[name].title}, ${forms[name].limits}.`);
  return `This is ${forms[first].title}.${also.join("")}`;
}

/**
 * What to change, in words. @param {Choice} choice @param {{part: string, to: string | null}} change
 * @param {Framework} framework
 */
export function changeWords(choice, { part, to }, framework) {
  const of = framework.rules[part];
  const corrected = of?.[to]?.corrected;
  if (to && of?.[choice[part]]?.rule === of?.[to].rule && part !== "eps")
    return `${PARTS[part]} → ${corrected ? "corrected" : "not corrected"}`;
  const twoForms = of && to && Object.values(of).filter(({ rule }) => rule === of[to].rule).length > 1;
  return `${PARTS[part]} → ${wordsOf(part, to, framework)}${twoForms && corrected ? ", corrected" : ""}`;
}

/**
 * @param {Framework} framework @param {(name: string) => void} press
 * @returns {{node: Element, show: (choice: Choice) => void}}
 */
export function methodChips(framework, press) {
  const chips = Object.entries(framework.forms).map(([name, { title, family }]) => {
    const hint = html("small", {});
    const chip = html("button", {
      type: "button", class: "ol-chip", "data-method": name, style: `--ol-colour: var(--ol-${family})`,
      click: () => press(name),
    }, title, hint);
    return { name, chip, hint };
  });
  return {
    node: html("div", { class: "ol-chips", role: "group", "aria-label": "Named methods" }, ...chips.map(({ chip }) => chip)),
    show(choice) {
      const equal = methodsOf(choice, framework);
      const near = neighbours(choice, framework);
      for (const { name, chip, hint } of chips) {
        const change = near.find((neighbour) => neighbour.name === name);
        set(chip, { "aria-pressed": String(equal.includes(name)), "data-near": change !== undefined });
        hint.textContent = change ? changeWords(choice, change, framework) : "";
      }
    },
  };
}
