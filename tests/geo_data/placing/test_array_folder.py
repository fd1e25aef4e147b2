from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from geo_data.errors import GazetteerError
from geo_data.placing import array_folder

ARRAYS = {"a": np.arange(1_000), "b": np.array(["x", "yy"])}


def test_what_is_written_is_read_back_mapped_and_read_only(tmp_path: Path) -> None:
    array_folder.write(tmp_path, "base", ARRAYS, {"note": "ä"})
    arrays, about = array_folder.read(tmp_path, "base", check=True)
    assert about == {"note": "ä"} and set(arrays) == {"a", "b"}
    np.testing.assert_array_equal(arrays["a"], ARRAYS["a"])
    assert isinstance(arrays["a"], np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        arrays["a"][0] = 1


def test_missing_older_or_unreadable_is_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(GazetteerError, match=r"not been built.*scoping gazetteer build"):
        array_folder.read(tmp_path, "base")
    array_folder.write(tmp_path, "base", ARRAYS, {})
    listing = tmp_path / "base.json"
    listing.write_text(listing.read_text().replace('"format": ', '"format": 9'))
    with pytest.raises(GazetteerError, match="another version"):
        array_folder.read(tmp_path, "base")
    for broken in ("", "{", "[]", '{"files": 1, "about": {}}', "\x00"):
        listing.write_text(broken)
        with pytest.raises(GazetteerError, match="not readable"):
            array_folder.read(tmp_path, "base")


def test_a_shortened_file_is_found_on_opening_and_a_flipped_byte_on_checking(tmp_path: Path) -> None:
    array_folder.write(tmp_path, "base", ARRAYS, {})
    path = next(tmp_path.glob("base-*/a.npy"))
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    array_folder.read(tmp_path, "base")
    with pytest.raises(GazetteerError, match="damaged"):
        array_folder.read(tmp_path, "base", check=True)
    path.write_bytes(whole[:-8])
    with pytest.raises(GazetteerError, match="damaged"):
        array_folder.read(tmp_path, "base")
    path.unlink()
    with pytest.raises(GazetteerError, match="missing"):
        array_folder.read(tmp_path, "base")


def test_a_new_generation_replaces_the_old_one_and_tidies_up(tmp_path: Path) -> None:
    array_folder.write(tmp_path, "base", ARRAYS, {"n": 1})
    array_folder.write(tmp_path, "base_two", ARRAYS, {"n": 9})
    array_folder.write(tmp_path, "base", {"a": np.arange(3)}, {"n": 2})
    arrays, about = array_folder.read(tmp_path, "base")
    assert about == {"n": 2} and arrays["a"].tolist() == [0, 1, 2]
    assert len(list(tmp_path.glob("base-*"))) == 1
    assert array_folder.read(tmp_path, "base_two")[1] == {"n": 9}


def test_a_crash_while_writing_leaves_the_former_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    array_folder.write(tmp_path, "base", ARRAYS, {"n": 1})
    with pytest.raises(ValueError, match="Object arrays"):
        array_folder.write(tmp_path, "base", {"a": np.arange(3), "b": np.array([object()])}, {"n": 2})
    assert array_folder.read(tmp_path, "base", check=True)[1] == {"n": 1}
    assert not list(tmp_path.glob(".building-*"))

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        array_folder.write(tmp_path, "base", {"a": np.arange(3)}, {"n": 2})
    assert array_folder.read(tmp_path, "base", check=True)[1] == {"n": 1}


def test_writing_the_same_content_again_mends_it(tmp_path: Path) -> None:
    array_folder.write(tmp_path, "base", ARRAYS, {})
    next(tmp_path.glob("base-*/a.npy")).write_bytes(b"")
    array_folder.write(tmp_path, "base", ARRAYS, {})
    array_folder.read(tmp_path, "base", check=True)
