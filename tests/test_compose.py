"""The framework in the browser: what compose.js makes of a choice is what Python makes of it."""

import dataclasses
import gzip
import json
import re
from pathlib import Path

import numpy as np
import pytest
from node import execute

from optim_lessons import Adadelta, Adam, RMSprop, explorer, minimize, problems
from optim_lessons.contract import hyper_of, map_hyper, with_lr
from optim_lessons.explorer.choices import (
    EPS,
    RULES,
    choice_of,
    code,
    framework_of,
    mathml,
    values_of,
)
from optim_lessons.framework import FORMS, LIMITS, Framework, name_of, row
from optim_lessons.rules import CHI, DECAY, PHI, PSI
from optim_lessons.trace import trace_step
from optim_lessons.trace.javascript import HELPERS, optimizer_object
from optim_lessons.trace.latex import equations

JS = Path(explorer.__file__).parent / "js"
SURFACE = problems.beale
PARTS = [*RULES, "eps"]


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    """Run a script in Node, which sees the site's modules and `data`; give back its `answer`."""
    folder = tmp_path_factory.mktemp("site")
    explorer.write_site(folder)

    def ask(script, data=None):
        source = f"""
            import {{ readFileSync }} from "node:fs";
            import * as js from "{(JS / "compose.js").as_uri()}";
            import * as figure from "{(JS / "build-data.js").as_uri()}";
            import {{ run }} from "{(JS / "path.js").as_uri()}";
            import {{ parse }} from "{(JS / "numbers.js").as_uri()}";
            import {{ framework }} from "{(folder / "framework.js").as_uri()}";
            import {{ optimizers, surfaces }} from "{(folder / "generated.js").as_uri()}";
            const data = JSON.parse(readFileSync(0, "utf8"));
            {script}
            process.stdout.write(JSON.stringify(answer));
        """
        file = folder / "ask.mjs"
        file.write_text(source, encoding="utf-8")
        return execute("--no-warnings", str(file), data=data)

    ask.folder = folder
    return ask


def random_choices(count, seed=0):
    rng = np.random.default_rng(seed)
    options = {part: [*names] for part, names in (RULES | {"eps": EPS}).items()}
    return [
        {part: names[rng.integers(len(names))] for part, names in options.items()}
        for _ in range(count)
    ]


def with_values(choice, seed=0):
    """A framework with numbers of its own, whose rate moves it but does not throw it far."""
    rng = np.random.default_rng(seed)
    framework = framework_of(choice, {})
    tame = choice["psi"] is None and choice["chi"] is None
    values = {"lr": 1e-3 if tame else 0.01}
    for name, usual in values_of(framework).items():
        if name.endswith("eps"):
            values[name] = 1e-3
        elif name != "lr":
            values[name] = usual * rng.uniform(0.8, 1)
    return framework_of(choice, values)


PATHS = """
const answer = data.map(({ choice, hp, start, steps }) =>
  run(js.compose(choice, framework), surfaces.beale, start, hp, steps));
"""


def paths(ask, frameworks, start, steps):
    jobs = [{"choice": choice_of(f), "hp": values_of(f)} for f in frameworks]
    return ask(PATHS, [job | {"start": start, "steps": steps} for job in jobs])


def test_every_form_composed_has_the_path_of_its_row_and_of_its_method(ask):
    def numbers(name, value):
        return value and {"eps": 1e-3, "beta": 0.5, "weight_decay": 0.1}.get(name, 0.97 * value)

    start = (0.0, 0.0)  # where FTRL is a row
    forms = {
        name: with_lr(map_hyper(form, numbers), 1.0 if name == "Adadelta" else 0.01)
        for name, form in FORMS.items()
    }
    found = paths(ask, [row(form) for form in forms.values()], start, steps=200)
    for (name, form), path in zip(forms.items(), found, strict=True):
        theta = path["theta"]
        assert len(theta) == 201
        assert np.abs(np.diff(theta, axis=0)).max() > 1e-3, name
        for optimizer in (row(form), form):
            expected = minimize(optimizer, SURFACE, start, steps=200).theta
            np.testing.assert_allclose(theta, expected, rtol=1e-9, atol=1e-12, err_msg=name)


def test_random_choices_have_the_path_that_python_gives_them(ask):
    frameworks = [with_values(choice, k) for k, choice in enumerate(random_choices(200))]
    found = paths(ask, frameworks, SURFACE.start, steps=50)
    finite = 0
    for framework, path in zip(frameworks, found, strict=True):
        expected = minimize(framework, SURFACE, steps=50)
        ours = np.array(path["theta"], float)  # what is not finite is null in JSON, and so nan here
        last = None if np.isfinite(ours[-1]).all() else -1
        assert (len(ours), path["diverged"]) == (len(expected.theta), expected.diverged), framework
        np.testing.assert_allclose(
            ours[:last], expected.theta[:last], rtol=1e-8, err_msg=str(framework)
        )
        finite += not path["diverged"] and np.ptp(ours) > 0.01
    assert finite > 150


WHOLE = """
const describe = ({ title, family, hyper, state }) => ({ title, family, hyper, state });
const steps = ({ init, step, hyper }) => {
  const hp = Object.fromEntries(hyper.map((h) => [h.name, h.value]));
  let theta = 0.7;
  let state = init(theta, hp);
  const first = state;
  return [first, ...data.gradients.map((g) => {
    const result = step(theta, g, state, hp);
    ({ theta, state } = result);
    return result;
  })];
};
const answer = data.choices.map((choice, k) => {
  const ours = js.compose(choice, framework);
  return [ours, printed[k]].map((o) => [describe(o), steps(o)]);
});
"""


def test_a_composed_optimizer_is_the_one_printed_for_its_framework(ask):
    """Its words, hyperparameters, state, and each number of each step: not one bit differs."""
    choices = [choice_of(row(form)) for form in FORMS.values()] + random_choices(200, seed=1)
    printed = ",\n".join(optimizer_object(framework_of(choice, {})) for choice in choices)
    gradients = np.random.default_rng(2).standard_normal(10).tolist()
    script = f"{HELPERS}\nconst printed = [{printed}];\n{WHOLE}"
    for ours, expected in ask(script, {"choices": choices, "gradients": gradients}):
        # Of a Framework on its own, the printer says of its flag in the title where epsilon is.
        assert ours[0] == expected[0] | {"title": Framework.title}
        assert ours[1] == expected[1]
        assert len(ours[1]) == 11


MATH = '<math display="block"><mrow>(.*)</mrow></math>'


def test_the_equations_of_a_choice_are_those_of_its_trace(ask):
    choices = [choice_of(row(form)) for form in FORMS.values()] + random_choices(200, seed=3)
    answer = "const answer = data.map((choice) => js.equations(choice, framework));"
    for choice, lines in zip(choices, ask(answer, choices), strict=True):
        traced = equations(trace_step(framework_of(choice, {})))
        shown = [re.fullmatch(MATH, line["math"])[1] for line in lines]
        assert shown == [mathml(latex) for _, latex in traced]
        parts = [line["part"] for line in lines]
        assert parts == sorted(parts, key=["phi", "psi", "step"].index)
        assert parts[-1] == "step"


def test_mathml_has_the_letters_and_shapes_of_the_equation():
    text = mathml(r"\hat{m}_{t} = \frac{m_{t}}{\sqrt{\left(1 - \beta_1\right)}}")
    assert re.findall(r"<(mover|mfrac|msqrt|msub)\b", text) == [
        *("msub", "mover", "mfrac", "msub", "msqrt", "msub")
    ]
    assert text.startswith('<msub><mover accent="true"><mrow><mi>m</mi></mrow><mo>&#x0005E;</mo>')
    assert text.count("<mrow>") == text.count("</mrow>")


def test_a_choice_has_in_the_browser_the_name_that_it_has_in_python(ask):
    choices = [choice_of(row(form)) for form in FORMS.values()] + random_choices(200, seed=4)
    answer = "const answer = data.map((choice) => js.methodsOf(choice, framework));"
    found = ask(answer, choices)
    for choice, names in zip(choices, found, strict=True):
        assert (names or [None])[0] == name_of(framework_of(choice, {})), choice
    named = dict(zip(FORMS, found, strict=False))
    assert all(name in names for name, names in named.items())
    assert named["Adagrad"] == named["FTRL"] == ["Adagrad", "FTRL"]
    forms = ask("const answer = framework.forms;")
    assert {name: form["limits"] for name, form in forms.items()} == {
        name: LIMITS.get(name, "") for name in FORMS
    }
    titles = [form["title"] for form in forms.values()]
    assert len(set(titles)) == len(titles)
    assert forms["RMSprop_centered_momentum"]["title"] == "RMSprop, centered momentum"


def test_neighbours_are_the_methods_that_one_change_makes_of_a_choice(ask):
    choices = [choice_of(row(form)) for form in FORMS.values()] + random_choices(40, seed=5)
    choices.append(choice_of(row(Adadelta())) | {"eps": "outside"})
    answer = "const answer = data.map((choice) => js.neighbours(choice, framework));"
    seen = 0
    for choice, found in zip(choices, ask(answer, choices), strict=True):
        here = name_of(framework_of(choice, {}))
        expected = set()
        for part, names in (RULES | {"eps": EPS}).items():
            for other in names:
                name = name_of(framework_of(choice | {part: other}, {}))
                if name not in (here, None):
                    expected.add((name, part))
        assert {(n["name"], n["part"]) for n in found if n["name"] != "FTRL"} == expected
        for n in found:
            changed = choice | {n["part"]: n["to"]}
            assert name_of(framework_of(changed, {})) == n["name"].replace("FTRL", "Adagrad")
        seen += len(found)
    assert seen > 40


def test_the_hyperparameters_of_a_composed_optimizer_are_valid_and_told_apart(ask):
    choices = random_choices(200, seed=6)
    answer = """const answer = data.map((choice) => js.compose(choice, framework).hyper
      .map((h) => ({ ...h, parsed: parse(h, String(h.value)) })));"""
    for choice, found in zip(choices, ask(answer, choices), strict=True):
        framework = framework_of(choice, {})
        assert {h["name"]: h["value"] for h in found} == values_of(framework)
        assert [h["name"] for h in found] == list(values_of(framework))
        for h in found:
            assert h["parsed"] == {"value": h["value"]}
            part, _, name = h["name"].partition("_")
            owner = getattr(framework, part) if name else framework
            info = hyper_of(owner)[name or part]
            assert (h["symbol"], h["words"], h["interval"], h["scale"]) == (
                *(info.symbol, info.words, info.interval, info.scale),
            )


def test_what_an_address_holds_is_a_choice_or_is_refused(ask):
    good = choice_of(row(Adam()))
    bad = [
        *(None, 3, "Adam", [], {}),
        *({**good, part: "constructor"} for part in PARTS),
        *({**good, part: 1} for part in PARTS),
        {**good, "phi": None},
        {**good, "more": 1},
        *({k: v for k, v in good.items() if k != part} for part in PARTS),
    ]
    answer = "const answer = data.map((value) => js.isChoice(value, framework));"
    assert ask(answer, [good, *random_choices(20)]) == [True] * 21
    assert ask(answer, bad) == [False] * len(bad)


def test_the_python_of_any_choice_makes_its_framework(ask):
    rules = PHI | PSI | CHI | DECAY
    frameworks = [row(form) for form in FORMS.values()]
    frameworks += [with_values(choice, k) for k, choice in enumerate(random_choices(100, seed=9))]
    figures = [
        {"surface": "beale", "start": [1, 1.5], "steps": 100, "rivals": []}
        | {"choice": choice_of(f), "hyper": values_of(f)}
        for f in frameworks
    ]
    answer = "const answer = data.map((each) => figure.python(each, { framework }));"
    for framework, text in zip(frameworks, ask(answer, figures), strict=True):
        *imports, drawn = text.strip().split("\n\n")
        made = eval(drawn, {"build": lambda made, *_, **__: made, "Framework": Framework} | rules)
        assert (choice_of(made), values_of(made)) == (choice_of(framework), values_of(framework))
        names = set(re.findall(r"\b[A-Z]\w+(?=\()", drawn)) - {"Framework"}
        assert imports[0].split("\n")[-1] == (
            f"from optim_lessons.rules import {', '.join(sorted(names))}"
        )


def test_an_address_changes_only_what_a_figure_may_show(ask):
    answer = """
      const fields = figure.fields({ locked: false }, { optimizers, surfaces, framework });
      const answer = data.map(([name, value]) => fields[name](value) ?? "refused");"""
    adam = choice_of(row(Adam()))
    sgd = {**dict.fromkeys(PARTS), "phi": "Gradient"}
    good = [
        ("choice", adam),
        ("choice", dict(reversed(adam.items()))),
        ("hyper", {"lr": 0.3, "chi_rho": 0.5}),
        ("rivals", ["Adam", "RMSprop_centered"]),
    ]
    bad = [
        ("choice", adam | {"phi": "constructor"}),
        ("hyper", {"lr": -1}),
        ("hyper", {"lr": "1"}),
        ("hyper", {"phi_beta1": 1}),
        ("hyper", {"constructor": 1}),
        ("hyper", None),
        ("rivals", ["__proto__"]),
        ("rivals", ["Adam"] * 5),
        ("rivals", "Adam"),
    ]
    first, second, *others = ask(answer, good)
    assert [*first.items()] == [*second.items()] == [*adam.items()]
    assert others == [value for _, value in good[2:]]
    assert ask(answer, bad) == ["refused"] * len(bad)
    assert ask(answer, [("choice", sgd | {"eps": "inside"})]) == [sgd]  # there is no root


def test_a_choice_and_its_values_give_the_framework_back():
    frameworks = [row(form) for form in FORMS.values()]
    frameworks += [with_values(choice, k) for k, choice in enumerate(random_choices(100, seed=7))]
    frameworks.append(row(Adadelta(eps=0.0)))  # inside the root still, for the next value
    for framework in frameworks:
        choice, values = (json.loads(json.dumps(f(framework))) for f in (choice_of, values_of))
        again = framework_of(choice, values)
        assert (choice_of(again), values_of(again)) == (choice, values)
        assert [getattr(again, part) for part in RULES] == [getattr(framework, p) for p in RULES]
        assert name_of(again) == name_of(framework)


def test_two_frameworks_that_differ_have_choices_or_values_that_differ():
    choices = random_choices(300, seed=8)
    for choice in choices:
        if choice["psi"] is None:
            choice["eps"] = None  # there is no root to add it to
    texts = {json.dumps(choice) for choice in choices}
    found = {json.dumps(choice_of(framework_of(choice, {}))) for choice in choices}
    assert found == texts
    assert len(texts) > 200
    assert values_of(row(RMSprop(rho=0.8))) != values_of(row(RMSprop(rho=0.7)))


@dataclasses.dataclass(frozen=True)
class Own:
    """A reader's own rule."""

    def step(self, theta, g, state):
        return g, state


def test_what_is_no_choice_is_refused_in_words():
    choice = choice_of(row(Adam()))
    for other, words in [
        (None, "choice = None must have the keys phi, psi, chi, decay, eps"),
        ({"phi": "Sum"}, "must have the keys"),
        (choice | {"phi": None}, "phi = None is none of Gradient, Sum, "),
        (choice | {"psi": "Sum"}, "psi = 'Sum' is none of SumOfSquares, "),
        (choice | {"chi": ["Sign"]}, r"chi = \['Sign'\] is none of Sign, "),
        (choice | {"eps": True}, "eps = True is none of None, outside, inside"),
    ]:
        with pytest.raises(ValueError, match=words):
            framework_of(other, {})
    with pytest.raises(ValueError, match="beta1 is no hyperparameter of this choice: lr, eps"):
        framework_of(choice, {"beta1": 0.9})
    with pytest.raises(ValueError, match=r"Average: beta1 = 1.0 is outside \[0, 1\)"):
        framework_of(choice, {"phi_beta1": 1.0})
    with pytest.raises(ValueError, match=r"lr = 'fast' is outside"):
        framework_of(choice, {"lr": "fast"})
    with pytest.raises(ValueError, match=r"phi = Own\(\) is none of Gradient"):
        choice_of(Framework(phi=Own()))
    with pytest.raises(ValueError, match="lr must be one number, not an array"):
        values_of(Framework(lr=np.array([0.1, 0.2])))
    with pytest.raises(ValueError, match="lr = -1 is outside"):
        choice_of(Framework(lr=-1))


def test_the_framework_can_follow_the_generated_code_in_one_module(ask):
    """As a widget needs it, which gets its code as one text."""
    both = ask.folder / "both.mjs"
    both.write_text((ask.folder / "generated.js").read_text("utf-8") + code(), encoding="utf-8")
    script = f"""
        const both = await import("{both.as_uri()}");
        const step = js.compose(framework.forms.Adam.choice, both.framework).step;
        const hp = {{ lr: 0.1, eps: 0, phi_beta1: 0.9, psi_beta2: 0.999 }};
        const answer = step(1, -3, {{ t: 0, m: 0, v: 0 }}, hp).theta;"""
    assert ask(script) == pytest.approx(1.1, abs=1e-12)


def test_framework_js_is_light_and_apart(ask):
    text = (ask.folder / "framework.js").read_bytes()
    assert len(gzip.compress(text)) < 8_000
    assert b"const framework" not in (ask.folder / "generated.js").read_bytes()
