// In a notebook: the same figure as an anywidget, its values shared with Python.

import { mount } from "./figures.js";

/** @param {{model: any, el: HTMLElement}} view @returns {Promise<() => void>} */
async function render({ model, el }) {
  const module = (text) => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const [address, worker] = [module(model.get("_generated")), module(model.get("_worker"))];
  const generated = { address, worker, ...(await import(address)) };

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
    unmount = mount(element, model.get("figure"), generated, {
      report: (figure) => {
        reported = figure;
        model.set("figure", figure);
        model.save_changes();
      },
    });
  }
  show();
  model.on("change:figure", show);
  return () => {
    model.off("change:figure", show);
    unmount();
    [address, worker].forEach((each) => URL.revokeObjectURL(each));
  };
}

export default { render };
