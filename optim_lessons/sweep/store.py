"""A folder with the blocks of a sweep that are done, so that a later run goes on from them."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from optim_lessons.contract import variant_name
from optim_lessons.minimize import functions_of
from optim_lessons.sweep.engines import Ends, Task, hyper_values, optimizers_of

FORMAT = 1  # of the files; a change of what they hold raises it


class Store:
    """The folder of one sweep: `sweep.json` says of which, and each block has a file.

    A file appears under its name when it is complete, and names the sweep it belongs to, so that
    neither a killed process nor a second one on the same folder can leave a wrong block. A damaged
    file is computed anew, with a warning. Raises ValueError if the folder belongs to another sweep.
    """

    def __init__(self, folder: str | os.PathLike[str], key: dict[str, Any]):
        self.folder = Path(folder)
        self.mark = hashlib.sha256(json.dumps(key).encode()).hexdigest()
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / "sweep.json"
        if not file.exists():
            self._write(file, lambda opened: opened.write(json.dumps(key, indent=1).encode()))
        try:
            stored = dict(json.loads(file.read_bytes()))
        except ValueError:
            raise ValueError(
                f"{file} is damaged: delete {self.folder}, or choose another"
            ) from None
        differs = [
            f"{name} = {stored.get(name)} there, {key.get(name)} here"
            for name in {**stored, **key}
            if stored.get(name) != key.get(name)
        ]
        if differs:
            raise ValueError(f"store = {str(folder)!r} holds another sweep: {'; '.join(differs)}")

    def read(self, number: int) -> Ends | None:
        """A block that is done, or None."""
        file = self._file(number)
        try:
            with file.open("rb") as opened, np.load(opened) as stored:
                if stored["mark"] == self.mark:
                    return Ends(stored["theta"], stored["value"], stored["diverged"], {})
                trouble = "belongs to another sweep"
        except FileNotFoundError:
            return None
        except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
            trouble = f"is damaged ({error})"
        warnings.warn(f"{file} {trouble}; it is computed anew", stacklevel=3)
        return None

    def write(self, number: int, ends: Ends) -> None:
        """Keep a block."""

        def fill(file: BinaryIO) -> None:
            theta, value, diverged, _ = ends
            np.savez(file, mark=self.mark, theta=theta, value=value, diverged=diverged)

        self._write(self._file(number), fill)

    def _file(self, number: int) -> Path:
        return self.folder / f"block-{number:05}.npz"

    def _write(self, file: Path, fill: Callable[[BinaryIO], Any]) -> None:
        with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".tmp", delete=False) as opened:
            fill(opened)  # type: ignore[arg-type]
        Path(opened.name).replace(file)


def key_of(task: Task, engine: str, block: int) -> dict[str, Any]:
    """What a sweep depends on, by name: two sweeps of one key have equal results.

    Of the problem it holds the name, and value and gradient at the start: an edit that is not seen
    there, or in the code of the optimizer, needs a new folder.
    """
    value, grad = functions_of(task.problem)
    name = getattr(task.problem, "name", None) or type(task.problem).__name__
    rates = None
    if hasattr(task.schedule, "init"):
        rates = repr(task.schedule)
    elif task.schedule is not None:
        rates = summary([task.schedule(t) for t in range(1, task.steps + 1)])
    return {
        "format": FORMAT,
        "optimizer": [variant_name(each) for _, each in optimizers_of(task.optimizer)],
        **{name: summary(x) for name, _, x in hyper_values(task.optimizer)},
        "problem": [name, summary(value(task.theta0)), summary(grad(task.theta0))],
        "theta0": summary(task.theta0),
        "steps": task.steps,
        "schedule": rates,
        "seed": task.seed,
        "engine": engine,
        "block": block,
    }


def summary(x: Any) -> str:
    """A number as it is, of an array its shape, type and a hash of what it holds."""
    x = np.asarray(x)
    if x.ndim == 0:
        return repr(x.item())
    return f"{x.dtype}{list(x.shape)} {hashlib.sha256(x.tobytes()).hexdigest()[:16]}"
