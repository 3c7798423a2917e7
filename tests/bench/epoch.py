"""An epoch of a multilayer perceptron on the digits."""

import numpy as np

from optim_lessons import Adam, problems

TITLE = "An epoch of a perceptron (64-32-10) on 1,797 digits, batches of 32, one thread"
ROUNDS, ONE_THREAD = 15, True
UNIT = "NumPy, one flat vector"
MISSING = "optim_lessons.problems has no MLP yet"
LR, BATCH = 0.01, 32


def batches():
    """The rows of each batch of an epoch."""
    order = np.random.default_rng(1).permutation(1797)
    return [order[k : k + BATCH] for k in range(0, len(order), BATCH)]


def perceptron():
    x, y = problems.digits()
    rng = np.random.default_rng(2)
    return problems.MLP(x, y, hidden=(32,), activation="relu", classes=10, rng=rng)


def ours():
    mlp, optimizer, pieces = perceptron(), Adam(lr=LR), batches()

    def run():
        theta, state = mlp.start, optimizer.init(mlp.start)
        for piece in pieces:
            theta, state = optimizer.step(theta, mlp.rows(piece).grad(theta), state)
        return mlp.value(theta)

    return run


def pytorch(**how):
    """torch.nn, from the same start on the same batches, in float64 too."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    mlp, pieces = perceptron(), [torch.from_numpy(piece) for piece in batches()]
    start = mlp.layout.views(mlp.start)
    x, y = map(torch.from_numpy, problems.digits())
    net = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10)).double()

    def run():
        with torch.no_grad():
            for k, layer in ((1, net[0]), (2, net[2])):
                layer.weight.copy_(torch.from_numpy(start[f"W{k}"].T.copy()))
                layer.bias.copy_(torch.from_numpy(start[f"b{k}"].copy()))
        optimizer = torch.optim.Adam(net.parameters(), lr=LR, **how)
        for piece in pieces:
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(x[piece]), y[piece]).backward()
            optimizer.step()
        with torch.no_grad():
            return nn.functional.cross_entropy(net(x), y).item()

    return run


def unit(name):
    """The row that every row is compared with."""
    return UNIT


CONTESTANTS = {}
if hasattr(problems, "MLP"):
    CONTESTANTS = {
        UNIT: ours,
        "PyTorch": pytorch,
        "PyTorch, fused Adam": lambda: pytorch(fused=True),
    }
GOALS = [
    ("times PyTorch", ["PyTorch"], UNIT, 4),
    ("times PyTorch with a fused Adam", ["PyTorch, fused Adam"], UNIT, 1),
]
