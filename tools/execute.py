"""Run the chapters: each one again only when something that it depends on changed."""

import asyncio
import json
import os
import re
import subprocess
import time
from pathlib import Path
from queue import Empty

import nbformat
from jupyter_client.channels import AsyncZMQSocketChannel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from tools import BuildError, markdown
from tools.hashing import digest
from tools.pages import Page

AT_ONCE = 2
TIMEOUT = 120  # seconds a cell may take
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
WIDGETS = "application/vnd.jupyter.widget-state+json"


def run(root: Path, pages: list[Page], force: bool = False) -> None:
    """Bring _build/executed up to date; raise BuildError if a chapter fails."""
    stale = {page: key for page in pages if (key := _key(root, page)) != _done(root, page) or force}
    for page in stale:
        _stamp(root, page).unlink(missing_ok=True)
    if stale:
        (root / "_build" / "ipython").mkdir(parents=True, exist_ok=True)
        # Its first import on a machine is slow and talks on stderr: not inside a chapter.
        import matplotlib.font_manager  # noqa: F401

        AsyncZMQSocketChannel.get_msg = _get_msg  # type: ignore[method-assign]
        asyncio.run(_run_all(root, stale))


def executed(root: Path, page: Page) -> Path:
    """Where a chapter lies after its run."""
    return root / "_build" / "executed" / f"{page.name}.ipynb"


def _stamp(root: Path, page: Page) -> Path:
    return executed(root, page).with_suffix(".hash")


def _done(root: Path, page: Page) -> str | None:
    stamp = _stamp(root, page)
    return stamp.read_text() if stamp.exists() and executed(root, page).exists() else None


def _key(root: Path, page: Page) -> str:
    chapter = page.source.relative_to(root).as_posix()
    tools = ("tools/execute.py", "tools/matplotlibrc")
    return digest(root, chapter, "optim_lessons", "requirements.txt", "book/_ext", *tools)


async def _run_all(root: Path, stale: dict[Page, str]) -> None:
    slots = asyncio.Semaphore(AT_ONCE)
    runs = [_run(root, page, key, slots) for page, key in stale.items()]
    results = await asyncio.gather(*runs, return_exceptions=True)
    for problem in (result for result in results if isinstance(result, BaseException)):
        if not isinstance(problem, BuildError):
            raise problem
    if failed := [str(result) for result in results if result]:
        raise BuildError("\n".join(failed))


async def _run(root: Path, page: Page, key: str, slots: asyncio.Semaphore) -> None:
    async with slots:
        started = time.perf_counter()
        notebook = markdown.read(page.source)
        client = NotebookClient(
            notebook,
            timeout=TIMEOUT,
            kernel_name="python3",
            resources={"metadata": {"path": str(page.source.parent)}},
        )
        name = page.source.relative_to(root)
        try:
            await client.async_execute(env=_environment(root), stderr=subprocess.DEVNULL)
        except CellExecutionError as error:
            raise BuildError(f"{name} does not run:\n{COLOURS.sub('', error.traceback)}") from None
        except (CellTimeoutError, DeadKernelError) as error:
            raise BuildError(f"{name} does not run: {error}") from None
        if complaint := _complaint(notebook):
            raise BuildError(f"{name} {complaint}")
        _write(notebook, executed(root, page))
        _stamp(root, page).write_text(key)
        print(f"  ran {name} in {time.perf_counter() - started:.1f} s", flush=True)


def _environment(root: Path) -> dict[str, str]:
    """The reader's own IPython start-up files and Matplotlib settings stay out of the book."""
    return os.environ | {
        "IPYTHONDIR": str(root / "_build" / "ipython"),
        "MATPLOTLIBRC": str(Path(__file__).with_name("matplotlibrc")),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "PYTHONHASHSEED": "0",
        "SOURCE_DATE_EPOCH": "0",  # no dates in pictures
        "XDG_DATA_HOME": str(root / "_build" / "data"),  # the builder's progress is no student's
    }


def _complaint(notebook: nbformat.NotebookNode) -> str | None:
    """What is wrong although every cell ran: a warning, or an error kept inside a widget."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                return f"writes on stderr:\n{output.text}"
    for model in notebook.metadata.get("widgets", {}).get(WIDGETS, {}).get("state", {}).values():
        for output in model["state"].get("outputs", []):
            if output["output_type"] == "error":
                return f"has an error inside a widget: {output['ename']}: {output['evalue']}"
    return None


def _write(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Write the notebook whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(notebook, indent=1, ensure_ascii=False), encoding="utf-8")
    partial.replace(path)


async def _get_msg(self, timeout: float | None = None):
    """Wait in slices of 200 ms.

    nbclient (issue 312) sends on the channel that it waits on, for every Output widget; pyzmq may
    then not report the reply until the wait ends. Each slice looks again.
    """
    deadline = None if timeout is None else time.monotonic() + timeout
    while True:
        left = 0.2 if deadline is None else min(0.2, deadline - time.monotonic())
        if await self.socket.poll(max(0, int(left * 1000))):
            return await self._recv()
        if deadline is not None and time.monotonic() >= deadline:
            raise Empty
