"""Sphinx extension: KaTeX prints the mathematics during the build; no page runs a script for it."""

import re

from docutils import nodes
from sphinx.errors import SphinxError
from sphinx.util.math import get_node_equation_number

from tools import BuildError, katex

CLOSING = re.compile(r"^[.,;:!?)]+")


def join_punctuation(app, doctree, docname):
    """Move what touches a formula within a line into it, for a line may end between the two."""
    for math in doctree.findall(nodes.math):
        latex = math.astext()
        place = math.parent.index(math)
        after = math.parent[place + 1 : place + 2]
        if after and isinstance(after[0], nodes.Text) and (sign := CLOSING.match(after[0])):
            math.parent[place + 1] = nodes.Text(after[0][sign.end() :])
            latex += rf"\text{{{sign[0]}}}"
        before = math.parent[place - 1] if place else None
        if isinstance(before, nodes.Text) and before.endswith("("):
            math.parent[place - 1] = nodes.Text(before[:-1])
            latex = r"\text{(}" + latex
        math.children = [nodes.Text(latex)]


def visit_math(self, node):
    """Write a formula within a line."""
    self.body.append(f'<span class="math">{render(self, node, display=False)}</span>')
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
    app.connect("doctree-resolved", join_punctuation)
    app.add_html_math_renderer("katex", (visit_math, None), (visit_display, None))
    app.add_css_file("katex/katex.min.css")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
