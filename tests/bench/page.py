"""A page with one figure, served to a Chromium of its own."""

import tempfile
import threading
from pathlib import Path

from conftest import CHROMIUM_FLAGS, chromium

from optim_lessons.explorer import write_site
from tools.serve import server as server_of


def serve(figure):
    """Start a server and a browser; return the browser and the page's address."""
    from playwright.sync_api import sync_playwright

    folder = Path(tempfile.mkdtemp())
    write_site(folder)
    data, _ = figure._repr_mimebundle_()
    (folder / "page.html").write_text(
        '<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="explorer.css">'
        f'{data["text/html"]}<script type="module" src="explorer.js"></script>',
        encoding="utf-8",
    )
    server = server_of(folder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    play = sync_playwright().start()
    browser = play.chromium.launch(executable_path=chromium(play), args=CHROMIUM_FLAGS)
    return browser, f"http://127.0.0.1:{server.server_port}/page.html"
