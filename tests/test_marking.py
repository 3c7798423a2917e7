"""Many submissions at once: processes and clusters, and what happens when they die."""

import json
import multiprocessing
import subprocess

import dask
import pytest
import stand_ins
from distributed import LocalCluster
from distributed.security import Security
from hostile.graded import CUBIC, SOLUTION
from hostile.submissions import notebook

from optim_lessons.course import marking
from optim_lessons.course.folder import Course, CourseError
from optim_lessons.files import write

STUDENTS = ["ada", "bob", "eve", "joe", "kim"]
SECONDS = 60  # of patience: a hang fails, and says where


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course with a submission of each student: the path of a flag."""
    monkeypatch.setattr(marking, "HANGING", SECONDS)
    course = Course.init(tmp_path / "course")
    write(course.path / "packages" / "cubic-step.json", json.dumps(CUBIC))
    (course.path / "submitted" / "cubic-step").mkdir()
    for student in STUDENTS:
        hand_in(course, student, str(tmp_path / "flag").encode())
    return course


def hand_in(course, student, data):
    (course.path / "submitted" / "cubic-step" / f"{student}.ipynb").write_bytes(data)


def use(monkeypatch, stand_in):
    monkeypatch.setattr(marking, "mark", stand_in)


@pytest.fixture
def left():
    """What says which processes were started since, and still run."""
    before = multiprocessing.active_children()
    return lambda: [p for p in multiprocessing.active_children() if p not in before]


def graded(course):
    return [result["student"] for result in course.results()]


# ---- processes of this machine ----------------------------------------------------------------


def test_a_killed_process_loses_and_doubles_nothing(course, monkeypatch):
    use(monkeypatch, stand_ins.killed_once)
    written = []
    monkeypatch.setattr(marking, "write", lambda path, text: written.append(path.stem))
    steps = []
    assert marking.run(course, 2, progress=lambda *step: steps.append(step)) == (5, [])
    assert sorted(written) == STUDENTS
    assert steps == [(done, 5) for done in range(1, 6)]


def test_a_task_that_kills_its_process_each_time_is_named_and_costs_nobody_else(
    course, monkeypatch
):
    use(monkeypatch, stand_ins.killed_always)
    done, notes = marking.run(course, 2)
    assert graded(course) == STUDENTS[1:]
    assert done == 4
    assert notes == ["ada, cubic-step: not graded, its process was killed each time; grade again"]


def test_what_hangs_is_killed_and_named(course, left, monkeypatch):
    for student in STUDENTS[1:]:
        (course.path / "submitted" / "cubic-step" / f"{student}.ipynb").unlink()
    monkeypatch.setattr(marking, "HANGING", 1 - marking.grade.cpu_limit(CUBIC))  # a second is left
    use(monkeypatch, stand_ins.hangs)
    done, notes = marking.run(course, 2)
    assert done == 0
    assert "ada, cubic-step: not graded" in notes[0]
    assert left() == []


def test_no_process_is_left_when_all_is_graded(course, left, monkeypatch):
    use(monkeypatch, stand_ins.marked)
    marking.run(course, 2)
    assert left() == []
    assert len({result["process"] for result in course.results()}) <= 2


def test_no_process_is_left_when_a_test_of_the_teachers_is_wrong(course, left, monkeypatch):
    use(monkeypatch, stand_ins.complains)
    with pytest.raises(ValueError, match="test_a of cubic-step: wrong"):
        marking.run(course, 2)
    assert left() == []


def test_what_is_graded_is_not_graded_again_and_not_counted(course, monkeypatch):
    use(monkeypatch, stand_ins.marked)
    assert marking.run(course)[0] == 5
    hand_in(course, "bob", b"new")
    steps = []
    assert marking.run(course, progress=lambda *step: steps.append(step))[0] == 1
    assert steps == [(1, 1)]


# ---- a Dask cluster ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cluster():
    """Two workers of Dask, each a process that is started anew when it dies."""
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        LocalCluster(2, threads_per_worker=1, dashboard_address=":0", timeout=SECONDS) as cluster,
    ):
        yield cluster.scheduler_address
        cluster.close(timeout=SECONDS)


def test_a_killed_worker_of_dask_loses_and_doubles_nothing(course, cluster, monkeypatch):
    use(monkeypatch, stand_ins.killed_once)
    written = []
    monkeypatch.setattr(marking, "write", lambda path, text: written.append(path.stem))
    assert marking.run(course, dask=cluster) == (5, [])
    assert sorted(written) == STUDENTS


def test_a_task_that_kills_each_worker_of_dask_is_named(course, cluster, monkeypatch):
    use(monkeypatch, stand_ins.killed_always)
    done, notes = marking.run(course, dask=cluster)
    assert graded(course) == STUDENTS[1:]
    assert (done, len(notes)) == (4, 1)
    assert "ada, cubic-step: not graded" in notes[0]


def test_marks_of_a_cluster_are_those_of_its_sandboxes(course, cluster, sandbox):
    hand_in(course, "bob", notebook(SOLUTION))
    marking.run(course, dask=cluster)
    assert [result["score"] for result in course.results()] == [0, 6, 0, 0, 0]


@pytest.mark.parametrize(
    "address",
    ["tcp://192.0.2.1:8786", "tcp://127.0.0.1.example.org:1", "ws://example.org", "nonsense"],
)
def test_an_open_scheduler_is_refused(course, address):
    with pytest.raises(CourseError, match="neither on this machine nor TLS"):
        marking.run(course, dask=address)


def test_a_scheduler_that_is_not_there_is_said_to_be(course, monkeypatch):
    monkeypatch.setattr(marking, "DASK_STARTS", 1)
    with pytest.raises(CourseError, match=r"127\.0\.0\.1:1 cannot be reached"):
        marking.run(course, dask="tcp://127.0.0.1:1")


def certificate(folder, name):
    """Make a certificate that is its own authority; return its files."""
    files = {key: str(folder / f"{name}.{key}") for key in ("cert", "key")}
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    command += ["-subj", f"/CN={name}", "-out", files["cert"], "-keyout", files["key"]]
    subprocess.run(command, check=True, capture_output=True, timeout=SECONDS)
    return files


def trusting(ours, authority):
    """Dask's own settings, from which both sides take their certificates."""
    files = {
        f"distributed.comm.tls.{role}.{key}": path
        for role in ("scheduler", "worker", "client")
        for key, path in ours.items()
    }
    return dask.config.set({"distributed.comm.tls.ca-file": authority["cert"], **files})


def test_tls_is_verified(course, tmp_path, monkeypatch):
    use(monkeypatch, stand_ins.marked)
    monkeypatch.setattr(marking, "DASK_STARTS", 3)
    ours, other = (certificate(tmp_path, name) for name in ("ours", "other"))
    size = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": ":0"}
    with trusting(ours, ours):
        tls = LocalCluster(protocol="tls", security=Security(), timeout=SECONDS, **size)
    with tls:
        address = tls.scheduler_address
        assert address.startswith("tls://")
        with pytest.raises(CourseError, match="cannot be reached"):  # no certificate
            marking.run(course, dask=address)
        with trusting(ours, other), pytest.raises(CourseError, match="cannot be reached"):
            marking.run(course, dask=address)
        assert graded(course) == []
        with trusting(ours, ours):
            assert marking.run(course, dask=address) == (5, [])
