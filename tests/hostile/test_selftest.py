"""The self-test refuses a sandbox in which any one wall is missing."""

import json
import os
import signal
import subprocess

import numpy as np
import pytest

from optim_lessons.course import sandbox, seccomp, selftest
from optim_lessons.course.sandbox import MIB, Limits, Sandbox, SandboxError

pytestmark = [pytest.mark.hostile, pytest.mark.usefixtures("sandbox")]
LIMITS = Limits()
command, rlimits = sandbox.command, sandbox._rlimits


def refusal(monkeypatch, change):
    """Return what the self-test says when the sandbox's command is changed."""
    monkeypatch.setattr(sandbox, "command", lambda *args: change(command(*args)))
    with pytest.raises(SandboxError) as refused:
        selftest.prove.__wrapped__(LIMITS)
    return str(refused.value)


@pytest.mark.parametrize(
    "name, value, words",
    [
        ("RLIMIT_AS", 1 << 40, "can be had at once"),
        ("RLIMIT_NPROC", 64, "processes can be started"),
        ("RLIMIT_NOFILE", 512, "no limit on open files"),
    ],
)
def test_a_limit_is_missing(monkeypatch, name, value, words):
    def change(command):
        return [*command[:-1], json.dumps(rlimits(LIMITS) | {name: value})]

    assert words in refusal(monkeypatch, change)


def test_there_is_a_place_to_write(monkeypatch):
    def change(command):
        at = command.index("--chdir")
        limits = json.dumps(rlimits(LIMITS) | {"RLIMIT_FSIZE": MIB})
        return [*command[:at], "--perms", "1777", "--tmpfs", "/tmp", *command[at:-1], limits]

    assert "/tmp can be written" in refusal(monkeypatch, change)


def test_files_of_the_host_are_there(monkeypatch):
    def change(command):
        at = command.index("--proc")
        return [*command[:at], "--ro-bind", "/etc", "/etc", *command[at:]]

    assert "['etc'] can be seen" in refusal(monkeypatch, change)


def test_other_packages_are_there(monkeypatch):
    packages = os.path.dirname(os.path.dirname(np.__file__))  # noqa: PTH120

    def change(command):
        at = command.index("--proc")
        place = next(word for word in command if word.endswith("/site-packages"))
        command = [*command[:at], "--ro-bind", packages, place, *command[at:]]
        return [word for word in command if word not in ("-S", "-I")]

    assert "can be imported" in refusal(monkeypatch, change)


def test_there_is_no_filter_of_system_calls(monkeypatch):
    allow = seccomp.program()[-8:]
    monkeypatch.setattr(seccomp, "program", lambda: allow)
    assert "a socket of family" in refusal(monkeypatch, lambda command: command)


@pytest.mark.parametrize(
    "call, words",
    [
        ("shmget", "shared memory"),
        ("memfd_create", "memory files"),
        ("unshare", "a new user namespace"),
    ],
)
def test_one_system_call_is_not_refused(monkeypatch, call, words):
    left = {name: number for name, number in seccomp.REFUSED.items() if name != call}
    monkeypatch.setattr(seccomp, "REFUSED", left)
    if call == "unshare" and os.getuid() != 0:
        pytest.skip("--disable-userns refuses it too")
    assert words in refusal(monkeypatch, lambda command: command)


@pytest.mark.skipif(os.getuid() != 0, reason="only root has a user to change from")
def test_the_user_is_root(monkeypatch):
    def change(command):
        at = command.index("setpriv")
        return [*command[: at - 4], *command[command.index("--no-new-privs") + 1 :]]

    assert "the user is root" in refusal(monkeypatch, change)


def test_environment_is_handed_on(monkeypatch):
    def change(command):
        return [command[0], "--setenv", "TOKEN", "x", *command[1:]]

    assert "environment variables" in refusal(monkeypatch, change)


def test_a_process_outlives_the_sandbox(monkeypatch):
    close, left = Sandbox.close, []

    def keep(self):
        left.append(self)
        return ""

    monkeypatch.setattr(Sandbox, "close", keep)
    monkeypatch.setattr(selftest, "GONE", 0.5)
    try:
        with pytest.raises(SandboxError, match="a process outlives it"):
            selftest.prove.__wrapped__(LIMITS)
    finally:
        for running in left:
            close(running)


def test_bubblewrap_is_missing(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SandboxError, match="bubblewrap is missing"):
        selftest.prove.__wrapped__(LIMITS)


def test_bubblewrap_may_not_make_namespaces(monkeypatch):
    def change(command):
        return ["bwrap", "--ro-bind", "/does-not-exist", "/x", *command[1:]]

    assert "does not start: bwrap: " in refusal(monkeypatch, change)


def test_closing_kills_at_once():
    with Sandbox(LIMITS) as running:
        first = running.first
        assert first is not None
    assert running.process.returncode is not None
    assert running.process.poll() in (-signal.SIGKILL, 128 + signal.SIGKILL)
    assert isinstance(running.process, subprocess.Popen)
