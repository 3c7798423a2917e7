"""Run all tests and notebooks, unless nothing changed since all of them passed.

python -m tools.check [--force]     --force: run them in any case
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.build import BOOK, MAKERS
from tools.hashing import digest

ROOT = Path(__file__).resolve().parent.parent
TESTS = ("tests", "pyproject.toml", "CONTRIBUTING.md", "README.md")
PYTEST = ["-m", "pytest", "-n", "2", "--dist", "loadscope", "--nbval-lax"]


def main() -> None:
    """Run the checks of this repository, and end with pytest's own summary."""
    force = "--force" in sys.argv[1:]
    sys.exit(check(ROOT, [sys.executable, *PYTEST, "tests", "_build/notebooks"], force))


def check(root: Path, command: list[str], force: bool = False) -> int:
    """Run `command`, unless it passed on the same files; return its exit code.

    The last line that it printed is kept with the hash of the files, and said again.
    """
    # Whether there is a browser decides what is left out, so it counts as an input.
    browser = (shutil.which("chromium"), os.environ.get("CHROMIUM"))
    required = os.environ.get("OPTIM_REQUIRE_BROWSER")
    key = digest(root, *BOOK, *MAKERS, *TESTS, words=map(str, (*command, *browser, required)))
    stamp = root / "_build" / "tests.passed"
    if not force and stamp.exists():
        passed, summary = stamp.read_text(encoding="utf-8").split("\n", 1)
        if passed == key:
            print("Nothing changed since all tests passed; `make test FORCE=1` runs them again.")
            print(summary)
            return 0
    stamp.unlink(missing_ok=True)
    colour = ["--color=yes"] if sys.stdout.isatty() else []
    summary = ""
    with subprocess.Popen(
        [*command, *colour], cwd=root, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            print(line, end="", flush=True)
            summary = line.strip() or summary
    if running.returncode == 0:
        stamp.parent.mkdir(exist_ok=True)
        stamp.write_text(f"{key}\n{summary}", encoding="utf-8")
    return running.returncode


if __name__ == "__main__":
    main()
