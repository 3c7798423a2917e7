"""Every example in the library's docstrings shows what it says."""

import doctest
import importlib
import pkgutil

import pytest

import optim_lessons

MODULES = [m.name for m in pkgutil.walk_packages(optim_lessons.__path__, "optim_lessons.")]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_hold(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize("cls", optim_lessons.OPTIMIZERS.values(), ids=optim_lessons.OPTIMIZERS)
def test_every_optimizer_has_an_example_and_names_shapes_errors_variant_and_source(cls):
    assert doctest.DocTestFinder().find(cls)[0].examples
    for heading in ("Shapes:", "Errors:", "Variant:", "Source:"):
        assert heading in cls.__doc__
