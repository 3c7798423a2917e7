// What all figures share: the state, the steps in time, drawing once a frame, words, and taking it away.

import { shareOf, withShared } from "./address.js";
import { transport } from "./controls.js";
import { html } from "./dom.js";
import { tools } from "./tools.js";

/**
 * What a figure shows, as plain data. `steps` is there where the figure can play; with `plays` it
 * begins by itself, and stops at the end.
 * @typedef {{kind: string, caption: string, steps?: number, plays?: boolean, [key: string]: any}} Figure
 *
 * The code made from Python (see explorer/site.py), and where it and the worker can be loaded from.
 * @typedef {{optimizers: Object<string, import("./path.js").Optimizer>,
 *   surfaces: Object<string, import("./path.js").Surface>, levels: Object<string, number[]>,
 *   looks: any, playable: Object<string, any>, given?: any, schedules: Object<string, any>, address: string, worker: string, [extra: string]: any}} Generated
 *
 * What a kind of figure does on its stage.
 * @typedef {{rebuild: () => void, layOut: (room: number) => void, compute: () => void,
 *   draw: (at: number) => void, words: (k: number) => string, remove?: () => void,
 *   pace?: (at: number) => number}} Act
 * rebuild: make the controls anew, after a reset; layOut: `room` pixels are there; compute: bring the
 * results up to date with the figure; words: what the eye sees after k steps, for those who listen;
 * remove: end what the kind has started itself; pace: how many steps pass at `at` where else one does.
 *
 * @typedef {{fields: (author: Figure, generated: Generated) => Object<string, import("./address.js").Field>,
 *   python: (figure: Figure, generated: Generated) => string, play: (stage: Stage) => Act,
 *   speeds?: import("./controls.js").Option[]}} Kind
 * fields: what a reader can change, and what values are taken from an address; python: a call that
 * draws the same figure; speeds: steps a second and what they are called, where they are not the usual.
 */

/**
 * report is called when a reader changed the figure; place is its name in the page's address, null
 * where there is none; listen is given a function to call when `generated.given` has changed.
 * @typedef {{report?: (figure: Figure) => void, place?: string | null,
 *   listen?: (changed: () => void) => void}} Options
 */

const SETTLED = 300; // milliseconds without a change, after which it is announced and reported
const LONGEST = 600; // milliseconds that one frame may advance, after the page was out of sight
const JUMP = 500; // milliseconds between two steps where motion is unwelcome

export class Stage {
  #author;
  #kind;
  #act;
  #report;
  #fresh = false; // whether the results belong to the figure
  #laid = false; // whether the pictures have a size
  #before = null; // when the last advance was, null while nothing plays
  #frame = 0;
  #settling = 0;
  #playing = false;
  #speed = 20;
  #still = window.matchMedia("(prefers-reduced-motion: reduce)");
  #resized = new ResizeObserver(() => this.layOut());

  /**
   * @param {Element} element @param {Figure} author the figure as its author set it
   * @param {Generated} generated @param {Kind} kind
   * @param {Options} options
   */
  constructor(element, author, generated, kind, { report = () => {}, place = null, listen = () => {} } = {}) {
    this.#author = author;
    this.#kind = kind;
    this.#report = report;
    this.generated = generated;
    const fields = kind.fields(author, generated);
    this.figure = withShared(author, fields, place);
    this.at = this.figure.steps ?? 0; // the current step; between two steps while playing
    this.head = html("div", { class: "ol-head" });
    this.pictures = html("div", { class: "ol-pictures" });
    this.panel = html("div", { class: "ol-panel" });
    this.summary = html("p", { class: "ol-heard", "aria-live": "polite" });
    this.bar = transport({
      reset: () => this.reset(),
      step: (by) => this.goTo(Math.floor(this.at) + by),
      play: () => this.#toggle(),
      scrub: (k) => this.goTo(k),
      speed: (value) => (this.#speed = value),
      plays: "steps" in author,
      speeds: kind.speeds,
    });
    const foot = tools({
      share: place === null ? null : () => shareOf(author, this.figure, fields, place),
      python: () => kind.python(this.figure, generated),
      pictures: this.pictures,
      name: `optim-lessons-${author.kind}`,
    });
    this.body = html(
      "div", { class: `ol-body ol-kind-${author.kind}` },
      this.head, this.pictures, this.bar.node, this.summary, this.panel, foot,
    );
    element.replaceChildren(this.body);
    this.#act = kind.play(this);
    this.rebuild();
    clearTimeout(this.#settling); // nothing has changed yet that a reader should hear of
    this.#resized.observe(this.pictures);
    listen(() => this.rebuild());
    if (author.plays && !this.#still.matches) this.#toggle();
  }

  get steps() {
    return this.figure.steps ?? 0;
  }

  /** Take the figure away, with every listener and timer. */
  remove() {
    this.#playing = false;
    this.#resized.disconnect();
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#settling);
    this.#act.remove?.();
    this.body.remove();
  }

  reset() {
    this.figure = structuredClone(this.#author);
    this.#playing = false;
    this.at = this.steps;
    this.rebuild();
  }

  /** Make controls and pictures anew: what there is to show or to set has changed. */
  rebuild() {
    this.#act.rebuild();
    this.layOut();
    this.change();
  }

  /** Lay out the pictures: after a change of surface or of the room there is. */
  layOut() {
    const room = Math.floor(this.pictures.clientWidth);
    this.#laid = room > 0;
    if (!this.#laid) return; // not on the page yet
    this.#act.layOut(room);
    this.request();
  }

  /** The figure has changed: compute and draw at the next frame, and tell when the hand rests. */
  change() {
    this.#fresh = false;
    this.settle();
    this.request();
  }

  /** Draw at the next frame. */
  request() {
    this.#frame ||= requestAnimationFrame((now) => this.#draw(now));
  }

  goTo(k) {
    this.#playing = false;
    this.at = Math.min(this.steps, Math.max(0, k));
    this.settle();
    this.request();
  }

  /** Whether steps pass so slowly that each can be shown in its parts. */
  get slow() {
    return this.#playing && this.#speed <= 2 && !this.#still.matches;
  }

  #toggle() {
    this.#playing = !this.#playing;
    if (this.#playing && this.at >= this.steps) this.at = 0;
    this.request();
  }

  #draw(now) {
    this.#frame = 0;
    if (!this.#laid) return;
    if (this.#playing) this.#advance(now);
    else this.#before = null;
    this.#compute();
    this.#act.draw(this.at);
    this.bar.show(this.at, this.steps, this.#playing);
    if (this.#playing) this.request();
  }

  #compute() {
    if (this.#fresh) return;
    this.#act.compute();
    this.#fresh = true;
  }

  #advance(now) {
    this.#before ??= now;
    // Where motion is unwelcome, two jumps a second by whole steps; else as smooth as the screen.
    const still = this.#still.matches;
    if (still && now - this.#before < JUMP) return;
    const elapsed = Math.min(LONGEST, now - this.#before);
    const before = Math.floor(this.at);
    const pace = this.#act.pace?.(this.at) ?? 1;
    this.at += (elapsed / 1000) * this.#speed * pace;
    if (still) this.at = Math.max(before + 1, Math.floor(this.at));
    this.at = Math.min(this.steps, this.at);
    this.#before = now;
    if (this.at >= this.steps) {
      this.#playing = false;
      this.settle();
    }
  }

  /** Announce and report, when the reader's hand has come to rest. */
  settle() {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => {
      this.#compute();
      this.summary.textContent = this.#act.words(Math.floor(this.at));
      this.#report(structuredClone(this.figure));
    }, SETTLED);
  }
}
