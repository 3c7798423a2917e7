"""Time 200 steps of Adam on Beale's function: ours, PyTorch, optax and the page's JavaScript.

make bench

Everything is measured in one run, in turns, so that a busy machine is busy for all. Nothing is
asserted: times are for reading.
"""

import os
import statistics
import time

# One thread each: a step of two coordinates has no work for more.
os.environ |= {"OMP_NUM_THREADS": "1", "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false"}

import jax
import node
import numpy as np
import optax
import torch

from optim_lessons import Adam, minimize
from optim_lessons.problems import beale

jax.config.update("jax_enable_x64", True)
torch.set_num_threads(1)
STEPS, ROUNDS = 200, 15
LR = 0.1
START = np.array(beale.start)


def ours_minimize():
    return minimize(Adam(lr=LR), beale, steps=STEPS).theta[-1]


def ours_steps():
    optimizer, theta = Adam(lr=LR), START
    state = optimizer.init(theta)
    for _ in range(STEPS):
        theta, state = optimizer.step(theta, beale.grad(theta), state)
    return theta


def ours_steps_alone():
    """The steps without the gradients."""
    optimizer, theta = Adam(lr=LR), START
    state, g = optimizer.init(theta), beale.grad(theta)
    for _ in range(STEPS):
        theta, state = optimizer.step(theta, g, state)
    return theta


def pytorch():
    theta = torch.tensor(START)
    optimizer = torch.optim.Adam([theta], lr=LR)
    for _ in range(STEPS):
        theta.grad = torch.stack(beale.df(theta[0], theta[1]))
        optimizer.step()
    return theta.numpy()


def optax_step(carry, _=None):
    theta, state = carry
    g = jax.numpy.stack(beale.df(theta[0], theta[1]))
    updates, state = OPTAX.update(g, state, theta)
    return (optax.apply_updates(theta, updates), state), None


OPTAX = optax.adam(LR)
compiled_scan = jax.jit(lambda carry: jax.lax.scan(optax_step, carry, length=STEPS)[0])
compiled_step = jax.jit(optax_step)


def optax_compiled():
    theta = jax.numpy.asarray(START)
    return np.asarray(compiled_scan((theta, OPTAX.init(theta)))[0])


def optax_compiled_step():
    theta = jax.numpy.asarray(START)
    carry = theta, OPTAX.init(theta)
    for _ in range(STEPS):
        carry, _ = compiled_step(carry)
    return np.asarray(carry[0])


def optax_not_compiled():
    theta = jax.numpy.asarray(START)
    carry = theta, OPTAX.init(theta)
    for _ in range(STEPS):
        carry, _ = optax_step(carry)
    return np.asarray(carry[0])


JAVASCRIPT = """
const [hp, steps, rounds] = data;
const { init, step } = optimizers.Adam;
const { grad, start } = surfaces.beale;
const times = [];
for (let round = 0; round < rounds; round += 1) {
  const begin = performance.now();
  let theta = start;
  let states = start.map((u) => init(u, hp));
  for (let k = 0; k < steps; k += 1) {
    const g = grad(...theta);
    const next = theta.map((u, i) => step(u, g[i], states[i], hp));
    theta = next.map((result) => result.theta);
    states = next.map((result) => result.state);
  }
  times.push([performance.now() - begin, ...theta]);
}
return times;
"""


def javascript():
    """Times inside Node in milliseconds, after the warm-up that a page has too, and the end."""
    hp = {"lr": LR, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
    rounds = node.run(JAVASCRIPT, [hp, STEPS, 200], [Adam], [beale])[100:]
    return [row[0] for row in rounds], np.array(rounds[-1][1:])


CONTESTANTS = {
    "ours: minimize, path recorded": ours_minimize,
    "ours: step and gradient": ours_steps,
    "ours: step alone": ours_steps_alone,
    "PyTorch, gradient by hand": pytorch,
    "optax, one compiled scan": optax_compiled,
    "optax, each step compiled": optax_compiled_step,
    "optax, not compiled": optax_not_compiled,
}


def main():
    ends = {name: run() for name, run in CONTESTANTS.items()}  # compiles what compiles
    times = {name: [] for name in CONTESTANTS}
    for _ in range(ROUNDS):
        for name, run in CONTESTANTS.items():
            begin = time.perf_counter()
            run()
            times[name].append(1e3 * (time.perf_counter() - begin))
    times["JavaScript, in Node"], ends["JavaScript, in Node"] = javascript()
    medians = {name: statistics.median(values) for name, values in times.items()}
    unit = medians["ours: step and gradient"]
    print(f"{STEPS} steps of Adam on Beale's function; medians of {ROUNDS} runs in turns")
    print(f"{'':32}{'ms':>9}{'times ours':>12}   ends at")
    for name, median in medians.items():
        x, y = ends[name]
        print(f"{name:32}{median:9.3f}{median / unit:12.3f}   ({x:.6f}, {y:.6f})")


if __name__ == "__main__":
    main()
