"""The family tree of the Welcome page, and the tables that pages print from the library."""

import re

import pytest

from optim_lessons import OPTIMIZERS, family, lesson
from optim_lessons.contract import Elsewhere


def test_every_method_is_in_the_tree_once_below_its_first_parent():
    lines = family._lines()
    assert sorted(name for name, _ in lines) == sorted(OPTIMIZERS)
    above = {}  # the last method at each depth
    for name, depth in lines:
        above[depth] = name
        parents = OPTIMIZERS[name].descent.parents
        assert parents[:1] == ((above[depth - 1],) if depth else ())


def test_the_years_and_parents_of_every_method_are_said():
    page = family.family_tree({}).page
    for cls in OPTIMIZERS.values():
        assert f"({cls.descent.year})" in page
        for other in cls.descent.parents[1:]:
            assert re.search(
                rf"{cls.title}</b><span> [^<]*after [^<]*{OPTIMIZERS[other].title}", page
            )


def test_a_method_with_a_chapter_is_a_link():
    page = family.family_tree({"Adam": "adaptive/adam.html"}).page
    assert page.count("<a ") == page.count('<a href="adaptive/adam.html">Adam</a>') == 1


def test_a_notebook_says_the_tree_in_words_and_has_no_link_of_the_site():
    words = family.family_tree({"Adam": "adaptive/adam.html"})._repr_mimebundle_()["text/markdown"]
    assert "  - **Adam** both, corrected; after RMSprop too (2015)" in words
    assert ".html" not in words


def test_a_link_for_an_unknown_method_is_an_error_that_names_it():
    with pytest.raises(ValueError, match="Adamantium"):
        family.family_tree({"Adamantium": "nowhere.html"})


def test_the_table_of_differences_names_every_note_and_every_method_that_agrees():
    text = lesson.differences().data
    same = Elsewhere._field_defaults["note"]
    for cls in OPTIMIZERS.values():
        notes = {e.note for e in cls.elsewhere.values()} - {same}
        assert all(note in text for note in notes)
        assert notes or cls.title in text.rsplit("\n\n", 1)[-1]
