"""A file is written wholly, or not at all."""

import stat

import pytest

from optim_lessons.files import write


def test_only_the_owner_can_read_file_and_folder(tmp_path):
    path = tmp_path / "folder" / "file.json"
    write(path, "é")
    assert path.read_text(encoding="utf-8") == "é"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_what_cannot_be_written_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "file.json"
    write(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write(path, "new \ud800")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
