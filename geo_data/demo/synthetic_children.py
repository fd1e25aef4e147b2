"""Invented children and their missing episodes, before any place beyond home: who, when, how long, in what care.

Targets are published figures or stated assumptions (docs/DATA.md names them). No name, no date of birth.
Times are local wall clock (Europe/London, naive); `geo_data.demo.synthetic` adds the zone. EPSG:27700 metres.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from geo_data.demo.county import County
from geo_data.demo.county_plan import Array

EPISODES_PER_YEAR = 2_000
LAW_S, LAW_LAMBDA, LAW_MAX = 1.72, 19.4, 80  # episodes per child: k^-s exp(-k/lambda)
DURATION = (1.937, 1.554)  # lognormal hours: median 6.9
REPORT_LAG_HOURS = {"care": 1.0, "home": 3.0}  # medians
CARE_CHILDREN, CARE_EPISODES = 0.19, 0.36
AGES = {"0-9": ((5, 10), 0.02), "10-11": ((10, 12), 0.05), "12-14": ((12, 15), 0.35), "15-17": ((15, 18), 0.58)}
OUT_OF_AREA = 0.41  # of episodes from children's homes
HOME_LA, OTHER_LAS = "E06999901", ("E06999902", "E06999903", "E08999901", "E10999901")
REPEAT_GAP_DAYS = (np.log(17.0), 1.1)  # over half of first repeats within 28 days
_HOURS_CARE = [9, 7, 4, 2, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 3, 3, 4, 4, 5, 6, 8, 11, 12]
_HOURS_HOME = [4, 2, 1, 1, 0.5, 0.5, 1, 2, 2, 2, 2, 2, 2, 2, 3, 5, 8, 9, 9, 9, 9, 9, 8, 7]
_HOME_ZONES = {"terrace": 1.3, "estate": 1.5, "interwar": 0.9, "village": 0.8, "centre": 0.5, "country": 0.5}


def law() -> Array:
    """P(a child has k episodes), k = 1..80."""
    k = np.arange(1, LAW_MAX + 1)
    weight = k**-LAW_S * np.exp(-k / LAW_LAMBDA)
    return np.asarray(weight / weight.sum())


def children(county: County, months: int, rng: np.random.Generator) -> pd.DataFrame:
    """One row per child: person_ref, episodes, age (years at the start), gender, care and where they live."""
    share, k = law(), np.arange(1, LAW_MAX + 1)
    wanted = EPISODES_PER_YEAR * months / 12
    count = max(1, round(wanted / float(share @ k)))
    # stratified draw: the law's quantiles rather than chance, so that a small world keeps its shape too
    episodes = np.searchsorted(np.cumsum(share), (np.arange(count) + rng.uniform(0.2, 0.8)) / count) + 1
    episodes = rng.permutation(np.minimum(episodes, LAW_MAX))

    care = _in_care(episodes, rng)
    bands = list(AGES.values())
    band = rng.choice(len(bands), count, p=[p for _, p in bands])
    edges = np.array([edges for edges, _ in bands], dtype=float)[band]
    age = rng.uniform(edges[:, 0], edges[:, 1])
    setting = np.where(care, rng.choice(["childrens_home", "foster_placement", "supported_accommodation"], count,
                                        p=[0.52, 0.33, 0.15]), "home")
    setting = np.where((setting == "supported_accommodation") & (age < 16), "foster_placement", setting)

    homes = county.institutions[county.institutions["kind"] == "childrens_home"]
    zone = county.streets["zone"].to_numpy()[county.addresses["street"]]
    weight = pd.Series(zone).map(_HOME_ZONES).fillna(0.2).to_numpy()
    address = rng.choice(len(county.addresses), count, p=weight / weight.sum())
    home = rng.choice(len(homes), count, p=(homes["capacity"] / homes["capacity"].sum()).to_numpy())
    in_home = setting == "childrens_home"
    easting = np.where(in_home, homes["easting"].to_numpy()[home], county.addresses["easting"].to_numpy()[address])
    northing = np.where(in_home, homes["northing"].to_numpy()[home], county.addresses["northing"].to_numpy()[address])
    out = np.where(in_home, _greedy(episodes, in_home, OUT_OF_AREA), care & (rng.random(count) < 0.12))
    frame = pd.DataFrame({
        "person_ref": [f"DEMO-C{n + 1:05d}" for n in range(count)],
        "episodes": episodes, "age": age, "gender": rng.choice(["female", "male"], count), "care": care,
        "setting": setting, "out_of_area": out, "home": np.where(in_home, home, -1),
        "responsible_la": np.where(out, rng.choice(OTHER_LAS, count), HOME_LA),
        "easting": easting, "northing": northing,
    })
    frame["placement_type"] = frame["setting"].map(
        {"home": "", "childrens_home": "K2", "foster_placement": "U6", "supported_accommodation": "H5"})
    frame["legal_status"] = np.where(care, rng.choice(["C2", "V2", "C1"], count, p=[0.6, 0.25, 0.15]), "")
    return frame


def episodes(people: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp, rng: np.random.Generator) -> pd.DataFrame:
    """One row per episode: child (row of `people`), started, reported, ended (local, naive), age; in order of time."""
    child = np.repeat(np.arange(len(people)), people["episodes"])
    care = people["care"].to_numpy()[child]
    span = (end - start) / pd.Timedelta(days=1)
    day = _days(people["episodes"].to_numpy(), span, rng)
    hour = np.where(care, rng.choice(24, len(child), p=_share(_HOURS_CARE)),
                    rng.choice(24, len(child), p=_share(_HOURS_HOME)))
    number = np.floor(day).astype(int)
    weekday = (number + start.day_of_week) % 7
    to_weekend = (4 - weekday + rng.integers(0, 2, len(child)) + 3) % 7 - 3  # days to the nearest Friday or Saturday
    moved = care & (rng.random(len(child)) < 0.15)
    number = np.clip(number + np.where(moved, to_weekend, 0), 0, int(span) - 1)
    minute = number * 1_440 + hour * 60 + rng.integers(0, 60, len(child))
    started = start + pd.to_timedelta(minute, unit="min")
    hours = rng.lognormal(*DURATION, len(child))
    lag = rng.lognormal(0, 0.8, len(child)) * np.where(care, REPORT_LAG_HOURS["care"], REPORT_LAG_HOURS["home"])
    frame = pd.DataFrame({"child": child, "started": started, "hours": hours, "lag": np.minimum(lag, 0.9 * hours)})
    years = (started - start) / pd.Timedelta(days=365.25)
    frame["age"] = np.minimum(np.floor(people["age"].to_numpy()[child] + years.to_numpy()), 17).astype(int)
    return frame.sort_values(["started", "child"], kind="stable", ignore_index=True)


def _in_care(episodes: Array, rng: np.random.Generator) -> Array:
    """Which children are looked after: more likely with more episodes, so that both published shares hold."""
    level, slope = CARE_CHILDREN, 0.02
    for _ in range(200):
        chance = np.clip(level + slope * (episodes - episodes.mean()), 0.01, 0.95)
        level += 0.5 * (CARE_CHILDREN - chance.mean())
        slope += 0.02 * (CARE_EPISODES - (chance @ episodes) / episodes.sum())
    order = np.lexsort([rng.random(len(episodes)), episodes])  # systematic sampling along the number of episodes
    care = np.zeros(len(episodes), dtype=bool)
    care[order] = np.diff(np.floor(np.cumsum(chance[order]) + 0.5), prepend=0) > 0
    return care


def _greedy(episodes: Array, members: Array, share: float) -> Array:
    """Members chosen, most episodes first, so that the chosen hold `share` of the members' episodes."""
    chosen, taken, seen = np.zeros(len(episodes), dtype=bool), 0, 0
    for k in sorted(np.flatnonzero(members), key=lambda n: (-episodes[n], n)):
        seen += int(episodes[k])
        chosen[k] = taken + 0.5 * episodes[k] < share * seen
        taken += int(episodes[k]) if chosen[k] else 0
    return chosen


def _days(counts: Array, span: float, rng: np.random.Generator) -> Array:
    """Days of each child's episodes: short gaps, then long ones, laid on a circle so that every month is alike."""
    first = np.repeat(rng.uniform(0, span, len(counts)), counts)
    gap = np.maximum(rng.lognormal(*REPEAT_GAP_DAYS, counts.sum()), 0.6)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    gap[starts] = 0.0
    total = np.cumsum(gap)
    since = total - np.repeat(total[starts], counts)
    whole = np.repeat(np.maximum.reduceat(since, starts), counts)
    since *= np.minimum(1.0, 0.95 * span / np.maximum(whole, 1e-9))
    return np.asarray((first + since) % span)


def _share(weights: Sequence[float]) -> Array:
    share: Array = np.array(weights) / np.sum(weights)
    return share
