"""The submissions, each with the mark that it deserves, stated before it is graded.

NEVER run any of this bare. It is graded in the sandbox only, after the sandbox's self-test.

`right` is the solution, `wrong` earns nothing by itself: what follows it tries to get a mark by
other means. "COURSE" in the code becomes the course folder's path: the attacker knows where it is.
Of 6 points: averages 1, step 1, inputs 1, path 2 (hidden), epsilon 1 (hidden). Of `descend`'s 2: 1, 1.
"""

import io
import json
import zipfile
from dataclasses import dataclass

from package import SOLUTION as RIGHT

WRONG = """
import numpy as np

def cubic_step(theta, g, m, w, t, lr, beta1, beta2, eps):
    return theta * 0, m * 0, w * 0
"""


@dataclass(frozen=True)
class Case:
    """A submission, its mark, and words that its feedback must hold."""

    name: str
    mark: float
    data: bytes
    says: str = ""
    suffix: str = ".ipynb"
    exercise: str = "cubic-step"


CASES: list[Case] = []


def cells(name, mark, *sources, says="", exercise="cubic-step"):
    made = [{"cell_type": "code", "metadata": {}, "source": source} for source in sources]
    notebook = {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    CASES.append(Case(name, mark, json.dumps(notebook).encode(), says, exercise=exercise))


def raw(name, mark, data, says, suffix=".ipynb"):
    CASES.append(Case(name, mark, data, says, suffix))


def right(name, extra, says="", mark=6):
    cells(name, mark, RIGHT, extra, says=says)


def wrong(name, extra, says=""):
    cells(name, 0, WRONG, extra, says=says)


def function(name, body, mark=0, says="", exercise="cubic-step"):
    """A function of this body; `solution` in it is the right one."""
    lines = "\n    ".join(body.strip("\n").split("\n"))
    head = RIGHT.replace("def cubic_step", "def solution")
    cells(name, mark, f"{head}\n\ndef cubic_step(*args):\n    {lines}\n", says=says)


# ---- right, in several styles -----------------------------------------------------------------

cells("plain", 6, RIGHT)
cells(
    "one-expression", 6,
    "import numpy\ncubic_step = lambda x, g, m, w, t, a, b, c, e: (lambda m, w: (x - a * m / (1 - b**t)"
    " / (numpy.cbrt(w / (1 - c**t)) + e), m, w))(b*m + (1-b)*g, c*w + (1-c)*abs(g)**3)",
)
cells(
    "loops", 6,
    """
import numpy as np
def cubic_step(theta, g, m, w, t, lr, beta1, beta2, eps):
    out = np.empty((3, len(theta)))
    for i in range(len(theta)):
        a = beta1 * m[i] + (1 - beta1) * g[i]
        b = beta2 * w[i] + (1 - beta2) * abs(g[i]) ** 3
        root = (b / (1 - beta2**t)) ** (1 / 3)
        out[:, i] = theta[i] - lr * a / (1 - beta1**t) / (root + eps), a, b
    return tuple(out)
""",
)
cells(
    "callable-object", 6, RIGHT,
    "class Step:\n    def __call__(self, *args, inner=cubic_step):\n        return inner(*args)\n",
    "cubic_step = Step()",
)
cells(
    "namedtuple", 6, RIGHT,
    "from typing import NamedTuple\nclass Out(NamedTuple):\n    theta: object\n    m: object\n    w: object",
    "inner = cubic_step\ndef cubic_step(*args):\n    return Out(*inner(*args))",
)
cells("helper-defined-later", 6, "def cubic_step(*args):\n    return later(*args)", RIGHT.replace("cubic_step", "later"))
cells("magics-and-shell", 6, "%matplotlib inline\nimport numpy as np\n!pip install evil\n" + RIGHT, "%%timeit\n1 + 1")
cells("check-in-the-import-cell", 6, "from optim_lessons import check\nimport numpy as np", RIGHT, 'check("cubic-step", cubic_step)', says="No module named")
right("prints", "print('hello')")
raw("python-file", 6, RIGHT.encode(), "", ".py")
raw("byte-order-mark", 6, b"\xef\xbb\xbf" + RIGHT.encode(), "", ".py")

# ---- known mistakes ---------------------------------------------------------------------------


def mistake(name, mark, old, new, says=""):
    assert RIGHT.count(old) == 1, old
    cells(name, mark, RIGHT.replace(old, new), says=says)


mistake("epsilon-inside", 5, "np.cbrt(w_hat) + eps", "np.cbrt(w_hat + eps)", "Epsilon is outside")
mistake("no-correction", 2, "lr * m_hat / (np.cbrt(w_hat)", "lr * m / (np.cbrt(w)", "corrections?")
mistake("t-frozen", 3, "m_hat = ", "t = 1; m_hat = ", "corrections?")
mistake("wrong-sign", 2, "theta - lr", "theta + lr")
mistake("betas-swapped", 0, "    m = beta1", "    beta1, beta2 = beta2, beta1; m = beta1", "beta1 belongs")
mistake("in-place", 5, "m = beta1 * m + (1 - beta1) * g", "m *= beta1; m += (1 - beta1) * g", "changed its argument 3")
mistake("sign-of-the-cube", 0, "np.abs(g)**3", "g**3", "cubes of |g|")
cells("adam-itself", 0, RIGHT.replace("np.abs(g)**3", "g**2").replace("cbrt", "sqrt"), says="cubes of |g|")

# ---- answers that are none --------------------------------------------------------------------

function("stub", 'raise NotImplementedError("write me")', says="not written yet")
cells("no-function", 0, "import numpy as np", says="NameError")
cells("a-number-for-a-function", 0, "cubic_step = 7", says="TypeError")
cells("syntax-error", 0, "def cubic_step(*args)\n    return args", says="SyntaxError")
function("exception", "return 1 / 0", says="Your function raised ZeroDivisionError in line")
function("endless-recursion", "return cubic_step(*args)", says="RecursionError")
function("stop-iteration", "raise StopIteration", says="StopIteration")
function("assertion-error", 'raise AssertionError("passed")', says="AssertionError")
function("keyboard-interrupt", "raise KeyboardInterrupt", says="KeyboardInterrupt")
function("text-that-raises", "class E(Exception):\n    def __str__(self): raise E\nraise E", says="raised E")
function("markup-in-exception", "raise type('<script>', (Exception,), {})('<img src=x onerror=a()>')", says="&lt;script&gt;")
function("none", "return None", says="Return three things")
function("nan", "return tuple(np.full_like(a, np.nan) for a in args[:3])", says="beta1 belongs")
function("infinite", "return tuple(np.full_like(a, np.inf) for a in args[:3])", says="beta1 belongs")
function("empty-arrays", "return tuple(np.zeros(0) for a in args[:3])", says="without elements")
function("scalars", "return 0.0, 0.0, 0.0", says="arrays like those")
function("other-shape", "return tuple(np.zeros((1000, 1)) for a in args[:3])", says="arrays like those")
function("object-array", "return (np.array([object()] * len(args[0])),) * 3", says="cannot be sent")
function("always-equal", "class E:\n    def __eq__(self, other): return True\nreturn E(), E(), E()", says="cannot be sent")
function("subclass", "class E(np.ndarray):\n    __array_priority__ = 1e9\n    def __eq__(self, o): return True\nreturn tuple((a * 0).view(E) for a in args[:3])", says="beta1 belongs")
function("huge-number", "return (10**5000,) * 3", says="64 bits")
function("huge-text", "return 'x' * 10**8", says="too much data")
function("huge-array", "return (np.zeros(10**7),) * 3", says="too much data")
function("deep-list", "x = []\nfor _ in range(10**5): x = [x]\nreturn x", says="nested")

# ---- ends of the process ----------------------------------------------------------------------

function("sys-exit", "import sys; sys.exit(0)", says="SystemExit")
function("os-exit", "import os; os._exit(0)", says="ended the Python process")
function("segfault", "import ctypes; ctypes.string_at(0)", says="ended the Python process")
function("abort", "import os; os.abort()", says="ended the Python process")
function("crash-in-one-test", "import os\nif args[4] == 12: os._exit(1)\nreturn solution(*args)", mark=4)
right("sys-exit-in-a-cell", "import sys; sys.exit(1)", says="SystemExit")
right("os-exit-in-a-cell", "import os\nos._exit(1)", says="ended the Python process")
right("segfault-in-a-cell", "import ctypes\nctypes.string_at(0)", says="ended the Python process")

# ---- time -------------------------------------------------------------------------------------

function("endless-loop", "while True: pass", says="did not answer in time")
function("ignores-signals", "import signal\nfor s in range(1, 32):\n    try: signal.signal(s, signal.SIG_IGN)\n    except (OSError, ValueError): pass\nwhile True:\n    try:\n        while True: pass\n    except BaseException: pass", says="did not answer in time")
function("endless-in-c", "return sum(range(10**15))", says="did not answer in time")
function("sleeps", "import time; time.sleep(1000)", says="did not answer in time")
function("stops-itself", "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)\nwhile True: pass", says="did not answer in time")
right("endless-loop-in-a-cell", "while True: pass", says="did not answer in time")
function("drips", "import os, time\nwhile True:\n    for fd in range(3, 10):\n        try: os.write(fd, b'\\0')\n        except OSError: pass\n    time.sleep(.3)", says="did not answer in time")

# ---- memory, processes, disk, output ----------------------------------------------------------

function("fifty-gigabytes-at-once", "return np.ones(50 * 2**27)", says="MemoryError")
function("fifty-gigabytes-slowly", "x = []\nwhile len(x) < 5000: x.append(bytearray(10 * 2**20))", says="MemoryError")
function("memory-in-children", "import os, time\nfor _ in range(8):\n    try: child = os.fork()\n    except OSError: continue\n    if child == 0:\n        x = []\n        while True:\n            try: x.append(bytearray(2**20))\n            except MemoryError: time.sleep(60)\ntime.sleep(1000)", says="did not answer in time")
function("shared-memory", "import ctypes\nlibc = ctypes.CDLL(None)\nmade = [libc.shmget(0, 2**30, 0o1600) for _ in range(50)]\nassert max(made) < 0\nimport os\nos.memfd_create('x')", says="PermissionError")
function("namespace-of-its-own", "import ctypes\nlibc = ctypes.CDLL(None)\nassert libc.unshare(0x10000000 | 0x20000) == 0, 'refused'", says="refused")
function("fork-bomb", "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass", says="did not answer in time")
function("thread-bomb", "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(1000,)).start()", says="start new thread")
function("disk-fill", "block = bytes(2**20)\ntry:\n    for n in range(10**6):\n        with open(f'/tmp/{n}', 'wb') as f: f.write(block * 8)\nexcept OSError: pass\nreturn solution(*args)", mark=6)
function("files-without-end", "import os\ntry:\n    for n in range(10**5): os.mkdir(f'/tmp/d{n}')\nexcept OSError: pass\nreturn args", says="Return three things")
function("daemon", "import os, signal, time\nif args[4] == 2 and args[0].size == 2 and os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        for s in (1, 2, 15): signal.signal(s, signal.SIG_IGN)\n        for fd in range(64):\n            try: os.close(fd)\n            except OSError: pass\n        time.sleep(10000)\n    os._exit(0)\nreturn solution(*args)", mark=6)
function("fifty-megabytes-of-print", "if args[4] == 4: print('x' * 25_000_000)\nreturn solution(*args)", mark=6)
function("fifty-megabytes-to-descriptors", "import os\nif args[4] == 4:\n    for fd in (1, 2): os.write(fd, b'x' * 25_000_000)\nreturn solution(*args)", mark=6)
function("kills-all", "import os\nfor pid in (-1, 0, 1, os.getppid()):\n    try: os.kill(pid, 9)\n    except OSError: pass\nreturn args", says="ended the Python process")

# ---- patches ----------------------------------------------------------------------------------

wrong("patches-numpy", "np.allclose = np.array_equal = np.isclose = lambda *a, **k: True\nnp.asarray = lambda *a, **k: a[0]", says="beta1 belongs")
wrong("patches-numpy-testing", "import numpy.testing\nfor n in dir(np.testing):\n    if n.startswith('assert'): setattr(np.testing, n, lambda *a, **k: None)", says="beta1 belongs")
wrong("patches-builtins", "import builtins\nbuiltins.AssertionError = type('Never', (Exception,), {})\nbuiltins.all = builtins.any = lambda *a: True", says="ended the Python process")
wrong("patches-the-codec", "import frames\nframes.pack = lambda *a, **k: b'\\0\\0\\0\\4\\0\\0\\0\\0true'", says="no answer")
wrong("patches-the-worker", "import sys\nsys._getframe(2).f_globals['call'] = lambda *a: {'value': True, 'passed': True, 'score': 6, 'changed': []}", says="Return three things")
wrong("redefines-the-tests", "def test_path(f): pass\ndef test_averages(f): pass\ndef parts(*a): return a\ndef agree(*a): return True", says="beta1 belongs")
wrong("input-transformer", "get_ipython().input_transformers_post.append(lambda lines: ['pass'])", says="NameError")
wrong("walks-the-stack", "import sys, gc\ndef cubic_step(*args):\n    f = sys._getframe()\n    while f:\n        for name in ('expected', 'theta_expected', 'tests', 'package', 'SEED'):\n            if name in f.f_locals or name in f.f_globals: return f.f_locals.get(name)\n        f = f.f_back\n    for o in gc.get_objects():\n        if isinstance(o, dict) and 'SEED' in o: return o['SEED']\n    raise LookupError", says="LookupError")
function("changed-inputs", "for a in args[:4]: a[...] = 0\nreturn args[0] * 0, args[2] * 0, args[3] * 0", says="beta1 belongs")
function("denies-its-change", "import frames\nkept = frames.pack\nm = args[2]; m *= args[6]; m += (1 - args[6]) * args[1]\ndef cubic(theta, g, m, w, t, lr, b1, b2, eps):\n    w = b2 * w + (1 - b2) * np.abs(g)**3\n    return theta - lr * m / (1 - b1**t) / (np.cbrt(w / (1 - b2**t)) + eps), m, w\nimport sys\nsys._getframe(1).f_locals['before']\nsys._getframe(1).f_globals['packed'] = lambda v: b''\nsys._getframe(1).f_locals['before'][:] = [b''] * 9\nreturn cubic(*args)", mark=6)

# ---- reads and writes -------------------------------------------------------------------------

READ = """
import glob, os
found = []
for path in ["COURSE/secret.key", *glob.glob("COURSE/**", recursive=True), *glob.glob("/proc/*/environ"),
             *glob.glob("/proc/*/root/etc/passwd"), "/etc/passwd", "/etc/shadow", os.path.expanduser("~root/.bashrc")]:
    try: found.append(open(path, errors="replace").read())
    except OSError: pass
"""
function("reads-everything", READ + "raise RuntimeError('found ' + ' '.join(found))", says="found PATH=/usr/bin:/bin")
function("reads-the-environment", "import os; raise RuntimeError(str(dict(os.environ)))", says="PATH")
function("searches-the-solution", "import os\nfor top in ('/usr/local/lib', '/python', '/worker', '/tmp'):\n    for where, _, names in os.walk(top):\n        for name in names:\n            if 'cubic' in name or 'optim_lessons' in where: return name\nraise LookupError('nothing found')", says="nothing found")
function("asks-the-libraries", "tried = []\nfor name in ('optim_lessons', 'torch', 'optax', 'jax', 'keras', 'scipy'):\n    try: return __import__(name)\n    except ImportError: tried.append(name)\nraise LookupError(' '.join(tried))", says="optim_lessons torch optax jax keras scipy")
function("writes-the-marks", "import os\nfor path in ('COURSE/results/cubic-step/writes-the-marks.json', 'COURSE/grades.csv', 'COURSE/secret.key', '/worker/worker.py', '/worker/frames.py', np.__file__, '/usr/lib/x', '/etc/x', '/x', '/dev/shm/x', '/root/x', '/proc/sys/kernel/core_pattern', '/proc/1/oom_score_adj'):\n    try:\n        os.makedirs(os.path.dirname(path), exist_ok=True)\n        open(path, 'w').write('{\"score\": 6}')\n        raise SystemExit('wrote ' + path)\n    except OSError: pass\nraise LookupError('nothing written')", says="nothing written")
function("calls-out", "import socket\ns = socket.create_connection(('1.1.1.1', 53), 1)", says="PermissionError")
function("becomes-root", "import os, subprocess\nfor call in (os.setuid, os.setgid):\n    try: call(0); raise SystemExit('root')\n    except PermissionError: pass\nfor c in (['su', '-c', 'id'], ['mount', '-t', 'tmpfs', 'x', '/tmp'], ['chroot', '/']):\n    try: assert subprocess.run(c, timeout=5).returncode != 0\n    except OSError: pass\nreturn solution(*args)", mark=6)
function("hidden-inputs-in-an-exception", "raise type('G' + str(args[1][0]).replace('.', '_'), (Exception,), {})(repr(args))", says="an exception")
function("hidden-inputs-in-an-answer", "return args[1], args[1], args[1]")

# ---- forged frames ----------------------------------------------------------------------------

FORGE = """
import os, struct
def forge(header, body=b"", sizes=None):
    a, b = sizes or (len(header), len(body))
    for fd in range(3, 12):
        try: os.write(fd, struct.pack(">II", a, b) + header + body)
        except OSError: pass
"""


def forged(name, call, says, mark=0):
    function(name, FORGE + call + "\nimport time; time.sleep(1000)", mark=mark, says=says)


forged("forged-marks", """forge(b'["dict", ["score", 6], ["tests", ["list"]], ["passed", true]]')""", "no answer")
forged("forged-answer", """forge(b'["dict", ["value", true], ["changed", ["list"]]]')""", "Return three things")
forged("forged-length", "forge(b'x', sizes=(2**32 - 1, 2**32 - 1))", "too much data")
forged("forged-depth", "forge(b'[' * 100_000 + b']' * 100_000)", "not JSON")
forged("forged-tuples", """forge(b'["tuple",' * 500 + b'1' + b']' * 500)""", "nested too deep")
forged("forged-many", """forge(b'["list"' + b',0' * 300_000 + b']')""", "too many values")
forged("forged-pickle", """forge(b'["array", "|O", [1]]', b'12345678')""", "unknown type")
forged("forged-void", """forge(b'["array", "|V999999999", [1]]')""", "unknown type")
forged("forged-shape", """forge(b'["array", "<f8", [4000000, 4000000, 4000000]]')""", "longer than the body")
forged("forged-negative-shape", """forge(b'["array", "<f8", [-1]]')""", "wrong shape")
forged("forged-bool", """forge(b'["array", "|b1", [1]]', b'\\x02')""", "neither")
forged("forged-encoding", "forge(b'\"\\xff\\xfe\"')", "not JSON")
forged("forged-function", """forge(b'["dict", ["function", 0], ["args", ["tuple"]], ["kwargs", ["dict"]]]')""", "did not answer in time")
forged("forged-error", """forge(b'["dict", ["error", ["dict", ["type", ["list"]], ["line", -5], ["cell", "x"]]]]')""", "Your function raised")
function("noise", "import os\nwhile True:\n    for fd in range(3, 12):\n        try: os.write(fd, os.urandom(4096))\n        except OSError: pass", says="Your code")
function("closes-the-pipe", "import os\nos.closerange(3, 64)\nreturn solution(*args)", says="ended the Python process")
ADVANCE = FORGE + """advance = [forge(b'["dict", ["value", ["tuple", 0, 0, 0]], ["changed", ["list"]]]') for _ in range(3)]"""
right("answers-in-advance", ADVANCE, says="no answer", mark=0)
right("answers-in-advance-in-a-loop", ADVANCE.replace("advance = [", "[*[").replace(")]", ")]]"), says="no answer")

# ---- functions of the test --------------------------------------------------------------------

DESCEND = "def descend(grad, theta, lr, steps):\n    for _ in range(steps): theta = theta - lr * grad(theta)\n    return theta"


def descend(name, mark, source, says=""):
    cells(name, mark, "import numpy as np\n" + source, says=says, exercise="descend")


descend("descends", 2, DESCEND)
descend("asks-once-too-often", 1, DESCEND.replace("theta - lr", "theta - 0 * grad(theta) - lr"), "once a step")
descend("asks-without-end", 0, "def descend(grad, *rest):\n    while True: grad(np.ones(1))", "did not answer in time")
descend("asks-with-nonsense", 0, "def descend(grad, *rest):\n    return grad('x' * 1000, [[]], key={})", "RuntimeError")
descend("asks-with-much", 0, "def descend(grad, *rest):\n    return grad(np.ones(10**6))", "too much data")
descend("inspects-the-gradient", 0, "def descend(grad, *rest):\n    return repr([c.cell_contents for c in grad.__closure__]) + repr(vars(grad)) + grad.slope", "AttributeError")

# ---- cells ------------------------------------------------------------------------------------

cells("twice-the-last-right", 6, WRONG, RIGHT)
cells("twice-the-last-wrong", 0, RIGHT, WRONG, says="beta1 belongs")
cells("a-broken-cell-before", 6, "import nothing_of_this_name", "1 / 0", RIGHT, "def broken(:", says="ZeroDivisionError")
cells("no-cells", 0, says="NameError")
cells("parser-bomb", 0, "(" * 10_000 + ")" * 10_000)

# ---- files that are no notebook ---------------------------------------------------------------


def bomb():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", bytes(10**8))
    return file.getvalue()


NOTEBOOK = b'{"cells": [{"cell_type": "code", "source": %s}], "nbformat": 4}'
raw("empty-file", 0, b"", "cannot be read as JSON")
raw("text", 0, b"hello", "cannot be read as JSON")
raw("a-list", 0, b"[1, 2]", "no list of cells")
raw("old-format", 0, b'{"worksheets": [], "nbformat": 3}', "no list of cells")
raw("source-of-numbers", 0, NOTEBOOK % b"[1, 2]", "no text")
raw("half-a-character", 0, NOTEBOOK % b'"\\ud800"', "half a character")
raw("deep-json", 0, b"[" * 10**6, "cannot be read as JSON")
raw("utf-16", 0, RIGHT.encode("utf-16"), "not text in UTF-8", ".py")
raw("latin-1", 0, ("# é\n" + RIGHT).encode("latin-1"), "not text in UTF-8", ".py")
raw("picture", 0, b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not text in UTF-8")
raw("hundred-megabytes", 0, bytes(10**8), "larger than 10 MB")
raw("zip-bomb", 0, bomb(), "not text in UTF-8")
raw("much-code", 0, b"x = 1\n" * 10**5, "longer than 100,000", ".py")
raw("null-bytes", 0, b"def cubic_step(*args):\n    return \0", "null bytes", ".py")
