// The equations of a choice; the lines that a change has altered are marked.

import { equations } from "./compose.js";
import { html } from "./dom.js";

const WORDS = { phi: "direction", psi: "scale", step: "step" };

/**
 * @param {import("./compose.js").Framework} framework
 * @returns {{node: Element, show: (choice: import("./compose.js").Choice) => void}}
 */
export function equationList(framework) {
  const node = html("div", { class: "ol-equations", role: "region", tabindex: 0, "aria-label": "Equations" });
  let before = null; // the lines that stood there
  return {
    node,
    show(choice) {
      const lines = equations(choice, framework);
      const rows = lines.map(({ part, math }, i) => {
        const row = html("div", { class: before && !before.has(math) ? "ol-equation ol-changed" : "ol-equation" });
        row.innerHTML = math; // printed by choices.py, nothing of it is a reader's
        return part === lines[i - 1]?.part ? [row] : [html("span", { class: "ol-words" }, WORDS[part]), row];
      });
      node.replaceChildren(...rows.flat());
      before = new Set(lines.map(({ math }) => math));
    },
  };
}
