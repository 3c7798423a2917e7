"""The figures' JavaScript: check its types, and bundle what it takes of D3.

python -m tools.javascript [--vendor]
"""

import subprocess
import sys
from pathlib import Path

from tools import katex

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / "node_modules" / ".bin"
VENDOR = ROOT / "optim_lessons" / "explorer" / "js" / "vendor"


def check() -> int:
    """Check the types that the JSDoc comments declare."""
    return subprocess.call(["node", BIN / "tsc"], cwd=ROOT)


def vendor() -> int:
    """Bundle vendor/d3.ts into vendor/d3.js, with D3's licence before it."""
    banner = (VENDOR / "banner.txt").read_text(encoding="utf-8").rstrip()
    options = ["--bundle", "--minify", "--format=esm", "--charset=utf8", "--log-level=warning"]
    to = f"--outfile={VENDOR / 'd3.js'}"
    return subprocess.call(
        [BIN / "esbuild", VENDOR / "d3.ts", *options, f"--banner:js={banner}", to]
    )


if __name__ == "__main__":
    katex.lead_path()
    katex.install()
    sys.exit(vendor() if "--vendor" in sys.argv[1:] else check())
