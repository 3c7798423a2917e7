"""Turn the outputs of chapters into plain HTML, so that no page needs the widgets' JavaScript."""

from collections.abc import Callable, Iterable

import nbformat
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from tools.execute import WIDGETS

UPDATE = "application/vnd.optim-lessons.update+json"
PAGE = "application/vnd.optim-lessons.page+json"
VIEW = "application/vnd.jupyter.widget-view+json"
SLIDER_NOTE = (
    '<p class="ol-note">To move the sliders of this figure, run the page as a notebook.</p>'
)

Output = nbformat.NotebookNode
Render = Callable[[str], str]


def to_html(notebook: nbformat.NotebookNode, render: Render) -> None:
    """Convert all outputs of a notebook, in place; `render` turns LaTeX into HTML."""
    state = notebook.metadata.pop("widgets", {}).get(WIDGETS, {}).get("state", {})
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [new for old in cell.outputs for new in _convert(old, state, render)]


def _convert(output: Output, state: dict, render: Render) -> Iterable[Output]:
    data = output.get("data", {})
    if UPDATE in data:
        return [html_output(update_html(data[UPDATE]["rows"], render))]
    if PAGE in data:
        return [html_output(data[PAGE]["html"])] if data[PAGE]["html"] else []
    if VIEW not in data:
        return [output]
    if "ol-explorer" in data.get("text/html", ""):
        return [html_output(data["text/html"])]
    first = first_picture(state, data[VIEW]["model_id"])
    pictures = [new for held in first for new in _convert(held, state, render)]
    return [*pictures, html_output(SLIDER_NOTE)]


def html_output(text: str) -> Output:
    """Make an output that is HTML and nothing else."""
    return nbformat.v4.new_output("display_data", {"text/html": text})


def update_html(rows: list[dict], render: Render) -> str:
    """Lay out the code of a step beside its equations, line by line."""
    lines = []
    for row in rows:
        code = highlight(row["code"], PythonLexer(stripnl=False), HtmlFormatter(nowrap=True))
        equation = render(rf"\displaystyle {row['latex']}") if row["latex"] else ""
        lines.append(
            '<div class="ol-row" tabindex="0">'
            f'<code class="ol-code highlight">{code.rstrip()}</code>'
            f'<span class="ol-eq">{equation}</span></div>'
        )
    return '<div class="ol-update">' + "\n".join(lines) + "</div>"


def first_picture(state: dict, model: str) -> Iterable[Output]:
    """Find what the Output widgets below a widget hold: what `interact` showed at first."""
    values = state[model]["state"]
    yield from map(nbformat.from_dict, values.get("outputs", []))
    for child in values.get("children", []):
        yield from first_picture(state, child.removeprefix("IPY_MODEL_"))
