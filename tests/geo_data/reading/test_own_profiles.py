"""A profile of one's own: written, read back and used as any other; what is none is refused and loses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data.errors import InputError
from geo_data.reading import own_profiles
from geo_data.reading.own_profiles import Draft, save, trial
from geo_data.reading.profiles import BUILT_IN, PROFILES, adopt, guess

FORCE = Draft("Invented force", "day_first", {"episode_ref": "Occurrence No", "person_ref": "Key", "risk_level_initial": "Risk",
                                              "reported_at": "Reported"},
              values={"risk_level_initial": {"Med": "medium", "Hi": "high"}},
              constants=dict.fromkeys(("source_system", "extracted_at", "recording_force", "responsible_la", "age_at_episode",
                                       "care_status", "episode_type", "missing_from_type", "rhi_offered", "sharing_restriction"),
                                      "x"))


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    adopt(Path("/nowhere"))
    assert set(PROFILES) == BUILT_IN


def test_a_saved_profile_is_recognised_and_reads_as_told(tmp_path: Path) -> None:
    save(tmp_path / "profiles", "invented", FORCE)
    assert adopt(tmp_path / "profiles") == ["invented"]
    frame = pd.DataFrame({"Occurrence No": ["NP/1"], "Key": ["P1"], "Risk": ["Med"], "Reported": ["03/04/2025 18:30"]}, dtype="str")
    assert guess(frame.columns) is PROFILES["invented"]
    made = PROFILES["invented"].apply(frame).frame.iloc[0]
    assert (made["risk_level_initial"], made["reported_at"], made["recording_force"]) == ("medium", "2025-04-03T18:30:00", "x")
    (tmp_path / "profiles" / "invented.toml").unlink()
    assert adopt(tmp_path / "profiles") == [] and "invented" not in PROFILES


def test_a_file_without_a_time_of_extraction_was_extracted_when_it_was_received() -> None:
    made = trial(replace(FORCE, constants={**FORCE.constants, "extracted_at": "received"}))
    frame = pd.DataFrame({"Occurrence No": ["NP/1"], "Key": ["P1"], "Risk": ["Med"], "Reported": ["03/04/2025 18:30"]}, dtype="str")
    applied = made.apply(frame, received=datetime(2025, 4, 5, 6, 7, 8, tzinfo=UTC))
    assert applied.frame["extracted_at"].tolist() == ["2025-04-05T06:07:08+00:00"]
    assert "No time of extraction in the file: taken as when it was received." in applied.notes
    told = made.apply(frame.assign(Out="04/04/2025"), {"Out": "extracted_at"}, received=datetime(2025, 4, 5, tzinfo=UTC))
    assert "received" not in " ".join(told.notes) and told.frame["extracted_at"].iloc[0] == "2025-04-04"


@settings(deadline=None, max_examples=80)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30), st.text(max_size=20).filter(bool))
def test_any_name_of_a_column_or_word_survives_the_file(column: str, word: str) -> None:
    word = word.encode("utf-8", "ignore").decode() or "x"
    made = trial(Draft("t", "iso", {"care_status": column}, values={"care_status": {word: "looked_after"}}))
    assert made.columns == {"care_status": (column,)} and made.recognised_by == (column,)
    assert vars(made)["values"] == {"care_status": {word: "looked_after"}}


@pytest.mark.parametrize("name", ["native", "Big", "a", "../x", "a b", "1st", "x" * 60])
def test_a_name_that_is_none_or_taken_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="name of its own"):
        save(tmp_path, name, FORCE)
    assert not list(tmp_path.iterdir())


def test_a_profile_that_is_none_leaves_the_former_one(tmp_path: Path) -> None:
    save(tmp_path, "invented", FORCE)
    before = (tmp_path / "invented.toml").read_bytes()
    for wrong in (Draft("t", "american", {"episode_ref": "x"}), Draft("t", "iso", {"surname": "x"}),
                  Draft(" ", "iso", {"episode_ref": "x"}), Draft("t", "iso", {})):
        with pytest.raises(InputError):
            save(tmp_path, "invented", wrong)
    assert [path.name for path in tmp_path.iterdir()] == ["invented.toml"]
    assert (tmp_path / "invented.toml").read_bytes() == before


@pytest.mark.parametrize("text", ["title = ", "title = 'x'",
                                  "nature = 'public_sample'\ntitle='x'\ndates='iso'\nrecognised_by=['a']",
                                  "nature='episodes'\ntitle='x'\ndates='iso'\nrecognised_by=['a']\nsurprise=1"])
def test_a_file_that_is_no_profile_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "odd.toml").write_text(text)
    with pytest.raises(InputError, match="odd"):
        adopt(tmp_path)
    assert own_profiles.WORDED
