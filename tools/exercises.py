"""Write the visible tests of the exercises as data of the library, from book/exercises/*.md.

python -m tools.exercises
"""

import json
from pathlib import Path

from optim_lessons.exercises import source

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "optim_lessons" / "exercises" / "data"


def main() -> None:
    """Bring the data up to date."""
    files = data(ROOT)  # before anything is removed: an exercise may be malformed
    for old in DATA.glob("*.json"):
        old.unlink()
    for name, text in files.items():
        (DATA / name).write_text(text, encoding="utf-8")
        print(f"wrote {(DATA / name).relative_to(ROOT)}")


def data(root: Path) -> dict[str, str]:
    """The files of data: name and text of each."""
    exercises = [source.read(path) for path in sorted((root / "book" / "exercises").glob("*.md"))]
    return {f"{exercise.id}.json": _text(exercise) for exercise in exercises}


def _text(exercise: source.Exercise) -> str:
    package = exercise.package(visible_only=True)
    return json.dumps(package, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    main()
