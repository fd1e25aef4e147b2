"""The minutes of a review: what was decided, what is done, by whom and until when. Plain text, no count below its tier."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from textwrap import fill

import pandas as pd

from geo_data.concern import ACTION_KINDS, OPEN_STATUSES, STATUSES, VERDICTS, Held
from geo_data.schema import PLACE_TYPES, ROLE_LABELS
from scoping.meeting.agenda import REASONS, called, late, of_edition
from scoping.showing.editions import Edition

WIDTH = 92


def minutes(edition: Edition, marking: str, held: Held, today: date) -> str:
    """The minutes of the review of `edition`'s period; the marking stands above and below.

    Its decisions are those about its own places; what is done and what is late is told of the whole register.
    """
    names, actions = called(held, edition.role), held.actions
    kinds = dict(zip(held.places["id"].tolist(), held.places["place_type"], strict=True))
    mine = of_edition(edition, held).verdicts
    mine = mine[mine["review"] == edition.period.key]
    lines = [marking, "", f"Risk Management Group: review of {edition.period.label}",
             f"{ROLE_LABELS[edition.role]} places. Records until {edition.cut_off or 'not stated'}. Written {today:%d %B %Y}.", ""]
    lines += ["Decisions", *_or_none(_wrapped(
        f"{names[row['concern']]} ({PLACE_TYPES[kinds[row['concern']]].label}): {VERDICTS[row['verdict']]}"
        f"{'. ' + row['reason'] if isinstance(row['reason'], str) else ''} [{row['actor']}]"
        for row in mine.to_dict("records"))), ""]
    going = actions[actions["status"].isin(OPEN_STATUSES)]
    lines += ["Actions planned or under way", *_or_none(_wrapped(_action(row, names) for row in going.to_dict("records"))), ""]
    overdue = late(held, today)
    lines += ["Late", *_or_none(_wrapped(
        f"{names[row['concern']]}: {REASONS[row['why']].lower()}, {row['days_late']} days"
        f"{', ' + row['owner'] if row['owner'] else ''}" for row in overdue.to_dict("records"))), ""]
    lines += [fill("Indicative, based on reported missing episodes; not evidence about any person or business. Reporting and "
                   "return interviews vary; silence is not safety.", WIDTH), "", marking]
    return "\n".join(lines) + "\n"


def _action(row: dict[object, object], names: dict[int, str]) -> str:
    until = f", expires {row['expires']:%d %b %Y}" if not pd.isna(row["expires"]) else ""  # type: ignore[call-overload]
    return (f"{names[int(str(row['concern']))]}: {ACTION_KINDS[str(row['kind'])].label}. {row['owner']}, {row['agency']}. From "
            f"{row['starts']:%d %b %Y}{until}, look again by {row['review_by']:%d %b %Y}. {STATUSES[str(row['status'])]}.")


def _wrapped(items: Iterable[str]) -> list[str]:
    return [fill(item, WIDTH, initial_indent="- ", subsequent_indent="  ") for item in items]


def _or_none(lines: list[str]) -> list[str]:
    return lines or ["- none"]
