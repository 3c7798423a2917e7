"""How far a student has come, kept in a file on the student's own machine."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

from optim_lessons.files import write


class ProgressError(Exception):
    """The file cannot be read or written; it was left as it is."""


def file() -> Path:
    """Where progress is kept: in XDG_DATA_HOME, or the user's folder for data."""
    home = os.environ.get("XDG_DATA_HOME") or os.environ.get("LOCALAPPDATA")
    return Path(home or Path.home() / ".local" / "share") / "optim-lessons" / "progress.json"


def read() -> dict[str, dict[str, int | str]]:
    """Read for each exercise how many claims held at best, of how many, and since when."""
    try:
        kept = json.loads(file().read_text(encoding="utf-8"))
        for entry in kept.values():
            if not isinstance(entry["held"] + entry["total"], int) or not str(entry["since"]):
                raise TypeError
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ProgressError(f"Progress cannot be read: {error}.") from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise ProgressError(
            f"{file()} is damaged and was left as it is: mend it, or move it away to start anew."
        ) from None
    return kept


def keep(exercise: str, held: int, total: int) -> None:
    """Remember a report, if it is the best so far; the file is written whole or not at all."""
    kept = read()
    best = kept.get(exercise)
    if best and best["total"] == total and int(best["held"]) >= held:
        return
    kept[exercise] = {"held": held, "total": total, "since": date.today().isoformat()}
    try:
        write(file(), json.dumps(kept, indent=1))
    except OSError as error:
        raise ProgressError(f"Progress cannot be kept: {error}.") from None


def summary(total: dict[str, int]) -> str:
    """Say in words how far every exercise has come; `total` maps each to its number of claims."""
    kept = read()
    width = max(map(len, total | kept))
    lines = []
    for name in sorted(total | kept):
        entry = kept.get(name)
        if entry is None:
            lines.append(f"  {name:{width}}  {total[name]} claims, not tried yet")
        else:
            mark = "✓" if entry["held"] == entry["total"] else "·"
            count = f"{entry['held']} of {entry['total']} claims, {entry['since']}"
            lines.append(f"{mark} {name:{width}}  {count}")
    return "\n".join([*lines, f"(kept in {file()})"])
