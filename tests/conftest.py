"""What all tests share: the built site, a browser, and a line that says what was left out."""

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

# Read by Keras when it is imported: the backend that the tests have anyway.
os.environ["KERAS_BACKEND"] = "jax"
# Where `check` keeps a student's progress: not the one of who runs the tests.
os.environ["XDG_DATA_HOME"] = str(Path(__file__).resolve().parent.parent / "_build" / "data")

import pytest

from tools import katex, serve

HTML = Path(__file__).resolve().parent.parent / "_build" / "html"
NO_BROWSER = (
    "no Chromium found: install it (Debian, Ubuntu: `sudo apt install chromium`; elsewhere:"
    " `.venv/bin/playwright install chromium`), or name one in CHROMIUM"
)
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_configure(config):
    """Let tests that call `node` find the one of .venv."""
    katex.lead_path()


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """Serve the built book; the address ends in a slash."""
    assert HTML.exists(), "the book is not built: run `make book`"
    server = serve.server(HTML)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser():
    """Start Chromium; where there is none, skip, or fail if OPTIM_REQUIRE_BROWSER=1.

    For one module of tests: as long as Playwright runs, no other test can use asyncio.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        path = chromium(play)
        if path is None:
            required = os.environ.get("OPTIM_REQUIRE_BROWSER") == "1"
            (pytest.fail if required else pytest.skip)(NO_BROWSER)
        browser = play.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def sandbox():
    """Prove the course's sandbox; where it does not hold, skip, or fail if it is required."""
    from optim_lessons.course import selftest
    from optim_lessons.course.sandbox import SandboxError

    try:
        selftest.prove()
    except SandboxError as error:
        required = os.environ.get("OPTIM_REQUIRE_SANDBOX") == "1"
        (pytest.fail if required else pytest.skip)(selftest.sentence(error))


def chromium(play) -> str | None:
    """Find a Chromium: the one named, the system's, or Playwright's own."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = [os.environ.get("CHROMIUM"), *map(shutil.which, names), play.chromium.executable_path]
    return next((path for path in found if path and Path(path).exists()), None)


def pytest_terminal_summary(terminalreporter):
    """Say which browser tests were left out, and how to get them."""
    skipped = terminalreporter.stats.get("skipped", [])
    if left_out := [report for report in skipped if NO_BROWSER in str(report.longrepr)]:
        terminalreporter.write_line(f"Left out {len(left_out)} browser tests: {NO_BROWSER}.")
