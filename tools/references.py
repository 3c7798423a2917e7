"""Citations and lists of sources in plain Markdown, from the book's references.bib."""

from pathlib import Path

from pybtex.database import BibliographyData, Entry, parse_file
from pybtex.plugin import find_plugin

from tools import BuildError


class References:
    """The works that the book cites."""

    def __init__(self, path: Path):
        self.works = parse_file(str(path)) if path.exists() else BibliographyData()

    def cite(self, keys: list[str], textual: bool) -> str:
        """Name works in a sentence: "A and B (2015)", or "(A and B, 2015)", each a link."""
        if textual:
            return ", ".join(self._link(key, "{} ({})") for key in keys)
        return "(" + "; ".join(self._link(key, "{}, {}") for key in keys) + ")"

    def listing(self, keys: list[str]) -> str:
        """List the works as the site does, each with its link."""
        style = find_plugin("pybtex.style.formatting", "plain")()
        backend = find_plugin("pybtex.backends", "markdown")()
        cited = [self._work(key) for key in dict.fromkeys(keys)]
        entries = style.format_entries(cited)
        return "\n".join(f"- {entry.text.render(backend)}" for entry in entries)

    def _link(self, key: str, form: str) -> str:
        work = self._work(key)
        words = form.format(_authors(work), work.fields["year"])
        return f"[{words}]({_address(work)})" if _address(work) else words

    def _work(self, key: str) -> Entry:
        if key not in self.works.entries:
            raise BuildError(f"book/references.bib has no entry {key!r}, which is cited.")
        return self.works.entries[key]


def _authors(work: Entry) -> str:
    people = work.persons.get("author") or work.persons["editor"]
    names = [" ".join(map(str, p.rich_prelast_names + p.rich_last_names)) for p in people]
    if len(names) > 2:
        return f"{names[0]} *et al.*"
    return " and ".join(names)


def _address(work: Entry) -> str | None:
    fields = work.fields
    if "doi" in fields:
        return f"https://doi.org/{fields['doi']}"
    if "eprint" in fields:
        return f"https://arxiv.org/abs/{fields['eprint']}"
    return fields.get("url")
