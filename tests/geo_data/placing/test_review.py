"""The review queue's groups: one a text, ranked by the children it would unlock."""

from __future__ import annotations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data.placing import review
from geo_data.placing.decisions import Decision, text_key
from geo_data.placing.taught import Taught, bare


def texts(*rows: tuple[str, str], **columns: object) -> pd.DataFrame:
    """OPEN_TEXT rows of (text, child)."""
    frame = pd.DataFrame({"text": [text for text, _ in rows], "person_ref": [child for _, child in rows], "role": "found",
                          "tier": "P5", "matched": pd.Series([None] * len(rows), dtype="str"), "reason": "not known",
                          "own_address": False, "responsible_la": "E06000057"})
    return frame.assign(episode_ref=[f"R-{n}" for n in range(len(rows))], **columns)


def test_spellings_of_one_text_are_one_group_and_children_count_once() -> None:
    found = review.groups(texts(("the chippy", "a"), ("The Chippy", "a"), ("the chippy.", "b"), ("bus shelter", "c")))
    assert found["text"].iloc[0].lower().startswith("the chippy")
    first = found.iloc[0]
    assert (first["rows"], first["children"], first["unlocks"], first["unlocks_children"], first["spellings"]) == (3, 2, 3, 2, 3)
    assert len(found) == 2


def test_own_addresses_towns_and_no_places_unlock_nothing() -> None:
    frame = texts(("14 Mill Lane", "a"), ("Hexham", "b"), ("unknown", "c"), ("the chippy", "d"))
    frame.loc[0, "own_address"] = True
    frame.loc[1, ["tier", "matched"]] = ["P4", "Hexham"]
    found = review.groups(frame).set_index("text")
    assert found["unlocks"].to_dict() == {"14 Mill Lane": 0, "Hexham": 0, "unknown": 0, "the chippy": 1}
    assert found["kind"].to_dict() == {"14 Mill Lane": review.LOST, "Hexham": review.TOWN, "unknown": review.NO_PLACE,
                                       "the chippy": review.LOST}
    assert found.index[0] == "the chippy"


def test_a_street_that_fell_to_its_town_is_only_roughly_placed() -> None:
    found = review.groups(texts(("Mill Lane, Hexham", "a"), tier="P4", matched="Hexham"))
    assert found["kind"].iloc[0] == review.COARSE and found["unlocks"].iloc[0] == 1


@settings(deadline=None, max_examples=40)
@given(st.permutations(list(range(6))))
def test_the_order_of_rows_changes_nothing(order: list[int]) -> None:
    frame = texts(("the chippy", "a"), ("The Chippy", "b"), ("bus shelter", "a"), ("unknown", "c"), ("park", "d"), ("Park", "d"))
    pd.testing.assert_frame_equal(review.groups(frame), review.groups(frame.iloc[order].reset_index(drop=True)))


def test_nothing_gives_no_groups_with_the_same_columns() -> None:
    assert list(review.groups(texts()).columns) == review.COLUMNS
    assert review.groups(texts(("...", "a"))).empty


def test_an_alias_answers_behind_words_before_a_name_and_nowhere_else() -> None:
    taught = Taught([Decision(text_key("the chippy"), 425_000.0, 564_000.0, 60.0, "P2")], [text_key("the chippy")])
    for text in ("the chippy", "o/s the chippy", "nr chippy", "Outside The Chippy", "rear of the chippy"):
        assert taught.find(text_key(text)) is not None, text
    for text in ("chippy road", "the chippy, Hexham", "the other chippy", ""):
        assert taught.find(text_key(text)) is None, text
    plain = Taught([Decision(text_key("the chippy"), 425_000.0, 564_000.0, 60.0, "P2")])
    assert plain.find(text_key("nr the chippy")) is None


@settings(deadline=None, max_examples=40)
@given(st.text())
def test_what_is_left_of_a_key_is_part_of_it_and_never_nothing(text: str) -> None:
    key = text_key(text)
    assert key.endswith(bare(key)) and bool(bare(key)) == bool(key.strip())
