"""Break Adam in three ways, each in a copy of the project, and say which tests turn red.

.venv/bin/python -m tools.mutants
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ADAM = Path("optim_lessons/optimizers/adam.py")
MUTANTS = {
    "epsilon inside the root": ("np.sqrt(v_hat) + self.eps", "np.sqrt(v_hat + self.eps)"),
    "t is not increased": ("self.State(t, m, v)", "self.State(state.t, m, v)"),
    "a sign": ("theta = theta - self.lr", "theta = theta + self.lr"),
}
TESTS = ["parity", "trace", "properties", "minimize", "docstrings"]


def main() -> None:
    """Print the red tests of each mutant; fail if a mutant has none."""
    unseen = [name for name, (old, new) in MUTANTS.items() if not report(name, red(old, new))]
    if unseen:
        raise SystemExit(f"error: no test sees these mutants: {', '.join(unseen)}.")


def red(old: str, new: str) -> list[str]:
    """Run the tests with `old` replaced by `new` in Adam's module; give the names of the failed."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in ("optim_lessons", "tests", "tools"):
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", copy)
        source = (copy / ADAM).read_text()
        assert source.count(old) == 1, f"{old} is not in {ADAM} once"
        (copy / ADAM).write_text(source.replace(old, new))
        files = [f"tests/test_{name}.py" for name in TESTS]
        command = [sys.executable, "-m", "pytest", "-q", "--tb=no", "-n2", "-kadam"]
        output = subprocess.run([*command, *files], cwd=copy, capture_output=True, text=True)
    return re.findall(r"^FAILED tests/(.+?)(?: - .*)?$", output.stdout, re.MULTILINE)


def report(name: str, failed: list[str]) -> bool:
    """Print what a mutant turned red; say whether anything did."""
    print(f"{name}: {len(failed)} tests turn red")
    print("".join(f"  {test}\n" for test in sorted(failed)), flush=True)
    return bool(failed)


if __name__ == "__main__":
    main()
