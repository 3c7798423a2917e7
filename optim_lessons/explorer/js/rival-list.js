// The methods to race against: each with its line, its tuned learning rate, and a button that removes it.

import { button, choice } from "./controls.js";
import { html, set } from "./dom.js";
import { colour, sample } from "./looks.js";
import { format } from "./numbers.js";

/**
 * @param {{label: string, look: import("./looks.js").Look}[]} runs
 * @param {import("./controls.js").Option[] | null} menu of methods to add, null where there are enough
 * @param {{add: (method: string) => void, remove: (i: number) => void}} did
 * @returns {{node: Element, show: (i: number, lr: number | null, loss: number, trouble: string | null) => void}}
 */
export function rivalList(runs, menu, { add, remove }) {
  const rows = runs.map(({ label, look }, i) => {
    const said = html("span", { class: "ol-loss" });
    const words = html("p", { class: "ol-trouble", hidden: true });
    const name = html("div", { class: "ol-name" }, html("strong", {}, label), said);
    const node = html("li", { class: "ol-rival", "aria-label": label, ...colour(look) },
      sample(look), name, button(`Remove ${label}`, "remove", () => remove(i)), words);
    return { node, said, words };
  });
  return {
    node: html("div", {}, html("ul", { class: "ol-rivals" }, ...rows.map(({ node }) => node)),
      ...(menu ? [choice("Race against a method", menu, "", add)] : [])),
    show(i, lr, loss, trouble) {
      const { said, words } = rows[i];
      said.textContent = `loss ${format(loss)}, learning rate ${format(lr)}`;
      words.textContent = trouble ?? "";
      set(words, { hidden: trouble === null });
    },
  };
}
