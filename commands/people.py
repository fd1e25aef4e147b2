"""`scoping people`: the team's own table of roles, and who is signed in."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import Any

from commands import base
from commands.base import Add
from geo_data.errors import InputError
from settings import Settings


def register(add: Add) -> None:
    sub = add("people", people, "who may use the screens when roles are kept here (roles_from = \"table\"), and who is signed in")
    sub.add_argument("action", choices=("list", "set", "remove", "end"), help="end: sign somebody out everywhere")
    sub.add_argument("name", nargs="?", help="as the provider names them, as a rule their e-mail address")
    sub.add_argument("--roles", default="", help="joined by commas")
    sub.add_argument("--agency", default="", help="police, authority, health, education or voluntary")
    sub.add_argument("--areas", nargs="+", default=[], metavar="AREA", help="GSS codes and forces whose rows they may see, or *")


def people(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    from geo_data.keeping.sign_ins import People, SignIns
    from geo_data.people import Person

    now = datetime.now(UTC)
    with base.open_store(arguments, settings, new=True) as store:
        team = People(store)
        if arguments.action == "list":
            return {"people": team.all().to_dict("records"), "signed_in": SignIns(store).living(now).to_dict("records")}
        if not arguments.name:
            raise InputError("Name the person.", where="people")
        if arguments.action == "end":
            return {"ended": SignIns(store).end_all(arguments.name.strip().lower(), base.actor(), now)}
        if arguments.action == "remove":
            team.remove(arguments.name, base.actor())
            return {"removed": arguments.name}
        team.put(Person("", arguments.name, frozenset(base.listed(arguments.roles)), arguments.agency,
                        frozenset(arguments.areas)), base.actor(), now)
        return {"set": arguments.name}
