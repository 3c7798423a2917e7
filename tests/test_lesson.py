"""The tables that pages print from the library, where a library lacks a method or a name."""

import re
import tomllib
from pathlib import Path

import pytest

from optim_lessons import (
    OPTIMIZERS,
    SGD,
    SWA,
    TRACED,
    Adam,
    AMSGrad,
    Lion,
    Muon,
    NAdam,
    SignSGD,
    hyper_of,
    lesson,
    look,
)
from optim_lessons.contract import MISSING
from optim_lessons.framework import FORMS, LIMITS, ROWS
from optim_lessons.schedules import SCHEDULES, ReduceOnPlateau
from tools.mutants import EXPLAINED as SURVIVORS
from tools.mutants import OPTIMIZERS as OPTIMIZER_FILES

ROOT = Path(__file__).resolve().parent.parent


def cells(markdown):
    """The table of a page: its header and its rows, each as a list of texts."""
    table = markdown.data.split("\n\n")[0].splitlines()
    header, _, *rows = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in table]
    return header, rows


@pytest.mark.parametrize("cls", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_the_conventions_of_every_method_have_a_column_for_every_library(cls):
    header, rows = cells(lesson.conventions(cls))
    assert header == ["hyperparameter", "here", "PyTorch", "optax", "Keras"]
    assert len(rows) == len(hyper_of(cls))
    for name, row in zip(hyper_of(cls), rows, strict=True):
        assert row[1].startswith(f"`{name}`: ")
        for library, cell in zip(header[2:], row[2:], strict=True):
            there = cls.elsewhere[library].args[name] if library in cls.elsewhere else MISSING
            assert (cell == "—") == (there == MISSING)
            assert there == MISSING or cell.startswith(f"`{there[0]}`: ")


def test_a_method_that_only_optax_has():
    _, rows = cells(lesson.conventions(SignSGD))
    assert rows[1] == ["momentum $\\mu$", "`momentum`: 0", "—", "`beta`: 0.9", "—"]
    assert "- PyTorch and Keras: not there." in lesson.conventions(SignSGD).data
    assert "not there" not in lesson.conventions(Adam).data


def test_a_hyperparameter_that_only_pytorch_has():
    _, rows = cells(lesson.conventions(NAdam))
    assert rows[3][1:] == ["`psi`: 0.004", "`momentum_decay`: 0.004", "—", "—"]


def test_the_notation_names_every_hyperparameter_once_and_its_users():
    header, rows = cells(lesson.notation())
    assert len(rows) == len({name for cls in OPTIMIZERS.values() for name in hyper_of(cls)})
    by_name = {row[0]: dict(zip(header, row, strict=True)) for row in rows}
    assert by_name["`psi`"]["PyTorch"] == "`momentum_decay`"
    assert by_name["`psi`"]["optax"] == by_name["`psi`"]["Keras"] == "—"
    assert by_name["`l1`"]["Keras"] == "`l1_regularization_strength`"
    for name, row in by_name.items():
        users = {cls.__name__ for cls in OPTIMIZERS.values() if name.strip("`") in hyper_of(cls)}
        by_name_or_number = ", ".join(users) if len(users) <= 5 else f"{len(users)} methods"
        assert sorted(row["used by"].split(", ")) == sorted(by_name_or_number.split(", "))


def test_the_defaults_have_a_row_for_every_hyperparameter_of_every_method():
    _, rows = cells(lesson.defaults())
    expected = [[name, f"`{h}`"] for name, cls in OPTIMIZERS.items() for h in hyper_of(cls)]
    assert [row[:2] for row in rows] == expected
    assert ["Lion", "`weight_decay`", "0", "—", "0.001", "None"] in rows
    assert ["NAdam", "`psi`", "0.004", "0.004", "—", "—"] in rows


def test_the_differences_say_what_each_library_lacks():
    *same, pytorch, optax, keras = lesson.differences().data.rsplit("\n\n")[-1].split(". ")
    assert Lion.title in same[0] and Adam.title not in same[0].split(", ")
    for library, sentence in zip(lesson.LIBRARIES, (pytorch, optax, keras), strict=True):
        words, _, titles = sentence.strip(" .\n").partition(": ")
        assert words == f"Not in {library}"
        lacking = [cls.title for cls in OPTIMIZERS.values() if library not in cls.elsewhere]
        assert titles.split(", ") == lacking


def test_the_libraries_table_has_every_method_and_a_dash_where_a_library_lacks_it():
    header, rows = cells(lesson.libraries())
    assert header == ["method", "PyTorch `torch.optim`", "`optax`", "Keras `keras.optimizers`"]
    assert [row[0].split("`")[1] for row in rows] == list(OPTIMIZERS)
    for cls, row in zip(OPTIMIZERS.values(), rows, strict=True):
        homes = [head.split("`")[1] for head in header[1:]]
        for library, home, cell in zip(lesson.LIBRARIES, homes, row[1:], strict=True):
            there = cls.elsewhere.get(library)
            found = re.sub("` with `(.*)`", r"(\1)", cell).strip("`")
            assert f"{home}.{found}" == there.call if there else cell == "—"


def test_the_schedules_table_has_every_schedule_its_calls_and_what_differs():
    shown = lesson.schedules()
    header, rows = cells(shown)
    assert header == ["schedule", *lesson.LIBRARIES]
    everything = [*SCHEDULES.values(), ReduceOnPlateau]
    for cls, row in zip(everything, rows, strict=True):
        assert cls.__name__ == row[0].split("`")[1]
        for library, cell in zip(lesson.LIBRARIES, row[1:], strict=True):
            there = cls.elsewhere.get(library)
            found = re.sub(" with (.*)", r"(\1)", cell).replace("`", "")
            assert there.call.endswith(f".{found}") if there else cell == "—"
            assert there is None or there.note == "The same rates." or there.note in shown.data


def test_the_benchmark_shows_every_row_that_was_measured_and_where():
    text, bench = lesson.benchmark().data, lesson.measured("bench")
    assert bench["machine"]["date"] in text
    rows = [row for topic in bench["tables"].values() for row in topic["rows"]]
    assert len(rows) > 20
    for row in rows:
        assert f"| {row['name']} | {1e3 * row['seconds']:,.2f} | {row['ratio']:.3f} |" in text


def test_the_counts_of_mutants_are_of_the_modules_that_there_are():
    modules = lesson.measured("mutants")["modules"]
    assert set(modules) == {path.stem for path in OPTIMIZER_FILES.glob("[a-z]*.py")}
    explained = tomllib.loads(SURVIVORS.read_text(encoding="utf-8"))
    survive = {name: counts["survive"] for name, counts in modules.items() if counts["survive"]}
    assert survive == {name: len(reasons) for name, reasons in explained.items()}


def test_the_chapters_to_come_are_listed():
    assert "| 15. Adam against SGD | `SWATS` |" in lesson.chapters_to_come().data


def test_the_cheat_sheet_has_every_method_once_with_its_defaults_everywhere():
    page = (ROOT / "book" / "cheat-sheet.md").read_text(encoding="utf-8")
    families = re.findall(r'lesson\.cheat_sheet\("(\w+)"\)', page)
    assert families == list(look.WORDS)
    cards = [card for f in families for card in lesson.cheat_sheet(f).data.split("\n\n**")]
    assert len(cards) == len(OPTIMIZERS)
    for cls in OPTIMIZERS.values():
        (card,) = (card for card in cards if f"Here: `{cls.__name__}`" in card)
        assert all(
            f"`{name}` {lesson.number(info.default)}" in card
            for name, info in hyper_of(cls).items()
        )
        assert all(elsewhere.call in card for elsewhere in cls.elsewhere.values())
        assert ("$$" in card) == (cls in TRACED.values())
    (adam,) = (card for card in cards if "Here: `Adam`" in card)
    assert "Here: `Adam`, `lr` 0.001, `beta1` 0.9, `beta2` 0.999, `eps` $10^{-8}$." in adam


def test_the_memory_of_a_method_is_counted_a_parameter():
    assert lesson.memory(SGD) == "No state."
    assert lesson.memory(AMSGrad).endswith("; 3 numbers a parameter.")
    assert lesson.memory(Muon).endswith("; 1 number a parameter.")
    assert lesson.memory(SWA).endswith("; 1 number a parameter.")  # with SGD inside


def test_the_framework_shows_every_row_and_a_reason_for_every_other_method():
    header, rows = cells(lesson.framework())
    assert header == ["method", "direction φ", "scale ψ", "corrected", "then χ", "decay"]
    assert len(rows) == len(FORMS)
    by_name = {row[0]: row[1:] for row in rows}
    assert len(by_name) == len(rows)
    assert by_name["Adam"] == ["average", "average of squares", "m and v", "—", "—"]
    assert by_name["RMSprop, centered"] == ["the gradient", "variance", "—", "—", "—"]
    _, notes = lesson.framework().data.split("\n\n")
    for name, cls in OPTIMIZERS.items():
        alone = [line for line in notes.splitlines() if f"**{cls.title}**" in line]
        if name in LIMITS:
            assert alone == [f"- **{cls.title}** is this row {LIMITS[name]}."]
        elif cls in ROWS:
            assert cls.title in by_name and not alone
        else:
            assert cls.title not in by_name
            (line,) = alone
            assert line.startswith("- No row: ") and line.endswith(f": {cls.untraced}.")
