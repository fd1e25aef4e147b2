"""Every act that writes to the store dies at every one of its statements, and at its commit: it is done whole, or not at all."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import event, select

from geo_data.keeping import referrals
from geo_data.keeping.concerns import Concerns
from geo_data.keeping.decided import Decided, Ruling
from geo_data.keeping.engine import reading
from geo_data.keeping.interviews import Interviews, Told
from geo_data.keeping.releases import Register
from geo_data.keeping.retention import Retention
from geo_data.keeping.reviews import Reviews
from geo_data.keeping.saved_views import SavedViews
from geo_data.keeping.sign_ins import People
from geo_data.keeping.store import Store
from geo_data.keeping.tables import METADATA
from geo_data.people import Person
from tests.geo_data.keeping.test_concerns import ACT, opened
from tests.geo_data.keeping.test_daily_work import ANSWER
from tests.geo_data.keeping.test_decided import PIN, by_text, fill
from tests.geo_data.keeping.test_releases import GRID, edition, file
from tests.geo_data.made import episodes, import_into

NOW, REFS = datetime(2025, 7, 1, tzinfo=UTC), ["R-0", "R-1", "R-2"]
COUNTS = pd.DataFrame({"agency": ["Health"], "month": ["2025-03"], "area": ["E08000005"], "referrals": [3]})
LEARNED = Told("R-1", "pickup", "Mill Lane", "child_account", ANSWER, "street")
ZOE = Person("x", "Zoe", frozenset(["analyst"]), "police", frozenset("*"))
ROOT = Path(__file__).resolve().parents[3]
ACTS: dict[str, Callable[[Store], Any]] = {
    "import": lambda store: import_into(store, "new", episodes(["R-1", "R-9"], 3, "elsewhere")),
    "clear": lambda store: store.clear("episodes", "ann"),
    "decide a text": lambda store: Decided(store).decide("ann", [Ruling("the chippy", "pin", **PIN)], by_text, synthetic=False),
    "enter an interview": lambda store: Interviews(store).enter("ann", "episodes", "R-1", offered="Y", accepted="N"),
    "learn a place": lambda store: Interviews(store).learn("ann", "episodes", LEARNED),
    "keep referrals": lambda store: referrals.keep(store, COUNTS, NOW, "ann", synthetic=False),
    "open a place": lambda store: opened(Concerns(store)),
    "decide about a place": lambda store: Concerns(store).decide("ann", 1, "2025-03", "watch"),
    "begin an action": lambda store: Concerns(store).act("ann", 1, **ACT),
    "freeze a review": lambda store: Reviews(store).freeze("episodes", "{}", "2025-04", "two", data_version="v", actor="ann"),
    "release": lambda store: Register(store).enter("episodes", "ann", seen=0, editions=[edition()], snapshots=[file()], grid=GRID),
    "keep longer": lambda store: Retention(store).keep("ann", "episodes", REFS, date(2040, 1, 1), date(2026, 1, 1)),
    "propose to erase": lambda store: Retention(store).propose("ann", "episodes", REFS[:2], "request"),
    "erase": lambda store: Retention(store).approve("bob", 1),
    "keep a view": lambda store: SavedViews(store).keep("ann", "episodes", "mine", {"role": "found"}),
    "give a role": lambda store: People(store).put(ZOE, "ann", NOW),
}


class Death(BaseException):
    """No handler of the product may live through it."""


@contextmanager
def dying(store: Store, at: int) -> Iterator[list[str]]:
    """Statements as they come; the one with number `at` is never run, nor is anything behind it."""
    seen: list[str] = []

    def statement(_connection: Any, _cursor: Any, said: str, *_rest: Any) -> None:
        if len(seen) == at:
            raise Death
        seen.append(said)

    def commit(_connection: Any) -> None:
        if len(seen) == at:
            raise Death
        seen.append("COMMIT")

    event.listen(store.engine, "before_cursor_execute", statement)
    event.listen(store.engine, "commit", commit)
    try:
        yield seen
    finally:
        event.remove(store.engine, "before_cursor_execute", statement)
        event.remove(store.engine, "commit", commit)


def content(store: Store) -> dict[str, list[str]]:
    """Every row of every table."""
    with reading(store.engine) as connection:
        return {table.name: sorted(map(repr, connection.execute(select(table)))) for table in METADATA.sorted_tables}


@pytest.mark.parametrize("act", ACTS)
def test_an_act_that_dies_is_done_whole_or_not_at_all(act: str, sqlite_url: str) -> None:
    with Store(sqlite_url) as store:
        fill(store, "episodes", ["the chippy", "nr the chippy", None])
        opened(Concerns(store))
        Retention(store).propose("cat", "episodes", REFS[:1], "request")
        before, at = content(store), 0
        while True:
            with dying(store, at) as seen:
                try:
                    ACTS[act](store)
                except Death:
                    pass
                else:
                    break
            assert content(store) == before, f"half done at statement {at}: {seen[-1:]}"
            at += 1
        assert store.verify([]).whole
        assert at > 1, "the act was never cut short"
        assert content(store) != before, "the act changed nothing"
        store.check()


def test_a_file_of_the_command_line_is_whole_or_the_former_one(tmp_path: Path) -> None:
    """Writing runs against a limit in the middle, as on a full disk."""
    kept = tmp_path / "out.csv"
    kept.write_bytes(b"the former one")
    program = ("import resource, signal\nfrom pathlib import Path\n"
               "from commands import base\nfrom geo_data.errors import InputError\n"
               "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
               f"try: base.save(Path({str(kept)!r}), b'x' * 1_000_000, '--out')\n"
               "except InputError as error: print(error)\n")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert "cannot be written" in done.stdout
    assert kept.read_bytes() == b"the former one"
    assert list(tmp_path.iterdir()) == [kept]
