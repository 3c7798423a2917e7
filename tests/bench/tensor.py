"""One step of Adam on a large tensor: where a compiled or fused step must win."""

from functools import partial

import numpy as np

from optim_lessons import Adam

TITLE = "One step of Adam on a tensor of 1e6 and of 1e7 parameters, float32"
ROUNDS, ONE_THREAD = 9, False


def unit(name):
    """The row that this one is compared with: NumPy on as many parameters."""
    return f"NumPy, {name.split(', ')[-1]}"


def numbers(n):
    return np.random.default_rng(1).standard_normal((2, n), np.float32)


def ours(n):
    optimizer, (theta, g) = Adam(lr=1e-3), numbers(n)
    kept = [theta, optimizer.init(theta)]

    def run():
        kept[:] = optimizer.step(kept[0], g, kept[1])
        return kept[0][:1]

    return run


def pytorch(how, n):
    import torch

    theta, g = map(torch.from_numpy, numbers(n))
    theta.grad = g
    optimizer = torch.optim.Adam([theta], lr=1e-3, **{how: True})

    def run():
        optimizer.step()
        return theta[:1].numpy()

    return run


def optax(n):
    import jax
    import optax

    theta, g = map(jax.numpy.asarray, numbers(n))
    method = optax.adam(1e-3)

    @partial(jax.jit, donate_argnums=(0, 1))
    def step(theta, state, g):
        updates, state = method.update(g, state, theta)
        return optax.apply_updates(theta, updates), state

    kept = [theta, method.init(theta)]

    def run():
        kept[:] = step(*kept, g)
        return np.asarray(kept[0].block_until_ready()[:1])

    return run


CONTESTANTS = {}
for n, size in ((10**6, "1e6"), (10**7, "1e7")):
    CONTESTANTS |= {
        f"NumPy, {size}": partial(ours, n),
        f"PyTorch, foreach, {size}": partial(pytorch, "foreach", n),
        f"PyTorch, fused, {size}": partial(pytorch, "fused", n),
        f"optax, compiled, {size}": partial(optax, n),
    }
GOALS = []
