"""The daily feed: every file that arrived in the watched folder, imported once, or put aside with its reasons.

Safe to run at any time and to be stopped at any time: a file is in the store whole or not at all, a file imported before changes
nothing, and one that is still being written waits for the next run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
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
from geo_data.keeping.withdrawn import Withdrawal, withdraw
from geo_data.reading import watched
from geo_data.reading.deletions import taken_back
from geo_data.reading.intake import COLLECTIONS, ImportReport, Prepared, commit, prepare, refused
from geo_data.reading.profiles import Nature, Profile, guess, named
from geo_data.reading.read import RawTable, read_table
from geo_data.reading.template import rejects_csv
from geo_data.reading.watched import DONE, QUARANTINE, Arrived, Sender

if TYPE_CHECKING:
    from geo_data.placing.gazetteer import Gazetteer

GRACE = timedelta(hours=6)  # a daily file may be that late before it is missed
REASON = 400  # characters of what is kept of a file


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
        prepared = prepare(arrived.data, arrived.path.name, gazetteer=gazetteer, now=now, profile=sender.profile, decisions=taught,
                           made=arrived.at(now))
        if prepared.rows and not len(prepared.episodes):
            raise InputError("No row of the file can be used.", fix=_why(prepared.rejects))
        _must_fit(store, sender.collection or COLLECTIONS[prepared.nature], prepared.nature)
        report = commit(prepared, store, sender.collection, actor)
    except InputError as error:
        return _aside(store, sender, arrived, error, now=now, actor=actor)
    done = Handled(sender.name, arrived.path.name, arrived.sha256, "repeated" if report.already_imported else "imported",
                   report.collection, report.rows, report.accepted, report.amended, report.unchanged, report.rejected,
                   None if report.already_imported else _said(_remarks(prepared, report)))
    feed_book.enter(store, done, now, actor)
    watched.put(arrived, DONE, rejects=rejects_csv(prepared.rejects) if len(prepared.rejects) else b"")
    return done


def _must_fit(store: Store, collection: str, nature: Nature) -> None:
    """Raise `InputError` for a file of another kind than its data set holds or is named for: kinds of data are never mixed."""
    listed = store.collections()
    kinds = {name: kind for kind, name in COLLECTIONS.items()} | dict(zip(listed["name"], listed["nature"], strict=True))
    if kinds.get(collection, nature) != nature:
        raise InputError(f"The file holds '{nature}', and its data set '{collection}' takes '{kinds[collection]}' alone.",
                         fix="Let such files arrive in a folder of their own, whose feed.toml names no collection or another.")


def _remarks(prepared: Prepared, report: ImportReport) -> list[str]:
    """What a person must know of an import: rows refused, left out since withdrawn, or older than the record held."""
    stored = [note for note in report.notes if note not in prepared.notes]
    return [*stored, f"Refused: {_why(prepared.rejects)}"] if report.rejected else stored


def _why(rejects: pd.DataFrame) -> str:
    return " ".join(f"{rule['column'] or 'A row'}: {rule['rule']} ({rule['rows']:,} row{'s' * (rule['rows'] != 1)})."
                    for rule in refused(rejects)[:3])


def _deletions(sender: Sender, arrived: Arrived, store: Store, now: datetime, actor: str) -> Handled:
    """A file of episodes that their source has taken back, each as of its own time: what was recorded again since then stays."""
    collection = sender.collection or COLLECTIONS["episodes"]
    table = read_table(arrived.data, arrived.path.name, single=True)
    told = taken_back(table, _profile(sender, table, store, collection), arrived.at(now), now)
    last = told.sort_values("at", kind="stable").drop_duplicates("episode_ref", keep="last")
    done = [Withdrawal(unknown=len(last))]
    if store.version(collection):
        done = [withdraw(store, collection, some.tolist(), moment.to_pydatetime(), actor)
                for moment, some in last["episode_ref"].groupby(last["at"])]
    gone, later, unknown = map(sum, zip(*done, strict=True))
    notes = []
    if unknown:
        notes.append(f"Never held here: {unknown:,} of {len(last):,} references. Are they written as in the sender's episodes?")
    if later:
        notes.append(f"Extracted later than they were taken back, and kept: {later:,}.")
    handled = Handled(sender.name, arrived.path.name, arrived.sha256, "withdrawn", collection, len(told), amended=gone,
                      unchanged=len(told) - gone, reason=_said(notes))
    feed_book.enter(store, handled, now, actor)
    watched.put(arrived, DONE)
    return handled


def _profile(sender: Sender, table: RawTable, store: Store, collection: str) -> Profile:
    """Whose references a file of deletions has: as the sender declares, by its columns, or as the last file that was imported."""
    if sender.profile is None and (by_columns := guess(table.frame.columns)):
        return by_columns
    name = sender.profile
    if name is None:
        book, used = feed_book.files(store), store.sources(collection).set_index("sha256")["profile"]
        good = (book["source"] == sender.name) & book["outcome"].isin(["imported", "repeated"])
        before = book.loc[good, "sha256"].map(used).dropna()
        name = before.iloc[-1] if len(before) else "native"
    return named(name)


def _said(notes: Iterable[str]) -> str | None:
    return " ".join(notes)[:REASON] or None


def _aside(store: Store, sender: Sender, arrived: Arrived, error: InputError, *, now: datetime, actor: str) -> Handled:
    reason = _said(part for part in (error.what, error.fix) if part)
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
