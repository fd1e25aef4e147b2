"""`scoping store`, `backup` and `restore`: a whole store moved, kept and brought back, every row compared."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commands import base
from commands.base import Add
from geo_data.errors import InputError, StoreError
from settings import Settings

if TYPE_CHECKING:
    from geo_data.keeping.transfer import Copied


_ANOTHER_KEY = ("All was restored, but its audit is not whole under this audit.key. If the backup was made under another key, "
                "restore it again with that one: under this one a later file brings erased episodes back.")


def register(add: Add) -> None:
    sub = add("store", store_, "copy one store into another, empty one (file to server and back), or tell what it holds")
    sub.add_argument("action", choices=("copy", "status"))
    sub.add_argument("source", nargs="?", metavar="FROM", help="URL of the store to copy")
    sub.add_argument("target", nargs="?", metavar="TO", help="URL of a new file or an empty database")

    sub = add("backup", backup, "write a backup of the store to a new file and read it back")
    sub.add_argument("file", type=Path, metavar="FILE.db")

    sub = add("restore", restore, "bring a backup into a new file or an empty database (--store URL) and read it back")
    sub.add_argument("file", type=Path, metavar="FILE.db")


def store_(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """Copy with every row compared before anything is kept; or what the store holds."""
    from geo_data.keeping import transfer
    from geo_data.keeping.audit import seal
    from geo_data.keeping.store import Store

    if arguments.action == "status":
        with base.open_store(arguments, settings) as store:
            return {"store": store.place, "collections": store.collections().to_dict("records"), "audit": str(store.last())}
    if not arguments.source or not arguments.target:
        raise InputError("Name the store to copy and the one to copy into.", where="store copy",
                         fix="Write: scoping store copy sqlite:///a.db postgresql://user@host/database.")
    base.must_be_there(arguments.source, "store copy")
    kept = seal(settings.home, settings.audit_key)
    with Store(arguments.source, kept) as source, Store(arguments.target, kept) as target:
        done = transfer.copy(source, target, base.actor(), progress=base.progress(arguments))
        source.note(base.actor(), "copy store", {"to": target.place[-150:]})
    return _told(done)


def backup(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    from geo_data.keeping import transfer

    with base.open_store(arguments, settings) as store:
        return _told(transfer.backup(store, arguments.file, base.actor(), base.progress(arguments)))


def restore(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """Exit code 4 when the audit that came with it is not as it was written, or was written under another key."""
    from geo_data.keeping import transfer

    with base.open_store(arguments, settings, new=True) as store:
        done, found = transfer.restore(arguments.file, store, base.actor(), base.progress(arguments))
    answer = _told(done) | {"audit_whole": found.whole}
    if not found.whole:
        arguments.exit_code = StoreError.exit_code
        answer |= {"first_bad": found.first_bad, "reason": found.reason, "note": _ANOTHER_KEY}
    return answer


def _told(done: Copied) -> dict[str, Any]:
    return {"from": done.source, "to": done.target, "rows": {name: n for name, n in done.rows.items() if n},
            "compared": sum(done.rows.values()), "anchor": str(done.anchor)}
