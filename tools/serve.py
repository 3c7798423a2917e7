"""Serve the built book at a local address: python -m tools.serve [PORT]."""

import functools
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SITE = Path(__file__).resolve().parent.parent / "_build" / "html"


class Quiet(SimpleHTTPRequestHandler):
    """A handler that prints no line a request, and always sends what is on the disk now."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".js": "text/javascript"}

    def log_message(self, format, *args):
        """Say nothing."""

    def end_headers(self):
        """Forbid old copies: the reader may be building the book anew."""
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()


def server(folder: Path, port: int = 0) -> ThreadingHTTPServer:
    """Make a server of a folder on this machine alone; port 0 takes any free one."""
    return ThreadingHTTPServer(("127.0.0.1", port), functools.partial(Quiet, directory=str(folder)))


def main() -> None:
    """Serve until the reader stops it."""
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
    try:
        site = server(SITE, port)
    except OSError:
        sys.exit(f"error: port {port} is taken: choose another by `make serve PORT={port + 1}`.")
    print(f"The book is at http://127.0.0.1:{port}/ (stop with Ctrl-C).", flush=True)
    try:
        site.serve_forever()
    except KeyboardInterrupt:
        print()


if __name__ == "__main__":
    main()
