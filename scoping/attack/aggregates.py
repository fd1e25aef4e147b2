"""Attacks on who is affected and how: the aggregates that editions of a quarter or longer carry.

The attacker knows the program and every group there is, and puts all editions together: by integer programming over what
each tells, tier beside tier and part beside whole, the fewest children that an untold group must have.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

from geo_data.errors import DisclosureError
from scoping.attack.campaign import Campaign
from scoping.attack.invented import FACTS
from scoping.showing.aggregates import inside
from scoping.showing.contents import Release
from scoping.showing.editions import OPEN, Edition
from scoping.showing.rules import FLOORS, KEPT_FROM

MANY = 10_000.0  # more children than there are
EVERYONE = ""
Name = tuple[int, str]  # an edition, a group


def against_the_truth(campaign: Campaign) -> dict[str, int]:
    """Groups told of fewer children than the tier needs, and numbers that are not so."""
    counts = {"groups of too few": 0, "group counts that are not so": 0}
    for edition in campaign.before:
        for group in edition.people:
            many = len(_children(campaign, edition, group.of, (group.title, group.label)))
            counts["groups of too few"] += bool(group.low) and many < FLOORS[edition.tier]
            counts["group counts that are not so"] += bool(group.low) and not group.low <= many <= group.high
    return counts


def _children(campaign: Campaign, edition: Edition, part: str, group: tuple[str, str]) -> set[str]:
    """Who truly is in a group (title, label) of those whose records the tier may count."""
    facts, period, (title, label) = campaign.city.facts, edition.period, group
    mine = (facts["day"] >= pd.Timestamp(period.start)) & (facts["day"] < pd.Timestamp(period.end))
    mine &= ~facts["sharing_restriction"].isin(KEPT_FROM[edition.tier])
    mine &= facts[title] == label if title else facts[list(FACTS[part])].notna().any(axis=1)
    return set(facts.loc[mine, "person_ref"])


def pinned(campaign: Campaign) -> int:
    """Groups of too few that must hold a child, and too few that one tier was told of and the other was not."""
    told = _once([each for each in campaign.before if each.people])
    found = 0
    for part, questions in FACTS.items():
        for title in questions:
            known = _Known(told, part, title, [EVERYONE, *(group[0] for group in questions[title])])
            found += sum(known.least({name: 1.0}) > 0.5 for name in _rare(campaign, told, known))
            found += sum(known.least({one: 1.0, other: -1.0}) > 0.5 for one, other in _between_tiers(campaign, told, known))
    return found


def parts_after_the_whole(campaign: Campaign) -> int:
    """As `pinned`, where the half-year was told first and then each quarter is asked for, of another role."""
    before, campaign.before = campaign.before, []
    try:
        for period, role in (("2024-H1", "found"), ("2024-Q1", "pickup"), ("2024-Q2", "pickup")):
            try:
                campaign.before.extend(campaign.release(period, "rmg", longer=False, roles=(role,)).fresh)
            except DisclosureError:
                continue
        return pinned(campaign)
    finally:
        campaign.before = before


def between_formats(release: Release, files: dict[str, bytes]) -> int:
    """Numbers of groups that a file tells and the edition does not."""
    told = {(inside(group.label), (group.high - 2 if group.high < OPEN else group.low) if group.low else -1)
            for group in release.editions[-1].people}
    lines = {title: "|".join(re.escape(inside(group[0])) for group in groups)
             for part in FACTS.values() for title, groups in part.items()}
    extra = 0
    for kind, data in files.items():
        text = _text(kind, data) if kind in ("pack html", "pack pptx") else ""
        for title, labels in lines.items():
            for line in re.findall(rf"{re.escape(title)}: ([^<.]*)", text):
                said = re.findall(rf"(?:^|; )({labels}) (?:about |at least )?(\d+)", line)
                extra += sum((label, int(number)) not in told for label, number in said)
    return extra


def _text(kind: str, data: bytes) -> str:
    if kind.endswith("html"):
        return html.unescape(data.decode())
    archive = zipfile.ZipFile(io.BytesIO(data))
    slides = (archive.read(name).decode() for name in archive.namelist() if name.startswith("ppt/slides/"))
    return html.unescape(" ".join(re.sub("<[^>]*>", " ", slide) for slide in slides))


def _once(editions: Sequence[Edition]) -> list[Edition]:
    """Editions of different roles tell the same."""
    return list({(each.tier, each.period, each.people): each for each in editions}.values())


def _rare(campaign: Campaign, told: Sequence[Edition], known: _Known) -> Iterator[Name]:
    for k, edition in enumerate(told):
        for label in known.labels:
            if (k, label) not in known.said and label != EVERYONE:
                children = _children(campaign, edition, known.part, (known.title, label))
                if 0 < len(children) < edition.least:
                    yield k, label


def _between_tiers(campaign: Campaign, told: Sequence[Edition], known: _Known) -> Iterator[tuple[Name, Name]]:
    for one, other in product(range(len(told)), repeat=2):
        if told[one].period == told[other].period and told[one].tier == "rmg" and told[other].tier == "briefing":
            for label in known.labels:
                title = known.title if label != EVERYONE else ""
                more, less = (_children(campaign, told[k], known.part, (title, label)) for k in (one, other))
                if 0 < len(more - less) < FLOORS["rmg"]:
                    yield (one, label), (other, label)


@dataclass
class _Known:
    """What is known of the groups of one question in all editions: rows of unknowns that lie within bounds."""

    editions: Sequence[Edition]
    part: str
    title: str
    labels: list[str]
    said: dict[Name, tuple[float, float]] = field(default_factory=dict)
    _rows: list[tuple[dict[int, float], float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for k, edition in enumerate(self.editions):
            for group in edition.people:
                if group.of == self.part and group.low and group.title == ("" if group.label == EVERYONE else self.title):
                    self.said[k, group.label] = float(group.low), float(min(group.high, MANY))
        for k in range(len(self.editions)):
            self._one(k)
        for one, other in product(range(len(self.editions)), repeat=2):
            self._two(one, other)

    def least(self, aim: dict[Name, float]) -> float:
        """The fewest that a sum of groups can be, whatever else is true; 1 when what was published contradicts itself."""
        size = 2 * len(self.editions) * len(self.labels)
        at = [(row, column, weight) for row, (weights, _, _) in enumerate(self._rows) for column, weight in weights.items()]
        rows, columns, weights = (np.array(each) for each in zip(*at, strict=True))
        matrix = csr_matrix((weights, (rows, columns)), shape=(len(self._rows), size))
        lows, highs = (np.array([row[side] for row in self._rows]) for side in (1, 2))
        wanted = np.zeros(size)
        for name, weight in aim.items():
            wanted[self._at(name)] = weight
        most = np.where(np.arange(size) < size // 2, MANY, 1.0)
        solved = milp(wanted, constraints=LinearConstraint(matrix, lows, highs), integrality=np.ones(size), bounds=Bounds(0, most))
        return float(solved.fun) if solved.success else 1.0

    def _at(self, name: Name, hidden: bool = False) -> int:
        """The column of a group's children; `hidden`, of whether it was hidden though it has enough of them."""
        k, label = name
        return (hidden * len(self.editions) + k) * len(self.labels) + self.labels.index(label)

    def _row(self, weights: dict[int, float], low: float, high: float = np.inf) -> None:
        self._rows.append((weights, low, high))

    def _one(self, k: int) -> None:
        """Of one edition: what is said; every child is in a group; at most one group is hidden that has enough."""
        edition, everyone = self.editions[k], self._at((k, EVERYONE))
        groups = self.labels[1:]
        for label in self.labels:
            if (k, label) in self.said:
                self._row({self._at((k, label)): 1.0}, *self.said[k, label])
        if any((k, label) in self.said for label in groups):
            self._row({everyone: -1.0} | {self._at((k, label)): 1.0 for label in groups}, 0.0)
        for label in groups:
            self._row({everyone: 1.0, self._at((k, label)): -1.0}, 0.0)
        before = self.editions[:k]
        if not any(each.period.inside(edition.period) for each in before):  # else a number may be untold beside the parts'
            for label in groups:
                capped = any(each.period == edition.period and (j, label) in self.said for j, each in enumerate(before))
                if (k, label) not in self.said and not capped:
                    self._row({self._at((k, label)): -1.0, self._at((k, label), hidden=True): MANY}, 1.0 - edition.least)
            self._row({self._at((k, label), hidden=True): 1.0 for label in groups}, 0.0, 1.0)

    def _two(self, one: int, other: int) -> None:
        """A part has no more than its whole, the whole no more than its parts; a briefing no more than the group."""
        first, second = self.editions[one], self.editions[other]
        wider = second.tier in {first.tier, "rmg"}
        if one != other and wider and (first.period == second.period or first.period.inside(second.period)):
            for label in self.labels:
                self._row({self._at((other, label)): 1.0, self._at((one, label)): -1.0}, 0.0)
        for tier in sorted({first.tier, "rmg"}) if one == other else ():
            parts = [next((k for k, each in enumerate(self.editions) if (each.tier, each.period) == (tier, part)), -1)
                     for part in first.period.parts()]
            for label in self.labels if parts and min(parts) >= 0 else ():
                self._row({self._at((k, label)): 1.0 for k in parts} | {self._at((one, label)): -1.0}, 0.0)
