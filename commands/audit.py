"""`scoping audit`: check that nobody changed it, take it out, keep its end elsewhere."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from commands import base
from commands.base import Add
from geo_data.errors import InputError, StoreError
from settings import Settings


def register(add: Add) -> None:
    sub = add("audit", audit_, "who did what: verify the chain, export it, or print the anchor of its end")
    sub.add_argument("action", choices=("verify", "export", "anchor"))
    sub.add_argument("--anchors", type=Path, metavar="FILE", help="compare every anchor of this file "
                                                                  "(default: those kept in the home folder for this store)")
    sub.add_argument("--out", type=Path, metavar="FILE.csv", help="export: where to write the entries")


def audit_(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """Exit code 4 when an entry is not as it was written."""
    with base.open_store(arguments, settings) as store:
        if arguments.action == "verify":
            return _verify(arguments, store)
        if arguments.action == "export":
            return _export(arguments, store)
        return {"anchor": str(store.anchor()), "store": store.place}


def _verify(arguments: argparse.Namespace, store: Any) -> dict[str, Any]:
    from geo_data.keeping.audit import kept_anchors

    if arguments.anchors and not arguments.anchors.is_file():
        raise InputError("There is no such file of anchors.", where="--anchors")
    found = store.verify(kept_anchors(arguments.anchors) if arguments.anchors else None)
    if not found.whole:
        arguments.exit_code = StoreError.exit_code
    answer: dict[str, Any] = {"whole": found.whole, "entries": found.entries, "anchors_compared": found.anchors}
    if found.set_aside:
        answer["anchors_before_a_restore"] = found.set_aside
    if not found.whole:
        answer |= {"first_bad": found.first_bad, "reason": found.reason}
    elif not found.anchors:
        answer["note"] = "No anchor was compared: a cut end would not show. Keep one with 'scoping audit anchor'."
    return answer | {"anchor": str(found.last)}


def _export(arguments: argparse.Namespace, store: Any) -> dict[str, Any]:
    from geo_data.safe_cell import safe_csv

    if not arguments.out:
        raise InputError("Name the file to write.", where="--out")
    store.note(base.actor(), "export audit", {})
    entries = store.entries()
    base.save(arguments.out, safe_csv(entries.assign(at=entries["at"].astype("str"))), "--out")
    actions = json.loads(entries["action"].value_counts().sort_index().to_json())
    return {"written": str(arguments.out), "entries": len(entries), "actions": actions, "anchor": str(store.anchor())}
