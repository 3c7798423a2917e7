"""Break the optimizers, one small mistake at a time, and say which mistakes no test sees.

.venv/bin/python -m tools.mutants [NAME ...]     NAME: modules of optim_lessons/optimizers, or all

All tests are collected once; for each mutant the tests that concern its module run in this process,
quickest first, until one turns red. Survivors must be explained in tests/survivors.toml. A run over
all modules keeps its counts in optim_lessons/measured/mutants.json, for the book.
"""

import importlib
import json
import logging
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from tools.mutate import Mutant, mutants

ROOT = Path(__file__).resolve().parent.parent
OPTIMIZERS = ROOT / "optim_lessons" / "optimizers"
EXPLAINED = ROOT / "tests" / "survivors.toml"
# Not test_trace: it reads the unbroken source, so it would see every mutant for no good reason.
CROSSING = ["parity", "properties", "minimize", "sweep", "state", "framework"]
SPECIAL = ["numbers*", "properties_coupled", "layerwise", "wrappers", "curvature", "swats", "muon"]
KEPT = ROOT / "optim_lessons" / "measured" / "mutants.json"
SECONDS = 20  # a mutant may loop for ever


class Timeout(BaseException):
    """A mutant took too long; not an Exception, so that no test can catch it."""


def main() -> None:
    """Test all mutants of the named modules, two at a time; fail on one not explained."""
    everything = sorted(path.stem for path in OPTIMIZERS.glob("[a-z]*.py"))
    names = sys.argv[1:] or everything
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        commands = [f"from tools.mutants import run; run({name!r}, {folder!r})" for name in names]
        # A process a module: a mutant that was stopped may leave anything behind.
        failed = list(pool.map(lambda c: subprocess.call([sys.executable, "-c", c]), commands))
        counts = {p.stem: json.loads(p.read_text()) for p in sorted(Path(folder).glob("*.json"))}
    if list(counts) == everything:
        KEPT.write_text(json.dumps({"modules": counts}, indent=1) + "\n", encoding="utf-8")
    if any(failed):
        sys.exit("error: some mutants survive without an explanation in tests/survivors.toml.")


def run(name: str, folder: str) -> None:
    """Collect the tests, and test the mutants of a module in this process."""
    tests = ROOT / "tests"
    files = [path for name in CROSSING + SPECIAL for path in sorted(tests.glob(f"test_{name}.py"))]
    survivors = Survivors(name, Path(folder))
    options = ["-q", "--no-header", "--no-summary", "--capture=fd", "-p", "no:cacheprovider"]
    pytest.main([*options, *map(str, files)], plugins=[survivors])
    sys.exit(0 if survivors.passed else 1)


class Survivors:
    """A pytest plugin that runs the collected tests once for each mutant."""

    def __init__(self, name: str, folder: Path):
        self.name, self.folder, self.passed = name, folder, False

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Take the place of pytest's own loop."""
        logging.disable()
        signal.signal(signal.SIGALRM, _too_long)
        started = time.perf_counter()
        module = importlib.import_module(f"optim_lessons.optimizers.{self.name}")
        items = _quickest_first([item for item in session.items if _concerns(item, module)])
        found = list(mutants(OPTIMIZERS / f"{self.name}.py"))
        alive = [str(mutant) for mutant in found if not _killed(mutant, module, items)]
        known = tomllib.loads(EXPLAINED.read_text(encoding="utf-8")).get(self.name, {})
        unknown = [mutant for mutant in alive if mutant not in known]
        stale = [mutant for mutant in known if mutant not in alive]
        seconds = time.perf_counter() - started
        report = f"{self.name}: {len(found)} mutants, {len(alive)} survive, "
        report += f"{len(alive) - len(unknown)} explained ({seconds:.0f} s)"
        lines = [report, *(f"  not seen: {m}" for m in unknown)]
        lines += [f"  explained, but seen by a test or gone: {m}" for m in stale]
        print("\n".join(lines), file=sys.__stderr__, flush=True)
        counts = {"mutants": len(found), "survive": len(alive)}
        (self.folder / f"{self.name}.json").write_text(json.dumps(counts))
        self.passed = not unknown and not stale
        return True


def _too_long(signum: int, frame: Any) -> None:
    raise Timeout


def _concerns(item: Any, module: Any) -> bool:
    """Whether a test runs the code of a module: by its parameters, its name, or its file's words.

    A file that crosses all methods names none of them; in one about a few, any test may use each.
    """
    classes = [x for x in vars(module).values() if getattr(x, "__module__", "") == module.__name__]
    words = {module.__name__.split(".")[-1], *(x.__name__ for x in classes)}
    parameters = list(item.callspec.params.values()) if hasattr(item, "callspec") else []
    used = [*parameters, *(getattr(p, "twin", None) for p in parameters)]
    if any(any(x is c or type(x) is c for c in classes) for x in used):
        return True
    special = item.path.stem.removeprefix("test_") not in CROSSING
    text = item.path.read_text(encoding="utf-8") if special else item.nodeid
    return any(word.lower() in text.lower() for word in words)


def _quickest_first(items: list[Any]) -> list[Any]:
    """The tests, which must pass on the unbroken code, in the order of their time."""
    times = {}
    for item in items:
        started = time.perf_counter()
        if _red(item):
            raise AssertionError(f"{item.nodeid} is red without any mutant")
        times[item] = time.perf_counter() - started
    return sorted(items, key=times.__getitem__)


def _killed(mutant: Mutant, module: Any, items: list[Any]) -> bool:
    """Whether a test turns red once the function has the mutant's code."""
    function: Any = module
    for part in mutant.function.split("."):
        function = vars(function)[part]
    function = getattr(function, "fget", function)
    sound = function.__code__
    function.__code__ = mutant.code
    try:
        return any(map(_red, items))
    finally:
        function.__code__ = sound


def _red(item: Any) -> bool:
    """Run one test; say whether it failed or took too long."""
    signal.alarm(SECONDS)
    try:
        reports = runtestprotocol(item, log=False)
        return any(report.failed for report in reports)
    except Timeout:
        return True
    finally:
        signal.alarm(0)


if __name__ == "__main__":
    main()
