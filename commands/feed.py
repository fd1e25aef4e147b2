"""`scoping feed`: the daily files of the watched folder. Safe to schedule: it may run at any time, and twice."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import Any

from commands import base
from commands.base import Add
from settings import Settings


def register(add: Add) -> None:
    sub = add("feed", feed, "the daily files of the watched folder: import them, or say what came and what is missing")
    sub.add_argument("action", choices=("run", "status"))


def feed(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """`run` deals with every file that has arrived whole; `status` says what came from whom.

    Ends with 2 when a file was put aside, or, for `status`, when a sender is overdue: a scheduler can tell somebody.
    """
    from geo_data.errors import InputError
    from geo_data.reading.feed import run, status
    from geo_data.reading.profiles import adopt

    adopt(settings.profiles_folder)
    now = datetime.now(UTC)
    with base.open_store(arguments, settings, new=True) as store:
        answer: dict[str, Any] = {"folder": str(settings.feed_folder)}
        if arguments.action == "run":
            done = run(settings.feed_folder, store, base.gazetteer(settings), now=now, keep_days=settings.feed_keep_days,
                       actor=base.actor(), progress=base.progress(arguments))
            answer |= {"files": [vars(one) for one in done.handled], "left_for_next_run": list(done.left), "cleared": done.cleared}
            if any(one.outcome == "quarantined" for one in done.handled):
                arguments.exit_code = InputError.exit_code
        told = status(settings.feed_folder, store, now)
        answer["senders"] = told.to_dict("records")
        if arguments.action == "status" and told["overdue"].any():
            arguments.exit_code = InputError.exit_code
    return answer
