// Below a figure: share its address, take it as Python, save it as a picture.

import { textButton } from "./controls.js";
import { html } from "./dom.js";
import { download, png, svgText } from "./save.js";

/**
 * @param {{share: (() => string) | null, python: () => string, pictures: Element, name: string}} options
 * @returns {Element}
 */
export function tools({ share, python, pictures, name }) {
  const said = html("p", { class: "ol-said", role: "status" });
  const code = html("code", {});
  const box = html("pre", { class: "ol-code", tabindex: 0, "aria-label": "Python", hidden: true }, code);

  async function copy(text, what) {
    try {
      await navigator.clipboard.writeText(text);
      said.textContent = `${what} is copied.`;
    } catch {
      said.textContent = `${what}: ${text}`; // no clipboard without a secure address, or leave
    }
  }

  function shareIt() {
    const address = share();
    window.history.replaceState(null, "", address);
    copy(address, "The address of the figure as it is now");
  }

  function showPython() {
    const shown = box.hidden;
    box.hidden = !shown;
    more.setAttribute("aria-expanded", String(shown));
    if (!shown) return;
    code.textContent = python();
    copy(code.textContent, "The Python that draws this figure in a notebook");
  }

  const more = textButton("Python", showPython);
  more.setAttribute("aria-expanded", "false");
  return html(
    "div", { class: "ol-foot" },
    html(
      "div", { class: "ol-tools", role: "group", "aria-label": "Take this figure with you" },
      ...(share ? [textButton("Share", shareIt)] : []),
      more,
      textButton("Notebook", () => download(notebook(python()), `${name}.ipynb`, "application/x-ipynb+json")),
      textButton("SVG", () => download(svgText(pictures), `${name}.svg`, "image/svg+xml")),
      textButton("PNG", async () => download(await png(pictures), `${name}.png`, "image/png")),
    ),
    said,
    box,
  );
}

/** A notebook with one cell of code. @param {string} source */
const notebook = (source) =>
  JSON.stringify({
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name: "python3", display_name: "Python 3", language: "python" }, language_info: { name: "python" } },
    cells: [{ cell_type: "code", id: "figure", metadata: {}, execution_count: null, outputs: [], source }],
  });
