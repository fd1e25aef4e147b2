"""Nobody reads a row that their work does not need, by whichever way they ask."""

from __future__ import annotations

from itertools import product
from typing import Any

import pandas as pd
import pytest

from geo_data import schema
from geo_data.keeping.store import Store
from geo_data.people import EVERYTHING, NOTHING, Reader
from tests.geo_data.made import episodes, import_into, locations, source

RESTRICTIONS = (*schema.EPISODES["sharing_restriction"].allowed, None)
FORCES, HOMES, PLACERS = ("North", "South"), ("E06000001", "E06000002"), (None, "E06000002")
READERS = [NOTHING, EVERYTHING, *(Reader(frozenset(allowed), areas) for allowed in (("none",), ("none", "police_only", "rmg_only"))
           for areas in (None, frozenset(("North",)), frozenset(("E06000002",)), frozenset(("North", "E06000001"))))]


def rows() -> pd.DataFrame:
    table = list(product(RESTRICTIONS, FORCES, HOMES, PLACERS))
    restriction, force, home, placer = zip(*table, strict=True)
    return episodes([f"R-{n:03d}" for n in range(len(table))], sharing_restriction=pd.array(restriction, dtype=object),
                    recording_force=force, responsible_la=home, placing_authority=pd.array(placer, dtype=object))


@pytest.fixture
def store(ready_url: str) -> Any:
    with Store(ready_url) as opened:
        import_into(opened, "a", rows())
        import_into(opened, "b", rows().assign(extracted_at=rows()["extracted_at"] + pd.Timedelta(days=1), gender="female"))
        yield opened


def needed(reader: Reader, frame: pd.DataFrame) -> list[str]:
    """The references that `reader` may read, told row by row."""
    kept = []
    for row in frame.to_dict("records"):
        areas = {row["recording_force"], row["responsible_la"], row["placing_authority"]}
        if reader == EVERYTHING or (row["sharing_restriction"] in reader.restrictions
                                    and (reader.areas is None or areas & reader.areas)):
            kept.append(row["episode_ref"])
    return kept


def test_a_reader_gets_the_rows_they_need_and_no_other(store: Store) -> None:
    every = rows()["episode_ref"].tolist()
    for reader in READERS:
        wanted, seen = needed(reader, rows()), store.seen_by(reader)
        assert seen.episodes("episodes")["episode_ref"].tolist() == wanted, reader
        assert seen.episodes("episodes", every)["episode_ref"].tolist() == wanted, reader
        assert sorted(set(seen.locations("episodes")["episode_ref"])) == wanted, reader
        assert len(seen.locations("episodes")) == 2 * len(wanted), reader
        assert [ref for ref in every if len(seen.history("episodes", ref))] == wanted, reader


def test_the_key_of_caches_tells_readers_apart(store: Store) -> None:
    versions = [store.seen_by(reader).version("episodes") for reader in READERS]
    assert len(set(versions)) == len(READERS)
    assert store.version("episodes") == versions[1]
    assert store.seen_by(NOTHING).version("nothing") == ""


def test_published_data_are_everybodys(url: str) -> None:
    frame = episodes(["S-1", "S-2"], category="Burglary")
    with Store(url) as store:
        store.import_("sample", "public_sample", frame, locations(frame), source("sample", 2))
        assert len(store.seen_by(NOTHING).locations("sample")) == 4
