"""The published tiers: for the Risk Management Group and for briefings; everything that leaves the team.

Counts are made on a fixed partition drawn from addresses, over calendar periods, and are frozen once released. The period
is the shortest, from the one asked for, at which the tier can say anything; which it is and why is said.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd

from geo_data.errors import DisclosureError
from scoping.parameters import Parameters
from scoping.scope import Scoped, extent
from scoping.showing import aggregates, chance, published
from scoping.showing.contents import Release
from scoping.showing.editions import Edition, Group, frozen, refuse, under
from scoping.showing.gathering import gather
from scoping.showing.partition import Addresses, Partition
from scoping.showing.periods import WORDS, Period
from scoping.showing.rules import Rules
from scoping.showing.succession import named
from scoping.windows import ZONE

EARLIER = {"month": 12, "quarter": 4, "half_year": 2, "year": 1}  # periods shown before the last, for comparison


class Chosen(NamedTuple):
    """What is to be released: LOCATIONS, and the role and filters that choose of them. Of a `Scoped` nothing else is used, so
    who only publishes need not cluster."""

    locations: pd.DataFrame
    parameters: Parameters


@dataclass(frozen=True)
class Publication:
    """What publishing needs beside the analysis. `addresses` is the grid's; `before` everything published of this collection;
    `episodes` EPISODES when return interviews, and of a quarter or longer who is affected, are to be counted; `longer`
    whether a longer period may be taken. `cut_off` (YYYY-MM-DD, empty: not known) is the local day of the latest extract: a
    period is released only when it was over by then, and by `today`.
    """

    period: Period
    addresses: Addresses
    before: tuple[Edition, ...] = ()
    episodes: pd.DataFrame | None = None
    cut_off: str = ""
    today: date | None = None
    longer: bool = True


def publish(scoped: Scoped | Chosen, rules: Rules, tier: str, publication: Publication, *, synthetic: bool) -> Release:
    """The release of a published tier. Raises `DisclosureError` when it may not be made, and says why."""
    maker = _Maker(scoped, rules, tier, publication)
    edition, tried = maker.shortest()
    earlier = maker.earlier(edition)
    editions = maker.beside_chance([*earlier, maker.finish(edition, earlier)])
    edition = under(editions[-1], rules)
    many, reason = f"at least {edition.least} different children", ""
    if tried:
        asked = publication.period
        shown = f"{edition.period.label} ({WORDS[edition.period.kind]})"
        reason = (f"{asked.label} alone has no place with {many}, so {shown} is shown."
                  if edition.places else f"No place has {many} in {asked.label}, nor in any longer period up to "
                                         f"{edition.period.label}.")
    elif not edition.places:
        reason = f"No place {'is known to have' if editions[-1].places else 'has'} {many} in {edition.period.label}."
    known = {_key(each) for each in publication.before}
    fresh = tuple(each for each in (*tried, *editions) if _key(each) not in known)
    return gather(editions, rules, tier, synthetic=synthetic, parameters=maker.said, reason=reason, fresh=fresh)


def _key(edition: Edition) -> tuple[str, str, str, Period]:
    return edition.tier, edition.role, edition.filters, edition.period


class _Maker:
    """Makes the editions of one role, filters and tier."""

    def __init__(self, scoped: Scoped | Chosen, rules: Rules, tier: str, publication: Publication) -> None:
        parameters = scoped.parameters
        if len(parameters.roles) != 1:
            raise DisclosureError("A release is of one role: two together, less one of them, would give the other away.",
                                  fix="Choose found, pickup or last_seen.", where="role")
        self.rules, self.tier, self.asked = rules, tier, publication
        self.role = parameters.roles[0]
        self.filters, self.said = _filters(parameters)
        self.partition = Partition(publication.addresses, rules.least_addresses, rules.cell_m)
        self.before = list(publication.before)
        first, last = extent(scoped.locations)
        self.first, self.last = (None if each is None else each.tz_convert(ZONE).date() for each in (first, last))
        self.records = published.take(scoped.locations, parameters, tier, self.partition, publication.today)

    def shortest(self) -> tuple[Edition, list[Edition]]:
        """The edition of the shortest period, from the one asked for, that shows a place; and the empty ones tried before."""
        period = self.asked.period
        why = self._unfinished(period)
        if why:
            raise DisclosureError(why[0], fix=why[1], where="period")
        tried: list[Edition] = []
        edition = self._edition(period)
        while not edition.places and self.asked.longer:
            longer = self._longer(edition.period)
            if longer is None:
                break
            self.before.append(edition)  # that it is empty is said: the longer one must not fill it
            try:
                following = self._edition(longer)
            except DisclosureError:  # what was released before forbids the longer one: the short one stands, empty
                break
            tried.append(edition)
            edition = following
        return edition, tried

    def earlier(self, edition: Edition) -> list[Edition]:
        """The editions before it, as many as are wanted and allowed, in order of time; each named after those before it."""
        periods, period = [], edition.period
        for _ in range(EARLIER[period.kind]):
            period = period.before()
            periods.append(period)
        made: list[Edition] = []
        for period in reversed(periods):
            if not self._whole(period):
                continue
            try:
                one = self._edition(period)
            except DisclosureError:  # its time was released in another form: it is left out of the comparison
                continue
            if one.grid == edition.grid:  # regions of another grid bear other numbers
                made.append(self.finish(one, made))
        return made

    def finish(self, edition: Edition, earlier: Sequence[Edition]) -> Edition:
        """Its places with names; one that is frozen has them."""
        if all(place.place for place in edition.places):
            return edition
        return replace(edition, places=named(edition.places, earlier))

    def beside_chance(self, editions: Sequence[Edition]) -> tuple[Edition, ...]:
        """The editions, the new ones with what chance alone would give; the frozen ones stay as they are."""
        known, kind = {_key(each) for each in self.asked.before}, editions[-1].period.kind
        periods = [editions[-1].period]
        while len(periods) <= 2 * EARLIER[kind] and self._whole(periods[0].before()):
            periods.insert(0, periods[0].before())
        if all(_key(each) in known for each in editions):
            return tuple(editions)
        records = self.records
        enters = np.array([reason is None for reason in records.reason], dtype=bool) & (records.region >= 0)
        units = chance.Units.of(records.child[enters], records.region[enters], records.day[enters], records.episode[enters])
        children = [max(published.rounded(len(np.unique(records.within(period).child))), 0) for period in periods]
        table = dict(zip(periods, chance.expected(units, periods, children, EARLIER[kind], tier=self.tier, rules=self.rules,
                                                  partition=self.partition), strict=True))
        return tuple(each if _key(each) in known else replace(each, chance=table.get(each.period, {})) for each in editions)

    def _whole(self, period: Period) -> bool:
        return self._unfinished(period) is None

    def _unfinished(self, period: Period) -> tuple[str, str] | None:
        """Why a period is not over, or not whole in the records, and what to do; None when it may be frozen. A record on its last
        day is not enough: the rest of that day, and what is found out later of the days before, would never be counted.
        """
        known = date.fromisoformat(self.asked.cut_off) if self.asked.cut_off else None
        over, until = (f"{day:%d %B %Y}".lstrip("0") if day else "" for day in (period.end, known))
        if self.asked.today is not None and period.end > self.asked.today:
            return f"{period.label} is not over.", f"Release it on {over} or later, when its records have been imported."
        if known is not None and known < period.end:
            return (f"These records are known until {until}, and {period.label} was not over then.",
                    f"Import an extract of {over} or later, then release it.")
        if self.first is None or self.last is None or self.last < period.end - timedelta(days=1) or self.first >= period.end:
            return (f"{period.label} is not whole in these records.",
                    "Release a period that lies before the last record and after the first.")
        return None

    def _longer(self, period: Period) -> Period | None:
        longer = period.longer()
        if longer is None:
            return None
        longer = longer if self._whole(longer) else longer.before()
        return longer if self._whole(longer) else None

    def _edition(self, period: Period) -> Edition:
        done = frozen(self.before, self.tier, self.role, self.filters, period)
        if done:
            return done
        refuse(self.before, self.role, self.filters, period, self.partition.stamp)
        mine = self.records.within(period)
        setting = published.Setting(self.tier, self.role, self.rules, self.partition, self.before)
        places, lost = published.places(mine, period, setting)
        people, why = self._people(period)
        return Edition(
            tier=self.tier, least=self.rules.least(self.tier), floor=self.rules.cell_children, role=self.role,
            filters=self.filters, period=period, grid=self.partition.stamp, cut_off=self.asked.cut_off, places=tuple(places),
            totals=published.totals(mine, self.asked.episodes), left_out=published.left_out_totals(mine),
            withheld=(*_sentences(lost, self.rules, self.tier), *([why] if why else [])), people=people,
            dominance=self.rules.dominance, least_addresses=self.rules.least_addresses)

    def _people(self, period: Period) -> tuple[tuple[Group, ...], str]:
        """Who is affected and how, for a quarter or longer of all records."""
        if period.kind == "month" or self.asked.episodes is None or self.filters != "{}":
            return (), ""
        return aggregates.groups(self.asked.episodes, period, self.tier, rules=self.rules, before=self.before,
                                 today=self.asked.today)


def _filters(parameters: Parameters) -> tuple[str, dict[str, object]]:
    """The filters as canonical JSON, and the parameters that matter to a published release (a radius does not)."""
    plain = parameters.as_dict()
    chosen = {name: plain[name] for name in ("strands", "age_bands", "place_types", "categories", "keep_left_out") if plain[name]}
    said = {"role": parameters.roles[0], "precision_m": published.PRECISION_M, **chosen}
    return json.dumps(chosen, sort_keys=True), said


def _sentences(lost: dict[str, int], rules: Rules, tier: str) -> tuple[str, ...]:
    least = rules.least(tier)
    why = {"few": ("places", f"fewer than {least} different children"),
           "one": ("places", "one child makes more than half of the episodes: refer to the child's plan"),
           "difference": ("places", "with what was released before, their counts would give away smaller ones"),
           "remote": ("episodes", "in areas with too few addresses")}
    said = []
    for name, (many, because) in why.items():
        count = published.rounded(lost[name])
        if count:
            said.append(f"{'A few' if count == published.FEW_KNOWN else f'About {count}'} {many} withheld: {because}.")
    return tuple(said)
