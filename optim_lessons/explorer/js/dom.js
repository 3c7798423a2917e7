// Making elements, HTML and SVG.

/**
 * @param {string} tag @param {Object<string, any>} attributes a function is a listener, `false` or
 * null leaves an attribute out @param {...(Node | string)} children
 */
export const html = (tag, attributes = {}, ...children) =>
  fill(/** @type {any} */ (document.createElement(tag)), attributes, children);

export const svg = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

function fill(element, attributes, children) {
  set(element, attributes);
  element.append(...children);
  return element;
}

/** Set attributes; an element's listeners go when it goes. */
export function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === false || value === null) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  return element;
}

/** An icon of 20 by 20 units; the button around it carries the words. @param {string} d */
export const icon = (d) =>
  svg("svg", { viewBox: "0 0 20 20", class: "ol-icon", "aria-hidden": "true" }, svg("path", { d }));
