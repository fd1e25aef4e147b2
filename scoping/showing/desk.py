"""Releasing with the register: compare with everything published before, then sign what leaves.

Whoever releases, a page or a command, goes through here: `propose` reads the register and makes the release, `sign` enters it
with its files. Between the two someone may look; if another release was signed meanwhile, signing is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any, Protocol

import pandas as pd

from scoping.populations import COLUMNS
from scoping.scope import Scoped
from scoping.showing.disclosure import Chosen, Publication, Release, Rules, release
from scoping.showing.editions import Edition
from scoping.showing.gathering import gather
from scoping.showing.partition import Addresses
from scoping.showing.periods import Period
from scoping.showing.publication import EARLIER
from scoping.showing.published import INTERVIEWED, PRECISION_M
from scoping.windows import ZONE

NEEDED = tuple(dict.fromkeys((*COLUMNS, *INTERVIEWED, "extracted_at", "sharing_restriction", "review_by")))  # of EPISODES


class Register(Protocol):
    """What is needed of `geo_data.keeping.releases.Register`."""

    def editions(self, collection: str) -> list[str]: ...

    def grid(self, collection: str) -> bytes | None: ...

    def enter(self, collection: str, actor: str, *, seen: int, editions: Sequence[Mapping[str, str]],
              snapshots: Sequence[Mapping[str, Any]] = ..., grid: tuple[str, bytes] | None = ...) -> None: ...


@dataclass(frozen=True)
class Proposal:
    """A release that is not signed yet, and what it was compared with."""

    release: Release
    collection: str
    seen: int
    grid: tuple[str, bytes]


@dataclass(frozen=True)
class Made:
    """A file that was made of a release."""

    format: str
    data: bytes

    @property
    def sha256(self) -> str:
        return sha256(self.data).hexdigest()


def propose(register: Register, collection: str, scoped: Scoped | Chosen, *, rules: Rules, tier: str, period: Period,
            addresses: Callable[[], Addresses], episodes: pd.DataFrame | None = None, cut_off: str = "",
            today: date | None = None, longer: bool = True) -> Proposal:
    """The release of a period to rmg or briefing, beside everything published of the collection.

    `cut_off`: the day until which records were known, by default that of the latest extract.
    `addresses` is asked for only at the first release: later ones are drawn on the grid that the register keeps.
    Raises `DisclosureError` with the reason when it may not be made.
    """
    kept = register.grid(collection)
    grid = Addresses.load(kept) if kept else addresses()
    before = tuple(Edition.load(text) for text in register.editions(collection))
    publish = Publication(period, grid, before, episodes, cut_off or known_until(episodes), today, longer)
    made = release(scoped, rules, tier, synthetic=collection == "demo", publish=publish)
    return Proposal(made, collection, len(before), (grid.stamp, kept or grid.dump()))


def known_until(episodes: pd.DataFrame | None) -> str:
    """The day of the latest extract, local; empty when no record tells."""
    latest = None if episodes is None else episodes["extracted_at"].max()
    return "" if latest is None or pd.isna(latest) else str(latest.tz_convert(ZONE).date())


def released(register: Register, collection: str, tier: str) -> list[Edition]:
    """What was published of a collection to a tier, in order of registration."""
    return [each for each in (Edition.load(text) for text in register.editions(collection)) if each.tier == tier]


def reopen(register: Register, collection: str, rules: Rules, edition: Edition) -> Release:
    """The release that ends with a published edition, as it was published, from the register alone: no record is read."""
    kind = (edition.role, edition.filters, edition.period.kind, edition.grid)
    until = [each for each in released(register, collection, edition.tier)
             if (each.role, each.filters, each.period.kind, each.grid) == kind and each.period.start <= edition.period.start]
    before = sorted(until, key=lambda each: each.period.start)[-(EARLIER[edition.period.kind] + 1):]
    said = {"role": edition.role, "precision_m": PRECISION_M, **json.loads(edition.filters)}
    return gather(before, rules, edition.tier, synthetic=collection == "demo", parameters=said, reason="", fresh=())


def again(register: Register, collection: str, given: Release) -> Proposal:
    """A reopened release, to be signed for files that are made of it later: nothing new is published."""
    return Proposal(given, collection, len(register.editions(collection)), (given.grid, register.grid(collection) or b""))


def sign(register: Register, proposal: Proposal, actor: str, files: Iterable[Made] = (), *, snapshot_id: str = "", title: str = "",
         author_role: str = "", purpose: str = "", review_by: date | None = None) -> None:
    """Enter the release's new periods and its files. Raises `DisclosureError` when someone else was faster."""
    given = proposal.release
    shared = {"snapshot_id": snapshot_id, "tier": given.tier, "role": given.editions[-1].role,
              "period": given.editions[-1].period.key, "title": title,
              "author_role": author_role, "purpose": purpose, "review_by": review_by,
              "parameters": json.dumps(given.parameters, sort_keys=True)}
    register.enter(
        proposal.collection, actor, seen=proposal.seen, grid=proposal.grid,
        editions=[{"tier": each.tier, "role": each.role, "filters": each.filters, "period": each.period.key,
                   "content": each.dump()} for each in given.fresh],
        snapshots=[shared | {"format": made.format, "sha256": made.sha256, "bytes": len(made.data), "content": made.data}
                   for made in files])
