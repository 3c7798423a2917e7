"""What the site's build does to the outputs of a chapter."""

import nbformat
import pytest

from tools import outputs

STATE = {
    "box": {"state": {"children": ["IPY_MODEL_slider", "IPY_MODEL_out"]}},
    "slider": {"state": {"value": 1}},
    "out": {
        "state": {
            "outputs": [
                {"output_type": "display_data", "data": {"text/html": "<b>1</b>"}, "metadata": {}}
            ]
        }
    },
}


def convert(data: dict, widgets: dict | None = None) -> tuple[list, nbformat.NotebookNode]:
    """Convert a notebook of one cell with one output; return its new outputs and the notebook."""
    cell = nbformat.v4.new_code_cell(outputs=[nbformat.v4.new_output("display_data", data)])
    notebook = nbformat.v4.new_notebook(cells=[cell])
    if widgets:
        notebook.metadata["widgets"] = {outputs.WIDGETS: {"state": widgets}}
    outputs.to_html(notebook, lambda latex: f"<math>{latex}</math>")
    return notebook.cells[0].outputs, notebook


def test_update_becomes_rows_of_code_beside_equations():
    rows = [{"code": "def step():", "latex": None}, {"code": "    m = g < 1", "latex": "m = g"}]
    (made,), _ = convert({outputs.UPDATE: {"name": "Adam", "rows": rows}, "text/plain": "Adam"})
    assert list(made.data) == ["text/html"]
    html = made.data["text/html"]
    assert html.count('class="ol-row"') == 2
    assert html.count("<math>") == 1
    assert '<span class="ol-eq"><math>\\displaystyle m = g</math></span>' in html
    assert '<code class="ol-code highlight">    <span' in html, "the indent of the code is kept"
    assert "&lt;" in html, "code is escaped"


def test_explorer_keeps_only_its_html():
    html = '<div class="ol-explorer">picture</div>'
    (made,), _ = convert({outputs.VIEW: {"model_id": "x"}, "text/html": html, "text/plain": "w"})
    assert made.data == {"text/html": html}


def test_interact_becomes_its_first_picture_and_a_note():
    made, notebook = convert({outputs.VIEW: {"model_id": "box"}, "text/plain": "i"}, STATE)
    assert [output.data["text/html"] for output in made] == ["<b>1</b>", outputs.SLIDER_NOTE]
    assert "widgets" not in notebook.metadata


def test_what_a_figure_says_for_the_site_is_all_that_the_site_shows():
    picture = {outputs.PAGE: {"html": "<figure></figure>"}, "image/png": "...", "text/plain": "alt"}
    (made,), _ = convert(picture)
    assert made.data == {"text/html": "<figure></figure>"}
    assert convert({outputs.PAGE: {"html": ""}, "text/plain": "the caption"})[0] == []


@pytest.mark.parametrize("data", [{"text/plain": "1"}, {"text/html": "<p>1</p>"}])
def test_other_outputs_stay(data):
    (made,), _ = convert(data)
    assert made.data == data
