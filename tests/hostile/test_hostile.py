"""Every submission gets the mark that it deserves, and the host stays as it was."""

import contextlib
import json
import os
import re
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hostile.graded import CUBIC, DESCENT
from hostile.submissions import CASES
from optim_lessons.course import export, feedback, marking
from optim_lessons.course.folder import Course
from optim_lessons.course.sandbox import MIB, Limits
from optim_lessons.files import write

pytestmark = pytest.mark.hostile
WORKERS = 4
MARKER = "nobody-may-read-this"
FIRST_UID = 1 << 20


@dataclass
class Host:
    """What the machine looks like."""

    files: dict = field(default_factory=dict)
    processes: set = field(default_factory=set)
    shared_memory: str = ""
    available: int = 0

    @classmethod
    def now(cls, course):
        kept = [path for path in course.path.rglob("*") if "results" not in path.parts]
        for folder in ("/", "/dev/shm", "/usr", "/usr/lib", "/etc", str(Path.home())):
            kept += Path(folder).iterdir()
        files = {path: (path.lstat().st_mode, path.lstat().st_mtime_ns) for path in kept}
        volatile = [path for path in files if path.is_dir()]
        return cls(
            {path: files[path][0] if path in volatile else files[path] for path in files},
            {path.name for path in Path("/proc").glob("[0-9]*") if is_ours(path)},
            Path("/proc/sysvipc/shm").read_text(),
            available(),
        )


def is_ours(process):
    """Whether a process belongs to a sandbox: by its user, or its command."""
    try:
        status = dict(
            line.split(":\t", 1)
            for line in (process / "status").read_text().splitlines()
            if ":\t" in line
        )
    except OSError:
        return False
    return int(status["Uid"].split()[0]) >= FIRST_UID or status["Name"] == "bwrap"


def available():
    """Bytes that no process, no file in memory and no lasting part of the kernel holds.

    MemAvailable also moves with the kernel's caches and with what the machine's host takes.
    """
    lines = Path("/proc/meminfo").read_text().splitlines()
    kib = {name: int(rest.split()[0]) for name, rest in (line.split(":") for line in lines)}
    held = ("AnonPages", "Shmem", "SUnreclaim", "KernelStack", "PageTables")
    return (kib["MemTotal"] - sum(kib[name] for name in held)) * 1024


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    course = Course.init(tmp_path_factory.mktemp("hostile") / "course")
    for package in (CUBIC, DESCENT):
        write(course.path / "packages" / f"{package['id']}.json", json.dumps(package))
        (course.path / "submitted" / package["id"]).mkdir()
    write(course.path / "exercises" / "cubic-step.md", MARKER)
    write(course.path / "moodle.csv", MARKER)
    for case in CASES:
        path = course.path / "submitted" / case.exercise / f"{case.name}{case.suffix}"
        path.write_bytes(case.data.replace(b"COURSE", str(course.path).encode()))
    folder = course.path / "submitted" / "cubic-step"
    (folder / "link.ipynb").symlink_to(course.path / "secret.key")
    os.mkfifo(folder / "fifo.ipynb")
    (folder / "folder.ipynb").mkdir()
    (folder / "-rf.ipynb").write_bytes(b"{}")
    return course


@pytest.fixture(scope="module")
def hosts(course, sandbox):
    """The host before and after all is graded, and its least memory in between."""
    before, least, done = Host.now(course), [available()], threading.Event()

    def watch():
        while not done.wait(0.05):
            least[0] = min(least[0], available())

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        marking.run(course, WORKERS)
    finally:
        done.set()
        watching.join()
    time.sleep(0.5)
    return before, Host.now(course), least[0]


@pytest.fixture(scope="module")
def results(course, hosts):
    return {result["student"]: result for result in course.results()}


def test_there_are_at_least_forty_submissions():
    assert len({case.name for case in CASES}) == len(CASES) >= 40


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_mark_is_deserved(case, results):
    result = results[case.name]
    assert result["score"] == case.mark, result
    assert case.says in feedback.page(result)


@pytest.mark.parametrize("name", ["link", "fifo"])
def test_what_is_no_plain_file_gets_a_sentence(name, results):
    assert results[name]["score"] == 0
    assert "not a plain file" in results[name]["unusable"]


def test_names_that_lead_elsewhere_are_not_used(course):
    _, skipped = course.submissions({"cubic-step", "descend"})
    assert len(skipped) == 1
    assert "'-rf' cannot be a student's name" in skipped[0]


def test_files_are_as_they_were(hosts):
    before, after, _ = hosts
    assert after.files == before.files


def test_no_file_of_a_sandbox_is_left_in_tmp(hosts):
    left = []
    for path in Path("/tmp").iterdir():
        with contextlib.suppress(FileNotFoundError):  # another program's, just removed
            if path.lstat().st_uid >= FIRST_UID:
                left.append(path)
    assert left == []


def test_no_process_is_left(hosts):
    before, after, _ = hosts
    assert after.processes - before.processes == set()


def test_no_shared_memory_is_left(hosts):
    before, after, _ = hosts
    assert after.shared_memory == before.shared_memory


def test_memory_stays_within_the_stated_limits_and_comes_back(hosts):
    before, after, least = hosts
    assert before.available - least < WORKERS * Limits().total + 1024 * MIB
    assert after.available > before.available - 1024 * MIB


def test_nothing_secret_reaches_a_result(course, results):
    text = json.dumps(results) + "".join(map(feedback.page, results.values()))
    assert MARKER not in text
    assert course.secret.hex() not in text


@pytest.mark.parametrize("name", ["hidden-inputs-in-an-exception", "hidden-inputs-in-an-answer"])
def test_inputs_of_hidden_tests_do_not_reach_the_feedback(name, results):
    hidden = [test for test in results[name]["tests"] if not test["visible"]]
    assert hidden
    for test in hidden:  # a position in the student's own code, and nothing else with digits
        words = re.sub(r"in line \d+ of cell \d+", "", test["message"])
        assert not set("0123456789") & set(words)


def test_no_markup_of_a_student_reaches_a_page(results):
    for result in results.values():
        page = feedback.page(result)
        assert "<script" not in page
        assert "<img" not in page


def test_grading_again_grades_nothing(course, results):
    assert marking.run(course, 1)[0] == 0


def test_gradebook_holds_every_submission(course, results):
    rows = export.moodle(course.results())
    assert len(rows) - 1 == len(CASES) + 2
