"""Where student code runs: one process in bubblewrap, that can reach next to nothing.

Inside there are Python, its standard library and NumPy (read-only), and one pipe. There is no
network, no environment, no file of this machine's users, and no place to write: even a small /tmp
would take empty files without end, and each costs the kernel a kilobyte that no limit counts.

As root, each worker gets a user id of its own, so that the kernel counts its processes apart;
otherwise it gets a user namespace of its own, in which they are counted apart too. Memory is
limited for each process; as the number of processes is limited, so is their sum: `Limits.total`.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from optim_lessons.course import frames, seccomp

HERE = Path(__file__).resolve().parent
MIB = 1 << 20
START = 60  # seconds for Python and NumPy to start, on a busy machine
# One thread: more would count as processes.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": "/tmp", "OPENBLAS_NUM_THREADS": "1"}
ENVIRONMENT |= {"LC_ALL": "C.UTF-8"}


@dataclass(frozen=True)
class Limits:
    """What one process of a submission may use, in bytes, seconds and counts."""

    memory: int = 512 * MIB
    processes: int = 4
    cpu: int = 60
    files: int = 64

    @property
    def total(self) -> int:
        """The most memory that all processes of one sandbox can have together."""
        return self.processes * self.memory


class SandboxError(RuntimeError):
    """The sandbox itself does not work: nothing is known about the student's code."""


class Ended(BaseException):
    """The student's process is gone. Not an Exception: a test's `except` must not swallow it."""


def user_id() -> int:
    """Return a user id that no other worker on this machine has: thread ids are unique."""
    return (1 << 20) + threading.get_native_id()


def command(limits: Limits, filter_fd: int, info_fd: int) -> list[str]:
    """Return the command that starts the worker in its sandbox."""
    prefix = Path(sys.base_prefix).resolve()
    executable = Path(sys._base_executable).resolve().relative_to(prefix)  # type: ignore[attr-defined]
    packages = Path(np.__file__).parent.parent
    root = os.getuid() == 0
    words: list[str | Path] = ["bwrap", "--ro-bind", "/usr", "/usr"]
    # Not the whole prefix: conda keeps other environments there.
    words += ["--ro-bind", prefix / executable, Path("/python") / executable]
    words += ["--ro-bind", prefix / "lib", "/python/lib"]
    for name in ("lib", "lib64", "bin"):
        words += ["--symlink", f"usr/{name}", f"/{name}"]
    # No package but NumPy, wherever the system or this Python keeps others.
    for where, inside in (("/usr", "/usr"), ("/usr/local", "/usr/local"), (prefix, "/python")):
        for folder in Path(where).glob("lib/python3*/*-packages"):
            words += ["--tmpfs", f"{inside}/{folder.relative_to(where)}"]
            words += ["--remount-ro", f"{inside}/{folder.relative_to(where)}"]
    for name in ("numpy", "numpy.libs"):
        words += ["--ro-bind-try", packages / name, f"/worker/{name}"]
    for name in ("worker.py", "frames.py"):
        words += ["--ro-bind", HERE / name, f"/worker/{name}"]
    words += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    words += ["--dir", "/tmp"]
    for folder in (Path("/worker"), *(Path("/python") / executable).parents[:-1]):
        words += ["--chmod", "0755", folder]  # made 0700, for the binds in them
    words += ["--remount-ro", "/", "--chdir", "/tmp"]
    words += ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
    words += ["--unshare-cgroup-try", "--hostname", "sandbox"]
    words += ["--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    words += ["--seccomp", str(filter_fd), "--info-fd", str(info_fd)]
    if root:
        uid = user_id()
        words += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "setpriv", "--clear-groups"]
        words += [f"--reuid={uid}", f"--regid={uid}", "--inh-caps=-all", "--no-new-privs"]
    else:
        words += ["--unshare-user", "--disable-userns"]
    words += [Path("/python") / executable, "-I", "-S", "-B", "/worker/worker.py"]
    return [*map(str, words), json.dumps(_rlimits(limits))]


def _rlimits(limits: Limits) -> dict[str, int]:
    return {
        "RLIMIT_AS": limits.memory,
        "RLIMIT_NPROC": limits.processes,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_CPU": limits.cpu,
        "RLIMIT_NOFILE": limits.files,
        "RLIMIT_MSGQUEUE": 0,
        "RLIMIT_MEMLOCK": 0,
        "RLIMIT_CORE": 0,
    }


class Worker:
    """A running worker, and the pipe to it. As a context: leaving it kills all its processes."""

    def __init__(self, limits: Limits) -> None:
        self.process = self._start(limits)
        assert self.process.stdin is not None and self.process.stdout is not None
        self.to, self.back = self.process.stdin.fileno(), self.process.stdout.fileno()
        os.set_blocking(self.to, False)
        self.alive = True
        try:
            ready = self.receive(time.monotonic() + START)
        except Ended as ended:
            error = self.close().strip()
            raise SandboxError(f"the sandbox does not start: {error or ended}") from None
        if ready != "ready":
            self.close()
            raise SandboxError("the sandbox does not start: no greeting")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _start(self, limits: Limits) -> subprocess.Popen[bytes]:
        raise NotImplementedError

    def _kill(self) -> None:
        """Kill every process that the student's code has started."""
        raise NotImplementedError

    def close(self) -> str:
        """Kill the worker, and all that it started; return the first words on standard error."""
        self.alive = False
        self._kill()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
        words = b""
        assert self.process.stderr is not None
        if select.select([self.process.stderr], [], [], 0)[0]:
            words = os.read(self.process.stderr.fileno(), 1000)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
        return words.decode("utf-8", "replace")

    def send(self, message: Any, end: float, functions: list[frames.Function]) -> None:
        """Send a message; functions in it stay here, and are put into the list."""
        data = memoryview(frames.pack(message, functions))
        while data:
            self._wait([], [self.to], end)
            try:
                data = data[os.write(self.to, data) :]
            except BrokenPipeError:
                self._end("your code ended the Python process")

    def receive(self, end: float) -> Any:
        """Return the next message; Ended if there is none in time, or none that can be read."""
        try:
            header, body = frames.lengths(self._read(frames.LENGTHS.size, end))
            return frames.unpack(self._read(header, end), self._read(body, end))
        except frames.FrameError as error:
            self._end(f"your code sent what cannot be read ({error})")

    def _read(self, count: int, end: float) -> bytes:
        data = bytearray()
        while len(data) < count:
            self._wait([self.back], [], end)
            chunk = os.read(self.back, count - len(data))
            if not chunk:
                self._end("your code ended the Python process")
            data += chunk
        return bytes(data)

    def _wait(self, readers: list[int], writers: list[int], end: float) -> None:
        if not any(select.select(readers, writers, [], max(0, end - time.monotonic()))):
            self._end("your code did not answer in time (an endless loop?)")

    def _end(self, words: str) -> Any:
        self.alive = False
        raise Ended(words)


class Sandbox(Worker):
    """A worker in bubblewrap."""

    def _start(self, limits: Limits) -> subprocess.Popen[bytes]:
        if shutil.which("bwrap") is None:
            raise SandboxError("bubblewrap is missing (Debian, Ubuntu: apt install bubblewrap)")
        filter_fd, writer = os.pipe()
        os.write(writer, seccomp.program())
        os.close(writer)
        info, info_fd = os.pipe()
        process = subprocess.Popen(
            command(limits, filter_fd, info_fd),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            cwd="/",
            env=ENVIRONMENT | {"LD_LIBRARY_PATH": "/python/lib"},
            pass_fds=[filter_fd, info_fd],
            start_new_session=True,
        )
        os.close(filter_fd)
        os.close(info_fd)
        with os.fdopen(info) as file:
            words = file.read()
        # The first process of the sandbox's own pid space, held so that its number cannot go over
        # to another; None if there is no sandbox.
        self.first = None
        with contextlib.suppress(ValueError, ProcessLookupError):
            self.first = os.pidfd_open(json.loads(words)["child-pid"])
        return process

    def _kill(self) -> None:
        """Kill the first process of the pid space.

        This kills all others in it, however they hide; it is not gone before they are, and
        bubblewrap ends when it is gone.
        """
        if self.first is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.first, signal.SIGKILL)
            os.close(self.first)
            self.first = None


class Bare(Worker):
    """A worker without a sandbox: it has the limits, and whatever its user may do.

    For systems without bubblewrap, and only if the teacher says so: `course grade --unsafe`.
    """

    def _start(self, limits: Limits) -> subprocess.Popen[bytes]:
        # A folder with NumPy and no other package, so that code gets the marks of the sandbox.
        self.folder = tempfile.TemporaryDirectory()
        packages = Path(np.__file__).parent.parent
        for path in (HERE / "worker.py", HERE / "frames.py", packages / "numpy"):
            (Path(self.folder.name) / path.name).symlink_to(path)
        known = {name: n for name, n in _rlimits(limits).items() if hasattr(resource, name)}
        if sys.platform == "darwin":
            del known["RLIMIT_AS"]  # which macOS does not set
        worker = Path(self.folder.name) / "worker.py"
        return subprocess.Popen(
            [sys.executable, "-I", "-S", "-B", worker, json.dumps(known)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            cwd=self.folder.name,
            env=ENVIRONMENT,
            start_new_session=True,
        )

    def _kill(self) -> None:
        """Kill the worker's group of processes; one that has left it is not found."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.folder.cleanup()
