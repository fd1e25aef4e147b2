"""`scoping snapshot`, `scoping releases`, `scoping attack`: what leaves the team, the register of it, and proof that it is safe."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commands import base, releasing
from commands.base import Add
from geo_data.errors import DisclosureError, InputError
from settings import Settings

if TYPE_CHECKING:
    from scoping.showing.desk import Proposal
    from scoping.showing.snapshot import Snapshot


def register(add: Add) -> None:
    sub = add("snapshot", snapshot, "release a period to the RMG or to briefings, and write its files")
    sub.add_argument("--period", required=True, help="2025-03, 2025-Q1, 2025-H1 or 2025")
    sub.add_argument("--tier", choices=("rmg", "briefing"), required=True)
    sub.add_argument("--role", default="found", help="found, pickup or last_seen (default found)")
    sub.add_argument("--out", type=Path, metavar="DIR", help="folder for the files; without it nothing is released, only shown")
    sub.add_argument("--format", default="pdf", help="pdf, png, svg, pptx, html, xlsx, csv, gpkg, geojson, kml; joined by commas")
    sub.add_argument("--purpose", default="", help="what it is for; printed and registered")
    sub.add_argument("--author-role", default="analyst", help="role of who makes it (default analyst)")
    sub.add_argument("--title", default="", help="default: by the role of the places")
    sub.add_argument("--area", default="", help="name of the area (default: the setting 'area')")
    sub.add_argument("--authority", default="", help="force or authority that answers for it (default: the setting 'authority')")
    sub.add_argument("--contact", default="", help="mailbox of a role, not of a person (default: the setting 'contact')")
    sub.add_argument("--review-by", metavar="DATE", help="day by which it is reviewed or destroyed (default: in a year)")
    sub.add_argument("--collection", help="episodes or demo (default: the first that holds data)")
    sub = add("releases", releases, "the register of what was released: list it, verify a file, recall one")
    sub.add_argument("action", choices=("list", "verify", "recall"))
    sub.add_argument("what", nargs="?", help="verify: the file; recall: its number in the list")
    sub.add_argument("--reason", default="", help="recall: why")
    sub = add("attack", attack, "attack invented releases, and plant leaks to see them found")
    sub.add_argument("--seeds", type=int, default=1, metavar="N", help="invented cities of each kind (default 1)")


def snapshot(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """Without `--out` a dry run: what would be shown, what withheld and why."""
    from geo_data.grid import to_wgs84
    from geo_data.keeping.releases import Register
    from scoping.showing import desk
    from scoping.showing.formats import make

    review = releasing.review_by(arguments)
    with base.open_store(arguments, settings) as store:
        collection = base.collection(store, arguments.collection)
        register_ = Register(store)
        proposal = releasing.proposal(arguments, settings, store, collection)
        taken = _snapshot(arguments, settings, proposal, collection)
        answer = _told(taken)
        if arguments.out is None:
            return answer | {"released": False, "note": "Nothing was released. Name a folder with --out to release it."}
        if not arguments.purpose.strip():
            raise InputError("A release needs its purpose.", where="--purpose", fix="Say in a few words what it is for.")
        files = make(taken, base.listed(arguments.format), to_wgs84)
        paths = {made: arguments.out / taken.file_name(made.format) for made in files}
        if not arguments.out.is_dir():
            raise InputError("There is no such folder.", where="--out")
        with releasing.written({path: made.data for made, path in paths.items()}):
            desk.sign(register_, proposal, base.actor(), files, snapshot_id=taken.id, title=taken.about.title,
                      author_role=taken.about.author_role, purpose=taken.about.purpose, review_by=review)
    return answer | {"released": True, "files": [{"file": str(path), "sha256": made.sha256, "bytes": len(made.data)}
                                                 for made, path in paths.items()]}


def _snapshot(arguments: argparse.Namespace, settings: Settings, proposal: Proposal, collection: str) -> Snapshot:
    from geo_data.placing.naming import describe
    from scoping.showing import report
    from scoping.showing.snapshot import TITLES, Backdrop, Snapshot

    release, gazetteer = proposal.release, base.gazetteer(settings)
    about = releasing.about(arguments, settings, collection, arguments.title or TITLES[release.editions[-1].role])
    names = report.names(release, partial(describe, gazetteer))
    plain = Snapshot(release, about, names)
    return Snapshot(release, about, names, Backdrop(*releasing.paper(settings, gazetteer, collection).ground(*plain.around())))


def _told(taken: Snapshot) -> dict[str, Any]:
    return {"marking": taken.marking, "tier": taken.release.tier, "period": taken.release.editions[-1].period.key,
            "shown": taken.period, "reason": taken.release.reason, "snapshot": taken.id,
            "places": [{name: value for name, value in place._asdict().items() if name != "rings"} for place in taken.places()],
            "withheld": list(taken.release.withheld), "figures": dict(taken.facts())}


def releases(arguments: argparse.Namespace, settings: Settings) -> Any:
    """Exit code 5 when a file to be verified is not known, was changed or has been recalled."""
    from geo_data.keeping.releases import Register

    with base.open_store(arguments, settings) as store:
        register_ = Register(store)
        if arguments.action == "list":
            return {"releases": register_.snapshots().drop(columns=["parameters"]).to_dict("records")}
        if not arguments.what:
            raise InputError("Name the file." if arguments.action == "verify" else "Give the number of the file in the list.",
                             where=arguments.action)
        if arguments.action == "recall":
            if not arguments.what.isdecimal():
                raise InputError("This is not a number of the list.", where="recall")
            register_.recall(int(arguments.what), arguments.reason, base.actor())
            return {"recalled": int(arguments.what), "reason": arguments.reason}
        return _verified(arguments, register_)


def _verified(arguments: argparse.Namespace, register_: Any) -> dict[str, Any]:
    from scoping.showing.desk import Made

    found = register_.find(Made("", base.read(Path(arguments.what))).sha256)
    if found.empty:
        arguments.exit_code = DisclosureError.exit_code
        return {"known": False, "note": "This file was not released from here, or it has been changed since."}
    row = found.iloc[0].drop("parameters").to_dict()
    recalled = found["recalled_at"].notna().any()
    if recalled:
        arguments.exit_code = DisclosureError.exit_code
    return {"known": True, "recalled": bool(recalled), "release": row}


def attack(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """Exit code 5 when anything was found, or a planted leak was not. Needs no data and touches none."""
    from scoping.attack.report import attack as attack_all

    if not 1 <= arguments.seeds <= 20:
        raise InputError("Give between 1 and 20 cities of each kind.", where="--seeds")
    tell = base.progress(arguments) or (lambda fraction, text: None)
    report = attack_all(range(1, arguments.seeds + 1), tell=tell)
    if not report["safe"]:
        arguments.exit_code = DisclosureError.exit_code
    return report
