"""`scoping pack`: the page that the Risk Management Group decides on, released and registered."""

from __future__ import annotations

import argparse
import time
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from commands import base, releasing
from commands.base import Add
from geo_data.errors import InputError
from settings import Settings


def register(add: Add) -> None:
    sub = add("pack", pack, "the page of a month, quarter, half-year or year for the Risk Management Group, as PDF, PPTX, HTML")
    sub.add_argument("--month", "--period", dest="period", required=True, metavar="PERIOD",
                     help="2025-03, 2025-Q1, 2025-H1 or 2025")
    sub.add_argument("--tier", default="rmg", choices=("rmg", "briefing"), help="for whom (default rmg)")
    sub.add_argument("--role", default="found", choices=("found", "last_seen", "pickup"), help="which places (default found)")
    sub.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write to")
    sub.add_argument("--format", default="pdf,pptx,html", help="pdf, pptx, html; joined by commas (default all)")
    sub.add_argument("--collection", help="episodes or demo (default: the first of these that holds data)")
    sub.add_argument("--author-role", default="analyst", help="post of who makes it, never a name (default analyst)")
    sub.add_argument("--purpose", default="the monthly meeting of the Risk Management Group")
    sub.add_argument("--review-by", metavar="DATE", help="day by which it is reviewed or destroyed (default a year from now)")


def pack(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """Propose the release, draw it, write the files and register them: a full disk releases nothing, and what is not registered
    does not lie about."""
    from geo_data.keeping.concerns import Concerns
    from geo_data.keeping.releases import Register
    from geo_data.placing.naming import describe
    from scoping.showing import desk
    from scoping.showing.dressing import dress
    from scoping.showing.pack import pack as made_of
    from scoping.showing.pack_files import make

    began = time.perf_counter()
    review_by = releasing.review_by(arguments)
    if not arguments.out.is_dir():
        raise InputError("This folder does not exist.", where="--out", fix="Make it first, or name another.")
    with base.open_store(arguments, settings) as store:
        collection = base.collection(store, arguments.collection)
        gazetteer, register_ = base.gazetteer(settings), Register(store)
        proposal = releasing.proposal(arguments, settings, store, collection)
        about = releasing.about(arguments, settings, collection, "Risk Management Group")
        snapshot = dress(proposal.release, about, partial(describe, gazetteer),
                         releasing.paper(settings, gazetteer, collection).ground)
        made = made_of(snapshot, Concerns(store).held(collection), date.today())
        files = make(made, base.listed(arguments.format))
        names = {each.format: arguments.out / snapshot.file_name(each.format) for each in files}
        with releasing.written({names[each.format]: each.data for each in files}):
            desk.sign(register_, proposal, base.actor(), files, snapshot_id=snapshot.id, title=made.title,
                      author_role=about.author_role, purpose=about.purpose, review_by=review_by)
        anchor = str(store.anchor())
    release = proposal.release
    return {"title": made.title, "snapshot": snapshot.id, "period": release.editions[-1].period.key, "tier": release.tier,
            "reason": release.reason, "places": len(made.lines), "withheld": list(release.withheld), "audit": anchor,
            "files": [{"format": each.format, "path": str(names[each.format]), "sha256": each.sha256, "bytes": len(each.data)}
                      for each in files],
            "seconds": round(time.perf_counter() - began, 2)}
