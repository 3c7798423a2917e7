"""Proof that the sandbox holds on this machine, before any student's code runs.

The probes are ordinary functions, loaded and called exactly as a student's are. Each tries one way
out, gently, and says how it went. Without this proof `course grade` refuses to begin.
"""

from __future__ import annotations

import functools
import json
import os
import sys
import time
from pathlib import Path

from optim_lessons.course.sandbox import Ended, Limits, Sandbox, SandboxError

GONE = 10  # seconds, at most, until no process of a closed sandbox is left

PROBES = """
import ctypes, importlib.util, mmap, os, signal, time
libc = ctypes.CDLL(None, use_errno=True)


def network():
    import socket
    for family, kind in ((2, 1), (2, 2), (10, 1), (1, 1), (16, 3), (40, 1)):
        try:
            socket.socket(family, kind)
        except OSError:
            continue
        return f"a socket of family {family} can be made"


def files(secret):
    if os.path.exists(secret):
        return f"{secret} can be seen"
    known = {"bin", "dev", "lib", "lib64", "proc", "python", "tmp", "usr", "worker"}
    if strange := set(os.listdir("/")) - known:
        return f"{sorted(strange)} can be seen"
    for folder in (*(f"/{name}" for name in known), "/", "/dev/shm", "/proc/sys/kernel"):
        try:
            open(os.path.join(folder, "probe"), "w").close()
        except OSError:
            continue
        return f"{folder} can be written"


def packages():
    for name in ("optim_lessons", "torch", "jax", "optax", "scipy", "keras", "pip"):
        if importlib.util.find_spec(name):
            return f"{name} can be imported"


def environment():
    known = {"PATH", "HOME", "OPENBLAS_NUM_THREADS", "LD_LIBRARY_PATH", "LC_ALL", "PWD"}
    if set(os.environ) - known:
        return "environment variables are handed on"


def privileges():
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    if int(status["CapEff"], 16) or int(status["CapPrm"], 16) or int(status["CapAmb"], 16):
        return "there are capabilities"
    if status["NoNewPrivs"].strip() != "1" or status["Seccomp"].strip() != "2":
        return "privileges can be gained, or there is no filter of system calls"
    if os.getuid() == 0 or 0 in os.getgroups():
        return "the user is root"
    strangers = [name for name in os.listdir("/proc") if name.isdigit() and int(name) > 20]
    if strangers:
        return "other processes can be seen"
    if libc.unshare(0x10000000) == 0:
        return "a new user namespace can be made"


def processes(limit):
    children = []
    try:
        for _ in range(limit):
            child = os.fork()
            if child == 0:
                time.sleep(60)
                os._exit(0)
            children.append(child)
        return f"{limit + 1} processes can be started where {limit} are allowed"
    except OSError:
        pass
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def memory(limit):
    try:
        mmap.mmap(-1, limit, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        return f"{limit >> 20} MiB can be had at once"
    except (OSError, MemoryError):
        pass
    if libc.shmget(0, 1 << 20, 0o1600) != -1:
        return "shared memory can be had that no limit counts"
    if hasattr(os, "memfd_create"):
        try:
            os.memfd_create("probe")
            return "memory files can be had that no limit counts"
        except OSError:
            pass


def handles(limit):
    opened = []
    try:
        for _ in range(limit + 1):
            opened.append(open("/dev/null"))
        return "there is no limit on open files"
    except OSError:
        pass
    finally:
        for file in opened:
            file.close()


def daemon():
    if os.fork() == 0:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            time.sleep(60)
"""


@functools.cache
def prove(limits: Limits | None = None) -> None:
    """Return if the sandbox holds; raise SandboxError with a sentence that names what does not.

    It takes about half a second, once for each process.
    """
    if sys.platform != "linux":
        raise SandboxError("the sandbox needs Linux, with bubblewrap")
    limits = limits or Limits()
    probes = {
        "network": (),
        "files": (str(Path(__file__).resolve()),),
        "packages": (),
        "environment": (),
        "privileges": (),
        "processes": (limits.processes,),
        "memory": (limits.memory,),
        "handles": (limits.files,),
        "daemon": (),
    }
    try:
        with Sandbox(limits) as sandbox:
            end = time.monotonic() + 60
            sandbox.send({"cells": [PROBES], "definitions_only": False}, end, [])
            if (answer := sandbox.receive(end)) != {"errors": []}:
                raise SandboxError(f"the sandbox's self-test does not load: {answer}")
            for name, args in probes.items():
                sandbox.send({"call": name, "args": args, "kwargs": {}}, end, [])
                answer = sandbox.receive(end)
                if answer != {"value": None, "changed": []}:
                    words = answer.get("value") or json.dumps(answer)
                    raise SandboxError(f"the sandbox does not hold: {words}")
            back = os.dup(sandbox.back)
    except Ended as ended:
        raise SandboxError(f"the sandbox's self-test ended: {ended}") from None
    # The daemon holds the pipe's other end: it is closed only when all processes are gone.
    with os.fdopen(back, "rb") as pipe:
        os.set_blocking(back, False)
        gone = time.monotonic() + GONE
        while pipe.raw.read(1) is None:
            if time.monotonic() > gone:
                raise SandboxError("the sandbox does not hold: a process outlives it")
            time.sleep(0.01)


def sentence(error: SandboxError) -> str:
    """Say why grading refuses, and what to do."""
    return (
        f"Grading refuses to run students' code here: {error}. "
        "It needs Linux with bubblewrap 0.8 or later, either as root or where users may make "
        "namespaces (Ubuntu 24.04 forbids it: run it as root, or in a container). "
        "If you trust every submission as you trust your own code: --unsafe."
    )
