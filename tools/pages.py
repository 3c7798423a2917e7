"""The pages of the book, in the order of _toc.yml."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from tools import BuildError


@dataclass(frozen=True)
class Page:
    """A page: its name ("adaptive/adam"), its file, and its chapter's number if it has one."""

    name: str
    source: Path
    number: int | None


def read(root: Path) -> list[Page]:
    """Read _toc.yml; chapters are numbered through all parts that say `numbered`."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    pages, count = [], 0
    for name, numbered in _entries(toc):
        count += numbered
        source = root / "book" / f"{name}.md"
        if not source.exists():
            raise BuildError(f"_toc.yml names {name}, but there is no {source}.")
        pages.append(Page(name, source, count if numbered else None))
    return pages


def _entries(toc: dict) -> Iterator[tuple[str, bool]]:
    yield toc["root"], False
    for part in toc.get("parts", [toc]):
        for chapter in part.get("chapters", []):
            yield chapter["file"], bool(part.get("numbered"))
