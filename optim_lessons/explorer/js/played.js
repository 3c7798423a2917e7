// Methods that the page cannot step by itself: their paths are played as Python computed them.

import { oneOf, record } from "./address.js";
import { choice } from "./controls.js";
import { html } from "./dom.js";
import { gridSurface, load, pathOf } from "./recorded.js";

/**
 * Such a method in a figure: which path of it is played.
 * @typedef {{method: string, hyper: {}, played: {start: string, setting: string}}} Played
 *
 * What Python computed for one figure: a record like those of the site, of one surface; and the
 * heights of a surface that the page cannot compute.
 * @typedef {import("./recorded.js").Recorded & {surface: string, heights?: (number | null)[][], about?: any,
 *   levels?: number[]}} Given
 */

const FIRST = { start: "start", setting: "default" };
const STARTS = ["start", "given", "upper left", "upper right", "lower left", "lower right"];

/** A method to play, in an address. @returns {import("./address.js").Field} */
export const playedOf = (playable) => (value) => {
  const method = oneOf(Object.keys(playable))(value?.method);
  return method && record({
    method: () => method,
    hyper: () => ({}),
    played: record({ start: oneOf(STARTS), setting: oneOf(["given", ...playable[method].settings]) }),
  })(value);
};

/** The surface of which Python gave only the heights, by name; nothing where the page knows them all. */
export const givenSurfaces = (given) =>
  given?.heights ? { [given.surface]: gridSurface(given.heights, given.about) } : {};

export class Player {
  #records = new Map(); // by surface; null until one is there
  #stage;

  /** @param {import("./stage.js").Stage} stage */
  constructor(stage) {
    this.#stage = stage;
  }

  /** A method as the reader adds it. @param {string} method @returns {Played} */
  static entry(method) {
    return { method, hyper: {}, played: { ...FIRST } };
  }

  /**
   * What is known of a method on a surface: its settings and paths, Python's own for this figure among
   * them. What the site has recorded is fetched when it is first asked for.
   */
  #known({ method }, surface) {
    const { given, address } = this.#stage.generated;
    const own = given?.surface === surface ? given : null;
    if (!this.#records.has(surface)) {
      this.#records.set(surface, null);
      load(surface, address).then(
        (found) => {
          this.#records.set(surface, found);
          this.#stage.rebuild();
        },
        () => {}, // in a notebook, or for a surface of the reader's, there is no such file
      );
    }
    const all = [this.#records.get(surface)?.methods[method], own?.methods[method]].filter(Boolean);
    return {
      settings: Object.assign({}, ...all.map(({ settings }) => settings)),
      paths: Object.assign({}, ...all.map(({ paths }) => paths)),
    };
  }

  /** Which of the paths there are is played: what was chosen, or else the first. */
  #chosen(entry, surface) {
    const { settings, paths } = this.#known(entry, surface);
    const start = entry.played.start in paths ? entry.played.start : Object.keys(paths)[0];
    const of = paths[start] ?? {};
    const setting = entry.played.setting in of ? entry.played.setting : Object.keys(of)[0];
    return { start, setting, settings, paths, found: of[setting] };
  }

  /** @param {Played} entry @param {string} name the surface's @param {any} surface */
  path(entry, name, surface) {
    const { found } = this.#chosen(entry, name);
    const [x, y] = surface.start;
    return pathOf(found ?? { theta: [surface.start], value: [surface.value(x, y)], diverged: false });
  }

  /** The Python that makes the method as it is played. @param {Played} entry @param {string} name */
  code(entry, name) {
    const { settings, setting } = this.#chosen(entry, name);
    return settings[setting]?.code ?? `${entry.method}()`;
  }

  /** In the place of sliders: which setting, and from which start. @param {Played} entry */
  controls(label, entry, name, change) {
    const { start, setting, settings, paths } = this.#chosen(entry, name);
    const take = (changes) => {
      Object.assign(entry.played, changes);
      change();
    };
    if (!setting) return html("p", { class: "ol-played" }, "No path was computed here.");
    const there = Object.keys(settings).filter((each) => each in paths[start]);
    /** @type {[string, string][]} */
    const set = there.map((each) => [each, settings[each].title]);
    /** @type {[string, string][]} */
    const from = Object.keys(paths).map((each) => [each, each === "start" ? "from the start of the surface" : `from ${each === "given" ? "the start above" : each}`]);
    return html(
      "div", { class: "ol-played" },
      choice(`${label}: setting`, set, setting, (value) => take({ setting: value })),
      choice(`${label}: start`, from, start, (value) => take({ start: value })),
    );
  }
}
