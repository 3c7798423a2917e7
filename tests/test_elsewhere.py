"""What `elsewhere` says of PyTorch, optax and Keras is what their own signatures say."""

import inspect
import pkgutil
import re

import pytest

from optim_lessons import OPTIMIZERS, hyper_of

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
    for name, default in spelling.args.values():
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


@pytest.mark.parametrize("ours", OPTIMIZERS.values())
def test_the_libraries_stand_in_one_order(ours):
    order = ["PyTorch", "optax", "Keras"]
    assert list(ours.elsewhere) == [library for library in order if library in ours.elsewhere]
