"""`scoping borders`: flows between authorities, whom a published place concerns, and one agency's extract."""

from __future__ import annotations

import argparse
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commands import base
from commands.base import Add
from geo_data.errors import DisclosureError, InputError
from settings import Settings

if TYPE_CHECKING:
    from geo_data.keeping.store import Store
    from scoping.showing.editions import Edition
    from scoping.showing.rules import Rules


def register(add: Add) -> None:
    sub = add("borders", borders, "flows between authorities, whom a released place concerns, what one agency may be given")
    sub.add_argument("action", choices=("flows", "tell", "extract"))
    sub.add_argument("--collection", help="episodes or demo (default: the first of these that holds data)")
    sub.add_argument("--tier", default="briefing", choices=("rmg", "briefing"),
                     help="tell, extract: of which releases (default briefing)")
    sub.add_argument("--role", default="found", help="tell, extract: found, pickup or last_seen (default found)")
    sub.add_argument("--period", help="tell, extract: the released period, such as 2025-Q1 (default: the last one)")
    sub.add_argument("--agency", help="extract: the receiving authority or force, as 'tell' writes it")
    sub.add_argument("--author-role", default="analyst", help="extract: your role (default analyst)")
    sub.add_argument("--out", type=Path, metavar="FILE.csv", help="extract: where to write it")


def borders(arguments: argparse.Namespace, settings: Settings) -> Any:
    """The same three answers as the page across borders, through the same door."""
    from scoping.showing import bordering

    rules = base.rules(settings)
    with base.open_store(arguments, settings) as store:
        collection = base.collection(store, arguments.collection)
        if collection == "sample":
            raise InputError("Public sample data know no authorities.", where="--collection", fix="Name episodes or demo.")
        episodes = store.episodes(collection)
        if arguments.action == "flows":
            shown = bordering.release(episodes, rules, today=date.today(), synthetic=collection == "demo")
            return {"collection": collection, "marking": shown.marking, "withheld": shown.withheld,
                    "flows": shown.flows.to_dict("records")}
        edition, locations = _edition(arguments, store, collection), store.locations(collection)
        if arguments.action == "tell":
            found = bordering.to_tell(edition, locations, episodes, rules, today=date.today())
            found.insert(1, "name", found["place"].map(_names(settings, store, collection, rules, edition)))
            return {"collection": collection, "period": edition.period.key, "tier": edition.tier, "tell": found.to_dict("records")}
        made = bordering.extract(edition, locations, episodes, _agency(arguments, rules, edition), rules, today=date.today())
        store.note(base.actor(), "export extract", {"collection": collection, "agency": arguments.agency[:80],
                                                    "period": edition.period.key, "tier": edition.tier, "places": len(made)})
        base.save(arguments.out, bordering.extract_csv(made, edition, arguments.agency, rules, str(store.anchor())), "--out")
        return {"written": str(arguments.out), "agency": arguments.agency, "period": edition.period.key, "places": len(made)}


def _edition(arguments: argparse.Namespace, store: Store, collection: str) -> Edition:
    """The released period that is asked for; by default the last that was released."""
    from geo_data.keeping.releases import Register
    from scoping.showing import desk
    from scoping.showing.periods import Period

    kept = [each for each in desk.released(Register(store), collection, arguments.tier) if each.role == arguments.role]
    wanted = Period.parse(arguments.period).key if arguments.period else None
    found = [each for each in kept if wanted in (None, each.period.key)]
    if not found:
        raise DisclosureError("No such period was released.", where="--period",
                              fix="Whom to tell is worked out for released places: release the period first ('scoping snapshot').")
    return found[-1]


def _names(settings: Settings, store: Store, collection: str, rules: Rules, edition: Edition) -> dict[str, str]:
    """The places of an edition in words, as its files name them."""
    from geo_data.keeping.releases import Register
    from geo_data.placing.naming import describe
    from scoping.showing import desk, report

    return report.names(desk.reopen(Register(store), collection, rules, edition), partial(describe, base.gazetteer(settings)))


def _agency(arguments: argparse.Namespace, rules: Rules, edition: Edition) -> str:
    if not arguments.agency or not arguments.out:
        raise InputError("Name the receiving agency and the file.", where="borders extract",
                         fix="Use --agency NAME --out FILE.csv.")
    if not rules.may(arguments.author_role, edition.tier):
        raise DisclosureError(f"This role may not release to {edition.tier}.", where="--author-role",
                              fix="The policy's [may_release] says which roles may.")
    return str(arguments.agency)
