"""Who did what, in order, so that no entry can be changed or taken away unseen.

Each entry is one row of a table that refuses updates and deletes. It carries the hash of the
entry before it; its own hash is an HMAC-SHA256 with a key kept outside the database, over the
JSON array [seq, at, actor, action, detail, prev]. `seq` counts from 1 without gaps. An entry is
written in the transaction of the act it tells of, under the one writer's lock: neither stands
without the other.

The chain alone cannot show that its end was cut off, nor that someone who holds the key wrote it
anew. Anchors do: (seq, hash) of the last entry, kept outside the database, in a file beside the
key, in the server's log and on exports.

`detail` holds identifiers and counts, never a value of a row.
"""

from __future__ import annotations

import hmac
import json
import logging
import os
import secrets
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select

from geo_data.errors import StoreError
from geo_data.keeping.moments import microseconds
from geo_data.keeping.tables import AUDIT

FIRST_PREV = "0" * 64
KEY_FILE, ANCHOR_FILE = "audit.key", "audit.anchors"
MAX_TEXT, MAX_DETAIL = 200, 4_000  # characters
_FETCH = 2_000
LOG = logging.getLogger("scoping.audit")


class Seal(NamedTuple):
    """What keeps an audit honest from outside the database: the key, and the file of anchors.

    Without a key (tests, measurements) the chain shows faults, not a forger's rewrite.
    """

    key: bytes = b""
    anchors: Path | None = None


class Anchor(NamedTuple):
    """The last entry of an audit: its number, its hash. 0 and zeros when there is none."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


class Entry(NamedTuple):
    """One row of the audit; `at` is in microseconds since 1970-01-01 UTC, `detail` is JSON with sorted keys."""

    seq: int
    at: int
    actor: str
    action: str
    detail: str
    prev: str
    hash: str


@dataclass(frozen=True)
class Verdict:
    """What a walk through the audit found. `first_bad` is the number of the first entry that is not as it was written."""

    entries: int
    last: Anchor
    first_bad: int | None = None
    reason: str = ""
    anchors: int = 0  # how many were compared
    set_aside: int = 0  # anchors of entries that a restore of a backup took away

    @property
    def whole(self) -> bool:
        return self.first_bad is None


# -- the key and the anchors, outside the database

def seal(home: Path, key: str = "") -> Seal:
    """The seal of the installation whose folder is `home`: its key (or `key`, from the settings) and its anchors.

    Makes the key's file (mode 0600) when there is none. Raises `StoreError` when it cannot be used.
    """
    return Seal(_checked(key.encode(), "the setting 'audit_key'") if key else _key_of(home / KEY_FILE), home / ANCHOR_FILE)


def _key_of(path: Path) -> bytes:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as made:
                made.write(secrets.token_hex(32) + "\n")
        except FileExistsError:
            pass  # made at an earlier start
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise StoreError("Others can read the audit's key.", fix="Set its mode to 0600.", where=str(path))
        return _checked(path.read_bytes().strip(), str(path))
    except OSError as error:
        raise StoreError(f"The audit's key cannot be read or made ({error.strerror}).",
                         fix="Check the folder and its permissions, or give the setting 'audit_key'.", where=str(path)) from None


def _checked(key: bytes, where: str) -> bytes:
    if len(key) < 32:
        raise StoreError("The audit's key is shorter than 32 characters.", fix="Make one with 'openssl rand -hex 32'.", where=where)
    return key


def keep_anchor(file: Path | None, place: str, anchor: Anchor, why: str = "") -> None:
    """Append the anchor of the store at `place` to `file` and to the log."""
    LOG.info("anchor %s", anchor)
    if file is None:
        return
    line = json.dumps({"at": datetime.now(UTC).isoformat(timespec="seconds"), "store": place, "seq": anchor.seq,
                       "hash": anchor.hash, **({"why": why} if why else {})})
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w") as kept:
            kept.write(line + "\n")
    except OSError as error:  # what was done is done; an older anchor and the log still stand
        LOG.error("the anchor could not be kept in its file: %s", error.strerror)


class Kept(NamedTuple):
    """A line of the file of anchors."""

    anchor: Anchor
    why: str


def kept_anchors(file: Path | None, place: str | None = None) -> list[Kept]:
    """The anchors in `file`, of one store or of all. Raises `StoreError` for a line that is none."""
    if file is None or not file.exists():
        return []
    found = []
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        try:
            said = json.loads(line)
            if place in (None, said["store"]):
                found.append(Kept(Anchor(int(said["seq"]), str(said["hash"])), str(said.get("why", ""))))
        except (ValueError, KeyError, TypeError):
            raise StoreError("This line is not an anchor of an audit.", where=f"{file}, line {number}",
                             fix="Compare the file with its backup; someone or something changed it.") from None
    return found


# -- writing

def append(connection: Connection, key: bytes, actor: str, action: str, detail: Mapping[str, Any]) -> Anchor:
    """Write the next entry inside the connection's writing transaction; what it is called from now on.

    Raises `ValueError` for a detail that is more than identifiers and counts.
    """
    last = last_of(connection)
    seq, at = last.seq + 1, microseconds(datetime.now(UTC))
    said = (seq, at, _short(actor), _short(action), plain(detail), last.hash)
    made = Entry(*said, hash_of(key, said))
    connection.execute(insert(AUDIT).values(made._asdict()))
    return Anchor(seq, made.hash)


def last_of(connection: Connection) -> Anchor:
    """Number and hash of the newest entry; of an empty audit 0 and what the first entry names as the one before it."""
    found = connection.execute(select(AUDIT.c.seq, AUDIT.c.hash).order_by(AUDIT.c.seq.desc()).limit(1)).first()
    return Anchor(*found) if found else Anchor(0, FIRST_PREV)


def hash_of(key: bytes, said: tuple[int, int, str, str, str, str]) -> str:
    """HMAC-SHA256 of the JSON array of (seq, at, actor, action, detail, prev), as 64 hexadecimal digits."""
    return hmac.new(key, json.dumps(said).encode(), sha256).hexdigest()


def _short(text: str) -> str:
    if not text.strip() or len(text) > MAX_TEXT or "\x00" in text:
        raise ValueError(f"actor and action are texts of 1 to {MAX_TEXT} characters")
    return text


def plain(detail: Mapping[str, Any]) -> str:
    """As JSON with sorted keys. Identifiers, counts and short lists of them pass; anything larger is a mistake."""
    for name, value in detail.items():
        each = value if isinstance(value, list | tuple) else value.values() if isinstance(value, Mapping) else [value]
        for one in each:
            if not isinstance(one, str | int | float | bool | None) or (isinstance(one, str) and len(one) > MAX_TEXT):
                raise ValueError(f"audit: '{name}' is neither an identifier nor a count nor a list of them")
    text = json.dumps(dict(detail), sort_keys=True)
    if len(text) > MAX_DETAIL:
        raise ValueError("audit: the detail is too long; count instead of listing")
    return text


# -- reading and checking

def walk(connection: Connection) -> Iterator[Entry]:
    """The entries in order, a few thousand in memory at a time."""
    after = -(2**62)  # an entry numbered 0 or less would be a forgery, and must be met
    while True:
        chosen = select(*AUDIT.columns).where(AUDIT.c.seq > after).order_by(AUDIT.c.seq).limit(_FETCH)
        rows = connection.execute(chosen).all()
        yield from (Entry(*row) for row in rows)
        if len(rows) < _FETCH:
            return
        after = rows[-1].seq


def verify(entries: Iterable[Entry], key: bytes, anchors: list[Kept]) -> Verdict:
    """Walk the entries in order: number, link and hash of each; then the anchors.

    The anchors are in order of time; after a restored backup those of lost entries are set aside.
    """
    wanted: dict[int, set[str]] = {}
    limit, aside = None, 0
    for kept in reversed(anchors):
        if limit is not None and kept.anchor.seq > limit:
            aside += 1
            continue
        wanted.setdefault(kept.anchor.seq, set()).add(kept.anchor.hash)
        if kept.why == "restore":
            limit = kept.anchor.seq if limit is None else min(limit, kept.anchor.seq)
    last, count, bad, reason = Anchor(0, FIRST_PREV), 0, None, ""
    for entry in entries:
        count += 1
        reason = _fault(entry, last, key, wanted.get(entry.seq, set()))
        last = Anchor(entry.seq, entry.hash)
        if reason:
            bad = entry.seq if entry.seq <= count else count
            break
    if bad is None and wanted and max(wanted) > last.seq:
        bad, reason = last.seq + 1, f"entries up to {max(wanted)} were anchored and are gone"
    return Verdict(count, last, bad, reason, sum(map(len, wanted.values())), aside)


def _fault(entry: Entry, last: Anchor, key: bytes, anchored: set[str]) -> str:
    if entry.seq != last.seq + 1:
        return f"entry {last.seq + 1} is missing"
    if entry.prev != last.hash:
        return "it does not follow the entry before it"
    if not hmac.compare_digest(entry.hash, hash_of(key, entry[:6])):
        return "it was altered, or made with another key"
    if anchored - {entry.hash}:
        return "it is not the entry that was anchored"
    return ""
