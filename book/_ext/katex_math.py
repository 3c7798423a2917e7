"""Sphinx extension: KaTeX prints the mathematics during the build; no page runs a script for it."""

from docutils import nodes
from sphinx.errors import SphinxError
from sphinx.util.math import get_node_equation_number

from tools import BuildError, katex


def visit_math(self, node):
    """Write a formula within a line, and keep the punctuation that follows on that line."""
    follows = node.next_node(descend=False, siblings=True)
    joined = isinstance(follows, nodes.Text) and follows.astext()[:1] in set(".,;:!?)")
    word_joiner = "&#8288;" if joined else ""
    self.body.append(f'<span class="math">{render(self, node, display=False)}</span>{word_joiner}')
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
