"""Build the book into _build/html: run the chapters that changed, render all, swap the result in.

python -m tools.build [--force]     --force: run every chapter anew, from an empty folder
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import nbformat

from tools import execute, katex, markdown, notebooks, outputs, pages
from tools.hashing import digest

ROOT = Path(__file__).resolve().parent.parent
BOOK = ("_config.yml", "_toc.yml", "book")
MAKERS = ("optim_lessons", "tools", "requirements.txt", "package-lock.json")


class BuildError(Exception):
    """The pages could not be rendered."""


def main() -> None:
    """Build the book of this repository."""
    parser = argparse.ArgumentParser(description="Build the book into _build/html.")
    parser.add_argument("--force", action="store_true", help="run every chapter anew")
    force = parser.parse_args().force
    katex.lead_path()
    katex.install()
    try:
        changed = build(ROOT, force)
    except (BuildError, execute.ChapterError) as error:
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
    chapters = pages.read(root)
    print("Running the chapters that changed ...", flush=True)
    execute.run(root, chapters)
    print("Rendering the pages ...", flush=True)
    stage(root, chapters)
    html = render(root)
    notebooks.write_all(root, chapters, made / "notebooks")
    shutil.copytree(made / "notebooks", html / "notebooks")
    swap(html, made / "html")
    stamp.write_text(key)
    print(f"Built {len(chapters)} pages in {time.perf_counter() - started:.0f} s.")
    return True


def stage(root: Path, chapters: list[pages.Page]) -> None:
    """Lay out in _build/stage what Jupyter Book reads: every chapter executed, as .ipynb."""
    folder = root / "_build" / "stage"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(root / "book", folder, ignore=shutil.ignore_patterns("__pycache__", "*.md"))
    shutil.copy(root / "_config.yml", folder)
    shutil.copy(root / "_toc.yml", folder)
    # Jupyter Book adds every script below a folder named _static to every page.
    assets = folder / "assets"
    if (folder / "_static").exists():
        (folder / "_static").rename(assets)
    katex.copy_assets(assets / "katex")
    write_explorer(assets / "explorer")
    for chapter in chapters:
        path = folder / f"{chapter.name}.ipynb"
        notebook = nbformat.read(execute.executed(root, chapter), as_version=4)
        outputs.to_html(notebook, katex.render)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = markdown.link_notebooks(cell.source)
        path.write_text(json.dumps(notebook), encoding="utf-8")


def write_explorer(folder: Path) -> None:
    """Write the scripts of the interactive figure, with the optimizers' JavaScript."""
    from optim_lessons import explorer

    if hasattr(explorer, "write_site"):
        folder.mkdir(parents=True)
        explorer.write_site(folder)


def render(root: Path) -> Path:
    """Run Jupyter Book on the stage, into an empty folder, with warnings as errors."""
    folder = root / "_build" / "render"
    shutil.rmtree(folder, ignore_errors=True)
    jupyter_book = str(Path(sysconfig.get_path("scripts")) / "jupyter-book")
    command = [jupyter_book, "build", str(root / "_build" / "stage"), "--path-output", str(folder)]
    command += ["-W", "--keep-going", "-n", "-q"]
    log = root / "_build" / "render.log"
    with log.open("w", encoding="utf-8") as out:
        environment = os.environ | {"PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
        code = subprocess.call(command, stdout=out, stderr=subprocess.STDOUT, env=environment)
    if code:
        said = log.read_text(encoding="utf-8").splitlines()[-40:]
        raise BuildError("\n".join([*said, f"Jupyter Book failed: all it said is in {log}."]))
    return folder / "_build" / "html"


def swap(new: Path, old: Path) -> None:
    """Put the new folder in the place of the old one."""
    shutil.rmtree(old, ignore_errors=True)
    new.rename(old)


if __name__ == "__main__":
    main()
