"""`scoping changes`: one review and all that is known of its changes. `scoping calibrate`: what chance alone would give."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from commands import base
from commands.base import Add
from commands.hotspots import dials, parameters_of
from geo_data.errors import InputError
from settings import Settings

if TYPE_CHECKING:
    import pandas as pd

    from geo_data.keeping.store import Store
    from scoping.scope import Scoped

RUNS = 200


def register(add: Add) -> None:
    sub = add("changes", changes, "review the changes of one window, each beside what chance alone gives")
    dials(sub, window="rolling:91d:28d")
    sub.add_argument("--review", metavar="MONTH",
                     help="2025-03: the last window complete by the end of that month (default: the latest)")
    sub.add_argument("--chance", type=int, default=RUNS, metavar="RUNS", help=f"shuffles of the dates (default {RUNS}; 0 for none)")
    sub.add_argument("--freeze", action="store_true", help="keep what this review says as its next version")
    sub = add("calibrate", calibrate, "how many changes chance alone gives a review, for each least number of children")
    dials(sub, window="rolling:91d:28d")
    sub.add_argument("--least", default="3,4,5,6,8", help="numbers to try, joined by commas (default 3,4,5,6,8)")
    sub.add_argument("--runs", type=int, default=20, help="shuffles of the dates for each (default 20)")


def changes(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """The review, through the one door; the frozen version and what differs from it, when there is one."""
    from geo_data.keeping.reviews import Reviews
    from geo_data.placing import territory
    from geo_data.placing.naming import describe
    from geo_data.schema import ROLES
    from scoping.change import findings, review, school_year, versions
    from scoping.scope import scope
    from scoping.showing import changes as showing
    from scoping.showing import disclosure, report
    from scoping.showing.review import differences
    from scoping.showing.review import review as through_the_door

    if arguments.chance < 0:
        raise InputError("The number of shuffles cannot be negative.", where="--chance")
    parameters = parameters_of(arguments)
    if len(parameters.roles) != 1:
        raise InputError("A review looks at one role.", fix="Name one of found, pickup and last_seen.", where="--role")
    role, today = parameters.roles[0], date.today()
    breaks = school_year.parse(settings.school_holidays)
    with base.open_store(arguments, settings) as store:
        collection = base.collection(store, arguments.collection)
        locations, episodes = store.locations(collection), store.episodes(collection)
        by_role = {each: scope(locations, replace(parameters, roles=(each,)), today) for each in ROLES}
        month = arguments.review or _latest(by_role[role])
        beyond = territory.beyond(base.gazetteer(settings), territory.forces(episodes["recording_force"]))
        found = findings.find(by_role, role, month=month, episodes=episodes, breaks=breaks, beyond=beyond)
        releases = {each: disclosure.release(scoped, base.rules(settings), synthetic=collection == "demo")
                    for each, scoped in by_role.items()}
        chance = _chance(store, by_role[role], arguments, today, month)
        names = report.names(releases[role], partial(describe, base.gazetteer(settings)))
        seen = through_the_door(releases, role, found, chance)
        answer = {"collection": collection, **showing.report(seen, names, month)}
        said = versions.frozen(by_role[role], review.reviewed(by_role[role], month))
        kept, key = Reviews(store), json.dumps(parameters.as_dict())
        if arguments.freeze:
            answer["frozen"] = kept.freeze(collection, key, month, json.dumps(said), data_version=store.version(collection),
                                           actor=base.actor())
        old = kept.versions(collection, key, month)
        answer["versions"] = [{"number": row["number"], "frozen_at": row["frozen_at"], "actor": row["actor"]}
                              for row in old.to_dict("records")]
        if len(old):
            told = differences(seen, json.loads(old["content"].iloc[-1]), said, parameters.eps_m)
            answer["differences"] = told.to_dict("records")
    return answer


def _latest(scoped: Any) -> str:
    from scoping import coverage
    from scoping.change.review import months, reviewed

    reviewed(scoped)  # raises when there is none
    return months(scoped.windows, coverage.no_data(scoped.locations, scoped.windows))[-1]


def _chance(store: Store, scoped: Scoped, arguments: argparse.Namespace, today: date, month: str) -> pd.DataFrame | None:
    """What chance gives: kept from before, else counted and kept."""
    from geo_data.keeping.reviews import Reviews
    from scoping.change import calibrate as counting

    if not arguments.chance:
        return None
    collection = base.collection(store, arguments.collection)
    kept, key = Reviews(store), counting.kept_for(scoped, arguments.chance, today, month)
    version = store.version(collection)
    text = kept.kept(collection, counting.KEPT, key, version)
    if text is None:
        tell = base.counter(arguments, "Shuffle", every=20)
        found = counting.expected_by_window(scoped.locations, scoped.parameters, runs=arguments.chance, today=today, progress=tell,
                                            month=month, scoped=scoped)
        kept.keep(collection, counting.KEPT, key, version, counting.as_text(found))
        return found
    return counting.from_text(text)


def calibrate(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """The least number of children with which chance alone gives at most one new hotspot a review."""
    from scoping.change.calibrate import least_children

    try:
        choices = sorted({int(text) for text in base.listed(arguments.least)})
    except ValueError:
        raise InputError("These are not numbers of children.", where="--least", fix="Write them as 3,4,5,6,8.") from None
    if arguments.runs < 1 or not choices:
        raise InputError("At least one shuffle and one number are needed.", where="--runs, --least")
    parameters = parameters_of(arguments)
    with base.open_store(arguments, settings) as store:
        collection = base.collection(store, arguments.collection)
        locations = store.locations(collection)
    tell = base.counter(arguments, "Shuffle", every=20)
    table = least_children(locations, parameters, choices, runs=arguments.runs, today=date.today(), progress=tell)
    enough = table.loc[table["enough"], "min_children"]
    return {"collection": collection, "parameters": parameters.as_dict(), "a_review": table.round(2).to_dict("records"),
            "suggested_min_children": int(enough.min()) if len(enough) else None}
