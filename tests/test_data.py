"""The shipped data are what they are said to be, and a damaged file is refused."""

import fnmatch
import tomllib
from pathlib import Path

import numpy as np
import pytest

from optim_lessons.problems import data, digits, series, text, windows, words

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "optim_lessons" / "problems" / "data"
LOADERS = {"digits.csv.gz": digits, "alice.txt.gz": text, "elnino.csv.gz": series}
every_loader = pytest.mark.parametrize(("name", "load"), LOADERS.items(), ids=LOADERS)


def test_digits_are_images_from_0_to_1_with_uci_numbers_of_each_class():
    x, y = digits()
    assert x.shape == (1797, 64)
    assert x.dtype == np.float64
    assert (x.min(), x.max()) == (0, 1)
    np.testing.assert_array_equal(x * 16, np.round(x * 16))
    # The class numbers of the test set, as the collection's own description has them.
    np.testing.assert_array_equal(
        np.bincount(y), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    )


def test_the_text_is_the_twelve_chapters_and_nothing_else():
    alice = text()
    assert sum(line.strip().startswith("CHAPTER ") for line in alice.splitlines()) == 12
    assert alice.split()[:3] == ["CHAPTER", "I", "Down"]
    assert alice.split()[-2:] == ["THE", "END"]
    assert "gutenberg" not in alice.lower()
    assert alice.isascii()


def test_words_keep_apostrophes_inside_and_no_other_sign():
    assert words("`I DON'T--no,' 'tis mad-dog") == ["i", "don't", "no", "tis", "mad", "dog"]
    assert words("") == []


def test_the_series_is_61_years_of_months_with_the_great_el_ninos():
    celsius = series()
    assert celsius.shape == (61 * 12,)
    assert (celsius[0], celsius[12], celsius[-1]) == (23.11, 24.19, 22.07)
    by_year = celsius.reshape(61, 12)
    unusual = (by_year - by_year.mean(axis=0)).ravel()
    warmest = 1950 + np.argsort(unusual)[-10:] // 12
    assert set(warmest.tolist()) == {1983, 1997, 1998}


def test_windows_are_followed_by_the_next_value():
    x, y = windows(np.arange(10.0), length=4)
    assert x.shape == (6, 4)
    np.testing.assert_array_equal(x[:, 0], np.arange(6))
    np.testing.assert_array_equal(y, x[:, -1] + 1)


@every_loader
def test_a_copy_of_the_file_serves(name, load, tmp_path):
    copy = tmp_path / "copy"
    copy.write_bytes((FOLDER / name).read_bytes())
    np.testing.assert_equal(load(copy), load())


@every_loader
def test_a_truncated_file_is_refused_by_name(name, load, tmp_path):
    copy = tmp_path / "copy.gz"
    copy.write_bytes((FOLDER / name).read_bytes()[:-100])
    with pytest.raises(ValueError, match=rf"copy.gz \(\d+ bytes\) is damaged, or is not {name}"):
        load(copy)


@every_loader
def test_a_file_with_one_other_bit_is_refused(name, load, tmp_path):
    content = bytearray((FOLDER / name).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "copy.gz").write_bytes(content)
    with pytest.raises(ValueError, match="damaged"):
        load(tmp_path / "copy.gz")


@every_loader
def test_a_missing_file_is_named(name, load, tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        load(tmp_path / "nowhere")


def test_every_data_file_is_small_known_described_and_packed():
    files = {p.name: p for p in FOLDER.iterdir()}
    about = files.pop("README.md").read_text()
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())
    patterns = patterns["tool"]["setuptools"]["package-data"]["*"]
    assert set(files) == set(data.SHA256) == set(LOADERS)
    for name, path in files.items():
        assert path.stat().st_size < 300_000
        assert f"\n## {name}: " in about
        assert any(fnmatch.fnmatch(name, pattern) for pattern in patterns)
    assert about.count("Licence: ") == len(files)
    assert about.count("pip download ") == len(files)
