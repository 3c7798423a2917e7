// The kinds of figures, and bringing one to life.

import { build } from "./build.js";
import { cloud } from "./cloud.js";
import { explore } from "./explore.js";
import { modes } from "./modes.js";
import { online } from "./online.js";
import { regions } from "./regions.js";
import { Stage } from "./stage.js";

/** @type {Object<string, import("./stage.js").Kind>} */
const KINDS = { build, cloud, explore, modes, online, regions };

/**
 * Bring a figure to life inside an element, in place of what stands there.
 * @param {Element} element @param {import("./stage.js").Figure} author as its author set it
 * @param {import("./stage.js").Generated} generated
 * @param {import("./stage.js").Options} options
 * @returns {() => void} removes the figure, with every listener and timer
 */
export function mount(element, author, generated, options = {}) {
  const stage = new Stage(element, author, generated, KINDS[author.kind], options);
  return () => stage.remove();
}
