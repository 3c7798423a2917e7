"""The plain notebooks: nothing of MyST is left in them, and their numbers are the site's."""

import json
import re
from pathlib import Path

import nbformat
import pytest

from tools import BuildError, notebooks
from tools.references import References

BUILT = Path(__file__).resolve().parent.parent / "_build"
NOTEBOOKS = sorted(
    path.relative_to(BUILT / "notebooks").with_suffix("").as_posix()
    for path in (BUILT / "notebooks").rglob("*.ipynb")
)
BIB = """
@article{kb, author={Kingma, Diederik P. and Ba, Jimmy}, title={Adam}, journal={J}, year={2015},
  eprint={1412.6980}}
@article{three, author={A, X and B, Y and C, Z}, title={Three}, journal={J}, year={2001},
  doi={10.1/x}}
"""
RAW = {
    "directive": r"^(`{3,}|:{3,})\{",
    "role": r"\{[a-z:]+\}`",
    "target": r"^\([\w:.-]+\)=$",
    "equation label": r"\$\$ *\([\w:.-]+\)",
    "link to Markdown": r"\]\([^)]*\.md[)#]",
}


@pytest.fixture
def references(tmp_path) -> References:
    path = tmp_path / "references.bib"
    path.write_text(BIB)
    return References(path)


def plain(text: str, references=None, cited=()) -> str:
    return notebooks.plain(text, {"eq:a": "2.1"}, {"loss": "0.12345"}, references, list(cited))


def test_labelled_equation_gets_its_number_as_tag():
    assert plain("$$\na = b\n$$ (eq:a)") == "$$\na = b\n\\tag{2.1}\n$$"


def test_label_is_never_taken_from_the_next_equation():
    text = "$$\na\n$$\n\nand\n\n$$\nb\n$$ (eq:a)"
    assert plain(text) == "$$\na\n$$\n\nand\n\n$$\nb\n\\tag{2.1}\n$$"


def test_reference_to_an_equation_becomes_its_number():
    assert plain("By {eq}`eq:a`.") == "By (2.1)."


def test_glued_value_is_printed_by_its_format():
    assert plain("{glue:text}`loss:.2f`, {glue:text}`loss`") == "0.12, 0.12345"


def test_box_becomes_a_quote_with_its_equation_on_one_line():
    text = ":::{admonition} Take care\n:class: tip\nOf\n\n$$\na\n$$\n:::\nAfter."
    assert plain(text) == "> **Take care**\n>\n> Of\n>\n> $$ a $$\nAfter."


def test_target_goes_and_link_points_at_the_notebook():
    assert plain("(sec:a)=\n## A\n[race](../practice/race.md#start)") == (
        "## A\n[race](../practice/race.ipynb#start)"
    )


def test_link_to_another_site_stays():
    text = "[x](https://example.org/a.md)"
    assert plain(text) == text


def test_citations_become_links(references):
    assert plain("{cite:t}`kb` {cite:p}`kb,three`", references) == (
        "[Kingma and Ba (2015)](https://arxiv.org/abs/1412.6980) "
        "([Kingma and Ba, 2015](https://arxiv.org/abs/1412.6980); "
        "[A *et al.*, 2001](https://doi.org/10.1/x))"
    )


def test_bibliography_lists_what_was_cited_once(references):
    text = "```{bibliography}\n:filter: docname in docnames\n```"
    listing = plain(text, references, ["kb", "kb"])
    assert listing.count("Kingma") == 1
    assert "Three" not in listing


def test_unknown_citation_is_an_error(references):
    with pytest.raises(BuildError, match="nobody"):
        plain("{cite:t}`nobody`", references)


def test_there_are_notebooks():
    assert "index" in NOTEBOOKS


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook_holds_nothing_of_myst(name):
    notebook = nbformat.read(BUILT / "notebooks" / f"{name}.ipynb", as_version=4)
    nbformat.validate(notebook)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for what, pattern in RAW.items():
        assert not re.search(pattern, text, re.M), what


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_equations_have_the_numbers_of_the_site(name):
    notebook = json.loads((BUILT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    text = "\n".join("".join(cell["source"]) for cell in notebook["cells"])
    html = (BUILT / "html" / f"{name}.html").read_text(encoding="utf-8")
    numbers = re.findall(r"\\tag\{([\d.]+)\}", text)
    assert numbers == re.findall(r'class="eqno">\(([\d.]+)\)', html)


def test_code_that_the_page_folds_is_folded_in_the_notebook(references):
    cells = [
        nbformat.v4.new_code_cell("figure()", metadata={"tags": ["hide-input"]}),
        nbformat.v4.new_code_cell("step()"),
    ]
    _, folded, shown = notebooks.convert(
        nbformat.v4.new_notebook(cells=cells), {}, {}, references
    ).cells
    assert folded.metadata.jupyter.source_hidden
    assert "jupyter" not in shown.metadata
