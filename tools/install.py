"""Make .venv and put into it what the book needs; with --test, what the tests need too.

python tools/install.py [--test]

Any Python 3 can run this file, with nothing but its own library: an old one gets a sentence, not a
syntax error.
"""

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if sys.platform == "win32" else "bin")
PYTHON = BIN / ("python.exe" if sys.platform == "win32" else "python")
UV = "uv==0.13.9"
TORCH = "torch==2.13.0"
TORCH_CPU = "https://download.pytorch.org/whl/cpu"


def main():
    """Install what is missing; take no time where nothing is."""
    make_venv()
    once("book", ["requirements.txt", "pyproject.toml"], install_book)
    if "--test" in sys.argv[1:]:
        once("test", ["tests/requirements.txt", "tools/install.py"], install_test)


def make_venv():
    """Make the virtual environment, unless there is one that runs."""
    if PYTHON.exists() and run(PYTHON, "-c", "", quiet=True):
        return
    version = "{}.{}.{}".format(*sys.version_info)
    if sys.version_info < (3, 11):  # noqa: UP036 - this is the check
        fail(
            f"Python 3.11 or later is needed, and this is {version}:"
            " name one by `make book PYTHON=/path/to/python3.11`."
        )
    try:
        import ensurepip  # noqa: F401
        import venv
    except ImportError:
        fail("This Python has no venv: on Debian or Ubuntu, `sudo apt install python3-venv`.")
    print(f"Making .venv with Python {version} ...", flush=True)
    venv.create(VENV, clear=True, with_pip=True, symlinks=sys.platform != "win32")


def install_book():
    """Install the pinned environment of the book: by uv, which takes seconds, else by pip."""
    requirements = str(ROOT / "requirements.txt")
    print("Installing the book's packages into .venv ...", flush=True)
    if pip("install", "--quiet", UV) and uv("-r", requirements):
        return
    print("uv did not work here; installing with pip, which takes a minute ...", flush=True)
    if not pip("install", "--quiet", "-r", requirements):
        fail(
            "The book's packages could not be installed: see pip's message above; most often there"
            " is no way to PyPI (network, proxy)."
        )


def install_test():
    """Install what the tests need besides."""
    requirements = str(ROOT / "tests" / "requirements.txt")
    print("Installing the tests' packages into .venv ...", flush=True)
    if not uv("-r", requirements) and not pip("install", "--quiet", "-r", requirements):
        fail("The tests' packages could not be installed: see pip's message above.")
    # pip, for it sees wheels on the local disk that uv does not.
    print("Installing PyTorch, CPU build (about 200 MB to download) ...", flush=True)
    if sys.platform == "linux":
        # The plain package is a CUDA build of several GB on Linux: ask PyTorch's CPU index first.
        cpu = ["--index-url", TORCH_CPU, "--timeout", "15", "--retries", "1"]
        if pip("install", TORCH, *cpu, quiet=True):
            return
        print("PyTorch's CPU index did not answer; installing from PyPI ...", flush=True)
    if not pip("install", TORCH):
        fail("PyTorch could not be installed: see pip's message above.")


def once(name, inputs, install):
    """Install, unless it was done for the same inputs."""
    stamp = VENV / (".installed-" + name)
    digest = hashlib.sha256(b"".join((ROOT / path).read_bytes() for path in inputs)).hexdigest()
    if not (stamp.exists() and stamp.read_text() == digest):
        install()
        stamp.write_text(digest)


def pip(*arguments, quiet=False):
    """Run pip in .venv; say whether it succeeded."""
    return run(PYTHON, "-m", "pip", "--disable-pip-version-check", *arguments, quiet=quiet)


def uv(*arguments):
    """Run `uv pip install` for .venv; say whether it succeeded."""
    return run(BIN / "uv", "pip", "install", "--quiet", "--python", PYTHON, *arguments)


def run(*command, quiet=False):
    """Run a command at the root of the project; say whether it succeeded."""
    stream = subprocess.DEVNULL if quiet else None
    words = [str(part) for part in command]
    return subprocess.call(words, cwd=str(ROOT), stdout=stream, stderr=stream) == 0


def fail(sentence):
    """Stop with a sentence that says what to do."""
    sys.exit("error: " + sentence)


if __name__ == "__main__":
    main()
