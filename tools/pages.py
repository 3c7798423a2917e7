"""The pages of the book, in the order of _toc.yml."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from optim_lessons.exercises import source
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
        path = root / "book" / f"{name}.md"
        if not path.exists():
            raise BuildError(f"_toc.yml names {name}, but there is no {path}.")
        if name.startswith("exercises/"):
            path = _derived(root, path)
        pages.append(Page(name, path, count if numbered else None))
    return pages


def _derived(root: Path, path: Path) -> Path:
    """The page of an exercise, made from its file, which holds hidden tests: it is never shown."""
    try:
        text = source.read(path).page()
    except source.ExerciseError as error:
        raise BuildError(str(error)) from None
    page = root / "_build" / "exercises" / path.name
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(text, encoding="utf-8")
    return page


def _entries(toc: dict) -> Iterator[tuple[str, bool]]:
    yield toc["root"], False
    for part in toc.get("parts", [toc]):
        for chapter in part.get("chapters", []):
            yield chapter["file"], bool(part.get("numbered"))
