"""Episodes and locations made for the store's tests, and the processes that import them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from typing import Any

import pandas as pd

from geo_data import schema
from geo_data.keeping.store import Source, Store

T0 = pd.Timestamp("2025-01-01T12:34:56.789012", tz="UTC")
RECEIVED = datetime(2025, 6, 2, 8, 30, tzinfo=UTC)


def episodes(refs: Sequence[str], days: Any = 0, says: Any = "street", **columns: Any) -> pd.DataFrame:
    """Episodes on lines 2, 3, ... of a file: extracted `days` after T0, saying `says` of the place."""
    n = len(refs)
    frame = pd.DataFrame({"episode_ref": list(refs), "person_ref": [f"P{ref}" for ref in refs]},
                         index=pd.RangeIndex(2, n + 2))
    frame["extracted_at"] = T0 + pd.to_timedelta(pd.Series(days, index=frame.index), unit="D")
    frame["reported_at"] = T0 - pd.Timedelta(days=9)
    frame["age_at_episode"] = 14
    frame["found_location_text"] = says
    frame["review_by"] = pd.Timestamp("2031-02-03")
    for name, values in columns.items():
        frame[name] = values
    extra = [name for name in ("category", "time_precision") if name in frame]
    return schema.EPISODES.conform(frame).join(frame[extra])


def locations(of: pd.DataFrame, roles: Sequence[str] = ("last_seen", "found")) -> pd.DataFrame:
    """One location per episode and role; the index is the episode's."""
    parts = [
        pd.DataFrame({
            "location_id": of["episode_ref"] + ":" + role, "episode_ref": of["episode_ref"], "role": role,
            "person_ref": of["person_ref"], "at": of["reported_at"], "at_precision": "minute", "easting": 425_123.4,
            "northing": 565_000.0, "tier": "P3", "method": "postcode", "matched": of["found_location_text"],
            "reason": "made", "own_address": role == "found", "strand": "care", "sharing_restriction": "none",
            "review_by": of["review_by"],
        })
        for role in roles
    ]
    return schema.LOCATIONS.conform(pd.concat(parts))


def source(name: str, rows: int = 0, rejected: int = 0) -> Source:
    """A file by that name; another name is another file."""
    return Source(hashlib.sha256(name.encode()).hexdigest(), f"{name}.csv", "native", RECEIVED, rows, rejected)


def import_into(store: Store, name: str, frame: pd.DataFrame, collection: str = "episodes") -> Any:
    return store.import_(collection, "episodes", frame, locations(frame), source(name, len(frame)))


# What child processes do; a function of a module, so that they can be sent there.

MANY = [f"URN/{number:05d}" for number in range(1_500)]


def round_of(number: int) -> pd.DataFrame:
    """The same episodes, extracted `number` days later and saying so."""
    return episodes(MANY, number, f"place {number}")


def import_round(url: str, number: int, pipe: Connection) -> None:
    """Import one round, telling when it begins and when it has ended."""
    frame = round_of(number)
    with Store(url) as store:
        pipe.send("begins")
        import_into(store, f"round {number}", frame)
        pipe.send("done")


def import_named(url: str, name: str, refs: Sequence[str], pipe: Connection) -> None:
    """Open the database and import a file; tell the counts, or the error's text."""
    try:
        with Store(url) as store:
            pipe.send(import_into(store, name, episodes(refs)))
    except Exception as error:
        pipe.send(str(error))


def read_until_told(url: str, pipe: Connection) -> None:
    """Read everything again and again; tell each state seen: how many episodes, of which rounds, and whether a place is missing."""
    seen = set()
    with Store(url) as store:
        pipe.send("begins")
        while not pipe.poll():
            current, places = store.episodes("episodes"), store.locations("episodes")
            rounds = tuple(sorted(set(current["found_location_text"].dropna())))
            seen.add((len(current), rounds, len(places) % 2))
    pipe.send(sorted(seen))


def import_rounds(url: str, first: int, step: int, rounds: int, pipe: Connection) -> None:
    """Import every `step`-th round from `first` on; tell the counts of each."""
    with Store(url) as store:
        pipe.send([import_into(store, f"round {number}", round_of(number)) for number in range(first, first + step * rounds, step)])


def run_feed(url: str, folder: str, gazetteer_folder: str, pipe: Connection) -> None:
    """One run of the daily feed, telling when it begins and when it has ended."""
    from pathlib import Path

    from geo_data.placing.gazetteer import open_gazetteer
    from geo_data.reading import feed

    gazetteer = open_gazetteer(Path(gazetteer_folder))
    with Store(url) as store:
        pipe.send("begins")
        feed.run(Path(folder), store, gazetteer, now=datetime.now(UTC), settled_s=0)
        pipe.send("done")
