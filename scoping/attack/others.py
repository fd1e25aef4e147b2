"""Attacks on what else leaves with the places: an agency's extract of a published period, and the lines of what chance gives."""

from __future__ import annotations

import numpy as np
import pandas as pd

from scoping.attack.campaign import DAY, Campaign
from scoping.attack.cities import CANARY, moved, number_of
from scoping.parameters import Parameters
from scoping.showing import bordering, disclosure
from scoping.showing.editions import OPEN, Edition
from scoping.showing.periods import Period
from scoping.showing.publication import Chosen
from scoping.showing.rules import FLOORS
from scoping.windows import ZONE

LINKS = {"home authority": "home", "recording force": "force"}
CHECKED = 2  # editions of each tier, the last ones with places


def extracts(campaign: Campaign) -> dict[str, int]:
    """What agencies are given of the last editions: rows on too few children or one, bands that are not so, references, and
    whatever changes when every episode moves inside its own cell and month."""
    found = {"extracts of too few or of one child": 0, "extract bands that are not so": 0, "references in an extract": 0,
             "extracts changed by moving inside cells": 0}
    city = campaign.city
    for tier in ("rmg", "briefing"):
        for edition in [each for each in campaign.before if each.tier == tier and each.places][-CHECKED:]:
            told = bordering.to_tell(edition, city.records, city.episodes, campaign.rules, today=DAY)
            twin = bordering.to_tell(edition, moved(city.records, 1), city.episodes, campaign.rules, today=DAY)
            found["extracts changed by moving inside cells"] += not told.equals(twin)
            for place, agency, link, low, high in told.itertuples(index=False):
                each = _episodes(campaign, edition, place, agency, LINKS[link])
                few = len(each) < FLOORS[tier] or each.max() > each.sum() / 2
                found["extracts of too few or of one child"] += bool(few)
                found["extract bands that are not so"] += not low <= len(each) <= (OPEN if pd.isna(high) else high)
            for agency in told["agency"].unique():
                made = bordering.extract(edition, city.records, city.episodes, agency, campaign.rules, today=DAY)
                data = bordering.extract_csv(made, edition, agency, campaign.rules, "A")
                found["references in an extract"] += CANARY.encode() in data
    return found


def _episodes(campaign: Campaign, edition: Edition, place: str, agency: str, column: str) -> pd.Series[int]:
    """How many episodes each of the agency's children truly had at the place, of the records that may leave."""
    city = campaign.city
    corners = np.array(next(each.cells for each in edition.places if each.place == place))
    inside = (city.days >= pd.Timestamp(edition.period.start)) & (city.days < pd.Timestamp(edition.period.end))
    inside &= city.cells.isin(number_of(corners[:, 0], corners[:, 1])) & (city.records["sharing_restriction"] == "none")
    each: pd.Series[int] = city.records[inside & (city.facts[column] == agency)].groupby("person_ref")["episode_ref"].nunique()
    return each


def chance_lines(campaign: Campaign, seed: int) -> int:
    """Lines of what chance alone would give that change when every episode moves inside its own cell and month, or when children
    change their names and rows their order. The half-year is told twice over, so that there is a time to compare with."""
    records = campaign.city.records
    half = pd.DatetimeIndex(records["at"].dt.tz_convert(ZONE)) - pd.DateOffset(months=6)
    names = {name: records[name] + "A" for name in ("episode_ref", "location_id", "person_ref")}
    earlier = records.assign(at=half.tz_convert("UTC"), **names)
    both = pd.concat([earlier, records], ignore_index=True)
    people = both["person_ref"].unique()
    other = dict(zip(people, np.random.default_rng(seed).permutation(people), strict=True))
    twin = pd.concat([moved(earlier, seed), moved(records, seed + 1)], ignore_index=True)
    twin = twin.assign(person_ref=twin["person_ref"].map(other)).sample(frac=1, random_state=seed, ignore_index=True)
    plain = _chance(campaign, both)
    return sum(one != same for one, same in zip(_chance(campaign, twin), plain, strict=True)) if any(plain) else 1


def _chance(campaign: Campaign, records: pd.DataFrame) -> list[dict[str, int]]:
    chosen = Chosen(records, Parameters(roles=("found",)))
    asked = disclosure.Publication(Period.parse("2024-06"), campaign.city.grid, cut_off="2024-07-01")
    made = (disclosure.release(chosen, campaign.rules, tier, publish=asked) for tier in ("rmg", "briefing"))
    return [dict(edition.chance) for release in made for edition in release.editions]
