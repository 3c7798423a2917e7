"""What axe-core finds wrong for readers who use a keyboard, a screen reader, or see less."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HTML = ROOT / "_build" / "html"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
FIGURES = [
    path.relative_to(HTML).as_posix()
    for path in sorted(HTML.rglob("*.html"))
    if "ol-interactive" in path.read_text(encoding="utf-8")
]


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", FIGURES)
def test_axe_finds_no_fault_in_any_figure(browser, site, page, scheme):
    context = browser.new_context(color_scheme=scheme)
    tab = context.new_page()
    tab.goto(site + page)
    for figure in tab.locator(".ol-explorer").all():  # each wakes when it comes near the view
        figure.scroll_into_view_if_needed()
        figure.locator(".ol-body").wait_for()
    tab.add_script_tag(path=AXE)
    found = tab.evaluate("axe.run('.ol-interactive').then(({ violations }) => violations)")
    context.close()
    faults = [(fault["id"], node["html"]) for fault in found for node in fault["nodes"]]
    assert faults == []


def test_there_are_figures():
    assert "playground.html" in FIGURES
