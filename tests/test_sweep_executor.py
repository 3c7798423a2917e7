"""Runs of a loop, here or by an executor: the same results, and no error loses another's."""

import contextlib
import multiprocessing
import os
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest
from test_sweep import BOWL, PLATEAU, Searching, assert_equal

from optim_lessons import SGD, Adam, Momentum, minimize, problems, sweep
from optim_lessons.sweep import SweepError


class Valley:
    """A problem for one point at a time, whose gradients are drawn at random."""

    start = (1.0, -1.0)

    def value(self, theta):
        x, y = theta.tolist()
        return x**2 + 10 * y**2

    def grad(self, theta):
        x, y = theta.tolist()
        return np.array([2 * x, 20 * y])

    def sample(self, t, rng):
        return Shifted(rng.normal(size=2))


class Shifted(Valley):
    """What Valley draws; a class, so that it can be sent to a process."""

    def __init__(self, shift):
        self.shift = shift

    def grad(self, theta):
        return super().grad(theta) + self.shift


class Trap(Valley):
    """A problem that raises where a run with a large learning rate comes."""

    sample = None

    def grad(self, theta):
        if abs(theta[1]) > 5:
            raise ArithmeticError(f"lost at {theta}")
        if os.environ.get("OPTIM_TEST_DIE") and abs(theta[1]) > 2:
            os._exit(1)
        return super().grad(theta)


RATES = np.array([0.001, 0.01, 0.02, 0.05])
DECAYS = np.array([0.0, 0.5, 0.9])
GRID = Momentum(lr=RATES[:, None], momentum=DECAYS)


class Backwards(Executor):
    """An executor that runs the last task first, as a busy cluster may."""

    def __init__(self):
        self.tasks = []

    def submit(self, function, *args):
        self.tasks.append((future := Future(), function, args))
        if len(self.tasks) == 12:  # all that these tests submit
            for future_, function_, args_ in reversed(self.tasks):
                future_.set_result(function_(*args_))
        return future


@pytest.fixture(scope="module")
def processes():
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        yield pool


@contextlib.contextmanager
def dask_cluster(**size):
    """An executor of a Dask cluster on this machine, without its dashboard."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(dashboard_address=None, **size) as cluster,
        Client(cluster) as client,
        client.get_executor() as executor,
    ):
        yield executor


@pytest.fixture
def dask_threads():
    with dask_cluster(n_workers=1, threads_per_worker=2, processes=False) as executor:
        yield executor


@pytest.fixture
def dask_processes():
    with dask_cluster(n_workers=2, threads_per_worker=1, host="127.0.0.1") as executor:
        yield executor


@pytest.fixture
def threads():
    with ThreadPoolExecutor(2) as pool:
        yield pool


@pytest.fixture(scope="module")
def expected():
    """Run by run with the generators that NumPy spawns."""
    spawned = np.random.SeedSequence(7).spawn(12)
    theta = np.empty((4, 3, 2))
    for number, (i, k) in enumerate(np.ndindex(4, 3)):
        rng = np.random.default_rng(spawned[number])
        path = minimize(Momentum(RATES[i], DECAYS[k]), Valley(), steps=20, rng=rng)
        theta[i, k] = path.theta[-1]
    return theta


@pytest.mark.parametrize("block", [1, 5, None])
def test_a_loop_has_the_spawned_generators_whatever_the_blocks(expected, block):
    ends = sweep(GRID, Valley(), steps=20, seed=7, engine="loop", block=block)
    np.testing.assert_array_equal(ends.theta, expected)


@pytest.mark.parametrize("name", ["threads", "processes", "dask_threads", "dask_processes"])
def test_an_executor_gives_the_results_of_the_loop(request, expected, name):
    executor = request.getfixturevalue(name)
    ends = sweep(GRID, Valley(), steps=20, seed=7, executor=executor)
    np.testing.assert_array_equal(ends.theta, expected)
    assert not ends.diverged.any()


def test_the_order_in_which_runs_end_changes_nothing(expected):
    ends = sweep(GRID, Valley(), steps=20, seed=7, executor=Backwards(), block=1)
    np.testing.assert_array_equal(ends.theta, expected)


def test_runs_draw_different_numbers_and_another_seed_others():
    same = Momentum(lr=np.full(3, 0.01))
    a, b = (sweep(same, Valley(), steps=5, seed=s, engine="loop").theta[:, 0] for s in (1, 2))
    assert len({*a, *b}) == 6


def test_a_loop_equals_the_broadcast_where_the_problem_does():
    """Adam's powers too: a run of an array's element computes on arrays."""
    optimizer = Adam(lr=0.1, beta1=np.linspace(0.6, 0.97, 20), beta2=0.99)
    start = np.array([1.0, -2.0, 0.5])
    a, b = (sweep(optimizer, BOWL, start, steps=100, engine=e) for e in ("loop", "numpy"))
    assert_equal(a, b)


def test_what_does_not_broadcast_runs_in_a_loop():
    assert sweep(Searching(lr=[0.1]), Valley(), seed=1, steps=0, engine="loop").theta.size == 2
    ends = sweep(SGD(), problems.ravine, schedule=PLATEAU, engine="loop", steps=3)
    path = minimize(SGD(0.1), problems.ravine, steps=3)
    np.testing.assert_array_equal(ends.theta, path.theta[-1])


def test_blocks_of_a_broadcast_run_in_threads(threads):
    optimizer = Adam(lr=np.geomspace(1e-3, 1, 100))
    ends = sweep(optimizer, problems.beale, engine="numpy", executor=threads, block=10)
    assert_equal(ends, sweep(optimizer, problems.beale))


@pytest.mark.parametrize("name", [None, "threads", "processes"])
def test_a_run_that_raises_is_named_and_loses_no_other(request, tmp_path, name):
    executor = name and request.getfixturevalue(name)
    rates = np.array([0.01, 0.2, 0.02, 0.3])
    arguments = {"steps": 20, "executor": executor, "engine": "loop", "block": 1, "store": tmp_path}
    with pytest.raises(SweepError) as caught:
        sweep(SGD(lr=rates), Trap(), **arguments)
    error = caught.value
    assert str(error).startswith("2 of 4 runs failed; the first, at lr = 0.2:\nTraceback")
    assert "ArithmeticError: lost at" in str(error)
    assert sorted(error.failed) == [(1,), (3,)]
    np.testing.assert_array_equal(np.isnan(error.ends.value), [False, True, False, True])
    for k in (0, 2):
        path = minimize(SGD(lr=rates[k]), Trap(), steps=20)
        np.testing.assert_array_equal(error.ends.theta[k], path.theta[-1])
    assert sorted(file.name for file in tmp_path.glob("*.npz")) == [
        "block-00000.npz",
        "block-00002.npz",
    ]


def test_a_run_that_raises_loses_no_other_of_its_block():
    with pytest.raises(SweepError) as caught:
        sweep(SGD(lr=np.array([0.01, 0.2, 0.02])), Trap(), steps=20, engine="loop", block=3)
    np.testing.assert_array_equal(np.isnan(caught.value.ends.value), [False, True, False])


def test_a_worker_that_dies_loses_no_run_that_was_done(tmp_path, monkeypatch):
    monkeypatch.setenv("OPTIM_TEST_DIE", "1")
    optimizer = SGD(lr=np.array([0.01, 0.02, 0.03, 0.12]))
    context = multiprocessing.get_context("spawn")
    with (
        ProcessPoolExecutor(1, mp_context=context) as pool,
        pytest.raises(SweepError, match=r"the first, at lr = 0.12:\nBrokenProcessPool"),
    ):
        sweep(optimizer, Trap(), steps=20, executor=pool, block=1, store=tmp_path)
    assert len(list(tmp_path.glob("*.npz"))) == 3
    monkeypatch.delenv("OPTIM_TEST_DIE")
    with pytest.raises(SweepError, match=r"1 of 4 runs failed; the first, at lr = 0.12"):
        sweep(optimizer, Trap(), steps=20, engine="loop", block=1, store=tmp_path)


def test_what_cannot_be_sent_to_a_process_says_so(processes):
    local = (lambda theta: theta @ theta, lambda theta: 2 * theta)
    with pytest.raises(SweepError, match=r"(?i)pickle"):
        sweep(SGD(lr=[0.1, 0.2]), local, np.ones(2), executor=processes)


def test_an_interrupted_sweep_starts_no_further_runs():
    started = []

    def value(theta):
        started.append(1)
        time.sleep(0.01)
        return 0.0

    def interrupt(done, total):
        raise KeyboardInterrupt

    with ThreadPoolExecutor(1) as pool, pytest.raises(KeyboardInterrupt):
        sweep(
            *(SGD(lr=np.full(50, 0.1)), (value, lambda theta: theta), np.ones(2), 0),
            **{"executor": pool, "block": 1, "progress": interrupt},
        )
    assert len(started) < 10
