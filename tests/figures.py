"""What the browser tests of all kinds of figures share: a site, a page with a figure."""

import ast
import threading
from functools import partial

import numpy as np
import pytest

from optim_lessons import SGD, Adam
from optim_lessons.explorer import explore, write_site
from tools import serve

PAGE = """<!doctype html>
<html lang="en" data-theme="light"><meta charset="utf-8"><title>A chapter</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<link rel="stylesheet" href="explorer.css">
<h1>A chapter</h1>{figure}<script type="module">{script}</script>
<script type="module" src="explorer.js"></script></html>"""

# Counts what is still to come back: frames, timers and observers that nobody took down.
COUNT_PENDING = """
window.pending = new Set();
for (const [ask, cancel] of [["requestAnimationFrame", "cancelAnimationFrame"],
                             ["setTimeout", "clearTimeout"]]) {
  const [asked, cancelled] = [window[ask].bind(window), window[cancel].bind(window)];
  window[ask] = (call, ...rest) => {
    const id = asked((...args) => { pending.delete(ask + id); call(...args); }, ...rest);
    pending.add(ask + id);
    return id;
  };
  window[cancel] = (id) => { pending.delete(ask + id); cancelled(id); };
}
const Observer = window.ResizeObserver;
window.ResizeObserver = class extends Observer {
  observe(element) { pending.add(this); super.observe(element); }
  disconnect() { pending.delete(this); super.disconnect(); }
};"""

# Notes how long the script of each frame took, in milliseconds.
COUNT_SPENT = """() => {
  window.spent = [];
  const ask = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (call) => ask((now) => {
    const begin = performance.now();
    call(now);
    spent.push(performance.now() - begin);
  });
}"""

LISTEN = (
    COUNT_PENDING
    + """
import { mount } from "./figures.js";
import * as usual from "./generated.js";
import { framework } from "./framework.js";
const at = (name) => new URL(name, location).href;
const generated = { ...usual, framework, address: at("generated.js"), worker: at("worker.js") };
const element = document.querySelector(".ol-explorer");
window.figure = JSON.parse(element.dataset.author);
const report = (changed) => { window.figure = changed; };
window.unmount = mount(element, figure, generated, { report });"""
)

TWO = [SGD(lr=0.005), Adam(lr=0.1)]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder with the explorer's files, and its address while a server runs on it."""
    folder = tmp_path_factory.mktemp("site")
    write_site(folder)
    server = serve.server(folder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def open_page(browser, site):
    """Open a page with a figure; whatever the page complains of fails the test at its end."""
    folder, address = site
    complaints, contexts = [], []

    def open_page(figure=None, listen=False, **options):
        figure = figure or explore("beale", TWO, steps=100)
        data, _ = figure._repr_mimebundle_()
        text = data["text/html"]
        if listen:  # then the test mounts, to hear what the figure reports
            text = text.replace("data-figure", "data-author")
        text = PAGE.format(figure=text, script=LISTEN if listen else "")
        (folder / "page.html").write_text(text, encoding="utf-8")
        options = {"viewport": {"width": 1000, "height": 900}} | options
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{address}/page.html")
        if options.get("java_script_enabled", True):
            page.wait_for_selector(".ol-body")
            drawn(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def drawn(page):
    """Wait until the figure has drawn what was asked of it, at the next frame."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def printed(value, digits=4):
    """A number as the figure prints it."""
    if not np.isfinite(value):
        return "∞"
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        text = np.format_float_positional(float(f"{value:.{digits}g}"), trim="-")
    else:
        mantissa, exponent = f"{value:.{digits - 2}e}".split("e")
        text = f"{mantissa}e{int(exponent)}"
    return text.replace("-", "−")


def made_by(text):
    """What a printed program makes: the value of its last line, an expression."""
    *lines, last = ast.parse(text).body
    names = {}
    exec(compile(ast.Module(lines, []), "printed", "exec"), names)
    return eval(compile(ast.Expression(last.value), "printed", "eval"), names)


def step_of(page):
    drawn(page)
    return page.locator(".ol-count").inner_text()


def settled(page):
    """Wait until the figure has reported what was done to it."""
    page.wait_for_timeout(400)
    return page.evaluate("window.figure")


def swipe(page, x, y, dx, dy):
    """Draw a finger over the page, as the browser sees a real one."""
    session = page.context.new_cdp_session(page)
    send = partial(session.send, "Input.dispatchTouchEvent")
    send({"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for share in np.linspace(0.1, 1, 10):
        point = {"x": x + share * dx, "y": y + share * dy}
        send({"type": "touchMove", "touchPoints": [point]})
        page.wait_for_timeout(20)
    send({"type": "touchEnd", "touchPoints": []})
