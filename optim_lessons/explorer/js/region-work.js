// Asking for a region map: in a worker, or in slices on the page where workers are refused.

import { rowsOf } from "./region-runs.js";

const SLICE = 6; // milliseconds of computing between two turns of the page

export class RegionWork {
  #generated;
  #receive;
  #worker = null;
  #timer = 0;
  #id = 0; // of the newest request; answers to older ones are dropped
  #task = null;

  /** @param {import("./stage.js").Generated} generated @param {(row: import("./region-runs.js").Row) => void} receive */
  constructor(generated, receive) {
    this.#generated = generated;
    this.#receive = receive;
    try {
      this.#worker = new Worker(generated.worker, { type: "module" });
    } catch {
      return; // refused at once, as where a policy forbids it; `ask` does without
    }
    this.#worker.onmessage = ({ data: { id, row, refused } }) => {
      if (refused) this.#doWithout();
      else if (id === this.#id) this.#receive(row);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#doWithout();
    };
  }

  /** Compute a map, instead of any other. @param {import("./region-runs.js").Task} task */
  ask(task) {
    this.#id += 1;
    this.#task = task;
    clearTimeout(this.#timer);
    const { address } = this.#generated;
    if (this.#worker) this.#worker.postMessage({ id: this.#id, address, task });
    else this.#slice(rowsOf(this.#generated, task));
  }

  end() {
    this.#worker?.terminate();
    this.#worker = null;
    clearTimeout(this.#timer);
  }

  #doWithout() {
    this.end();
    if (this.#task) this.ask(this.#task);
  }

  #slice(rows) {
    this.#timer = setTimeout(() => {
      const until = performance.now() + SLICE;
      while (performance.now() < until) {
        const { value, done } = rows.next();
        if (done) return;
        if (value) this.#receive(value);
      }
      this.#slice(rows);
    });
  }
}
