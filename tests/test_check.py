"""`make test` runs everything once, and says so when there is nothing new to run."""

import sys

import pytest

from tools import check


@pytest.fixture
def project(tmp_path):
    """A folder with one test that counts its runs and passes while `broken` does not exist."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "run.py").write_text(
        "import pathlib, sys\n"
        "runs = pathlib.Path('runs')\n"
        "runs.write_text(runs.read_text() + 'x' if runs.exists() else 'x')\n"
        "print('=== 1 passed in 0.1 s ===')\n"
        "sys.exit(pathlib.Path('tests/broken').exists())\n"
    )
    return tmp_path


def run(project, force=False):
    code = check.check(project, [sys.executable, "tests/run.py"], force)
    return code, len((project / "runs").read_text())


def test_what_passed_is_not_run_again_and_its_summary_is_said(project, capfd):
    assert run(project) == (0, 1)
    assert run(project) == (0, 1)
    assert capfd.readouterr().out.endswith(
        "Nothing changed since all tests passed; `make test FORCE=1` runs them again.\n"
        "=== 1 passed in 0.1 s ===\n"
    )


def test_a_change_a_wish_or_a_failure_makes_it_run_again(project):
    assert run(project) == (0, 1)
    assert run(project, force=True) == (0, 2)
    (project / "tests" / "broken").touch()
    assert run(project) == (1, 3)
    assert run(project) == (1, 4)
    (project / "tests" / "broken").unlink()
    assert run(project) == (0, 5)


def test_a_browser_that_was_installed_since_makes_it_run_again(project, monkeypatch):
    monkeypatch.setattr(check.shutil, "which", lambda name: None)
    assert run(project) == (0, 1)
    monkeypatch.setattr(check.shutil, "which", lambda name: "/usr/bin/chromium")
    assert run(project) == (0, 2)
