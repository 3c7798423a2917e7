"""An epoch of a multilayer perceptron on the digits."""

import numpy as np

from optim_lessons import Adam, problems

TITLE = "An epoch of a perceptron (64-32-10) on 1,797 digits, batches of 32, one thread"
ROUNDS, ONE_THREAD = 15, True
UNIT, FLOAT32 = "NumPy, one flat vector", "NumPy, float32"
LR, BATCH = 0.01, 32


def batches():
    """The rows of each batch of an epoch."""
    order = np.random.default_rng(1).permutation(1797)
    return [order[k : k + BATCH] for k in range(0, len(order), BATCH)]


def perceptron(dtype):
    x, y = problems.digits()
    rng = np.random.default_rng(2)
    x = x.astype(dtype)
    return problems.MLP(x, y, hidden=(32,), activation="relu", classes=10, rng=rng)


def ours(dtype="float64"):
    mlp, optimizer, pieces = perceptron(dtype), Adam(lr=LR), batches()

    def run():
        theta, state = mlp.start, optimizer.init(mlp.start)
        for piece in pieces:
            theta, state = optimizer.step(theta, mlp.rows(piece).grad(theta), state)
        return mlp.value(theta)

    return run


def pytorch(dtype="float64", **how):
    """torch.nn, from the same start on the same batches."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    mlp, pieces = perceptron(dtype), [torch.from_numpy(piece) for piece in batches()]
    start = mlp.layout.views(mlp.start)
    x, y = torch.from_numpy(mlp.x), torch.from_numpy(problems.digits()[1])
    net = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10)).to(x.dtype)

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
    """The row that a row is compared with: that of its type."""
    return FLOAT32 if "float32" in name else UNIT


CONTESTANTS = {
    UNIT: ours,
    "PyTorch": pytorch,
    "PyTorch, fused Adam": lambda: pytorch(fused=True),
    FLOAT32: lambda: ours("float32"),
    "PyTorch, float32": lambda: pytorch("float32"),
}
GOALS = [
    ("times PyTorch", ["PyTorch"], UNIT, 4),
    ("times PyTorch, both in float32", ["PyTorch, float32"], FLOAT32, 4),
    ("times PyTorch with a fused Adam", ["PyTorch, fused Adam"], UNIT, 1),
]
