"""Who may see and do what: the one table of roles and rights, and whose rows a person may read. Pure.

A right that is not in the table, a role that is not known, a row whose handling is not known: denied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from geo_data.errors import AccessError

ROLES = {
    "analyst": "Analyst",
    "social_worker": "Social Worker for Missing Children",
    "rmg_member": "Risk Management Group member",
    "partner_viewer": "Partner viewer",
    "information_governance": "Information governance",
    "administrator": "Administrator",
}
EVERY_ROLE = tuple(ROLES)
RIGHTS: Mapping[str, tuple[str, ...]] = {
    "help": EVERY_ROLE,
    "records": ("analyst", "social_worker"),  # rows of episodes, and everything made from them before release
    "import": ("analyst",),
    "interviews": ("analyst", "social_worker"),
    "patterns": ("analyst", "social_worker"),  # how many children's pattern of places changed
    "locate": ("analyst", "social_worker"),  # decide what a text of a place means
    "review": ("analyst", "social_worker", "rmg_member"),  # the monthly review of places
    "release": ("analyst",),  # prepare what leaves the team
    "retention": ("analyst", "information_governance"),  # see what is due, propose erasure
    "approve erasure": ("information_governance",),
    "released": ("analyst", "social_worker", "rmg_member", "partner_viewer", "information_governance"),  # files that left the team
    "audit": ("information_governance",),
    "administer": ("administrator",),  # people and their roles, settings, health: no records
}
AGENCIES = ("police", "authority", "health", "education", "voluntary")
WHOLE = "*"  # the areas of somebody who works for all of them


@dataclass(frozen=True)
class Reader:
    """Whose rows may be read: by handling restriction and by agency. `areas` are GSS codes and police forces as recorded;
    None is all of them."""

    restrictions: frozenset[str]
    areas: frozenset[str] | None

    @property
    def key(self) -> str:
        """Another text for every other need-to-know: part of the key of every cache of rows."""
        if self == EVERYTHING:
            return ""
        told = "\n".join([*sorted(self.restrictions), "-", *(sorted(self.areas) if self.areas is not None else [WHOLE])])
        return sha256(told.encode()).hexdigest()[:12]


EVERYTHING = Reader(frozenset(("none", "police_only", "rmg_only", "do_not_export")), None)
NOTHING = Reader(frozenset(), frozenset())


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in. `id` is the provider's for them, `name` what the audit calls them."""

    id: str
    name: str
    roles: frozenset[str]
    agency: str = ""
    areas: frozenset[str] = frozenset()

    def may(self, right: str) -> bool:
        return not self.roles.isdisjoint(RIGHTS.get(right, ()))

    def must(self, right: str) -> None:
        """Raise `AccessError` unless the person has the right."""
        if not self.may(right):
            raise AccessError("Your role does not allow this.", fix="Ask the administrator of Scoping if you need it.")

    @property
    def reader(self) -> Reader:
        """The rows that the person's work needs, and no other."""
        if not self.may("records"):
            return NOTHING
        allowed = {"none", "do_not_export"}
        if self.agency == "police":
            allowed.add("police_only")
        if not self.roles.isdisjoint(("rmg_member", "analyst")):
            allowed.add("rmg_only")
        return Reader(frozenset(allowed), None if WHOLE in self.areas else self.areas)


LOCAL = Person("local", "local analyst", frozenset(EVERY_ROLE), "police", frozenset((WHOLE,)))  # at their own computer


def known_roles(named: Iterable[str], mapping: Mapping[str, str]) -> frozenset[str]:
    """The roles that claim values stand for: by `mapping` {claim value: role}, which may leave the product's own names to
    themselves. What is not known gives no role."""
    found = (mapping.get(name, name if name in ROLES else "") for name in named)
    return frozenset(role for role in found if role in ROLES)
