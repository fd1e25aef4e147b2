"""What the register of releases promises, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from geo_data.errors import DisclosureError, InputError
from geo_data.keeping.releases import Register
from geo_data.keeping.store import Store

GRID = ("stamp", b"grid")


def edition(period: str = "2025-03", content: str = "{}", tier: str = "rmg") -> dict[str, str]:
    return {"tier": tier, "role": "found", "filters": "{}", "period": period, "content": content}


def file(sha256: str = "a" * 64, **columns: Any) -> dict[str, Any]:
    return {"snapshot_id": "S1", "sha256": sha256, "bytes": 3, "format": "pdf", "tier": "rmg", "role": "found", "period": "2025-03",
            "title": "March", "author_role": "analyst", "purpose": "the meeting", "parameters": "{}",
            "review_by": date(2026, 3, 31)} | columns


@pytest.fixture
def register(ready_url: str) -> Any:
    with Store(ready_url) as store:
        yield Register(store)


def test_what_is_registered_comes_back_in_order(register: Register) -> None:
    register.enter("episodes", "ann", seen=0, editions=[edition("2025-03", "one"), edition("2025-02", "two")], grid=GRID)
    register.enter("episodes", "ann", seen=2, editions=[edition("2025-04", "three")], snapshots=[file()], grid=GRID)
    assert register.editions("episodes") == ["one", "two", "three"] and register.editions("demo") == []
    assert register.grid("episodes") == b"grid" and register.grid("demo") is None
    kept = register.snapshots().iloc[0]
    assert (kept["format"], kept["purpose"], kept["actor"]) == ("pdf", "the meeting", "ann")
    assert kept["review_by"].date() == date(2026, 3, 31)


def test_of_two_who_release_one_wins_and_the_other_is_told(register: Register) -> None:
    register.enter("episodes", "ann", seen=0, editions=[edition(content="ann's")], grid=GRID)
    with pytest.raises(DisclosureError, match="in the meantime"):
        register.enter("episodes", "ben", seen=0, editions=[edition(content="ben's")], snapshots=[file()], grid=GRID)
    with pytest.raises(DisclosureError, match="in the meantime"):
        register.enter("episodes", "ben", seen=0, editions=[edition("2025-Q1")], grid=GRID)
    assert register.editions("episodes") == ["ann's"] and register.snapshots().empty


def test_another_grid_is_refused(register: Register) -> None:
    register.enter("episodes", "ann", seen=0, editions=[edition()], grid=GRID)
    with pytest.raises(DisclosureError, match="another grid"):
        register.enter("episodes", "ann", seen=1, editions=[edition("2025-04")], grid=("other", b""))


def test_a_file_is_known_by_its_hash_and_recalled_once(register: Register) -> None:
    register.enter("episodes", "ann", seen=0, editions=[edition()], snapshots=[file(), file()], grid=GRID)
    assert len(register.find("A" * 64)) == 1 and register.find("b" * 64).empty
    number = int(register.find("a" * 64)["id"].iloc[0])
    register.recall(number, "sent to the wrong list", "ann")
    assert register.find("a" * 64)["recall_reason"].tolist() == ["sent to the wrong list"]
    assert register.snapshots()["recalled_at"].notna().sum() == 1
    for again in (number, number + 1):
        with pytest.raises(InputError):
            register.recall(again, "again", "ann")
    with pytest.raises(InputError):
        register.recall(number, "  ", "ann")


def test_a_file_that_was_called_back_is_not_released_again_as_if_it_were_not(register: Register) -> None:
    register.enter("episodes", "ann", seen=0, editions=[edition()], snapshots=[file(content=b"pdf")], grid=GRID)
    register.recall(int(register.snapshots()["id"].iloc[0]), "sent to the wrong list", "ann")
    day = register.snapshots()["recalled_at"].iloc[0].tz_convert("Europe/London")
    with pytest.raises(DisclosureError, match="called back on " + f"{day:%d %B %Y}".lstrip("0")) as refused:
        register.enter("episodes", "ann", seen=1, editions=[edition("2025-04")], snapshots=[file("b" * 64), file()], grid=GRID)
    assert "purpose or title" in refused.value.fix
    assert len(register.editions("episodes")) == 1 and len(register.snapshots()) == 1  # all or nothing
    register.enter("episodes", "ann", seen=1, editions=[], snapshots=[file("c" * 64, purpose="another")])
    assert register.snapshots()["recalled_at"].isna().tolist() == [True, False]


def test_a_release_without_purpose_or_role_is_not_entered(register: Register) -> None:
    for missing in ({"purpose": " "}, {"author_role": ""}, {"title": "\0"}):
        with pytest.raises(InputError):
            register.enter("episodes", "ann", seen=0, editions=[edition()], snapshots=[file(**missing)], grid=GRID)
    assert register.editions("episodes") == []


def test_every_release_is_in_the_audit(url: str) -> None:
    with Store(url) as store:
        register = Register(store)
        register.enter("episodes", "ann", seen=0, editions=[edition()], snapshots=[file()], grid=GRID)
        register.recall(1, "a mistake", "ben")
        register.forget("episodes", "ann")
        assert store.entries()["action"].tolist()[-3:] == ["release", "recall", "forget releases"]
        assert register.editions("episodes") == [] and register.snapshots().empty
        assert store.verify().whole
