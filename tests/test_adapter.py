"""Our optimizers on real PyTorch models: torch.optim's own paths, and its habits."""

import dataclasses
import io
import subprocess
import sys
from typing import ClassVar, NamedTuple

import numpy as np
import pytest
import torch
from cases import CASES, Peer

from optim_lessons import SGD, Adam, Momentum, minimize
from optim_lessons.adapter import TorchOptimizer
from optim_lessons.contract import learning_rate, with_lr

IN_TORCH = [
    pytest.param(peer, id=f"{ours.__name__}-{k}")
    for ours, peers in CASES.items()
    for k, peer in enumerate(peers)
    if isinstance(peer, Peer) and peer.library == "PyTorch" and not peer.differs
]
BATCHES = 60


class LineSearch(NamedTuple):
    trials: int


@dataclasses.dataclass(frozen=True, eq=False)
class Backtracking:
    """Halve the rate until the loss falls; no method of the book, only one that asks the loss."""

    lr: float = learning_rate(1.0)
    couples: ClassVar = 1
    needs: ClassVar = ("value", "grad")
    State = LineSearch

    def init(self, theta):
        return LineSearch(0)

    def step(self, theta, g, state, oracle):
        np.testing.assert_array_equal(oracle.grad(theta), g)
        lr, count, f = self.lr, state.trials + 1, oracle.value(theta)
        while oracle.value(theta - lr * g) >= f and lr > 1e-8:
            lr, count = lr / 2, count + 1
        return theta - lr * g, LineSearch(count)


@dataclasses.dataclass(frozen=True, eq=False)
class Normalized(SGD):
    """A step as long as the learning rate, for each vector or matrix."""

    couples: ClassVar = 1

    def step(self, theta, g, state):
        assert theta.ndim == self.couples
        return theta - self.lr * g / np.sqrt(np.sum(g**2)), state


@dataclasses.dataclass(frozen=True, eq=False)
class NormalizedMatrix(Normalized):
    couples: ClassVar = 2


@dataclasses.dataclass(frozen=True, eq=False)
class Averaged:
    """Gradient descent that reports the mean of all its points."""

    inner: object = SGD()

    class State(NamedTuple):
        t: int
        mean: np.ndarray
        inner: object

    def init(self, theta):
        return self.State(0, theta, self.inner.init(theta))

    def step(self, theta, g, state):
        theta, inner = self.inner.step(theta, g, state.inner)
        t = state.t + 1
        return theta, self.State(t, state.mean + (theta - state.mean) / (t + 1), inner)

    def output(self, theta, state):
        return state.mean


def perceptron(dtype=torch.float64):
    """A small network; one of its layers is used by no batch, and has no gradient."""
    torch.manual_seed(0)
    layers = torch.nn.Linear(4, 8), torch.nn.Tanh(), torch.nn.Linear(8, 3)
    model = torch.nn.Sequential(*layers)
    model.unused = torch.nn.Parameter(torch.ones(2))
    return model.to(dtype)


def batches(model, count=BATCHES):
    generator = torch.Generator().manual_seed(1)
    dtype = next(model.parameters()).dtype
    for _ in range(count):
        x = torch.randn(10, 4, generator=generator, dtype=torch.float64)
        y = torch.randint(3, (10,), generator=generator)
        yield x.to(dtype), y


def loss_of(model, x, y):
    x = model[2](model[1](model[0](x)))
    return torch.nn.functional.cross_entropy(x, y)


def train(model, optimizer, scheduler=None, count=BATCHES, skip=0):
    """All parameters as one vector, after each step."""
    path = []
    for k, (x, y) in enumerate(batches(model, count)):
        if k < skip:
            continue

        def closure(x=x, y=y):
            optimizer.zero_grad()
            loss = loss_of(model, x, y)
            loss.backward()
            return loss

        if isinstance(optimizer, torch.optim.LBFGS | TorchOptimizer):
            optimizer.step(closure)
        else:
            closure()
            optimizer.step()
        if scheduler is not None:
            scheduler.step()
        path.append(vector(model))
    return np.array(path)


def vector(model):
    return torch.nn.utils.parameters_to_vector(model.parameters()).detach().numpy().copy()


def both(make_theirs, make_ours, scheduler=lambda optimizer: None, dtype=torch.float64):
    """The same training by torch.optim and by us."""
    paths = []
    for make in make_theirs, make_ours:
        model = perceptron(dtype)
        optimizer = make(model)
        paths.append(train(model, optimizer, scheduler(optimizer)))
    return paths


def falls(optimizer):
    return torch.optim.lr_scheduler.StepLR(optimizer, BATCHES // 3, gamma=0.3)


@pytest.mark.parametrize(
    ("dtype", "rounding"), [(torch.float64, 1e-13), (torch.float32, 3e-6)], ids=str
)
@pytest.mark.parametrize("peer", IN_TORCH)
def test_a_network_trains_as_with_torchs_own_optimizer_at_every_step(peer, dtype, rounding):
    def params(model):
        couples = getattr(peer.twin, "couples", 0)
        return [p for p in model.parameters() if couples < 2 or p.ndim == 2]

    theirs, ours = both(
        lambda model: peer.make(peer.twin)(params(model)),
        lambda model: TorchOptimizer(params(model), peer.twin),
        falls,
        dtype,
    )
    assert np.abs(theirs[-1] - theirs[0]).max() > 0.01
    assert ours.dtype == theirs.dtype
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=rounding * np.abs(theirs).max())


def test_the_table_has_torchs_own_of_every_first_method():
    assert {param.id.split("-")[0] for param in IN_TORCH} >= {
        *("SGD", "Momentum", "Nesterov", "Adagrad", "RMSprop", "Adam")
    }


def test_groups_have_hyperparameters_of_their_own():
    def theirs(model):
        groups = [
            {"params": model[0].parameters(), "lr": 0.1},
            {"params": model[2].parameters(), "betas": (0.5, 0.9)},
        ]
        return torch.optim.Adam(groups, lr=0.01)

    def ours(model):
        groups = [
            {"params": model[0].parameters(), "lr": 0.1},
            {"params": model[2].parameters(), "beta1": 0.5, "beta2": 0.9},
        ]
        return TorchOptimizer(groups, Adam(lr=0.01))

    np.testing.assert_allclose(*both(theirs, ours, falls), rtol=0, atol=1e-12)


def test_groups_have_optimizers_of_their_own():
    model = perceptron()
    optimizer = TorchOptimizer([{"params": model[0].parameters()}], Adam(lr=0.01))
    optimizer.add_param_group({"params": model[2].parameters(), "optimizer": Momentum(lr=0.02)})
    assert [group["lr"] for group in optimizer.param_groups] == [0.01, 0.02]
    path = train(model, optimizer)

    twin = perceptron()
    adam = torch.optim.Adam(twin[0].parameters(), lr=0.01)
    momentum = torch.optim.SGD(twin[2].parameters(), lr=0.02, momentum=0.9)
    for (x, y), expected in zip(batches(twin), path, strict=True):
        twin.zero_grad()
        loss_of(twin, x, y).backward()
        adam.step()
        momentum.step()
        np.testing.assert_allclose(vector(twin), expected, rtol=0, atol=1e-12)


def test_the_rate_that_a_group_holds_is_the_rate_of_the_next_step():
    p = torch.nn.Parameter(torch.zeros(1))
    optimizer = TorchOptimizer([p], SGD(lr=1.0))
    p.grad = torch.ones(1)
    optimizer.step()
    optimizer.param_groups[0]["lr"] = 0.25
    optimizer.step()
    assert p.item() == -1.25


def test_a_schedule_of_the_momentum_takes_effect():
    p = torch.nn.Parameter(torch.zeros(1))
    optimizer = TorchOptimizer([p], Momentum(lr=0.1, momentum=0.9))
    torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.1, total_steps=9, max_momentum=0.7)
    assert optimizer.param_groups[0]["momentum"] == 0.7


def test_a_wrapped_method_takes_its_rate_from_the_group():
    p = torch.nn.Parameter(torch.zeros(1))
    optimizer = TorchOptimizer([p], Averaged(SGD(lr=1.0)))
    optimizer.param_groups[0]["lr"] = 0.5
    p.grad = torch.ones(1)
    optimizer.step()
    assert p.item() == -0.5


def test_a_parameter_without_a_gradient_stays_and_has_no_state():
    model = perceptron()
    optimizer = TorchOptimizer(model.parameters(), Momentum(lr=0.1))
    train(model, optimizer, count=2)
    np.testing.assert_array_equal(model.unused.detach(), [1, 1])
    assert len(optimizer.state) == 4
    assert model.unused not in optimizer.state


def test_step_returns_the_loss_of_the_closure():
    p = torch.nn.Parameter(torch.full((2,), 3.0))
    optimizer = TorchOptimizer([p], SGD(lr=0.5))

    def closure():
        optimizer.zero_grad()
        loss = (p**2).sum()
        loss.backward()
        return loss

    assert optimizer.step(closure) == 18
    assert optimizer.step() is None


def test_parameters_change_in_place():
    p = torch.nn.Parameter(torch.ones(3))
    address, p.grad = p.data_ptr(), torch.ones(3)
    TorchOptimizer([p], SGD(lr=0.5)).step()
    assert p.data_ptr() == address
    assert p.is_leaf and p.requires_grad
    np.testing.assert_array_equal(p.detach(), [0.5] * 3)


def test_the_state_does_not_change_when_gradients_and_parameters_do():
    p = torch.nn.Parameter(torch.ones(3))
    optimizer = TorchOptimizer([p], Averaged(Momentum()))
    p.grad = torch.ones(3)
    optimizer.step()
    before = optimizer.state_dict()["state"][0]
    p.grad += 1
    with torch.no_grad():
        p += 1
    after = optimizer.state_dict()["state"][0]
    torch.testing.assert_close(before, after, rtol=0, atol=0)


def test_a_parameter_that_is_not_contiguous_and_a_number_move_as_any_other():
    rng = np.random.default_rng(0)
    whole = torch.tensor(rng.standard_normal((6, 4)))
    p, number = torch.nn.Parameter(whole.t()[:, ::2]), torch.nn.Parameter(torch.tensor(2.0))
    assert not p.is_contiguous()
    between = whole[1::2].clone()
    start, optimizer = p.detach().numpy().copy(), TorchOptimizer([p, number], Adam(lr=0.1))
    theta, state = start, Adam().init(start)
    for _ in range(3):
        p.grad, number.grad = torch.tensor(rng.standard_normal((4, 3))), torch.tensor(1.0)
        theta, state = Adam(lr=0.1).step(theta, p.grad.numpy(), state)
        optimizer.step()
    np.testing.assert_array_equal(p.detach(), theta)
    np.testing.assert_array_equal(whole[::2].T, theta)  # in place, through the strides
    np.testing.assert_array_equal(whole[1::2], between)
    np.testing.assert_allclose(number.detach(), 1.7, rtol=1e-6)


def test_a_method_that_evaluates_the_loss_sees_all_parameters_as_one_vector():
    model = perceptron()
    (x, y), *_ = batches(model, 1)
    optimizer = TorchOptimizer(model.parameters(), Backtracking())
    calls = []

    def closure():
        calls.append(1)
        optimizer.zero_grad()
        loss = loss_of(model, x, y)
        loss.backward()
        return loss

    twin = perceptron()
    assign = torch.nn.utils.vector_to_parameters

    def value(theta):
        assign(torch.tensor(theta), twin.parameters())
        return loss_of(twin, x, y).item()

    def grad(theta):
        assign(torch.tensor(theta), twin.parameters())
        twin.zero_grad()
        loss_of(twin, x, y).backward()
        return np.concatenate(
            [np.zeros(2) if p.grad is None else p.grad.numpy().ravel() for p in twin.parameters()]
        )

    path = minimize(Backtracking(), (value, grad), vector(model), steps=8)
    for theta, f in zip(path.theta, path.value, strict=True):
        np.testing.assert_allclose(vector(model), theta, rtol=0, atol=1e-13)
        assert optimizer.step(closure).item() == pytest.approx(f, rel=1e-13)
    assert (np.diff(path.value) < 0).all()
    trials = optimizer.state[next(model.parameters())]["state"].trials
    assert len(calls) == len(path.theta) + trials  # one call gives both value and gradient


def test_a_method_that_evaluates_the_loss_asks_for_a_closure_and_one_group():
    model = perceptron()
    optimizer = TorchOptimizer(model[0].parameters(), Backtracking())
    with pytest.raises(ValueError, match=r"Backtracking evaluates the loss: call step\(closure\)"):
        optimizer.step()
    with pytest.raises(ValueError, match="one group"):
        optimizer.add_param_group({"params": model[2].parameters()})
    assert len(optimizer.param_groups) == 1


def test_what_the_closure_cannot_answer_is_an_error():
    class Curved(Backtracking):
        needs: ClassVar = ("hvp",)

    p = torch.nn.Parameter(torch.ones(1))
    p.grad = torch.ones(1)
    optimizer = TorchOptimizer([p], Curved())
    with pytest.raises(ValueError, match="hvp"):
        optimizer.step(lambda: torch.ones(()))
    assert optimizer.state_dict()["state"] == {}


def test_a_method_that_couples_an_axis_takes_each_parameter_as_a_vector():
    model = perceptron()
    before = [p.detach().clone() for p in model.parameters()]
    train(model, TorchOptimizer(model.parameters(), Normalized(lr=0.1)), count=1)
    moved = [(p - old).norm().item() for p, old in zip(model.parameters(), before, strict=True)]
    assert moved == pytest.approx([0.0, 0.1, 0.1, 0.1, 0.1], abs=1e-12)


def test_a_flat_group_is_one_vector():
    model = perceptron()
    before = vector(model)
    train(model, TorchOptimizer(model.parameters(), Normalized(lr=0.1), flat=True), count=1)
    assert np.linalg.norm(vector(model) - before) == pytest.approx(0.1)
    np.testing.assert_array_equal(model.unused.detach(), [1, 1])
    with pytest.raises(ValueError, match=r"shape \(8, 4\), flat, is not a matrix"):
        TorchOptimizer(model[0].parameters(), NormalizedMatrix(), flat=True)


def test_a_flat_group_trains_elementwise_as_its_parameters_do():
    paths = []
    for flat in False, True:
        model = perceptron()
        del model.unused
        paths.append(train(model, TorchOptimizer(model.parameters(), Adam(lr=0.01), flat=flat)))
    np.testing.assert_array_equal(*paths)


def test_a_method_that_couples_two_axes_takes_matrices_and_says_so():
    model = perceptron()
    with pytest.raises(ValueError, match=r"shape \(2,\) .*NormalizedMatrix.*another group"):
        TorchOptimizer(model.parameters(), NormalizedMatrix())
    matrices = [{"params": [p for p in model.parameters() if p.ndim == 2]}]
    rest = {"params": [p for p in model.parameters() if p.ndim < 2], "optimizer": Adam()}
    optimizer = TorchOptimizer([*matrices, rest], NormalizedMatrix(lr=0.1))
    before = model[0].weight.detach().clone()
    train(model, optimizer, count=1)
    assert (model[0].weight - before).norm().item() == pytest.approx(0.1)


def test_the_reported_point_is_in_the_parameters_only_within_the_block():
    model, steps = perceptron(), 5
    optimizer = TorchOptimizer(model.parameters(), Averaged(SGD(lr=0.5)))
    start = vector(model)
    path = train(model, optimizer, count=steps)
    with optimizer.reported():
        np.testing.assert_allclose(vector(model), np.mean([start, *path], axis=0), rtol=1e-13)
    np.testing.assert_array_equal(vector(model), path[-1])
    with pytest.raises(KeyError), optimizer.reported():
        raise KeyError
    np.testing.assert_array_equal(vector(model), path[-1])


def test_a_method_that_reports_where_it_is_leaves_the_parameters():
    model = perceptron()
    optimizer = TorchOptimizer(model.parameters(), SGD(lr=0.5))
    path = train(model, optimizer, count=2)
    with optimizer.reported():
        np.testing.assert_array_equal(vector(model), path[-1])


def checkpoint(saved):
    """Through a file, as `torch.load` reads it by default: no code, only numbers and tensors."""
    file = io.BytesIO()
    torch.save(saved, file)
    file.seek(0)
    return torch.load(file)


RESUMED = [param.values[0].twin for param in IN_TORCH] + [Averaged(Momentum()), Normalized()]
RESUMED += [Backtracking()]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
@pytest.mark.parametrize("ours", RESUMED, ids=lambda o: type(o).__name__)
def test_training_goes_on_from_a_checkpoint_as_if_never_stopped(ours, dtype):
    def params(model):
        return [p for p in model.parameters() if getattr(ours, "couples", 0) < 2 or p.ndim == 2]

    model = perceptron(dtype)
    optimizer = TorchOptimizer(params(model), with_lr(ours, 0.01))
    whole = train(model, optimizer, falls(optimizer), count=40)

    model = perceptron(dtype)
    optimizer = TorchOptimizer(params(model), with_lr(ours, 0.01))
    scheduler = falls(optimizer)
    train(model, optimizer, scheduler, count=25)
    saved = checkpoint([model.state_dict(), optimizer.state_dict(), scheduler.state_dict()])

    model = perceptron(dtype)
    optimizer = TorchOptimizer(params(model), ours)  # another rate: the checkpoint's counts
    scheduler = falls(optimizer)
    for thing, state in zip([model, optimizer, scheduler], saved, strict=True):
        thing.load_state_dict(state)
    rest = train(model, optimizer, scheduler, count=40, skip=25)
    np.testing.assert_array_equal(rest, whole[25:])


def test_a_state_dict_has_the_names_of_the_state():
    model = perceptron()
    optimizer = TorchOptimizer(model.parameters(), Adam(lr=0.1))
    train(model, optimizer, count=3)
    saved = optimizer.state_dict()
    assert saved["state"][1].keys() == {"t", "m", "v"}
    assert saved["state"][1]["t"] == 3
    assert saved["state"][1]["m"].shape == (8, 4)
    assert saved["param_groups"][0]["lr"] == 0.1


def wrong_shape(saved):
    saved["state"][1]["m"] = torch.zeros(3)


def other_method(saved):
    saved["state"][1] = {"t": 1}


def other_groups(saved):
    saved["param_groups"] = saved["param_groups"] * 2


def wrong_rate(saved):
    saved["param_groups"][0]["lr"] = -1.0


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (wrong_shape, r"state.m has shape \(3,\)"),
        (other_method, "does not have the fields"),
        (other_groups, "different number of parameter groups"),
        (wrong_rate, r"lr = -1.0 is outside \[0, inf\)"),
    ],
)
def test_a_state_of_another_form_is_an_error_and_changes_nothing(spoil, words):
    model = perceptron()
    optimizer = TorchOptimizer(model.parameters(), Adam(lr=0.1))
    train(model, optimizer, count=3)
    saved = checkpoint(optimizer.state_dict())
    spoil(saved)
    before = checkpoint(optimizer.state_dict())
    with pytest.raises(ValueError, match=words):
        optimizer.load_state_dict(saved)
    torch.testing.assert_close(optimizer.state_dict(), before, rtol=0, atol=0)


ONE = torch.nn.Parameter(torch.ones(1))


def test_two_wrapped_hyperparameters_of_one_name_cannot_share_a_group():
    @dataclasses.dataclass(frozen=True, eq=False)
    class Scaled(Averaged):
        lr: float = learning_rate(0.5)

    with pytest.raises(ValueError, match="a group holds one lr"):
        TorchOptimizer([ONE], Scaled(inner=SGD(lr=0.1)))


def test_a_rate_that_became_wrong_is_an_error_of_the_step():
    p = torch.nn.Parameter(torch.ones(1))
    optimizer = TorchOptimizer([p], SGD(lr=0.1))
    optimizer.param_groups[0]["lr"] = float("nan")
    with pytest.raises(ValueError, match=r"lr = nan is outside \[0, inf\)"):
        optimizer.step()
    assert p.item() == 1


def test_a_sparse_gradient_is_an_error():
    first, words = torch.nn.Parameter(torch.ones(2)), torch.nn.Embedding(5, 2, sparse=True)
    optimizer = TorchOptimizer([{"params": first}, {"params": words.parameters()}], SGD())
    (first * words(torch.tensor([1]))).sum().backward()
    with pytest.raises(ValueError, match="sparse"):
        optimizer.step()
    np.testing.assert_array_equal(first.detach(), [1, 1])  # no group has moved
    assert not optimizer.state


def test_the_library_does_not_import_torch():
    code = "import sys, optim_lessons; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
