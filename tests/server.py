"""A Jupyter server for a test in a browser."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request

TOKEN = "test"
START = 120  # seconds, at most


@contextlib.contextmanager
def jupyter(application, folder, log, *flags):
    """Run `python -m application` in a folder, without the user's settings; yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR")
    home = {name: str(log.parent / name) for name in names}
    command = [sys.executable, "-m", application, "--no-browser", "--allow-root", f"--port={port}"]
    command += [f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={folder}", *flags]
    with log.open("w") as file:
        server = subprocess.Popen(
            command, cwd=folder, env=os.environ | home, stdout=file, stderr=file
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(server, f"{address}/api", log)
        yield address
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(20)


def _wait(server, address, log):
    end = time.monotonic() + START
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"the server does not answer:\n{log.read_text()[-2000:]}")
