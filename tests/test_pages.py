"""The built pages, as readers meet them: in Chromium, with every other host blocked."""

import re
from pathlib import Path

import bs4
import pytest

HTML = Path(__file__).resolve().parent.parent / "_build" / "html"
PAGES = sorted(
    path.relative_to(HTML).as_posix()
    for path in HTML.rglob("*.html")
    if path.relative_to(HTML).parts[0] not in ("_static", "notebooks")
)
LOOK = """() => ({
    overflow: document.documentElement.scrollWidth - innerWidth,
    silent: [...document.images].filter(i => !i.alt && i.getAttribute("role") !== "presentation")
        .map(i => i.currentSrc.slice(0, 80)),
})"""


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("page", PAGES)
def test_page_asks_no_other_host_has_no_error_and_fits(browser, site, page, width, scheme):
    faults, view = visit(browser, site, page, width, scheme)
    assert not faults
    assert view["overflow"] <= 0, f"{view['overflow']} px wider than the screen"
    assert not view["silent"], "images without alternative text"


def visit(browser, site, page, width, scheme):
    """Open a page; return what went wrong and what LOOK saw."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, has_touch=width < 500
    )
    faults = []

    def route(call):
        if call.request.url.startswith((site, "data:", "blob:")):
            call.continue_()
        else:
            faults.append(f"asks another host: {call.request.url}")
            call.abort()

    def answered(response):
        if response.status >= 400:
            faults.append(f"{response.status} {response.url}")

    def said(message):
        if message.type == "error":
            faults.append(f"console: {message.text}")

    context.route("**/*", route)
    tab = context.new_page()
    tab.on("response", answered)
    tab.on("console", said)
    tab.on("pageerror", lambda error: faults.append(f"script error: {error}"))
    tab.on("requestfailed", lambda request: faults.append(f"failed: {request.url}"))
    tab.goto(site + page, wait_until="networkidle")
    view = tab.evaluate(LOOK)
    context.close()
    return faults, view


def test_there_are_pages():
    assert "index.html" in PAGES


@pytest.mark.parametrize("page", PAGES)
def test_page_needs_no_script_for_mathematics_or_widgets(page):
    text = (HTML / page).read_text(encoding="utf-8")
    for script in ("mathjax", "require.js", "thebe", "fontawesome.js", "html-manager"):
        assert not re.search(rf"<(script|link)[^>]*{script}", text, re.I), script
    assert "katex-error" not in text


@pytest.mark.parametrize("page", PAGES)
def test_no_line_can_end_between_a_formula_and_its_punctuation(page):
    soup = bs4.BeautifulSoup((HTML / page).read_text(encoding="utf-8"), "html.parser")
    torn = [
        formula.parent.get_text()[:80]
        for formula in soup.select("p > span.math, li > span.math, td > span.math")
        if re.match(r"[.,;:!?)]", str(formula.next_sibling or ""))
        or str(formula.previous_sibling or "").endswith("(")
    ]
    assert not torn
