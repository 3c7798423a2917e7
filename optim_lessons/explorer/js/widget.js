// In a notebook: the same figure as an anywidget, its values shared with Python.

import { mount } from "./explorer.js";

/** @param {{model: any, el: HTMLElement}} view @returns {Promise<() => void>} */
async function render({ model, el }) {
  const address = URL.createObjectURL(new Blob([model.get("_generated")], { type: "text/javascript" }));
  const generated = await import(address);
  URL.revokeObjectURL(address);

  const element = document.createElement("div");
  element.className = "ol-explorer";
  const caption = document.createElement("p");
  caption.textContent = model.get("figure").caption;
  el.append(element, caption);
  let reported = null; // what this view sent itself, which comes back as a change
  let unmount = () => {};
  function show() {
    if (model.get("figure") === reported) return;
    unmount();
    unmount = mount(element, model.get("figure"), generated, (figure) => {
      reported = figure;
      model.set("figure", figure);
      model.save_changes();
    });
  }
  show();
  model.on("change:figure", show);
  return () => {
    model.off("change:figure", show);
    unmount();
  };
}

export default { render };
