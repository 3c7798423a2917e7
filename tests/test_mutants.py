"""The tool that breaks the optimizers makes the mistakes that it should."""

import tomllib
from pathlib import Path

from tools.mutants import EXPLAINED, OPTIMIZERS
from tools.mutate import mutants

SOURCE = '''
class Method:
    lr: float
    eps: float
    family: ClassVar = "plain"

    def step(self, theta, g, state):
        """A docstring is left alone: 1 + 1."""
        m = -state.m + 2
        v = np.sqrt(m)
        if v > self.eps:
            v = np.where(m, v, 0)
        return self.State(m, v)


def helper(x):
    return max(x, 1)
'''


def test_every_kind_of_mistake_is_made_once_in_its_place(tmp_path):
    (tmp_path / "method.py").write_text(SOURCE, encoding="utf-8")
    found = {(m.before, m.after) for m in mutants(tmp_path / "method.py")}
    assert found == {
        ("m = -state.m + 2", "m = -state.m - 2"),
        ("m = -state.m + 2", "m = state.m + 2"),
        ("m = -state.m + 2", "m = -state.m + 3"),
        ("v = np.sqrt(m)", "v = m"),
        ("v = np.sqrt(m)", "v = np.sqrt(v)"),
        ("if v > self.eps:", "if v >= self.eps:"),
        ("if v > self.eps:", "if v <= self.eps:"),
        ("if v > self.eps:", "if v > self.lr:"),
        ("if v > self.eps:", "if m > self.eps:"),
        ("v = np.where(m, v, 0)", "v = np.where(m, 0, v)"),
        ("v = np.where(m, v, 0)", "v = np.where(m, v, 1)"),
        ("v = np.where(m, v, 0)", "v = np.where(v, v, 0)"),
        ("v = np.where(m, v, 0)", "v = np.where(m, m, 0)"),
        ("return self.State(m, v)", "return self.State(v, m)"),
        ("return self.State(m, v)", "return self.State(v, v)"),
        ("return self.State(m, v)", "return self.State(m, m)"),
        ("return max(x, 1)", "return min(x, 1)"),
        ("return max(x, 1)", "return max(x, 2)"),
    }


def test_a_mutants_code_computes_what_it_says(tmp_path):
    path = tmp_path / "method.py"
    path.write_text("def add(x, y):\n    return x + y\n", encoding="utf-8")
    (mutant,) = mutants(path)
    assert str(mutant) == "add: return x + y  ->  return x - y"

    def add(x, y):
        return x + y

    add.__code__ = mutant.code
    assert add(5, 3) == 2


def test_explanations_are_of_modules_that_exist_and_have_a_reason():
    explained = tomllib.loads(EXPLAINED.read_text(encoding="utf-8"))
    for name, survivors in explained.items():
        assert Path(OPTIMIZERS / f"{name}.py").exists()
        assert all(len(reason) > 20 for reason in survivors.values())
