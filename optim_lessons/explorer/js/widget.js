// In a notebook: the same figure as an anywidget, its values shared with Python.

import { mount } from "./figures.js";

/** @param {{model: any, el: HTMLElement}} view @returns {Promise<() => void>} */
async function render({ model, el }) {
  const module = (text) => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const [address, worker] = [module(model.get("_generated")), module(model.get("_worker"))];
  const generated = { address, worker, given: model.get("_given"), ...(await import(address)) };

  const element = document.createElement("div");
  element.className = "ol-explorer";
  const caption = document.createElement("p");
  caption.textContent = model.get("figure").caption;
  el.append(element, caption);
  let reported = null; // what this view sent itself, which comes back as a change
  let unmount = () => {};
  let changed = () => {};
  function show() {
    if (model.get("figure") === reported) return;
    unmount();
    unmount = mount(element, model.get("figure"), generated, {
      report: (figure) => {
        reported = figure;
        model.set("figure", figure);
        model.save_changes();
      },
      listen: (call) => (changed = call),
    });
  }
  function hear() {
    generated.given = model.get("_given");
    changed();
  }
  show();
  model.on("change:figure", show);
  model.on("change:_given", hear);
  return () => {
    model.off("change:figure", show);
    model.off("change:_given", hear);
    unmount();
    [address, worker].forEach((each) => URL.revokeObjectURL(each));
  };
}

export default { render };
