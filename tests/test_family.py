"""The family tree of the Welcome page, and the tables that pages print from the library."""

import itertools
import re

import pytest

from optim_lessons import OPTIMIZERS, family, lesson
from optim_lessons.contract import Elsewhere


def test_every_method_is_in_the_tree_below_its_parents():
    places = family._places()
    assert set(places) == set(OPTIMIZERS)
    for name, cls in OPTIMIZERS.items():
        for parent in cls.descent.parents:
            assert places[parent][1] < places[name][1], f"{name} stands above {parent}"


def test_no_two_boxes_of_the_tree_touch():
    drawing = family.family_tree({}).page
    boxes = re.findall(r'<rect x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)"', drawing)
    assert len(boxes) == len(OPTIMIZERS)
    for one, other in itertools.combinations([tuple(map(int, box)) for box in boxes], 2):
        beside = one[0] + one[2] < other[0] or other[0] + other[2] < one[0]
        above = one[1] + one[3] < other[1] or other[1] + other[3] < one[1]
        assert beside or above


def test_a_method_with_a_chapter_is_a_link_in_the_drawing_and_in_words():
    page = family.family_tree({"Adam": "adaptive/adam.html"}).page
    assert page.count('<a href="adaptive/adam.html"') == 2
    assert page.count("<a ") == 2


def test_a_notebook_says_the_tree_in_words_and_has_no_link_of_the_site():
    words = family.family_tree({"Adam": "adaptive/adam.html"})._repr_mimebundle_()["text/markdown"]
    assert "Adam (2015), after Momentum and RMSprop: both, corrected." in words
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
