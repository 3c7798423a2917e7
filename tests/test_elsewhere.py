"""What `elsewhere` says of PyTorch, optax and Keras is what their own signatures say."""

import inspect
import pkgutil
import re

import pytest

from optim_lessons import OPTIMIZERS, hyper_of
from optim_lessons.contract import MISSING, Elsewhere

SPELLINGS = [
    pytest.param(ours, library, spelling, id=f"{ours.__name__}-{library}")
    for ours in OPTIMIZERS.values()
    for library, spelling in ours.elsewhere.items()
]


def signature(call):
    """Parameters and flags of a call such as "torch.optim.SGD(nesterov=True)"."""
    path, flags = re.fullmatch(r"([\w.]+)(?:\((.*)\))?", call).groups()
    parameters = inspect.signature(pkgutil.resolve_name(path)).parameters
    return parameters, dict(re.findall(r"(\w+)=(\w+)", flags or ""))


@pytest.mark.parametrize(("ours", "library", "spelling"), SPELLINGS)
def test_names_and_defaults_are_the_librarys_own(ours, library, spelling):
    parameters, flags = signature(spelling.call)
    for name, default in [there for there in spelling.args.values() if there != MISSING]:
        stem, index = re.fullmatch(r"(\w+)(?:\[(\d)\])?", name).groups()
        theirs = parameters[stem].default
        if index is not None:
            theirs = theirs[int(index)]
        words = {inspect.Parameter.empty: "required", None: "None"}
        assert default == words.get(theirs, theirs), name
    for flag, value in flags.items():
        assert str(parameters[flag].default) != value, f"{flag}={value} is the default"


@pytest.mark.parametrize(("ours", "library", "spelling"), SPELLINGS)
def test_every_hyperparameter_of_ours_has_a_name_there(ours, library, spelling):
    assert list(spelling.args) == list(hyper_of(ours))


@pytest.mark.parametrize(
    ("ours", "library", "spelling"),
    [row for row in SPELLINGS if MISSING in row.values[2].args.values()],
)
def test_a_hyperparameter_declared_missing_is_in_no_spelling_of_the_signature(
    ours, library, spelling
):
    """Neither under our name nor under one that any library gives it; a note says what is fixed."""
    parameters, _ = signature(spelling.call)
    for name in [name for name, there in spelling.args.items() if there == MISSING]:
        libraries = [e for cls in OPTIMIZERS.values() for e in cls.elsewhere.values()]
        spellings = {e.args[name][0] for e in libraries if name in e.args} - {MISSING[0]}
        assert spellings, f"no library at all has {name}: how would it be called?"
        assert not ({name} | spellings) & set(parameters)
    assert spelling.note != Elsewhere._field_defaults["note"]


@pytest.mark.parametrize("ours", OPTIMIZERS.values())
def test_the_libraries_stand_in_one_order(ours):
    order = ["PyTorch", "optax", "Keras"]
    assert list(ours.elsewhere) == [library for library in order if library in ours.elsewhere]
