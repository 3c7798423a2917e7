"""Time this library against PyTorch, optax and the page's JavaScript, in one run.

make bench                              all topics; writes optim_lessons/measured/bench.json
.venv/bin/python tests/bench path sweep these topics, printed only

Each contestant lives in a process of its own, so that no two libraries' threads meet. They run in
turns, one at a time, so that a busy machine is busy for all: ratios hold where times do not. The
processor's time, of all threads, is shown too: other programs disturb it least.
Nothing is asserted.
"""

import argparse
import datetime
import importlib
import json
import os
import platform
import statistics
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FILE = ROOT / "optim_lessons" / "measured" / "bench.json"
TOPICS = ("path", "sweep", "epoch", "tensor", "importing", "frame", "cold")
WAITING = {"OMP_WAIT_POLICY": "PASSIVE"}  # a thread without work leaves the core to others
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
}


class Contestant:
    """A process that times one thing when it is told to."""

    def __init__(self, topic, name):
        threads = ONE_THREAD if topic.ONE_THREAD else {}
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "worker.py"), topic.__name__, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **WAITING, **threads, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
        )
        self.seconds = []
        self.first = self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.process.args} ended with {self.process.wait()}")
        return json.loads(line)

    def run(self):
        self.process.stdin.write("run\n")
        self.process.stdin.flush()
        self.seconds.append(self.answer())

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def measure(topic):
    """A topic's table: times of each contestant, in seconds and as a ratio to its unit's row."""
    contestants = {name: Contestant(topic, name) for name in topic.CONTESTANTS}
    for _ in range(topic.ROUNDS):
        for contestant in contestants.values():
            contestant.run()
    rows = []
    for name, contestant in contestants.items():
        contestant.end()
        wall, cpu = zip(*contestant.seconds, strict=True)
        rows.append(
            {
                "name": name,
                "seconds": statistics.median(wall),
                "least": min(wall),
                "most": max(wall),
                "cpu": statistics.median(cpu),
                "result": contestant.first,
            }
        )
    seconds = {row["name"]: row["seconds"] for row in rows}
    for row in rows:
        row["ratio"] = row["seconds"] / seconds[topic.unit(row["name"])]
    goals = []
    for words, slow, fast, least in topic.GOALS:
        ratio = min(seconds[name] for name in slow) / seconds[fast]
        goals.append({"goal": words, "least": least, "ratio": ratio, "met": ratio >= least})
    return {"title": topic.TITLE, "rounds": topic.ROUNDS, "rows": rows, "goals": goals}


def show(table):
    print(f"\n{table['title']}; medians of {table['rounds']} runs in turns")
    print(f"{'':44}{'ms':>10}{'least':>10}{'most':>10}{'CPU':>10}{'ratio':>9}   result")
    for row in table["rows"]:
        times = "".join(f"{1e3 * row[key]:10.3f}" for key in ("seconds", "least", "most", "cpu"))
        result = ", ".join(f"{x:.6g}" for x in row["result"])
        print(f"{row['name']:44}{times}{row['ratio']:9.3f}   {result}")
    for goal in table["goals"]:
        verdict = "met" if goal["met"] else "MISSED"
        print(f"  {goal['goal']}: {goal['ratio']:.2f} (goal {goal['least']:g}): {verdict}")


def machine():
    """Where this was measured."""
    names = ("numpy", "numba", "torch", "jax", "optax")
    info = Path("/proc/cpuinfo")
    models = (
        [x for x in info.read_text().splitlines() if "model name" in x] if info.exists() else []
    )
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "processor": models[0].partition(": ")[2] if models else platform.processor(),
        "cores": os.cpu_count(),
        "system": platform.platform(terse=True),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "versions": {"python": platform.python_version(), **{n: found(n) for n in names}},
    }


def found(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("topics", nargs="*", choices=[*TOPICS, []], help=", ".join(TOPICS))
    parser.add_argument("--write", action="store_true", help=f"keep the tables in {FILE.name}")
    options = parser.parse_args()
    sys.path[:0] = [str(HERE), str(ROOT), str(ROOT / "tests")]
    kept = json.loads(FILE.read_text()) if FILE.exists() else {"tables": {}}
    kept["machine"] = about = machine()
    print(about)
    for name in options.topics or TOPICS:
        topic = importlib.import_module(name)
        kept["tables"][name] = table = measure(topic)
        show(table)
    if options.write:
        FILE.write_text(json.dumps(kept, indent=1) + "\n")
        print(f"\nwritten to {FILE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
