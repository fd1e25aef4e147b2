"""`scoping retention`: what is due for review, erasure by two people, and what is kept of one person."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import Any

from commands import base
from commands.base import Add
from geo_data.errors import InputError
from settings import Settings


def register(add: Add) -> None:
    sub = add("retention", retention, "review dates, erasure that a second person approves, what is kept of one person")
    sub.add_argument("action", choices=("due", "keep", "propose", "list", "approve", "withdraw", "extract"))
    sub.add_argument("refs", nargs="*", metavar="REF", help="episode references; for approve and withdraw the proposal's number; "
                                                            "for extract the person's pseudonym")
    sub.add_argument("--collection", default="episodes", help="default: episodes")
    sub.add_argument("--all-due", action="store_true", help="keep, propose: every episode that is due")
    sub.add_argument("--until", metavar="DATE", help="keep: the next review, YYYY-MM-DD")
    sub.add_argument("--reason", default="review", help="propose: review, request, error or order (default review)")
    sub.add_argument("--out", type=Path, metavar="FOLDER", help="extract: where to write the files")


def retention(arguments: argparse.Namespace, settings: Settings) -> Any:
    """The login of the operating system acts; an erasure needs two of them."""
    from geo_data.keeping.retention import Retention

    with base.open_store(arguments, settings) as store:
        kept = Retention(store)
        today = date.today()
        if arguments.action == "due":
            found = kept.due(arguments.collection, today)
            store.note(base.actor(), "view due for review", {"collection": arguments.collection, "episodes": len(found)})
            return {"due": len(found), "episodes": found.to_dict("records")}
        if arguments.action == "list":
            return kept.proposals().to_dict("records")
        if arguments.action in ("approve", "withdraw"):
            number = _number(arguments.refs)
            if arguments.action == "approve":
                return {"proposal": number, "erased": kept.approve(base.actor(), number)}
            kept.withdraw(base.actor(), number)
            return {"proposal": number, "erased": 0}
        if arguments.action == "extract":
            return _extract(arguments, kept)
        return _review(arguments, kept, today)


def _review(arguments: argparse.Namespace, kept: Any, today: date) -> dict[str, Any]:
    refs = arguments.refs or (kept.due(arguments.collection, today)["episode_ref"].tolist() if arguments.all_due else [])
    if arguments.action == "propose":
        number = kept.propose(base.actor(), arguments.collection, refs, arguments.reason)
        return {"proposal": number, "episodes": len(set(refs))}
    until = base.day(arguments.until, "--until")
    if until is None:
        raise InputError("Say until when they are kept.", where="--until", fix="Write it as YYYY-MM-DD.")
    return {"kept": kept.keep(base.actor(), arguments.collection, refs, until, today), "until": until.isoformat()}


def _number(refs: list[str]) -> int:
    if len(refs) != 1 or not refs[0].isdigit():
        raise InputError("Give the number of one proposal.", where="retention", fix="See 'scoping retention list'.")
    return int(refs[0])


def _extract(arguments: argparse.Namespace, kept: Any) -> dict[str, Any]:
    from geo_data.safe_cell import safe_csv

    if len(arguments.refs) != 1 or not arguments.out:
        raise InputError("Give one pseudonym, and the folder to write to.", where="retention extract", fix="Use --out FOLDER.")
    found = kept.subject(base.actor(), arguments.collection, arguments.refs[0])
    arguments.out.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, frame in found.items():
        base.save(arguments.out / f"{name.replace(' ', '-')}.csv", safe_csv(frame), "--out")
    return {"written": str(arguments.out), "rows": {name: len(frame) for name, frame in found.items()}}
