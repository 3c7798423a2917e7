"""Let plain nbgrader mark a part of the hostile set, and the course's grader the same files.

.venv/bin/python tests/bench/nbgrader_hostile.py PYTHON [--write]

PYTHON is that of an environment with nbgrader and NumPy, kept apart from .venv. nbgrader runs
students' code bare; so here every submission gets a bubblewrap of its own around nbgrader and a
throw-away copy of the course in memory: no network, no file of this machine's users, limits on
memory, processes and time. Left out is what would only show these limits (memory, processes, disk),
and what speaks to the course's own pipe. Must be run as root.
"""

# ruff: noqa: E402 - the imports need the folders above

import argparse
import json
import os
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FILE = ROOT / "optim_lessons" / "measured" / "nbgrader.json"
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(Path(__file__).resolve().parent)]

from grading import nbgrader_course
from hostile.graded import CUBIC
from hostile.submissions import CASES

from optim_lessons.course import marking, selftest
from optim_lessons.course.sandbox import MIB, user_id

WORDS = {
    "plain": "right",
    "one-expression": "right, as one expression",
    "loops": "right, with loops",
    "callable-object": "right, as an object that can be called",
    "twice-the-last-right": "wrong, and right in a later cell",
    "a-broken-cell-before": "right, between cells that fail",
    "epsilon-inside": "epsilon under the root",
    "no-correction-of-m": "a correction forgotten",
    "betas-swapped": "the two decays swapped",
    "adam-itself": "Adam, not the variant",
    "stub": "not written",
    "nan": "NaN for every answer",
    "changed-inputs": "sets the arguments to 0, so that 0 is expected",
    "patches-numpy": "replaces `numpy.allclose`",
    "patches-numpy-testing": "replaces all of `numpy.testing`",
    "patches-builtins": "replaces `AssertionError`",
    "redefines-the-tests": "defines the tests' helpers anew",
    "input-transformer": "has IPython replace every later cell by `pass`",
    "walks-the-stack": "looks for the expected values in the callers",
    "reads-nbgraders-source": "reads the solution from the course's folder",
    "writes-nbgraders-marks": "writes marks into the gradebook",
    "lowers-the-others-marks": "right; sets all marks in the gradebook to 0",
    "sys-exit": "`sys.exit` in the function",
    "os-exit": "`os._exit` in the function",
    "crash-in-one-test": "right, but ends the process in one test",
    "os-exit-in-a-cell": "right, then `os._exit` in a cell",
    "endless-loop": "an endless loop in the function",
    "endless-loop-in-a-cell": "right, then an endless loop in a cell",
    "ignores-signals": "an endless loop that ignores interrupts",
    "fifty-megabytes-of-print": "right; prints 25 MB in a test",
    "daemon": "right; leaves a process behind",
}
OTHER, COURSE = "plain", "/tmp/course"
CONFIG = "c = get_config()\nc.Execute.timeout = 5\n"  # seconds a cell; its default is 30
SECONDS = 180
REPORT = """
import json, os, pathlib, sys
from nbgrader.api import Gradebook
processes = {int(path.name) for path in pathlib.Path("/proc").glob("[0-9]*")}
found = {"left": len(processes - {1, os.getpid(), os.getppid()}), "marks": [], "review": []}
with Gradebook("sqlite:///gradebook.db") as gradebook:
    for student in sys.argv[1:]:
        marked = pathlib.Path("autograded", student, "cubic-step", "cubic-step.ipynb").exists()
        submission = gradebook.find_submission("cubic-step", student)
        found["marks"].append(submission.score if marked else None)
        found["review"].append(marked and submission.needs_manual_grade)
print()
print(json.dumps(found))
"""


def wrapped(python, template, script):
    """Return the command that runs a shell script in a bubblewrap, in a copy of the template."""
    environment = Path(python).parent.parent
    prefix = Path(python).resolve().parent.parent
    uid = str(user_id())
    words = ["bwrap", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
    words += ["--die-with-parent", "--new-session", "--clearenv", "--ro-bind", "/usr", "/usr"]
    for name in ("lib", "lib64", "bin"):
        words += ["--symlink", f"usr/{name}", f"/{name}"]
    words += ["--proc", "/proc", "--dev", "/dev"]
    words += ["--perms", "1777", "--size", str(512 * MIB), "--tmpfs", "/tmp"]
    for folder in (environment, prefix):
        words += ["--ro-bind", folder, folder]
        for parent in folder.parents[:-1]:
            words += ["--chmod", "1777" if parent == Path("/tmp") else "0755", parent]
    words += ["--ro-bind", template, "/template", "--setenv", "HOME", "/tmp"]
    words += ["--setenv", "PATH", f"{environment}/bin:/usr/bin:/bin"]
    words += ["--setenv", "OPENBLAS_NUM_THREADS", "1", "--setenv", "LC_ALL", "C.UTF-8"]
    words += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    words += ["prlimit", f"--as={2048 * MIB}", "--nproc=64", f"--fsize={256 * MIB}", "--core=0"]
    words += ["setpriv", "--clear-groups", f"--reuid={uid}", f"--regid={uid}"]
    words += ["--inh-caps=-all", "--no-new-privs", "sh", "-c"]
    return [*map(str, words), f"cp -r /template {COURSE} && cd {COURSE} && {script}"]


def theirs(python, template, student):
    """Let nbgrader mark the student, after another's right answer; return what it says."""
    grade = "python -m nbgrader autograde cubic-step --student"
    script = f"{grade} {OTHER} >/tmp/log 2>&1; {grade} {student} >/tmp/log 2>&1; "
    command = [*wrapped(python, template, f'{script} python -c "$@"'), "sh", REPORT]
    command += [student, OTHER]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return {"mark": None, "notes": [f"not done after {SECONDS} seconds"]}
    if done.returncode:
        raise SystemExit(f"{student}: {done.stderr[-2000:]}")
    found = json.loads(done.stdout.splitlines()[-1])
    notes = []
    if found["marks"][1] != 6:
        notes.append("another student's mark is changed")
    if found["review"][0]:
        notes.append("marked for review")
    if found["left"]:
        notes.append("a process is left")
    return {"mark": found["marks"][0], "notes": notes}


def ours(case):
    task = marking.Task(case.name, "cubic-step", CUBIC, b"s" * 32, case.data, case.suffix, None)
    return marking.mark(task)["score"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("python", metavar="PYTHON", help="a Python that has nbgrader")
    parser.add_argument("--write", action="store_true", help=f"keep the marks in {FILE.name}")
    options = parser.parse_args()
    if os.getuid():
        raise SystemExit("run this as root: each bubblewrap gets a user id of its own")
    selftest.prove()
    version = "from importlib.metadata import version; print(version('nbgrader'))"
    found = subprocess.run([options.python, "-c", version], capture_output=True, check=True)
    machine = runpy.run_path(str(Path(__file__).with_name("__main__.py")))["machine"]
    table = {
        "command": "tests/bench/nbgrader_hostile.py PYTHON --write",
        "machine": machine(),
        "nbgrader": found.stdout.decode().strip(),
        "cases": [],
    }
    cases = {case.name: case for case in CASES}
    with tempfile.TemporaryDirectory() as name:
        template = Path(name)
        template.chmod(0o755)
        answers = {case: cases[case].data.replace(b"COURSE", COURSE.encode()) for case in WORDS}
        nbgrader_course(template, options.python, answers)
        (template / "nbgrader_config.py").write_text(CONFIG)
        for case, words in WORDS.items():
            row = {"name": case, "words": words, "deserved": cases[case].mark}
            row |= {"ours": ours(cases[case]), "nbgrader": theirs(options.python, template, case)}
            table["cases"].append(row)
            print(row, flush=True)
    if options.write:
        FILE.write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
