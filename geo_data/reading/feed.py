"""The daily feed: every file that arrived in the watched folder, imported once, or put aside with its reasons.

Safe to run at any time and to be stopped at any time: a file is in the store whole or not at all, a file imported before changes
nothing, and one that is still being written waits for the next run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from geo_data.errors import InputError
from geo_data.keeping import feed_book
from geo_data.keeping.decided import SYNTHETIC, Decided
from geo_data.keeping.feed_book import Handled
from geo_data.keeping.store import PROGRAM, Store
from geo_data.keeping.withdrawn import withdraw
from geo_data.reading import watched
from geo_data.reading.intake import COLLECTIONS, commit, prepare, refused
from geo_data.reading.read import read_table
from geo_data.reading.template import rejects_csv
from geo_data.reading.watched import DONE, QUARANTINE, Arrived, Sender
from geo_data.schema import EPISODES

if TYPE_CHECKING:
    from geo_data.placing.gazetteer import Gazetteer

GRACE = timedelta(hours=6)  # a daily file may be that late before it is missed


@dataclass(frozen=True)
class Run:
    """What a run did: the files dealt with, and the names of those left for the next run."""

    handled: tuple[Handled, ...]
    left: tuple[str, ...]
    cleared: int


def run(folder: Path, store: Store, gazetteer: Gazetteer, *, now: datetime, keep_days: int = 7,
        settled_s: float = watched.SETTLED_S, actor: str = PROGRAM, progress: Callable[[float, str], None] | None = None) -> Run:
    """Deal with every file that has arrived. Raises `FeedError` when another run is under way, `StoreError` as the store does:
    then what was imported stays imported and the rest waits for the next run.
    """
    tell = progress or (lambda fraction, text: None)
    handled: list[Handled] = []
    left: list[str] = []
    cleared = 0
    with watched.locked(folder):
        for sender in watched.senders(folder):
            paths = watched.waiting(sender)
            for number, path in enumerate(paths):
                tell(number / len(paths), f"{sender.name}: {path.name}")
                try:
                    arrived = watched.take(path, settled_s)
                except InputError as error:
                    handled.append(_aside(store, sender, Arrived(path, b""), error, now=now, actor=actor))
                    continue
                if arrived is None:
                    left.append(f"{sender.name}/{path.name}")
                else:
                    handled.append(_deal(sender, arrived, store, gazetteer, now=now, actor=actor))
            cleared += watched.clear_done(sender, now, keep_days)
    return Run(tuple(handled), tuple(left), cleared)


def _deal(sender: Sender, arrived: Arrived, store: Store, gazetteer: Gazetteer, *, now: datetime, actor: str,
          ) -> Handled:
    """Import one file, or put it aside. It is moved last: a run that is stopped before does the same again, to no effect."""
    try:
        if arrived.deletions:
            return _deletions(sender, arrived, store, now, actor)
        taught = Decided(store).taught(synthetic=sender.collection == SYNTHETIC)
        prepared = prepare(arrived.data, arrived.path.name, gazetteer=gazetteer, now=now, profile=sender.profile, decisions=taught)
        if prepared.rows and not len(prepared.episodes):
            raise InputError("No row of the file can be used.", fix=_why(prepared.rejects))
        report = commit(prepared, store, sender.collection, actor)
    except InputError as error:
        return _aside(store, sender, arrived, error, now=now, actor=actor)
    done = Handled(sender.name, arrived.path.name, arrived.sha256, "repeated" if report.already_imported else "imported",
                   report.collection, report.rows, report.accepted, report.amended, report.unchanged, report.rejected)
    feed_book.enter(store, done, now, actor)
    watched.put(arrived, DONE, rejects=rejects_csv(prepared.rejects) if len(prepared.rejects) else b"")
    return done


def _why(rejects: pd.DataFrame) -> str:
    first = refused(rejects)[:3]
    return " ".join(f"{rule['column'] or 'A row'}: {rule['rule']} ({rule['rows']:,} rows)." for rule in first)


def _deletions(sender: Sender, arrived: Arrived, store: Store, now: datetime, actor: str) -> Handled:
    """A file of `episode_ref` (and `extracted_at`) of episodes that their source has taken back."""
    table = read_table(arrived.data, arrived.path.name)
    frame = table.frame.rename(columns=lambda name: name.strip().lower())
    if "episode_ref" not in frame:
        raise InputError("A file of deletions needs the column episode_ref.", where=arrived.path.name,
                         fix="Give one reference a row; extracted_at beside it, when it is not the time of receipt.")
    refs = frame["episode_ref"].fillna("").str.strip().str.upper()
    wrong = refs[~refs.str.fullmatch(EPISODES["episode_ref"].pattern)]
    if len(wrong) or len(table.rejects):
        line = wrong.index[0] if len(wrong) else table.rejects["row"].iloc[0]
        raise InputError("A reference of the file is none.", where=f"{arrived.path.name}, row {line}",
                         fix="Every row needs an episode_ref as in the episodes; nothing was deleted.")
    at = pd.Series(now, index=frame.index)
    if "extracted_at" in frame:
        at = pd.to_datetime(frame["extracted_at"], utc=True, errors="coerce", format="ISO8601")
        if at.isna().any() or (at > now).any():
            raise InputError("A time of extraction cannot be read or lies in the future.", where=arrived.path.name,
                             fix="Write it as 2025-03-01T06:00:00Z.")
    collection = sender.collection or COLLECTIONS["episodes"]
    # each as of its own time: an episode that was recorded again since then stays
    count = sum(withdraw(store, collection, some.tolist(), moment.to_pydatetime(), actor)
                for moment, some in refs.groupby(at)) if store.version(collection) else 0
    done = Handled(sender.name, arrived.path.name, arrived.sha256, "withdrawn", collection, len(refs), amended=count,
                   unchanged=len(refs) - count)
    feed_book.enter(store, done, now, actor)
    watched.put(arrived, DONE)
    return done


def _aside(store: Store, sender: Sender, arrived: Arrived, error: InputError, *, now: datetime, actor: str) -> Handled:
    reason = " ".join(part for part in (error.what, error.fix) if part)[:400]
    aside = Handled(sender.name, arrived.path.name, arrived.sha256, "quarantined", sender.collection, reason=reason)
    feed_book.enter(store, aside, now, actor)
    watched.put(arrived, QUARANTINE, reasons=f"{now:%Y-%m-%d %H:%M} {error}\n")
    return aside


def status(folder: Path, store: Store, now: datetime) -> pd.DataFrame:
    """One row per sender: sender, every_days, last_received (UTC), files, quarantined, waiting, overdue.

    Overdue: nothing was imported for longer than the rhythm and `GRACE`; a sender that never sent is overdue too.
    """
    book = feed_book.files(store)
    good = book[book["outcome"] != "quarantined"]
    told = []
    for sender in watched.senders(folder):
        last = good.loc[good["source"] == sender.name, "at"].max()
        late = sender.every_days > 0 and (pd.isna(last) or now - last > timedelta(days=sender.every_days) + GRACE)
        told.append({"sender": sender.name, "every_days": sender.every_days, "last_received": last,
                     "files": int((good["source"] == sender.name).sum()),
                     "quarantined": len(list((sender.folder / QUARANTINE).glob("*.reasons.txt"))),
                     "waiting": len(watched.waiting(sender)), "overdue": bool(late)})
    names = ["sender", "every_days", "last_received", "files", "quarantined", "waiting", "overdue"]
    return pd.DataFrame(told, columns=names)
