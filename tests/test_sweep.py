"""A sweep is the loop of runs that it stands for; its blocks, files and messages."""

import dataclasses
import itertools
import subprocess
import sys
import time
from types import SimpleNamespace
from typing import ClassVar, NamedTuple

import numpy as np
import pytest

from optim_lessons import (
    SGD,
    TRACED,
    Adam,
    GradientNoise,
    Lookahead,
    Momentum,
    hyper_of,
    minimize,
    problems,
    sweep,
)
from optim_lessons.contract import learning_rate
from optim_lessons.framework import Framework, Sum
from optim_lessons.sweep.grid import cut_grid

every_optimizer = pytest.mark.parametrize("cls", TRACED.values(), ids=TRACED)
BOWL = (lambda theta: 0.5 * np.sum(theta**2, axis=-1), lambda theta: theta)


def open_grid(cls):
    """Values for the learning rate and every decay, and the optimizer of their open grid."""
    decays = [name for name in hyper_of(cls) if name in ("momentum", "beta1", "beta2", "rho")]
    axes = {"lr": np.array([1e-4, 1e-2, 0.2])} | {name: np.array([0.5, 0.9]) for name in decays}
    return axes, cls(**dict(zip(axes, np.ix_(*axes.values()), strict=True)))


def on_arrays(problem):
    """The problem, computed on arrays as a sweep does: C rounds some powers of numbers otherwise.

    NumPy squares an array by one product, and has a power of its own for arrays.
    """
    value, grad = problem.value, problem.grad
    return (lambda theta: value(theta[None])[0], lambda theta: grad(theta[None])[0])


def assert_equal(a, b):
    np.testing.assert_array_equal(a.theta, b.theta)
    np.testing.assert_array_equal(a.value, b.value)
    np.testing.assert_array_equal(a.diverged, b.diverged)


@every_optimizer
@pytest.mark.parametrize("problem", problems.SURFACES.values(), ids=problems.SURFACES)
def test_a_sweep_equals_the_loop_bit_for_bit_and_marks_the_same_runs_diverged(cls, problem):
    axes, optimizer = open_grid(cls)
    ends = sweep(optimizer, problem, steps=60)
    assert ends.value.shape == ends.diverged.shape == tuple(map(len, axes.values()))
    assert ends.theta.shape == (*ends.value.shape, 2)
    for place in itertools.product(*(range(len(values)) for values in axes.values())):
        one = {name: values[k, ...] for (name, values), k in zip(axes.items(), place, strict=True)}
        path = minimize(cls(**one), on_arrays(problem), problem.start, steps=60)
        assert path.diverged == ends.diverged[place]
        np.testing.assert_array_equal(ends.theta[place], path.theta[-1])
        np.testing.assert_array_equal(ends.value[place], path.value[-1])


@every_optimizer
def test_powers_of_plain_numbers_differ_by_units_in_the_last_place_only(cls):
    """One step from a random point: all that a loop over plain numbers may differ by."""
    rng = np.random.default_rng(1)
    for surface in problems.SURFACES.values():
        start = rng.uniform(*np.array(surface.viewport).T)
        ends = sweep(cls(lr=np.array([1e-2, 0.2])), surface, start, steps=1)
        for k, lr in enumerate([1e-2, 0.2]):
            path = minimize(cls(lr=lr), surface, start, steps=1)
            np.testing.assert_allclose(ends.theta[k], path.theta[-1], rtol=1e-14)
            np.testing.assert_allclose(ends.value[k], path.value[-1], rtol=1e-12)


@pytest.mark.parametrize("engine", ["numpy", "loop"])
def test_the_rules_of_a_framework_are_swept_as_its_own_hyperparameters_are(engine):
    decays = np.array([0.1, 0.5, 0.9])
    ends = sweep(Framework(0.01, Sum(decays)), problems.ravine, steps=20, engine=engine)
    for k in range(3):
        path = minimize(Framework(0.01, Sum(decays[k, ...])), problems.ravine, steps=20)
        np.testing.assert_array_equal(ends.theta[k], path.theta[-1])


@pytest.mark.parametrize("block", [1, 7, 24, 1000])
def test_the_size_of_the_blocks_changes_no_bit(block):
    optimizer = Adam(
        lr=np.array([1e-3, 0.1, 5])[:, None, None],
        beta1=np.linspace(0, 0.9, 4)[:, None],
        beta2=np.array([0.5, 0.9]),
    )
    assert_equal(
        sweep(optimizer, problems.beale, block=block), sweep(optimizer, problems.beale, block=12)
    )


@pytest.mark.parametrize("grid", [(), (5,), (0,), (3, 0), (2, 3, 5), (1, 7, 1)])
@pytest.mark.parametrize("block", [1, 4, 7, 100])
def test_the_blocks_cover_the_grid_once_and_are_no_larger_than_asked(grid, block):
    seen = np.zeros(grid, int)
    for piece in cut_grid(grid, block):
        seen[piece] += 1
        assert seen[piece].size <= block
    assert (seen == 1).all()


@pytest.mark.parametrize("size", [2, 20])
def test_sums_over_coordinates_add_in_the_order_of_a_single_run(size):
    start = np.random.default_rng(2).uniform(-1, 1, size)
    rates = np.array([0.01, 0.5, 1.9])
    ends = sweep(SGD(lr=rates), BOWL, start, steps=20)
    for k, lr in enumerate(rates):
        path = minimize(SGD(lr=lr), BOWL, start, steps=20)
        np.testing.assert_array_equal(ends.theta[k], path.theta[-1])
        np.testing.assert_array_equal(ends.value[k], path.value[-1])


def test_diverged_runs_stay_where_they_met_the_first_value_that_is_not_finite():
    ends = sweep(SGD(lr=np.array([1e-3, 1.0])), problems.rosenbrock, steps=100)
    np.testing.assert_array_equal(ends.diverged, [False, True])
    path = minimize(SGD(lr=1.0), on_arrays(problems.rosenbrock), [-1.2, 1.0], steps=100)
    np.testing.assert_array_equal(ends.theta[1], path.theta[-1])


def test_without_arrays_the_grid_has_one_point():
    ends = sweep(Adam(lr=0.1), problems.himmelblau, steps=10)
    assert ends.value.shape == ends.diverged.shape == ()
    path = minimize(Adam(lr=0.1), problems.himmelblau, steps=10)
    np.testing.assert_array_equal(ends.theta, path.theta[-1])


def test_an_empty_grid_has_no_runs():
    assert sweep(SGD(lr=np.ones((3, 0))), problems.beale).theta.shape == (3, 0, 2)


def test_no_steps_leave_every_run_at_the_start():
    ends = sweep(SGD(lr=np.array([0.1, 0.2])), problems.beale, steps=0)
    np.testing.assert_array_equal(ends.theta, [problems.beale.start] * 2)


def test_a_pair_of_functions_serves_and_theta_may_have_any_shape():
    pair = (lambda theta: 0.5 * np.sum(theta**2, axis=(-2, -1)), lambda theta: theta)
    ends = sweep(SGD(lr=np.array([0.0, 0.5, 1.0])), pair, theta0=np.ones((2, 3)), steps=2)
    assert ends.theta.shape == (3, 2, 3)
    np.testing.assert_array_equal(ends.value, [3.0, 3 / 16, 0.0])


def test_lists_are_arrays_and_float32_stays():
    ends = sweep(Adam(lr=[0.1, 0.2]), problems.ravine, np.array([3, 1], np.float32), steps=5)
    assert ends.theta.dtype == np.float32
    exact = sweep(Adam(lr=[0.1, 0.2]), problems.ravine, [3, 1], steps=5)
    np.testing.assert_allclose(ends.theta, exact.theta, rtol=1e-5)


@dataclasses.dataclass(frozen=True, eq=False)
class Halfway:
    """A wrapper that reports the middle of the inner method's point and its last one."""

    inner: object = Momentum()

    class State(NamedTuple):
        last: object
        inner: object

    def init(self, theta):
        return self.State(theta, self.inner.init(theta))

    def step(self, theta, g, state):
        new, inner = self.inner.step(theta, g, state.inner)
        return new, self.State(theta, inner)

    def output(self, theta, state):
        return (theta + state.last) / 2


@dataclasses.dataclass(frozen=True, eq=False)
class Normed:
    """A step along the gradient divided by its norm: it couples the last axis."""

    lr: float = learning_rate(0.1)
    nesterov: bool = False
    couples: ClassVar = 1

    class State(NamedTuple):
        pass

    def init(self, theta):
        return self.State()

    def step(self, theta, g, state):
        norm = np.sqrt(np.sum(g**2, axis=-1, keepdims=True))
        if self.nesterov:
            return theta - 2 * self.lr * g / norm, state
        return theta - self.lr * g / norm, state


def test_a_wrapped_method_is_swept_over_the_inner_ones_arrays_and_reports_its_output():
    rates = np.array([0.0005, 0.001, 9.0])
    decays = np.array([0.5, 0.9])
    ends = sweep(Halfway(Momentum(lr=rates[:, None], momentum=decays)), problems.rosenbrock)
    assert ends.diverged.tolist() == [[False, False]] * 2 + [[True, True]]
    for i, k in np.ndindex(3, 2):
        one = Halfway(Momentum(lr=rates[i, ...], momentum=decays[k, ...]))
        path = minimize(one, on_arrays(problems.rosenbrock), problems.rosenbrock.start)
        np.testing.assert_array_equal(ends.theta[i, k], path.theta[-1])
        np.testing.assert_array_equal(ends.value[i, k], path.value[-1])


def test_the_value_of_a_diverged_run_stays_that_of_the_point_it_reported():
    """The loss is finite everywhere, the gradient is not beyond x = 0.5."""
    slope = (lambda u: u[..., 0], lambda u: np.where(u[..., :1] > 0.5, np.nan, [-1.0, 0.0]))
    rates = np.array([0.1, 0.3])
    ends = sweep(Halfway(Momentum(lr=rates, momentum=0.0)), slope, np.zeros(2), steps=9)
    for k, lr in enumerate(rates):
        path = minimize(Halfway(Momentum(lr, 0.0)), slope, np.zeros(2), steps=9)
        assert path.diverged and ends.diverged[k]
        np.testing.assert_array_equal(ends.theta[k], path.theta[-1])
        assert ends.value[k] == path.value[-1]


def test_a_problem_is_not_asked_beyond_the_first_value_that_is_not_finite():
    asked = []

    def value(theta):
        asked.append(theta[..., 0].max())
        return np.where(theta[..., 0] > 0.5, np.nan, 1.0)

    cliff = (value, lambda theta: np.broadcast_to([-1.0, 0.0], theta.shape))
    ends = sweep(SGD(lr=np.array([0.01, 0.2])), cliff, np.zeros(2), steps=40)
    np.testing.assert_array_equal(ends.diverged, [False, True])
    assert max(asked) == ends.theta[1, 0] < 0.7


@pytest.mark.parametrize("flag", [False, True])
def test_a_method_that_couples_coordinates_sees_those_of_its_own_run(flag):
    rates = np.array([0.01, 0.1])
    ends = sweep(Normed(lr=rates, nesterov=flag), problems.ravine, steps=30)
    for k in range(2):
        path = minimize(Normed(rates[k, ...], flag), on_arrays(problems.ravine), [-4.0, 1], 30)
        np.testing.assert_array_equal(ends.theta[k], path.theta[-1])


def test_a_schedule_gives_the_rate_of_each_step():
    def schedule(t):
        return 0.1 / t

    decays = np.array([0.5, 0.9])
    ends = sweep(Momentum(momentum=decays), problems.ravine, steps=40, schedule=schedule)
    for k in range(2):
        path = minimize(
            *(Momentum(momentum=decays[k]), on_arrays(problems.ravine), [-4.0, 1], 40),
            schedule=schedule,
        )
        np.testing.assert_array_equal(ends.theta[k], path.theta[-1])


def test_a_problem_of_many_steps_that_is_not_random_broadcasts():
    def sample(t, rng):
        return SimpleNamespace(grad=lambda theta: theta / t)

    value, grad = BOWL
    problem = SimpleNamespace(value=value, grad=grad, sample=sample, random=False)
    ends = sweep(SGD(lr=np.array([0.1, 0.5])), problem, np.ones(2), steps=9)
    for k, lr in enumerate([0.1, 0.5]):
        path = minimize(SGD(lr=lr), problem, np.ones(2), steps=9)
        np.testing.assert_array_equal(ends.theta[k], path.theta[-1])


@dataclasses.dataclass(frozen=True, eq=False)
class Searching(Normed):
    """A method that asks for values."""

    needs: ClassVar = ("value",)


@dataclasses.dataclass(frozen=True, eq=False)
class Counting(Normed):
    """A method that counts."""

    every: int = dataclasses.field(
        default=1,
        metadata={"symbol": "k", "words": "", "interval": "[1, inf)", "scale": "whole"},
    )


PLATEAU = SimpleNamespace(init=lambda: 0, step=lambda value, state: (0.1, 0))
RANDOM = SimpleNamespace(value=BOWL[0], grad=BOWL[1], sample=lambda t, rng: None, start=(1, 1))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            {"optimizer": Adam(lr=np.ones(2), beta1=np.full(3, 0.5))},
            r"do not broadcast to one grid: lr has shape \(2,\), beta1 has shape \(3,\)",
        ),
        ({"optimizer": Lookahead(GradientNoise())}, "GradientNoise does not broadcast: pass"),
        ({"optimizer": Searching()}, r"Searching .* does not broadcast: pass .* executor="),
        (
            {"optimizer": Counting(every=np.array([1, 2]))},
            r"Counting counts by an array \(every\) and does not broadcast: pass .* executor=",
        ),
        ({"schedule": PLATEAU}, r"reads the loss and does not broadcast: pass .* executor="),
        ({"optimizer": SGD([0.1]), "schedule": lambda t: 1}, "lr is an array, but `schedule`"),
        ({"problem": RANDOM}, "this problem is random: pass seed="),
        ({"problem": RANDOM, "seed": 1}, "random and does not broadcast: pass .* executor="),
        ({"engine": "cuda"}, "engine = 'cuda' is none of 'numpy', 'numba', 'loop'"),
        ({"block": 0}, "block = 0 must be a whole number, at least 1"),
        ({"block": 1.5}, "block = 1.5 must be a whole number"),
        ({"seed": -1}, "seed = -1 must be a whole number"),
        ({"seed": "x"}, "seed = 'x' must be a whole number"),
        ({"steps": -1}, "steps = -1"),
        ({"theta0": np.ones(3)}, r"theta0 has shape \(3,\)"),
        ({"optimizer": Normed(), "problem": BOWL, "theta0": 1.0}, "Normed couples 1 axes"),
        ({"problem": (np.cos, np.cos), "theta0": [1, 1]}, r"value\(theta\) has shape \(2,\)"),
        (
            {"problem": (BOWL[0], lambda theta: theta[:1]), "theta0": [1, 1]},
            r"grad\(theta\) has shape \(1,\), but theta has \(2,\)",
        ),
    ],
)
def test_bad_arguments_are_refused_with_what_was_given(arguments, words):
    with pytest.raises(ValueError, match=words):
        sweep(**{"optimizer": SGD(), "problem": problems.beale} | arguments)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"executor": 4}, "executor = 4 is no concurrent.futures.Executor"),
        ({"progress": "yes"}, "progress = 'yes' must be True, False or a function"),
        ({"store": 3}, "store = 3 must be the path of a folder"),
        ({"optimizer": SGD}, "is not an optimizer"),
    ],
)
def test_arguments_of_the_wrong_type_are_refused(arguments, words):
    with pytest.raises(TypeError, match=words):
        sweep(**{"optimizer": SGD(), "problem": problems.beale} | arguments)


def test_a_problem_that_does_not_broadcast_says_how_to_run_it():
    def value(theta):
        return theta.reshape(2) @ theta

    with pytest.raises(ValueError, match="cannot reshape") as caught:
        sweep(SGD(lr=[0.1, 0.2]), (value, lambda theta: 2 * theta), np.ones(2))
    assert "engine='loop'" in caught.value.__notes__[0]


def test_progress_counts_the_runs_and_is_silent_unless_asked(capsys):
    optimizer, told = SGD(lr=np.full(10, 0.1)), []
    sweep(optimizer, problems.beale, block=4, progress=lambda *counts: told.append(counts))
    assert told == [(4, 10), (8, 10), (10, 10)]
    assert capsys.readouterr() == ("", "")
    sweep(optimizer, problems.beale, block=4, progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "".join(f"\rsweep: {n} of 10 runs" for n in (4, 8, 10)) + "\n"


OPTIMIZER = Adam(lr=np.geomspace(1e-3, 10, 12)[:, None], beta1=np.array([0.0, 0.9]))


def stored(folder, optimizer=OPTIMIZER, problem=problems.beale, steps=30, block=4, **more):
    """A sweep of six blocks with a store, and how many of its runs it had to compute."""
    runs = []

    def value(theta):
        runs.append(len(theta) if theta.ndim > 1 else 0)
        return problem.value(theta)

    counted = SimpleNamespace(value=value, grad=problem.grad, start=problem.start, name="counted")
    ends = sweep(optimizer, counted, steps=steps, block=block, store=folder, **more)
    return ends, sum(runs[1:]) > 0


def test_a_second_call_takes_every_block_from_the_store(tmp_path):
    first, computed = stored(tmp_path / "a" / "b")
    assert computed
    told = []
    again, computed = stored(tmp_path / "a" / "b", progress=lambda *counts: told.append(counts))
    assert not computed
    assert told[-1] == (24, 24)
    assert_equal(first, again)
    assert_equal(first, sweep(OPTIMIZER, problems.beale, steps=30))
    assert first.diverged.dtype == again.diverged.dtype == bool


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"steps": 31}, "steps = 30 there, 31 here"),
        ({"optimizer": dataclasses.replace(OPTIMIZER, beta2=0.99)}, "beta2 = 0.999 there, 0.99"),
        (
            {"optimizer": dataclasses.replace(OPTIMIZER, lr=0.1)},
            r"lr = float64\[12, 1\] .* 0.1 here",
        ),
        ({"optimizer": Momentum(lr=OPTIMIZER.lr)}, "optimizer = .*Adam.* there, .*Momentum.* here"),
        ({"problem": problems.himmelblau}, "problem = "),
        ({"block": 6}, "block = 4 there, 6 here"),
        ({"seed": 1}, "seed = None there, 1 here"),
        (
            {"schedule": lambda t: 1.0, "optimizer": dataclasses.replace(OPTIMIZER, lr=1)},
            "schedule",
        ),
    ],
)
def test_a_store_of_another_sweep_is_refused_with_what_differs(tmp_path, change, words):
    first, _ = stored(tmp_path)
    with pytest.raises(ValueError, match=f"holds another sweep: .*{words}"):
        stored(tmp_path, **change)
    again, computed = stored(tmp_path)
    assert not computed
    assert_equal(first, again)


def test_a_flag_makes_another_sweep(tmp_path):
    stored(tmp_path, Normed())
    with pytest.raises(ValueError, match=r"optimizer = .*Normed.* there, .*Normed_nesterov"):
        stored(tmp_path, Normed(nesterov=True))


@pytest.mark.parametrize("harm", ["empty", "short", "text", "bit", "another"])
def test_a_damaged_block_is_computed_anew_with_a_warning(tmp_path, harm):
    first, _ = stored(tmp_path / "a")
    file = tmp_path / "a" / "block-00002.npz"
    content = file.read_bytes()
    middle = content.index(b"theta.npy") + 200
    if harm == "another":
        stored(tmp_path / "b", steps=31)
        new = (tmp_path / "b" / "block-00002.npz").read_bytes()
    else:
        new = {
            "empty": b"",
            "short": content[:-100],
            "text": b"not a block",
            "bit": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
        }[harm]
    file.write_bytes(new)
    with pytest.warns(UserWarning, match="block-00002.npz .* computed anew"):
        again, computed = stored(tmp_path / "a")
    assert computed
    assert_equal(first, again)
    assert not stored(tmp_path / "a")[1]


def test_a_damaged_description_of_the_store_is_refused(tmp_path):
    stored(tmp_path)
    (tmp_path / "sweep.json").write_text('{"steps": 3')
    with pytest.raises(ValueError, match=r"sweep.json is damaged: delete"):
        stored(tmp_path)


KILLED = """
import sys, time
import numpy as np
from optim_lessons import Adam, problems, sweep

def slow(done, total):
    print(done, flush=True)
    time.sleep(0.05)

optimizer = Adam(lr=np.geomspace(1e-3, 10, 12)[:, None], beta1=np.array([0.0, 0.9]))
sweep(optimizer, problems.beale, steps=30, block=1, store=sys.argv[1], progress=slow)
"""


def test_a_killed_run_goes_on_where_it_was(tmp_path):
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for _ in range(5):
            process.stdout.readline()
        process.kill()
    kept = {file: file.stat().st_mtime_ns for file in tmp_path.glob("block-*.npz")}
    assert 5 <= len(kept) < 24
    ends = sweep(OPTIMIZER, problems.beale, steps=30, block=1, store=tmp_path)
    assert_equal(ends, sweep(OPTIMIZER, problems.beale, steps=30))
    assert kept == {file: file.stat().st_mtime_ns for file in kept}


def test_two_processes_may_share_a_store(tmp_path):
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    two = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait(timeout=60) for process in two] == [0, 0]
    ends = sweep(OPTIMIZER, problems.beale, steps=30, block=1, store=tmp_path)
    assert_equal(ends, sweep(OPTIMIZER, problems.beale, steps=30))
    assert not list(tmp_path.glob("*.tmp"))


LIGHT = """
import sys, optim_lessons
print(*{name.partition(".")[0] for name in sys.modules})
"""


def test_the_library_is_imported_without_its_extras_in_a_moment():
    begin = time.perf_counter()
    run = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True)
    took = time.perf_counter() - begin
    heavy = {"matplotlib", "IPython", "ipywidgets", "anywidget", "torch", "jax", "numba", "dask"}
    assert not heavy & set(run.stdout.split())
    assert took < 3  # 0.3 s on an idle machine, Python's own start included: `make bench`
