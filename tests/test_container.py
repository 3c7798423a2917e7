"""The container's files are right in themselves; and the sandbox holds with their privileges.

Docker is not needed here: a user without capabilities in namespaces of its own meets the same
kernel as in the container, /proc masked or not.
"""

import argparse
import fnmatch
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import pytest
import yaml
from hostile.graded import CUBIC, SOLUTION
from hostile.submissions import notebook

from optim_lessons.course import cli
from optim_lessons.course.folder import Course
from optim_lessons.files import write

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "optim_lessons" / "course" / "container"
DOCKERFILE = (FOLDER / "Dockerfile").read_text("utf-8")
JOB = yaml.safe_load((FOLDER / "job.yaml").read_text("utf-8"))
POD = JOB["spec"]["template"]["spec"]
(CONTAINER,) = POD["containers"]
USER = 10001


def instructions(name):
    """The arguments of a Dockerfile's instruction, each time that it stands there."""
    text = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.M))
    return re.findall(rf"^{name} (.*)$", text, re.M)


def test_no_image_is_without_a_version():
    for image in (*instructions("FROM"), CONTAINER["image"]):
        assert re.search(r":\d+\.\d+\.\d+", image)


def test_what_the_dockerfile_copies_is_there():
    copied = [source for words in instructions("COPY") for source in words.split()[:-1]]
    assert {"pyproject.toml", "optim_lessons"} <= set(copied)
    for name in copied:
        assert (ROOT / name).exists()
    (installed,) = (words for words in instructions("RUN") if "pip install" in words)
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert re.search(r"\.\[(\w+)\]", installed)[1] in extras["optional-dependencies"]


def test_the_wheel_has_both_files():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    for file in FOLDER.iterdir():
        assert any(fnmatch.fnmatch(file.name, pattern) for pattern in settings["package-data"]["*"])


def test_the_image_runs_as_a_user_who_is_not_root():
    assert instructions("USER") == [f"{USER}:{USER}"]
    assert DOCKERFILE.index("\nUSER") > DOCKERFILE.rindex("\nRUN")


def test_the_job_runs_as_the_same_user_without_any_capability():
    assert (
        POD["securityContext"] | {"runAsNonRoot": True, "runAsUser": USER}
        == (POD["securityContext"])
    )
    assert CONTAINER["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert CONTAINER["securityContext"]["allowPrivilegeEscalation"] is False
    assert "privileged" not in CONTAINER["securityContext"]
    assert POD["automountServiceAccountToken"] is False
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(POD)


def test_proc_is_unmasked_as_kubernetes_allows_it_and_as_docker_is_told():
    assert (CONTAINER["securityContext"]["procMount"], POD["hostUsers"]) == ("Unmasked", False)
    assert "systempaths=unconfined" in DOCKERFILE


def test_jobs_and_dockers_commands_are_commands_of_the_course():
    entry = json.loads(instructions("ENTRYPOINT")[0])
    assert entry == ["python", "-m", "optim_lessons", "course"]
    parser = argparse.ArgumentParser()
    cli.add_parser(parser.add_subparsers())
    run = re.search(r"optim-lessons-grader:[\d.]+ (grade .*)$", DOCKERFILE, re.M)[1]
    for words in (CONTAINER["args"], shlex.split(run)):
        parsed = parser.parse_args(["course", *words])
        assert parsed.folder == Path(CONTAINER["volumeMounts"][0]["mountPath"])
    (volume,) = POD["volumes"]
    assert volume["name"] == CONTAINER["volumeMounts"][0]["name"]


# Everything is read-only but the course; the interpreter is found even in a folder of root's own.
INSIDE = """
set -e
mount -t tmpfs none /mnt
mkdir /mnt/python /mnt/course
mount --rbind "$PREFIX" /mnt/python
mount --bind "$COURSE" /mnt/course
case "$PREFIX" in /root/*)
    mount -t tmpfs -o mode=755 none /root
    mkdir -p "$PREFIX"
    mount --rbind /mnt/python "$PREFIX"
esac
mount -o remount,bind,ro /
if [ -n "$MASKED" ]; then mount -t tmpfs none "$MASKED"; fi
exec setpriv --reuid=USER --regid=USER --clear-groups --inh-caps=-all --bounding-set=-all \
    --no-new-privs "$@"
""".replace("USER", str(USER))


def as_in_a_container(folder, masked, *words):
    """Run a command of the course as the container would."""
    command = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "--net", "--kill-child"]
    command += ["sh", "-c", INSIDE, "sh", sys.executable, "-m", "optim_lessons", "course", *words]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": "/nowhere"}
    environment |= {"PREFIX": sys.base_prefix, "COURSE": str(folder), "MASKED": masked}
    return subprocess.run(
        command, env=environment, cwd="/", capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def course(sandbox):
    """A course that belongs to the container's user, with one submission."""
    if os.getuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("only root can become the container's user")
    with tempfile.TemporaryDirectory() as name:
        made = Course.init(Path(name) / "course")
        write(made.path / "packages" / "cubic-step.json", json.dumps(CUBIC))
        (made.path / "submitted" / "cubic-step").mkdir()
        (made.path / "submitted" / "cubic-step" / "ada.ipynb").write_bytes(notebook(SOLUTION))
        for path in (Path(name), *Path(name).rglob("*")):
            os.chown(path, USER, USER)
        yield made


def test_with_the_containers_privileges_the_sandbox_holds_and_marks_are_decided(course):
    done = as_in_a_container(course.path, "", "grade", "/mnt/course")
    assert done.returncode == 0, done.stderr
    assert [result["score"] for result in course.results()] == [6]


def test_where_proc_is_masked_as_docker_does_it_grading_refuses(course):
    done = as_in_a_container(course.path, "/proc/irq", "grade", "/mnt/course")
    assert done.returncode == 3
    assert "refuses to run students' code here" in done.stderr
    assert "Can't mount proc" in done.stderr
    assert course.results() == []
