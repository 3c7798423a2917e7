// The worker: computes region maps, so that the page never waits for one.

import { rowsOf } from "./region-runs.js";

const page = /** @type {any} */ (self);
const { port1, port2 } = new MessageChannel();
let wanted = null; // the newest request: {id, address of the generated code, task}

page.onmessage = ({ data }) => {
  const idle = wanted === null;
  wanted = data;
  if (idle) work().catch((error) => page.postMessage({ refused: String(error) }));
};

async function work() {
  while (wanted) {
    const { id, address, task } = wanted;
    const generated = await import(address);
    for (const row of rowsOf(generated, task)) {
      if (!row) continue;
      page.postMessage({ id, row });
      await turn();
      if (wanted.id !== id) break; // nobody waits for this one any longer
    }
    if (wanted.id === id) wanted = null;
  }
}

/** Let messages come in. A timer would do it too, but browsers make repeated ones wait for 4 ms. */
const turn = () =>
  new Promise((done) => {
    port1.onmessage = done;
    port2.postMessage(null);
  });
