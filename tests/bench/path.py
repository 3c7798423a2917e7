"""A path of Adam on Beale's function: what a step of two coordinates costs."""

import numpy as np

from optim_lessons import Adam, minimize
from optim_lessons.problems import beale

TITLE = "200 steps of Adam on Beale's function, one thread"
STEPS, ROUNDS, ONE_THREAD = 200, 15, True
LR, START = 0.1, np.array(beale.start)
UNIT = "NumPy: step and gradient"


def numpy_steps():
    def run():
        optimizer, theta = Adam(lr=LR), START
        state = optimizer.init(theta)
        for _ in range(STEPS):
            theta, state = optimizer.step(theta, beale.grad(theta), state)
        return theta

    return run


def numpy_minimize():
    return lambda: minimize(Adam(lr=LR), beale, steps=STEPS).theta[-1]


def numpy_steps_alone():
    """The steps without the gradients."""

    def run():
        optimizer, theta = Adam(lr=LR), START
        state, g = optimizer.init(theta), beale.grad(theta)
        for _ in range(STEPS):
            theta, state = optimizer.step(theta, g, state)
        return theta

    return run


def pytorch(gradient):
    """torch.optim.Adam, with the gradient in tensors, in plain numbers, or by autograd."""
    import torch

    torch.set_num_threads(1)

    def run():
        theta = torch.tensor(START, requires_grad=gradient == "autograd")
        optimizer = torch.optim.Adam([theta], lr=LR)
        for _ in range(STEPS):
            if gradient == "autograd":
                optimizer.zero_grad()
                beale.f(theta[0], theta[1]).backward()
            elif gradient == "tensors":
                theta.grad = torch.stack(beale.df(theta[0], theta[1]))
            else:
                theta.grad = torch.tensor(beale.df(*theta.tolist()), dtype=torch.float64)
            optimizer.step()
        return theta.detach().numpy()

    return run


def optax(how):
    import jax
    import optax

    jax.config.update("jax_enable_x64", True)
    method = optax.adam(LR)

    def begin(theta):
        return theta, method.init(theta)

    def step(carry, _=None):
        theta, state = carry
        g = jax.numpy.stack(beale.df(theta[0], theta[1]))
        updates, state = method.update(g, state, theta)
        return (optax.apply_updates(theta, updates), state), None

    def path(theta):
        return jax.lax.scan(step, begin(theta), length=STEPS)[0][0]

    compiled_path, compiled_step = jax.jit(path), jax.jit(step)

    def warm():
        return np.asarray(compiled_path(START))

    def compile_too():
        jax.clear_caches()
        return np.asarray(jax.jit(path)(START))

    def each_step():
        carry = begin(jax.numpy.asarray(START))
        for _ in range(STEPS):
            carry, _ = compiled_step(carry)
        return np.asarray(carry[0])

    return {"warm": warm, "compile too": compile_too, "each step": each_step}[how]


JAVASCRIPT = """
const [hp, steps] = data;
const { init, step } = optimizers.Adam;
const { grad, start } = surfaces.beale;
const rounds = [];
for (let round = 0; round < 200; round += 1) {
  const begin = performance.now();
  let theta = start;
  let states = start.map((u) => init(u, hp));
  for (let k = 0; k < steps; k += 1) {
    const g = grad(...theta);
    const next = theta.map((u, i) => step(u, g[i], states[i], hp));
    theta = next.map((result) => result.theta);
    states = next.map((result) => result.state);
  }
  rounds.push([performance.now() - begin, ...theta]);
}
// The middle one of the last half: a page is warm too.
return rounds.slice(100).sort((a, b) => a[0] - b[0])[50];
"""


def javascript():
    import node

    hp = {"lr": LR, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}

    def run():
        milliseconds, *theta = node.run(JAVASCRIPT, [hp, STEPS], [Adam], [beale])
        run.seconds = milliseconds / 1000  # in Node, without the start of Node
        return theta

    return run


def unit(name):
    """The row that every row is compared with."""
    return UNIT


CONTESTANTS = {
    UNIT: numpy_steps,
    "NumPy: minimize, path recorded": numpy_minimize,
    "NumPy: step alone": numpy_steps_alone,
    "PyTorch, gradient by hand": lambda: pytorch("tensors"),
    "PyTorch, gradient by hand in plain numbers": lambda: pytorch("numbers"),
    "PyTorch, autograd": lambda: pytorch("autograd"),
    "optax, one compiled scan": lambda: optax("warm"),
    "optax, one scan, compiling it too": lambda: optax("compile too"),
    "optax, each step compiled": lambda: optax("each step"),
    "JavaScript from the trace, in Node": javascript,
}
GOALS = [
    ("times PyTorch, gradient by hand", ["PyTorch, gradient by hand"], UNIT, 9),
    (
        "times PyTorch, gradient by hand in plain numbers",
        ["PyTorch, gradient by hand in plain numbers"],
        UNIT,
        1,
    ),
]
