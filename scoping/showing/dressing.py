"""From a release to a snapshot: names and ground from whatever gazetteer is at hand, particulars from who makes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from scoping.showing.contents import Release
from scoping.showing.report import Near, names
from scoping.showing.snapshot import About, Backdrop, Snapshot

Ground = Callable[[float, float, float, float], tuple[Any, ...]]  # left, bottom, right, top (metres) -> what a Backdrop holds
INVENTED = {"area": "Quernshire (invented)", "authority": "Invented authority", "attribution": "Invented county: SYNTHETIC DATA."}


def particulars(title: str, *, demo: bool, area: str, authority: str, contact: str, author_role: str, purpose: str, today: date,
                review_by: date, attribution: Sequence[str], version: str) -> About:
    """The particulars of whoever makes a file; what is made of the demonstration names nobody who exists."""
    told = {"area": area, "authority": authority, "attribution": " ".join(attribution)} | (INVENTED if demo else {})
    return About(title=title, author_role=author_role.replace("_", " "), purpose=purpose.strip() or "not released",
                 produced=today.isoformat(), review_by=review_by.isoformat(), version=version,
                 contact="" if demo else contact, **told)


def dress(release: Release, about: About, near: Near, ground: Ground) -> Snapshot:
    """The snapshot of a published release. `near` names points, `ground` tells what lies under a map."""
    bare = Snapshot(release, about, names(release, near))
    return Snapshot(release, about, bare.names, Backdrop(*ground(*bare.around())))
