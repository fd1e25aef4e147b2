"""Locations of concern in the store: opened, decided on, acted upon; every row with its entry in the audit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
from sqlalchemy import Connection, Table, insert, select

from geo_data import schema
from geo_data.concern import ACTION, ACTION_KINDS, CONCERN, STATUSES, VERDICT, Held
from geo_data.errors import InputError
from geo_data.keeping import concern_tables
from geo_data.keeping.moments import microseconds
from geo_data.keeping.tables import columns
from geo_data.reading.personal import refused_texts

if TYPE_CHECKING:
    from geo_data.keeping.store import Store

CELL_M = 500
_DAY = date(1970, 1, 1)
_TABLES = {CONCERN.name: (CONCERN, concern_tables.CONCERNS), VERDICT.name: (VERDICT, concern_tables.VERDICTS),
           ACTION.name: (ACTION, concern_tables.ACTIONS)}


class Concerns:
    """The group's register in a store. Reading and writing raise `StoreError`; what cannot be kept raises `InputError`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # -- reading: what holds now

    def places(self, collection: str) -> pd.DataFrame:
        """CONCERN rows of a collection that hold, in order of opening."""
        found = self._holding(CONCERN)
        return found[found["collection"] == collection].reset_index(drop=True)

    def verdicts(self, collection: str) -> pd.DataFrame:
        """VERDICT rows that hold, in order; the last of a place is where it stands."""
        return self._of(collection, VERDICT)

    def actions(self, collection: str) -> pd.DataFrame:
        """ACTION rows: of each action the version that holds, in order of their numbers."""
        latest = self._of(collection, ACTION).drop_duplicates("action", keep="last")
        return latest.sort_values("action", ignore_index=True)

    def held(self, collection: str) -> Held:
        """All of these together."""
        return Held(self.places(collection), self.verdicts(collection), self.actions(collection))

    def history(self, collection: str) -> pd.DataFrame:
        """Everything ever written about a collection's places, what was taken back too, oldest first.

        Columns: at, actor, what ("concern", "verdict", "action"), id, concern, said, taken_back.
        """
        parts = []
        for table in (CONCERN, VERDICT, ACTION):
            frame = self._all(table)
            undone = set(frame["undoes"].dropna())
            said = {"concern": frame.get("name"), "verdict": frame.get("verdict"), "action": frame.get("kind")}[table.name]
            parts.append(pd.DataFrame({
                "at": frame["at"], "actor": frame["actor"], "what": table.name, "id": frame["id"],
                "concern": frame["concern"] if "concern" in frame else frame["id"],
                "said": said, "taken_back": frame["id"].isin(undone) | frame["undoes"].notna()}))
        mine = set(self._all(CONCERN).loc[lambda f: f["collection"] == collection, "id"])
        whole = pd.concat(parts, ignore_index=True)
        return whole[whole["concern"].isin(mine)].sort_values(["at", "what", "id"], ignore_index=True)

    # -- writing

    def open(self, actor: str, collection: str, *, role: str, name: str, place_type: str,
             cells: Sequence[tuple[int, int]]) -> int:
        """Bring a place before the group; its number. `cells`: south-west corners, metres, on the 500 m grid."""
        if not cells or any(value % CELL_M for cell in cells for value in cell):
            raise InputError("A place is made of 500 m cells of the National Grid.", where="cells")
        said = " ".join(f"{int(e)}:{int(n)}" for e, n in sorted(set(cells)))
        row = {"collection": collection, "role": role, "name": name.strip(), "place_type": place_type, "cells": said}
        return self._add(actor, "open concern", CONCERN, row)

    def decide(self, actor: str, place: int, review: str, verdict: str, reason: str = "") -> int:
        """Decide about a place at a review; dismissing and closing need a reason."""
        if verdict in ("dismiss", "close") and not reason.strip():
            raise InputError("Dismissing or closing a place needs a reason.", where="reason",
                             fix="Say in a sentence why nothing more is needed there.")
        return self._add(actor, "decide concern", VERDICT,
                         {"concern": place, "review": review, "verdict": verdict, "reason": reason.strip() or None})

    def act(self, actor: str, place: int, *, kind: str, owner: str, agency: str, starts: date, review_by: date,
            expires: date | None = None, status: str = "planned", result: str = "") -> int:
        """Begin an action at a place; its number."""
        return self._add(actor, "begin action", ACTION, self._action(
            {"concern": place, "kind": kind, "owner": owner, "agency": agency, "starts": starts, "expires": expires,
             "review_by": review_by, "status": status, "result": result}))

    def amend(self, actor: str, action: int, **changes: Any) -> int:
        """A new version of an action; the row's number. Keywords as of `act`."""
        versions = self._holding(ACTION)
        last = versions[versions["action"] == action]
        if last.empty:
            raise InputError("There is no such action any more.", where="action", fix="Look at the list again.")
        held = last[["concern", "kind", "owner", "agency", "starts", "expires", "review_by", "status", "result"]].iloc[-1]
        row: dict[str, Any] = {str(name): None if pd.isna(value) else value for name, value in held.items()}
        row |= {name: row[name].date() for name in ("starts", "expires", "review_by") if row[name] is not None}
        row = row | {"concern": int(row["concern"])} | changes
        return self._add(actor, "amend action", ACTION, self._action(row) | {"action": action})

    def undo(self, actor: str, what: str, row: int) -> None:
        """Take back one row of "concern", "verdict" or "action"; what held before holds again."""
        if what not in _TABLES:
            raise InputError("There is nothing of this kind to take back.", where="undo")
        table = _TABLES[what][0]
        held = self._holding(table)
        mine = held[held["id"] == row]
        if mine.empty:
            raise InputError("This does not hold any more.", where="undo", fix="Look at the list again.")
        if table is CONCERN and any((self._holding(other)["concern"] == row).any() for other in (VERDICT, ACTION)):
            raise InputError("Decisions or actions rest on this place.", where="undo", fix="Take those back first, or close it.")
        plain: dict[str, Any] = {str(name): None if pd.isna(value) else value for name, value in mine.iloc[0].items()}
        self._write(actor, f"undo {what}", table, plain | {"undoes": row})

    # -- inside

    def _action(self, row: dict[str, Any]) -> dict[str, Any]:
        kind = ACTION_KINDS.get(row["kind"])
        if kind is None or row["status"] not in STATUSES:
            raise InputError("This is no kind or status of an action.", where="action")
        starts, expires, review_by = row["starts"], row["expires"], row["review_by"]
        if (expires and expires < starts) or review_by < starts:
            raise InputError("An action cannot end, or be reviewed, before it starts.", where="action",
                             fix="Check the three dates.")
        if kind.longest_days and (expires is None or (expires - starts).days > kind.longest_days):
            raise InputError(f"This lasts at most {kind.longest_days} days ({kind.law}).", where="expires",
                             fix=f"Give a last day up to {starts + timedelta(days=kind.longest_days):%d %B %Y}.")
        said = {name: (row[name] or "").strip() for name in ("owner", "agency", "result")}
        return row | said | {"result": said["result"] or None}

    def _add(self, actor: str, action: str, table: schema.Table, row: dict[str, Any]) -> int:
        _check(table, row)
        return self._write(actor, action, table, {**row, "undoes": None})

    def _write(self, actor: str, action: str, table: schema.Table, row: dict[str, Any]) -> int:
        kept = _TABLES[table.name][1]
        detail = {name: row[name] for name in ("concern", "review", "verdict", "kind", "status", "undoes")
                  if row.get(name) is not None}
        detail = {name: int(value) if name in ("concern", "undoes") else value for name, value in detail.items()}
        with self._store.acting(actor, action, detail) as connection:
            if "concern" in row and not _known(connection, int(row["concern"])):
                raise InputError("There is no such place in the register.", where="concern", fix="Look at the list again.")
            values = {c.name: _stored(c, row.get(c.name)) for c in table.columns if c.name not in ("id", "at", "actor")}
            values |= {"at": microseconds(datetime.now(UTC)), "actor": actor}
            if "action" in values and values["action"] is None:
                values["action"] = 0  # its own number, known only when it is there
            number = int(connection.execute(insert(kept).returning(kept.c.id).values(values)).scalar_one())
            if values.get("action") == 0:
                connection.execute(kept.update().where(kept.c.id == number).values(action=number))
            detail["row"] = number
        return number

    def _all(self, table: schema.Table) -> pd.DataFrame:
        kept: Table = _TABLES[table.name][1]
        return self._store.frame(table, select(*columns(kept, table)).order_by(kept.c.id))

    def _holding(self, table: schema.Table) -> pd.DataFrame:
        frame = self._all(table)
        undone = set(frame["undoes"].dropna())
        return frame[frame["undoes"].isna() & ~frame["id"].isin(undone)].reset_index(drop=True)

    def _of(self, collection: str, table: schema.Table) -> pd.DataFrame:
        frame = self._holding(table)
        return frame[frame["concern"].isin(self.places(collection)["id"])].reset_index(drop=True)


def _known(connection: Connection, place: int) -> bool:
    kept = concern_tables.CONCERNS
    held = select(kept.c.id).where(kept.c.undoes.is_(None))
    taken = connection.execute(select(kept.c.id).where(kept.c.undoes == place)).scalar()
    return taken is None and connection.execute(held.where(kept.c.id == place)).scalar() is not None


def _check(table: schema.Table, row: dict[str, Any]) -> None:
    for column in table.columns:
        value = row.get(column.name)
        if column.kind == "enum" and value not in column.allowed:
            raise InputError("This is none of the words that are known.", where=column.name,
                             fix=f"Use one of {', '.join(column.allowed)}.")
        if column.kind != "text" or column.name not in row:
            continue
        if column.need == "R" and not value:
            raise InputError("This must not be empty.", where=column.name)
        if value and column.max_length and len(value) > column.max_length:
            raise InputError(f"This is longer than {column.max_length} characters.", where=column.name)
        if value and column.max_length:
            for rule in refused_texts([value]):
                raise InputError(f"This {rule}.", where=column.name,
                                 fix="Write about the place alone: no names, dates of birth, numbers or registrations.")


def _stored(column: schema.Column, value: Any) -> Any:
    """A value as the database keeps it."""
    if value is None or value is pd.NaT:
        return None
    if column.kind == "date":
        day = value.date() if isinstance(value, datetime) else value
        return (day - _DAY).days * 86_400_000_000
    if column.kind == "int":
        return int(value)
    return value

