// Asked by tests/test_noise.py: reads questions as JSON, writes what the explorer's functions answer.
import { readFileSync } from "node:fs";

const folder = new URL("../../optim_lessons/explorer/js/", import.meta.url);
const { normals, seedWords, stepNoise } = await import(new URL("random.js", folder));
const { run } = await import(new URL("path.js", folder));
const { optimizers, surfaces } = await import(process.env.GENERATED);

const ask = {
  seedWords: (entropy, count) => [...seedWords(entropy, count)],
  normals: (seed, t, count) => [...normals(seed, t, count)],
  run: (method, surface, hp, steps, changes) =>
    run(optimizers[method], surfaces[surface], surfaces[surface].start, hp, steps, changes),
  kept: () => {
    const first = stepNoise(1, 5, 2);
    const again = stepNoise(1, 5, 2) === first;
    const longer = [...stepNoise(1, 5, 3)];
    const fewer = stepNoise(1, 5, 2).length;
    const other = [...stepNoise(2, 5, 2)];
    return { first: [...first], again, longer, fewer, other, back: [...stepNoise(1, 5, 2)] };
  },
  milliseconds: (count) => {
    const rounds = Array.from({ length: 10 }, (_, seed) => {
      const begin = performance.now();
      normals(seed, 1, count);
      return performance.now() - begin;
    });
    return Math.min(...rounds);
  },
};
const questions = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(questions.map(([name, ...args]) => ask[name](...args))));
