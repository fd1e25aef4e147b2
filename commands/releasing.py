"""What every command that releases does alike: the proposal, the particulars, the day of review."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from commands import base
from geo_data.errors import DisclosureError, InputError
from settings import Settings

if TYPE_CHECKING:
    from geo_data.ground.backdrop import Paper
    from geo_data.keeping.store import Store
    from geo_data.placing.gazetteer import Gazetteer
    from scoping.showing.desk import Proposal
    from scoping.showing.snapshot import About

KEEP = timedelta(days=365)


def review_by(arguments: argparse.Namespace) -> date:
    """The day by which a file is reviewed or destroyed: as asked, after today, else a year from now. Raises `InputError`."""
    asked = base.day(arguments.review_by, "--review-by")
    if asked is not None and asked <= date.today():
        raise InputError("A file is to be reviewed or destroyed on a day after today.", where="--review-by",
                         fix="Give a later day, or leave it out: a year from now.")
    return asked or date.today() + KEEP


def proposal(arguments: argparse.Namespace, settings: Settings, store: Store, collection: str) -> Proposal:
    """The release of `--period` and `--role` to `--tier`. Raises `DisclosureError` when the policy does not let the role."""
    from geo_data.keeping.interviews import Interviews
    from geo_data.keeping.releases import Register
    from geo_data.placing.addresses import addresses
    from scoping.parameters import Parameters
    from scoping.showing import desk
    from scoping.showing.partition import Addresses
    from scoping.showing.periods import Period
    from scoping.showing.publication import Chosen

    rules = base.rules(settings)
    store.hold(base.actor(), "policy", rules.dials())
    if not rules.may(arguments.author_role, arguments.tier):
        raise DisclosureError(f"This role may not release to {arguments.tier}.", where="--author-role",
                              fix="The policy's [may_release] says which roles may.")
    if collection == "sample":
        raise InputError("Public sample data are not released.", where="--collection", fix="Name episodes or demo.")
    scoped = Chosen(store.locations(collection), Parameters(roles=base.listed(arguments.role)))
    return desk.propose(
        Register(store), collection, scoped, rules=rules, tier=arguments.tier, period=Period.parse(arguments.period),
        addresses=lambda: Addresses.of(*addresses(base.gazetteer(settings))),
        episodes=Interviews(store).over(collection, store.episodes(collection)), today=date.today())


@contextmanager
def written(files: Mapping[Path, bytes]) -> Iterator[None]:
    """The files lie there while what follows registers them; if writing or registering fails, none of them stays.

    A file of the same name that lay there before is the same release's, and stays.
    """
    new = [path for path in files if not path.exists()]
    try:
        for path, data in files.items():
            base.save(path, data, "--out")
        yield
    except BaseException:
        for path in new:
            path.unlink(missing_ok=True)
        raise


def about(arguments: argparse.Namespace, settings: Settings, collection: str, title: str) -> About:
    """The particulars of a file, as asked for, else of the settings."""
    from geo_data.ground.backdrop import credits_of
    from geo_data.placing.gazetteer import ATTRIBUTION
    from scoping.showing.dressing import particulars

    asked = vars(arguments)
    return particulars(
        title, demo=collection == "demo", area=asked.get("area") or settings.area,
        authority=asked.get("authority") or settings.authority, contact=asked.get("contact") or settings.contact,
        author_role=arguments.author_role, purpose=arguments.purpose, today=date.today(), review_by=review_by(arguments),
        attribution=[*ATTRIBUTION, *credits_of(settings.basemap_folder)], version=base.version())


def paper(settings: Settings, gazetteer: Gazetteer, collection: str) -> Paper:
    """What the ground of a printed map of a collection is made from."""
    from geo_data.ground.backdrop import Paper

    demo = collection == "demo"
    return Paper(gazetteer, settings.demo_map_folder if demo else None, None if demo else settings.basemap_folder)
