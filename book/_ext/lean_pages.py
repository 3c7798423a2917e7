"""Sphinx extension: what Jupyter Book's themes need so that a page is light and asks no other host.

It takes the 1.6 MB Font Awesome script out (the web font draws the same icons), points the download
button at the plain notebooks, and cites in round brackets.
"""

import dataclasses
import re
from pathlib import Path

import sphinxcontrib.bibtex.plugin
from sphinxcontrib.bibtex.style.referencing import BracketStyle
from sphinxcontrib.bibtex.style.referencing.author_year import AuthorYearReferenceStyle

FONT_AWESOME = re.compile(
    r"\s*<!-- So that users can add custom icons -->"
    r"|\s*<script[^>]*fontawesome\.js[^>]*></script>|\s*<link[^>]*fontawesome\.js[^>]*>"
)


def round_brackets() -> BracketStyle:
    """Make the brackets of "(Kingma and Ba, 2015)"."""
    return BracketStyle(left="(", right=")")


@dataclasses.dataclass
class RoundAuthorYear(AuthorYearReferenceStyle):
    """Author and year, in round brackets."""

    bracket_parenthetical: BracketStyle = dataclasses.field(default_factory=round_brackets)
    bracket_textual: BracketStyle = dataclasses.field(default_factory=round_brackets)


def offer_notebook(app, pagename, templatename, context, doctree):
    """Put a button into the header that downloads this page's plain notebook."""
    if doctree is not None:
        context["header_buttons"].insert(
            0,
            {
                "type": "link",
                "url": f"{context['pathto']('notebooks', 1)}/{pagename}.ipynb",
                "tooltip": "Download this page as a notebook",
                "icon": "fas fa-download",
                "label": "download-notebook-button",
            },
        )


def drop_font_awesome_script(app, exception):
    """Take the script out of every page, and out of the site."""
    if exception is None and app.builder.name == "html":
        out = Path(app.outdir)
        for page in out.rglob("*.html"):
            text = page.read_text(encoding="utf-8")
            page.write_text(FONT_AWESOME.sub("", text), encoding="utf-8")
        for script in out.glob("_static/scripts/fontawesome.js*"):
            script.unlink()


def setup(app):
    """Connect to Sphinx."""
    sphinxcontrib.bibtex.plugin.register_plugin(
        "sphinxcontrib.bibtex.style.referencing", "round_author_year", RoundAuthorYear
    )
    # Jupyter Book sets this option of an extension that the book does without.
    app.add_config_value("comments_config", {}, "html")
    app.connect("html-page-context", offer_notebook, priority=600)
    app.connect("build-finished", drop_font_awesome_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
