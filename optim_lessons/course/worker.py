"""The untrusted side: runs a student's code, and answers calls. Knows nothing of tests and marks.

It is started by sandbox.py as a script, with frames.py and NumPy beside it. What it says is
believed no more than the student's function is: it is all the student's own answer.
"""

import ast
import json
import os
import resource
import sys
import types

if __package__:
    from optim_lessons.course import frames
else:  # a script, for which sandbox.py puts NumPy and frames.py beside it
    sys.path.insert(0, os.path.dirname(__file__))  # noqa: PTH120
    import frames  # type: ignore[import-not-found, no-redef]

import numpy as np

DEFINITIONS = (
    ast.Import,
    ast.ImportFrom,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Assign,
    ast.AnnAssign,
)


class Pipe:
    """The frames in and out."""

    def __init__(self):
        self.source, self.target = os.dup(0), os.dup(1)
        null = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):  # what the student prints goes nowhere
            os.dup2(null, standard)

    def receive(self):
        header, body = frames.lengths(self._read(frames.LENGTHS.size))
        return frames.unpack(self._read(header), self._read(body), self._function)

    def send(self, message):
        data = frames.pack(message)
        while data:
            data = data[os.write(self.target, data) :]

    def _read(self, count):
        data = b""
        while len(data) < count:
            chunk = os.read(self.source, count - len(data))
            if not chunk:
                os._exit(0)  # the grader has gone
            data += chunk
        return data

    def _function(self, place):
        """Stand for a function of the test, which stays on the trusted side."""

        def call(*args, **kwargs):
            self.send({"function": place, "args": args, "kwargs": kwargs})
            answer = self.receive()
            if "error" in answer:
                raise RuntimeError(answer["error"])
            return answer["value"]

        return call


def load(namespace, cells, definitions_only):
    """Run the cells in order, statement by statement; return what went wrong, where."""
    errors = []
    for number, source in enumerate(cells, 1):
        name = f"<cell {number}>"
        try:
            body = parse(source, name)
        except BaseException as error:
            errors.append(describe(error, name))
            continue
        for statement in body:
            if definitions_only and not isinstance(statement, DEFINITIONS):
                continue
            try:
                exec(compile(ast.Module([statement], []), name, "exec"), namespace)
            except BaseException as error:
                errors.append(describe(error, name))
    return errors[:20]


def parse(source, name):
    """Parse a cell; lines that only IPython understands become `pass`."""
    try:
        return ast.parse(source, name).body
    except SyntaxError:
        lines = source.split("\n")
        plain = [
            line.replace(line.strip(), "pass") if line.lstrip()[:1] in ("%", "!", "?") else line
            for line in lines
        ]
        if plain == lines:
            raise
        return ast.parse("\n".join(plain), name).body


def describe(error, default="<cell 0>"):
    """Say what was raised, and in which line of which cell: the last that is the student's."""
    where = (default, getattr(error, "lineno", None) or 0)
    step = error.__traceback__
    while step is not None:
        name = step.tb_frame.f_code.co_filename
        if name.startswith("<cell "):
            where = (name, step.tb_lineno)
        step = step.tb_next
    try:
        text = str(error)
    except BaseException:
        text = ""
    return {
        "type": type(error).__name__[:60],
        "text": text[:300].encode("utf-8", "replace").decode(),
        "cell": int(where[0][6:-1]),
        "line": where[1],
    }


def call(namespace, message):
    """Call the student's function; say which arguments it changed (advice, not evidence)."""
    args, kwargs = message["args"], message["kwargs"]
    before = [packed(value) for value in (*args, *kwargs.values())]
    try:
        function = namespace.get(message["call"])
        if function is None:
            raise NameError(f"there is no function {message['call']}")
        value = function(*args, **kwargs)
        after = [packed(value) for value in (*args, *kwargs.values())]
        changed = [i for i, pair in enumerate(zip(before, after, strict=True)) if len({*pair}) > 1]
        answer = {"value": value, "changed": changed}
        frames.pack(answer)
        return answer
    except BaseException as error:
        return {"error": describe(error)}


def packed(value):
    """Return the frame of an argument, to see later whether it changed."""
    try:
        return frames.pack(value)
    except frames.FrameError:  # a function of the test
        return b""


def main():
    """Load the student's code, then answer calls until the grader has gone."""
    pipe = Pipe()
    for name, value in json.loads(sys.argv[1]).items():
        resource.setrlimit(getattr(resource, name), (value, value))
    module = types.ModuleType("__main__")
    vars(module)["np"] = np
    vars(module)["check"] = lambda *args: None  # a released notebook calls it; here it has no say
    sys.modules["__main__"] = module
    pipe.send("ready")
    message = pipe.receive()
    errors = load(vars(module), message["cells"], message["definitions_only"])
    pipe.send({"errors": errors})
    while True:
        pipe.send(call(vars(module), pipe.receive()))


if __name__ == "__main__":
    main()
