"""The text of the book: its order, its words, and what every figure must say."""

import json
import re
from pathlib import Path

import bs4
import pytest
import yaml

from optim_lessons.contract import variant_name
from optim_lessons.explorer import site
from optim_lessons.problems import SURFACES

ROOT = Path(__file__).resolve().parent.parent
HTML = ROOT / "_build" / "html"
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
PAGES = ["index", *(entry["file"] for part in TOC["parts"] for entry in part["chapters"])]
CHAPTERS = [
    entry["file"] for part in TOC["parts"] if part.get("numbered") for entry in part["chapters"]
]
METHOD = ["Idea", "Update", "Why it works", "Watch it move", "Where it fails", "In practice"]
TOPIC = ["Idea", "Watch it move", "In practice"]
END = ["Summary", "Exercises", "Sources"]
METHODS = {variant_name(method) for method in site.METHODS}
VAGUE = ["simply", "obviously", "clearly", "of course", "it is easy to see", "trivially"]


def source(page):
    return (ROOT / "book" / f"{page}.md").read_text(encoding="utf-8")


def prose(page):
    """The lines outside of code cells and the head."""
    text = re.sub(r"\A---.*?^---$", "", source(page), flags=re.S | re.M)
    return re.sub(r"^(`{3,}).*?^\1$", "", text, flags=re.S | re.M)


@pytest.mark.parametrize("page", CHAPTERS)
def test_a_chapter_has_the_sections_of_its_kind_in_their_order(page):
    headings = re.findall(r"^## (.+)$", prose(page), re.M)
    expected = (METHOD if "Update" in headings else TOPIC) + END
    assert [heading for heading in headings if heading in expected] == expected
    assert headings[-3:] == END


@pytest.mark.parametrize("page", CHAPTERS)
def test_an_update_is_printed_from_the_library_and_never_typed(page):
    parts = re.split(r"^## (.+)$", source(page), flags=re.M)
    update = dict(zip(parts[1::2], parts[2::2], strict=True)).get("Update", "")
    assert "$$" not in update and "{math}" not in update
    assert not update or "lesson.update(" in update


@pytest.mark.parametrize("page", PAGES)
def test_no_word_says_that_a_thing_is_easy_in_place_of_showing_it(page):
    words = "|".join(VAGUE)
    assert re.findall(rf"\b(?:{words})\b", prose(page), re.I) == []


@pytest.mark.parametrize("page", PAGES)
def test_a_line_of_the_source_holds_one_sentence(page):
    lines = [line for line in prose(page).splitlines() if not line.startswith(("|", ":", "(", "#"))]
    lines = [re.sub(r"^\W*\d+\. ", "", line) for line in lines]  # the number of an item
    two = [line for line in lines if re.search(r"[a-z\d)$*][.?!] +[A-Z][a-z]", line)]
    short_forms = re.compile(r"\b(?:e\.g|i\.e|cf|vs|Eq|Fig|St)\. ")
    assert [line for line in two if not short_forms.search(line)] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_picture_has_words_for_those_who_do_not_see_it_and_a_caption(page):
    soup = bs4.BeautifulSoup((HTML / f"{page}.html").read_text("utf-8"), "html.parser")
    article = soup.select_one("article")
    for image in article.select("img, svg[role=img]"):
        assert image.get("alt") or image.get("aria-label"), str(image)[:200]
    for image in article.select("figure img, figure svg[role=img]"):
        caption = image.find_parent("figure").find("figcaption")
        assert caption and caption.get_text(strip=True), str(image)[:200]


@pytest.mark.parametrize("page", CHAPTERS)
def test_no_picture_is_heavy(page):
    soup = bs4.BeautifulSoup((HTML / f"{page}.html").read_text("utf-8"), "html.parser")
    for image in soup.select("article svg"):
        assert len(str(image).encode()) < 100_000, str(image)[:200]


@pytest.mark.parametrize("page", CHAPTERS)
def test_every_citation_has_an_entry_with_a_lasting_address(page):
    text = (ROOT / "book" / "references.bib").read_text(encoding="utf-8")
    entries = dict(re.findall(r"^@\w+\{([^,]+),(.*?)^\}", text, re.S | re.M))
    for keys in re.findall(r"\{cite:\w+\}`([^`]+)`", prose(page)):
        for key in keys.split(","):
            entry = entries[key.strip()]
            assert re.search(r"\b(?:doi|eprint|isbn|url)\s*=", entry, re.I), entry


@pytest.mark.parametrize("page", PAGES)
def test_a_figure_on_the_site_shows_a_surface_and_methods_of_the_library(page):
    """The site has no others: an author's own work in a notebook only."""
    soup = bs4.BeautifulSoup((HTML / f"{page}.html").read_text(encoding="utf-8"), "html.parser")
    for element in soup.select("div.ol-explorer"):
        figure = json.loads(element["data-figure"])
        assert figure.get("surface", "beale") in SURFACES
        rows = figure.get("optimizers", [])
        own = {row["method"] for row in rows if "played" not in row} - METHODS
        assert not own
