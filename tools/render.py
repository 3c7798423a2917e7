"""From the executed chapters to the site: stage, Jupyter Book, plain notebooks, swap."""

import json
import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

import nbformat

from tools import BuildError, execute, katex, markdown, notebooks, outputs, pages
from tools.hashing import digest

ROOT = Path(__file__).resolve().parent.parent


def render(root: Path, chapters: list[pages.Page]) -> None:
    """Make _build/notebooks and _build/html anew from the executed chapters."""
    made = root / "_build"
    stage(root, chapters)
    html = run_jupyter_book(root)
    notebooks.write_all(root, chapters, made / "notebooks")
    shutil.copytree(made / "notebooks", html / "notebooks")
    shutil.rmtree(made / "html", ignore_errors=True)
    html.rename(made / "html")


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
    write_explorer(root, assets / "explorer")
    for chapter in chapters:
        path = folder / f"{chapter.name}.ipynb"
        notebook = nbformat.read(execute.executed(root, chapter), as_version=4)
        outputs.to_html(notebook, katex.render)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = markdown.link_notebooks(cell.source)
        path.write_text(json.dumps(notebook), encoding="utf-8")


def write_explorer(root: Path, folder: Path) -> None:
    """Write what the interactive figures load; the paths to play, which take seconds, once."""
    from optim_lessons import explorer

    if not hasattr(explorer, "write_site"):
        return
    folder.mkdir(parents=True)
    explorer.write_site(folder)
    kept, stamp = root / "_build" / "recorded", root / "_build" / "recorded.hash"
    key = digest(ROOT, "optim_lessons")
    if not (stamp.exists() and stamp.read_text() == key):
        shutil.rmtree(kept, ignore_errors=True)
        explorer.write_recorded(root / "_build")
        stamp.write_text(key)
    shutil.copytree(kept, folder / "recorded")


def run_jupyter_book(root: Path) -> Path:
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
