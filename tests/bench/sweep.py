"""A sweep: 65,536 configurations of Adam on Beale's function, 200 steps each."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

import optim_lessons
from optim_lessons import Adam
from optim_lessons.problems import beale

TITLE = "65,536 configurations of Adam on Beale's function, 200 steps each"
STEPS, ROUNDS, ONE_THREAD = 200, 5, False
LR, BETA1 = np.geomspace(1e-3, 1, 64), np.linspace(0, 0.99, 64)
BETA2 = 1 - np.geomspace(1e-3, 0.5, 16)
UNIT = "NumPy, open grid in blocks"


def shown(theta):
    """The share of runs that end below 0.01, and the median of their ends."""
    theta = np.reshape(theta, (-1, 2))
    return np.mean(beale.value(theta) < 0.01), *np.median(theta, axis=0)


def ours(**how):
    optimizer = Adam(*np.ix_(LR, BETA1, BETA2))
    return lambda: optim_lessons.sweep(optimizer, beale, steps=STEPS, **how).theta


def numpy_threads():
    pool = ThreadPoolExecutor(2)
    return ours(engine="numpy", executor=pool, block=8192)


def optax(nested):
    """By vmap over a compiled loop; nested, an axis at a time, so that powers stay small."""
    import jax
    import optax
    from jax import vmap

    jax.config.update("jax_enable_x64", True)

    def end(lr, beta1, beta2):
        method = optax.adam(lr, b1=beta1, b2=beta2)

        def step(_, carry):
            theta, state = carry
            g = jax.numpy.stack(beale.df(theta[0], theta[1]))
            updates, state = method.update(g, state, theta)
            return optax.apply_updates(theta, updates), state

        theta = jax.numpy.array(beale.start)
        return jax.lax.fori_loop(0, STEPS, step, (theta, method.init(theta)))[0]

    if nested:
        over_two = vmap(vmap(end, (None, None, 0)), (None, 0, None))
        run, grid = jax.jit(vmap(over_two, (0, None, None))), (LR, BETA1, BETA2)
    else:
        flat = [x.ravel() for x in np.meshgrid(LR, BETA1, BETA2, indexing="ij")]
        run, grid = jax.jit(vmap(end)), flat
    return lambda: np.asarray(run(*grid))


def pytorch():
    """Adam's step by hand on an open grid of tensors: torch.optim has no sweep."""
    import torch

    lr, beta1, beta2 = map(torch.tensor, np.ix_(LR, BETA1, BETA2))
    eps, shape = 1e-8, (64, 64, 16)

    @torch.no_grad()
    def run():
        x, y = (torch.full(shape, u, dtype=torch.float64) for u in beale.start)
        m = [torch.zeros_like(x), torch.zeros_like(x)]
        v = [torch.zeros_like(x), torch.zeros_like(x)]
        for t in range(1, STEPS + 1):
            rate, root = lr / (1 - beta1**t), (1 - beta2**t).sqrt()
            for k, g in enumerate(beale.df(x, y)):
                m[k].mul_(beta1).add_((1 - beta1) * g)
                v[k].mul_(beta2).add_(g.square_().mul_(1 - beta2))
                (x, y)[k].sub_(m[k] * rate / (v[k].sqrt().div_(root).add_(eps)))
        return torch.stack([x, y], dim=-1).numpy()

    return run


def unit(name):
    """The row that every row is compared with."""
    return UNIT


CONTESTANTS = {
    UNIT: ours,
    "NumPy, two threads by an executor": numpy_threads,
    "Numba, printed from the trace": lambda: ours(engine="numba"),
    "optax, nested vmap": lambda: optax(nested=True),
    "optax, flat vmap": lambda: optax(nested=False),
    "PyTorch, batched step by hand": pytorch,
}
GOALS = [
    (
        "Numba, times optax's best",
        ["optax, nested vmap", "optax, flat vmap"],
        "Numba, printed from the trace",
        1.5,
    ),
    ("NumPy, times optax's flat vmap", ["optax, flat vmap"], UNIT, 1),
]
