"""Sphinx extension: KaTeX prints the mathematics during the build; no page runs a script for it."""

from docutils import nodes
from sphinx.errors import SphinxError
from sphinx.util.math import get_node_equation_number

from tools import BuildError, katex

JOIN = "&#8288;"  # the word joiner: no line ends here


def visit_math(self, node):
    """Write a formula within a line, and keep the punctuation that touches it on that line."""
    place = node.parent.index(node)
    before, after = node.parent[max(place - 1, 0) : place], node.parent[place + 1 : place + 2]
    opens = before and before[0].astext().endswith("(")
    closes = after and after[0].astext()[:1] in set(".,;:!?)’")
    formula = f'<span class="math">{render(self, node, display=False)}</span>'
    self.body.append(f"{JOIN if opens else ''}{formula}{JOIN if closes else ''}")
    raise nodes.SkipNode


def visit_display(self, node):
    """Write a formula on its own line, with its number if it has one."""
    self.body.append(self.starttag(node, "div", CLASS="math"))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append(render(self, node, display=True) + "</div>")
    raise nodes.SkipNode


def render(self, node, display):
    """Turn a node into HTML; wrong LaTeX ends the build."""
    try:
        return katex.render(node.astext(), display)
    except BuildError as error:
        raise SphinxError(f"{self.builder.current_docname}: {error}") from None


def setup(app):
    """Connect to Sphinx."""
    app.add_html_math_renderer("katex", (visit_math, None), (visit_display, None))
    app.add_css_file("katex/katex.min.css")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
