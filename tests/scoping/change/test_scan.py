"""Alerts over LOCATIONS: what is found, what is said when nothing can be, and the null with bursty children."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest

from geo_data.errors import ParameterError
from scoping.change.permutation_scan import Search, scan
from scoping.change.scan import NOT_ENOUGH, ScanSettings, prospective, weekly
from scoping.parameters import Parameters
from tests.scoping.worlds import locations

LAST = date(2025, 11, 30)
FEW = ScanSettings(runs=99)


def day(age, hour=12):
    return pd.to_datetime(pd.Timestamp(LAST) + pd.Timedelta(hours=hour) - pd.to_timedelta(age, unit="D")).tz_localize("UTC")


def world(seed=1, count=500, planted=0, *, agency=None):
    """Lone children over 20 km; the planted ones at one place within the last six days."""
    chance = np.random.default_rng(seed)
    e, n = chance.uniform(400_000, 420_000, (2, count)).round()
    age = chance.integers(0, 365, count)
    age[0] = 0
    e, n = np.append(e, 410_000 + 40.0 * np.arange(planted)), np.append(n, np.full(planted, 410_000.0))
    age = np.append(age, np.arange(planted) % 6)
    more = {} if agency is None else {"responsible_la": agency(e)}
    return locations(e, n, day(age), [f"{k}" for k in range(len(e))], **more)


def flagged(alerts):
    return alerts.cylinders[alerts.cylinders["level"] != "none"]


def test_a_new_place_raises_an_alert_and_a_quiet_world_none():
    alerts = prospective(world(planted=9), Parameters(), settings=FEW)
    best = alerts.cylinders.iloc[0]
    assert (alerts.status, alerts.at, best["level"], best["last_day"]) == ("ok", LAST, "alert", LAST)
    assert best["children"] == best["episodes"] == 9 and best["expected"] < 1
    assert abs(best["easting"] - 410_160) < 200 and best["northing"] == 410_000
    assert best["first_day"] == LAST - timedelta(days=int(best["length_days"]) - 1)
    assert sorted(alerts.members[0]) == list(range(500, 509))
    assert len(flagged(prospective(world(), Parameters(), settings=FEW))) == 0


def test_row_order_changes_nothing():
    frame = world(planted=5)
    once = prospective(frame, Parameters(), settings=FEW).cylinders
    again = prospective(frame.sample(frac=1, random_state=1), Parameters(), settings=FEW).cylinders
    pd.testing.assert_frame_equal(once, again)


def test_a_child_who_returns_daily_is_one_child():
    """Nine visits of one child, and three children of three visits each, at a place that was quiet."""
    for children in (1, 3):
        frame = world(planted=9)
        frame.loc[500:, "person_ref"] = [f"R{k % children}" for k in range(9)]
        found = prospective(frame, Parameters(), settings=FEW)
        held = [set(frame["person_ref"].iloc[members]) for members in found.members]
        assert [len(each) for each in held] == found.cylinders["children"].tolist()
        assert max((len(each) for each in held), default=0) < 6
        if children == 1:
            assert flagged(found).empty


def test_weeks_follow_one_another_and_can_be_stopped():
    frame, told = world(planted=9), []
    series = weekly(frame, Parameters(), LAST, 3, settings=FEW, progress=lambda done, weeks: told.append((done, weeks)) or done < 2)
    assert [alerts.at for alerts in series] == [LAST - timedelta(days=7), LAST]
    assert told == [(1, 3), (2, 3)]
    assert "dated after" in series[0].statements[0]  # the week that followed is not looked at


@pytest.mark.parametrize(("frame", "said"), [
    (lambda: world().iloc[:0], "No record"),
    (lambda: world().assign(easting=410_000.0, northing=410_000.0), "one place"),
    (lambda: world().assign(person_ref="C1"), "1 child"),
    (lambda: world().assign(at_precision="month"), "No record"),
    (lambda: world(count=20), "at least 30"),
    (lambda: world().iloc[[0]], "reach back 0 days"),  # one window only
    (lambda: world()[lambda rows: rows["at"] > day(60)], "reach back"),
    (lambda: world().assign(tier="P4"), "No record"),
])
def test_not_enough_data_is_an_answer(frame, said):
    alerts = prospective(frame(), Parameters(), settings=FEW)
    assert alerts.status == NOT_ENOUGH and alerts.cylinders.empty
    assert said in alerts.statements[-1]


def test_an_empty_window_and_dates_in_the_future():
    frame = world(planted=9)
    silent = prospective(frame, Parameters(), LAST + timedelta(days=60), FEW)
    assert silent.status == NOT_ENOUGH and "silence is not safety" in silent.statements[-1]
    early = prospective(frame, Parameters(), LAST - timedelta(days=20), FEW)
    assert "dated after" in early.statements[0] and flagged(early).empty
    with_future = prospective(pd.concat([frame, world(2, 5).assign(at=day(-40))]), Parameters(), LAST, FEW)
    assert "5 records are dated after 30 Nov 2025" in with_future.statements[0]
    assert with_future.cylinders["children"].iloc[0] == 9


def test_missing_months_are_no_data_and_raise_nothing():
    frame = world(count=900)
    age = (pd.Timestamp(LAST, tz="UTC") + pd.Timedelta(hours=12) - frame["at"]).dt.days
    alerts = prospective(frame[(age < 100) | (age > 160)], Parameters(), settings=FEW)
    assert any("no data, not zero" in told for told in alerts.statements)
    assert flagged(alerts).empty
    late = prospective(frame[age > 9], Parameters(), LAST, FEW)
    assert any("may not have arrived" in told for told in late.statements) and flagged(late).empty


def test_a_tenfold_jump_of_one_agency_is_said_and_not_flagged():
    def agency(e):
        return np.where(e < 401_000, "E08000005", "E08000006")

    frame = world(agency=agency)
    chance = np.random.default_rng(7)
    more = 150
    e, n = chance.uniform(400_000, 401_000, more).round(), chance.uniform(400_000, 420_000, more).round()
    jump = locations(e, n, day(chance.integers(0, 14, more)), [f"J{k}" for k in range(more)], responsible_la=agency(e))
    jump["episode_ref"] = "J" + jump["episode_ref"]
    both = pd.concat([frame, jump], ignore_index=True)
    alerts = prospective(both, Parameters(), settings=FEW)
    assert flagged(alerts).empty
    assert any("E08000005" in told and "recording may have changed" in told for told in alerts.statements)
    unknown = prospective(both.assign(responsible_la=None), Parameters(), settings=FEW)
    assert not flagged(unknown).empty  # it is the stratum that keeps it silent


def test_a_hotspot_is_no_jump_of_its_agency():
    frame = world(planted=30, agency=lambda e: np.where(np.abs(e - 410_500) < 700, "E08000005", "E08000006"))
    alerts = prospective(frame, Parameters(), settings=FEW)
    assert not any("recording" in told for told in alerts.statements)
    assert alerts.cylinders["level"].iloc[0] == "alert"


def test_dials_are_checked():
    for wrong in ({"lengths": ()}, {"lengths": (14, 7)}, {"radius_m": 20.0}, {"runs": 3}, {"least": 2}, {"days": 40}):
        with pytest.raises(ParameterError):
            ScanSettings(**wrong)


def bursts(chance, children=600):
    """Children with a heavy tail of episodes, most of them in bursts with a place of their own; nothing else happens."""
    rows = []
    for child in range(children):
        home, left = chance.normal(0, 10_000, 2), min(1 + int(chance.pareto(1.2)), 40)
        while left > 0:
            size = min(left, 1 + int(chance.geometric(0.25)))
            left -= size
            place, start = home + chance.normal(0, 1_500, 2), chance.integers(0, 365)
            ages = (start + chance.exponential(10, size).astype(int)) % 365
            rows += [(child, *(place + chance.normal(0, 80, 2)).round(), age) for age in ages]
    return np.array(rows)


def p_values(worlds, *, unique):
    """Ties of the statistic are broken at random, so that its p-value is uniform when nothing goes on, and not only at most."""
    from scoping.change.child_places import child_places
    from scoping.clustering.points import build

    values = []
    for seed in range(worlds):
        chance = np.random.default_rng(seed)
        rows = bursts(chance)
        child, age = rows[:, 0].astype(np.int64), rows[:, 3].astype(np.int64)
        every = np.arange(len(rows))
        points = build(row=every, time=(400 - age) * 86_400_000_000 + 1, person=child, episode=every, role=0 * every,
                       easting=rows[:, 1], northing=rows[:, 2])
        kept = child_places(points, 400, 365)
        search = Search(FEW.lengths, FEW.radius_m, least=3, runs=99)
        found = (scan(kept.easting, kept.northing, kept.age, search, seed=seed, child=kept.person) if unique
                 else scan(rows[:, 1], rows[:, 2], age, search, seed=seed))
        best = found.cylinders["ratio"].iloc[0] if len(found.cylinders) else 0.0
        above, ties = (found.maxima > best + 1e-8).sum(), (np.abs(found.maxima - best) <= 1e-8).sum() + 1
        values.append((above + chance.random() * ties) / (len(found.maxima) + 1))
    return np.array(values)


def test_p_is_uniform_when_nothing_goes_on_though_children_come_in_bursts():
    values = p_values(200, unique=True)
    assert kstest(values, "uniform").pvalue > 0.01
    assert (values <= 0.05).mean() <= 0.10


def test_episodes_counted_one_by_one_would_be_wrong():
    assert (p_values(20, unique=False) <= 0.05).mean() > 0.5
