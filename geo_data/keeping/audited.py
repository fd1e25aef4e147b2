"""What a store does with its audit: act and entry together, a note of what changes nothing, and the walk through all of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Engine, Select, func, select

from geo_data import schema
from geo_data.keeping import audit, rows
from geo_data.keeping.engine import place, reading, writing
from geo_data.keeping.moments import moment
from geo_data.keeping.tables import AUDIT, AUDIT_ENTRY, columns


class Audited:
    """The part of a store that nobody writes past, and how the rooms of this folder read."""

    _engine: Engine
    _seal: audit.Seal

    def reading(self) -> AbstractContextManager[Connection]:
        """A reading transaction, for the rooms of this folder."""
        return reading(self._engine)

    def frame(self, table: schema.Table, chosen: Select[Any]) -> pd.DataFrame:
        """What is `chosen`, as a frame of `table`: its columns, in its order (`tables.columns`)."""
        with self.reading() as connection:
            return rows.frame(table, connection.execute(chosen).cursor)

    @contextmanager
    def acting(self, actor: str, action: str, detail: Mapping[str, Any]) -> Iterator[Connection]:
        """A writing transaction whose act and audit entry stand or fall together.

        `actor`: who; `action`: what; `detail`: identifiers and counts, never values of rows. A dict may be
        filled while acting: it is written when the act is done. What cannot be entered is not done. `StoreError`.
        """
        with writing(self._engine) as connection:
            yield connection
            anchor = audit.append(connection, self._seal.key, actor, action, detail)
        audit.keep_anchor(self._seal.anchors, self.place, anchor)

    def note(self, actor: str, action: str, detail: Mapping[str, Any] | None = None) -> None:
        """Enter what changes nothing: a view, a search, an export, a refusal. Raises before it may go on. `StoreError`."""
        with writing(self._engine) as connection:
            audit.append(connection, self._seal.key, actor, action, detail or {})

    def hold(self, actor: str, action: str, detail: Mapping[str, Any]) -> bool:
        """Enter what holds from now on, where the last entry of this action says otherwise; whether it did. `StoreError`."""
        before = select(AUDIT.c.detail).where(AUDIT.c.action == action).order_by(AUDIT.c.seq.desc()).limit(1)
        with self.reading() as connection:
            known = connection.execute(before).scalar()
        if known == audit.plain(detail):
            return False
        self.note(actor, action, detail)
        return True

    def entries(self, *, newest: int | None = None) -> pd.DataFrame:
        """The audit's entries in order (or the `newest` so many): seq, at, actor, action, detail, prev, hash."""
        chosen = select(*columns(AUDIT, AUDIT_ENTRY)).order_by(AUDIT.c.seq.desc())
        found = self.frame(AUDIT_ENTRY, chosen if newest is None else chosen.limit(newest))
        return found[::-1].reset_index(drop=True)

    def latest(self, action: str) -> datetime | None:
        """When something was last done; None: never."""
        with self.reading() as connection:
            at = connection.execute(select(func.max(AUDIT.c.at)).where(AUDIT.c.action == action)).scalar()
        return None if at is None else moment(at)

    def last(self) -> audit.Anchor:
        """The audit's last entry."""
        with self.reading() as connection:
            return audit.last_of(connection)

    def anchor(self) -> audit.Anchor:
        """The audit's last entry, to be kept elsewhere; also appended to the file of anchors."""
        last = self.last()
        audit.keep_anchor(self._seal.anchors, self.place, last)
        return last

    def verify(self, anchors: list[audit.Kept] | None = None) -> audit.Verdict:
        """Walk the audit and compare the anchors (by default those kept for this store)."""
        kept = audit.kept_anchors(self._seal.anchors, self.place) if anchors is None else anchors
        with self.reading() as connection:
            return audit.verify(audit.walk(connection), self._seal.key, kept)

    @property
    def place(self) -> str:
        """Where the database is: file, or server and database; never a password."""
        return place(self._engine)
