"""Information governance's dials, read from a commented policy file.

Raising them is free; below the floors they are refused. `docs/policy.toml` shows every one with its default.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from itertools import pairwise
from typing import Any

from geo_data import toml_text
from geo_data.errors import DisclosureError

OPERATIONAL, RMG, BRIEFING = TIERS = ("operational", "rmg", "briefing")
PUBLISHED = (RMG, BRIEFING)
FEW_CHILDREN = 3  # the floor of every tier, and of every cell of a shown place
MOST_OF_ONE, LEAST_ADDRESSES = 0.5, 20  # what any rules ask at the least: of dominance, of the addresses of a region
FEW = 5  # counts below it are written "<5"; totals are rounded to it
FLOORS = {"operational": 3, "rmg": 5, "briefing": 8}
HANDLING = {
    "operational": "For the team that holds the records; not for onward sharing.",
    "rmg": "For named members of the Risk Management Group. Do not copy, forward or post on social media.",
    "briefing": "For briefing staff and partners with a role in safeguarding. Do not forward outside your organisation "
                "or post on social media.",
}
KEPT_FROM = {RMG: ("do_not_export", "police_only"), BRIEFING: ("do_not_export", "police_only", "rmg_only")}  # restrictions of rows
MAY = {"operational": ("analyst", "social_worker"), "rmg": ("analyst",), "briefing": ("analyst",)}

_SECTIONS = {
    "thresholds": {"operational": "operational", "rmg": "rmg", "briefing": "briefing", "dominance": "dominance",
                   "cell_children": "cell_children"},
    "bands": {"rmg": "rmg_bands", "briefing": "briefing_bands"},
    "grain": {"cell_m": "cell_m", "least_addresses": "least_addresses", "union_m": "union_m"},
    "marking": {"text": "marking", **{f"{tier}_handling": f"{tier}_handling" for tier in TIERS}},
    "may_release": {tier: f"may_{tier}" for tier in TIERS},
}


@dataclass(frozen=True)
class Rules:
    """What may be shown to whom. Raises `DisclosureError` when made below a floor."""

    operational: int = 3  # different children a shown hotspot needs
    rmg: int = 5
    briefing: int = 8
    dominance: float = MOST_OF_ONE  # the most that one child may make of a hotspot's episodes
    cell_children: int = FEW_CHILDREN  # different children that each cell of a published place needs
    rmg_bands: tuple[int, ...] = (10, 20, 50)  # where bands begin after the first, which begins at the threshold
    briefing_bands: tuple[int, ...] = (20, 50)
    marking: str = "OFFICIAL-SENSITIVE"
    operational_handling: str = HANDLING["operational"]
    rmg_handling: str = HANDLING["rmg"]
    briefing_handling: str = HANDLING["briefing"]
    cell_m: int = 500
    least_addresses: int = LEAST_ADDRESSES  # of a region: cells are joined until they have them
    union_m: int = 2_000  # the widest union of cells that is one published place
    may_operational: tuple[str, ...] = MAY["operational"]  # roles of users
    may_rmg: tuple[str, ...] = MAY["rmg"]
    may_briefing: tuple[str, ...] = MAY["briefing"]

    def __post_init__(self) -> None:
        if not FEW_CHILDREN <= self.operational <= self.rmg <= self.briefing:
            raise _refused("The numbers of children must rise from operational to rmg to briefing, from three.")
        for tier, floor in FLOORS.items():
            if getattr(self, tier) < floor:
                raise _refused(f"The tier {tier} needs at least {floor} different children.")
        if not 0 < self.dominance <= MOST_OF_ONE:
            raise _refused("One child may make at most half of a shown hotspot.")
        if self.cell_children < FEW_CHILDREN:
            raise _refused(f"Each cell of a published place needs at least {FEW_CHILDREN} different children.")
        if self.cell_m not in (500, 1_000, 2_000, 4_000):
            raise _refused("Exported cells are 500, 1,000, 2,000 or 4,000 m wide.")
        if self.least_addresses < LEAST_ADDRESSES:
            raise _refused(f"A published region has at least {LEAST_ADDRESSES} addresses.")
        if not self.cell_m <= self.union_m <= 4_000:
            raise _refused("A published place is at least one cell and at most 4,000 m wide.")
        for tier in PUBLISHED:
            edges = self.rmg_bands if tier == RMG else self.briefing_bands
            if any(later < 2 * earlier for earlier, later in pairwise(edges)):
                raise _refused(f"Each band of {tier} begins at twice the one before, or later.")
        if not self.marking.strip():
            raise _refused("A protective marking is needed.")

    def dials(self) -> dict[str, Any]:
        """What of the rules decides who sees what, for the audit: every change of them is entered there."""
        said = {dial.name: getattr(self, dial.name) for dial in fields(self) if not dial.name.endswith("_handling")}
        return {name: " ".join(map(str, value)) if isinstance(value, tuple) else value for name, value in said.items()}

    def stamped(self, synthetic: bool) -> str:
        """The marking, with the stamp of invented data."""
        return f"{self.marking} - SYNTHETIC DATA" if synthetic else self.marking

    def least(self, tier: str) -> int:
        """Different children that the tier needs. Raises `DisclosureError` for a tier that does not exist."""
        if tier not in TIERS:
            raise DisclosureError(f"There is no tier '{tier[:20]}' to release to.", fix=f"Use {', '.join(TIERS)}.", where="tier")
        return int(getattr(self, tier))

    def bands(self, tier: str) -> tuple[int, ...]:
        """Where the bands of a published tier begin: at its threshold, and at the edges not nearer than twice that."""
        least, edges = self.least(tier), self.rmg_bands if tier == RMG else self.briefing_bands
        return (least, *(edge for edge in edges if edge >= 2 * least))

    def handling(self, tier: str) -> str:
        """The handling line of a tier."""
        return str(getattr(self, f"{tier}_handling"))

    def may(self, role: str, tier: str) -> bool:
        """Whether a user of this role may release to this tier."""
        return role in getattr(self, f"may_{tier}")

    def sentence(self, tier: str) -> str:
        """These rules in words, as they hold for what is made now; of what was published before see `Release.rule`."""
        shown = shown_only(self.least(tier), self.dominance)
        return shown if tier == OPERATIONAL else f"{shown} {made_of(self.cell_children, self.least_addresses)}"


def shown_only(least: int, dominance: float) -> str:
    """The rule of suppression in words."""
    return f"Shown only with at least {least} different children, none with more than {dominance:.0%} of the episodes."


def made_of(cell_children: int, least_addresses: int) -> str:
    """The rule of published places in words."""
    return f"Places are unions of cells with at least {cell_children} children and {least_addresses} addresses each."


def parse(text: str, marking: str = "") -> Rules:
    """The rules of a policy file. `marking` holds unless the file has one of its own.

    Raises `DisclosureError`: not TOML, an unknown or ill-typed entry, below a floor, no marking at all.
    """
    try:
        given = toml_text.parse(text)
    except ValueError:
        raise _refused("The policy is not TOML.") from None
    known = {dial.name: dial.default for dial in fields(Rules)}
    found: dict[str, Any] = {"marking": marking} if marking else {}
    for section, entries in given.items():
        if section not in _SECTIONS or not isinstance(entries, dict):
            raise _refused(f"There is no section '{section[:40]}'.", f"Use {', '.join(_SECTIONS)}.")
        for name, value in entries.items():
            if name not in _SECTIONS[section]:
                raise _refused(f"There is no entry '{name[:40]}' in [{section}].", f"Use {', '.join(_SECTIONS[section])}.")
            dial = _SECTIONS[section][name]
            found[dial] = _typed(value, known[dial], f"[{section}] {name}")
    return replace(Rules(), **found)


def _typed(value: Any, like: Any, where: str) -> Any:
    if isinstance(like, tuple) and isinstance(value, list) and all(type(each) is type(like[0]) for each in value):
        return tuple(value)
    if isinstance(like, float) and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if type(value) is type(like):
        return value
    raise _refused(f"{where} is of the wrong kind.", f"Write it like {list(like) if isinstance(like, tuple) else like!r}.")


def _refused(what: str, fix: str = "") -> DisclosureError:
    return DisclosureError(what, fix=fix, where="rules")
