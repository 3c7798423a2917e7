// A figure as the Python that draws it.

/** A value as Python writes it. @param {any} value @returns {string} */
export function literal(value) {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return `(${value.map(literal).join(", ")}${value.length === 1 ? "," : ""})`;
  return String(value);
}

/** A call; arguments that are undefined are left out. @param {string} name @param {string[]} given
 * @param {Object<string, string | undefined>} named texts by name */
export function call(name, given, named = {}) {
  const pairs = Object.entries(named).filter(([, text]) => text !== undefined);
  const inside = [...given, ...pairs.map(([key, text]) => `${key}=${text}`)];
  const line = `${name}(${inside.join(", ")})`;
  return line.length <= 88 ? line : `${name}(\n${inside.map((text) => `    ${text.replaceAll("\n", "\n    ")},\n`).join("")})`;
}

/**
 * The Python that makes an object of a class: what differs from its defaults is named.
 * @param {{cls: string, flags?: object, hyper: import("./numbers.js").Hyper[]}} about
 * @param {Object<string, number>} values
 */
export function construct({ cls, flags = {}, hyper }, values) {
  const changed = hyper.filter(({ name, value }) => values[name] !== value);
  const named = [...Object.entries(flags), ...changed.map(({ name }) => [name, values[name]])];
  return call(cls, [], Object.fromEntries(named.map(([name, value]) => [name, literal(value)])));
}

/** A line that imports names. @param {string} module @param {string[]} names */
export const imports = (module, names) => `from ${module} import ${[...new Set(names)].sort().join(", ")}\n`;

/** The lines that import what a text uses. @param {string[]} names @param {string} text
 * @param {string[]} figures names that the explorer has, and the library as a whole not */
export function program(names, text, figures = []) {
  const from = (module, all) => (all.length ? imports(module, all) : "");
  return `${from("optim_lessons", names)}${from("optim_lessons.explorer", figures)}\n${text}\n`;
}

/** A list, a line an item if it is long. @param {string[]} items */
export function list(items) {
  const line = `[${items.join(", ")}]`;
  return line.length <= 70 ? line : `[\n${items.map((item) => `    ${item},\n`).join("")}]`;
}
