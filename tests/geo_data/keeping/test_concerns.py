"""The group's register: rows are only added, what is taken back is gone, and no text about a person is kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from geo_data.concern import cells_of
from geo_data.errors import InputError
from geo_data.keeping.concerns import Concerns
from geo_data.keeping.store import Store

CELLS = [(430_500, 560_000), (430_000, 560_000)]
DAY = date(2025, 3, 3)
ACT = {"kind": "outreach", "owner": "Youth service manager", "agency": "Council", "starts": DAY, "review_by": DAY + timedelta(60)}


@pytest.fixture
def store(ready_url: str) -> Iterator[Store]:
    with Store(ready_url) as made:
        yield made


@pytest.fixture
def book(store: Store) -> Concerns:
    return Concerns(store)


def opened(book: Concerns, collection: str = "episodes") -> int:
    return book.open("chair", collection, role="found", name="near Quern Cross", place_type="transport_hub", cells=CELLS)


def test_a_place_is_kept_as_cells_and_only_in_its_collection(book: Concerns) -> None:
    place = opened(book)
    held = book.places("episodes")
    assert list(held["id"]) == [place] and cells_of(held["cells"].iloc[0]) == sorted(CELLS)
    assert book.places("demo").empty and book.verdicts("demo").empty and book.actions("demo").empty


def test_the_last_verdict_holds_and_taking_it_back_brings_the_one_before(book: Concerns) -> None:
    place = opened(book)
    book.decide("chair", place, "2025-02", "watch")
    last = book.decide("chair", place, "2025-03", "concern", "Children wait there late in the evening.")
    assert list(book.verdicts("episodes")["verdict"]) == ["watch", "concern"]
    book.undo("chair", "verdict", last)
    assert list(book.verdicts("episodes")["verdict"]) == ["watch"]
    with pytest.raises(InputError):
        book.undo("chair", "verdict", last)
    assert book.history("episodes")["taken_back"].tolist().count(True) == 2  # the row, and the row that took it back


def test_an_action_has_versions_and_an_undone_one_brings_the_former_back(book: Concerns) -> None:
    place = opened(book)
    number = book.act("chair", place, **ACT)
    version = book.amend("chair", number, status="done", result="Two sessions a week since March.")
    held = book.actions("episodes")
    assert held[["action", "status"]].values.tolist() == [[number, "done"]] and held["owner"].iloc[0] == ACT["owner"]
    assert held["starts"].iloc[0].date() == DAY and held["expires"].isna().all()
    book.undo("chair", "action", version)
    assert list(book.actions("episodes")["status"]) == ["planned"]


def test_every_row_has_its_entry_in_the_audit_and_no_text_goes_there(book: Concerns, store: Store) -> None:
    place = opened(book)
    book.decide("chair", place, "2025-03", "dismiss", "A market day once a year.")
    book.act("chair", place, **ACT)
    entries = store.entries()
    assert list(entries["action"])[-3:] == ["open concern", "decide concern", "begin action"]
    assert "market" not in entries["detail"].str.cat() and "Quern" not in entries["detail"].str.cat()
    assert store.verify().whole


@pytest.mark.parametrize("wrong", [
    {"kind": "curfew"}, {"status": "nearly"}, {"expires": DAY - timedelta(1)}, {"review_by": DAY - timedelta(1)}, {"owner": " "},
    {"result": "Call 07700 900123"}, {"result": "x" * 401}, {"owner": "sam@example.org"},
    {"kind": "hotel_notice", "expires": DAY + timedelta(184)}, {"kind": "hotel_notice"},
])
def test_what_cannot_be_kept_is_refused_and_leaves_nothing(book: Concerns, wrong: dict[str, object]) -> None:
    place = opened(book)
    with pytest.raises(InputError):
        book.act("chair", place, **(ACT | wrong))
    assert book.actions("episodes").empty


def test_a_refusal_never_repeats_the_text(book: Concerns) -> None:
    place = opened(book)
    with pytest.raises(InputError) as refused:
        book.decide("chair", place, "2025-03", "dismiss", "born on 01/02/2010")
    assert "2010" not in str(refused.value)


@pytest.mark.parametrize(("verdict", "reason"), [("dismiss", ""), ("close", "  "), ("ignore", "why not")])
def test_dismissing_needs_a_reason_and_a_verdict_a_known_word(book: Concerns, verdict: str, reason: str) -> None:
    place = opened(book)
    with pytest.raises(InputError):
        book.decide("chair", place, "2025-03", verdict, reason)
    assert book.verdicts("episodes").empty


def test_a_point_is_no_place_and_an_unknown_place_takes_no_decision(book: Concerns) -> None:
    with pytest.raises(InputError):
        book.open("chair", "episodes", role="found", name="here", place_type="street", cells=[(430_123, 560_000)])
    with pytest.raises(InputError):
        book.decide("chair", 99, "2025-03", "watch")


def test_a_place_with_decisions_cannot_be_taken_back_under_them(book: Concerns) -> None:
    place = opened(book)
    row = book.decide("chair", place, "2025-03", "watch")
    with pytest.raises(InputError):
        book.undo("chair", "concern", place)
    book.undo("chair", "verdict", row)
    book.undo("chair", "concern", place)
    assert book.places("episodes").empty
    with pytest.raises(InputError):
        book.decide("chair", place, "2025-03", "watch")
