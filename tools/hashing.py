"""One hash for many files, to know whether anything changed."""

import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path


def digest(root: Path, *paths: str, words: Iterable[str] = ()) -> str:
    """Hash the names and bytes of the files at or below the paths, Python's version, the words."""
    found = hashlib.sha256(repr((sys.version, *words)).encode())
    for path in paths:
        for file in _files(root / path):
            found.update(f"\0{file.relative_to(root).as_posix()}\0".encode())
            found.update(file.read_bytes())
    return found.hexdigest()


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return sorted(f for f in path.rglob("*") if f.is_file() and "__pycache__" not in f.parts)
