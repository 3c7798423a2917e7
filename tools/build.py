"""Build the book into _build/html: run the chapters that changed, then render all pages.

python -m tools.build [--force]     --force: run every chapter anew, from an empty folder
"""

import argparse
import shutil
import sys
import time
from pathlib import Path

from tools import BuildError, katex
from tools.hashing import digest

ROOT = Path(__file__).resolve().parent.parent
BOOK = ("_config.yml", "_toc.yml", "book")
MAKERS = ("optim_lessons", "tools", "requirements.txt", "package-lock.json")


def main() -> None:
    """Build the book of this repository."""
    parser = argparse.ArgumentParser(description="Build the book into _build/html.")
    parser.add_argument("--force", action="store_true", help="run every chapter anew")
    force = parser.parse_args().force
    try:
        katex.lead_path()
        katex.install()
        changed = build(ROOT, force)
    except BuildError as error:
        sys.exit(f"error: the book was not built.\n{error}")
    say = "The book is in" if changed else "Nothing changed since the book was built: it is in"
    print(f"{say} _build/html. Open {ROOT}/_build/html/index.html, or run `make serve`.")


def build(root: Path, force: bool = False) -> bool:
    """Bring root/_build/html up to date; return whether there was anything to do."""
    started = time.perf_counter()
    made, stamp, key = root / "_build", root / "_build" / "html.hash", digest(root, *BOOK, *MAKERS)
    if not force and stamp.exists() and stamp.read_text() == key and (made / "html").exists():
        return False
    stamp.unlink(missing_ok=True)
    if force:
        shutil.rmtree(made, ignore_errors=True)
    # Only here, for these imports take seconds.
    from tools import execute, pages, render

    chapters = pages.read(root)
    print("Running the chapters that changed ...", flush=True)
    execute.run(root, chapters)
    print("Rendering the pages ...", flush=True)
    render.render(root, chapters)
    stamp.write_text(key)
    print(f"Built {len(chapters)} pages in {time.perf_counter() - started:.0f} s.")
    return True


if __name__ == "__main__":
    main()
