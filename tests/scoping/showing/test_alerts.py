"""What leaves of an alert: thresholds, coarse places, words."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from geo_data.errors import DisclosureError
from geo_data.grid import to_bng, to_wgs84
from scoping.change.scan import COLUMNS, OK, Alerts, ScanSettings, level
from scoping.showing import overlays
from scoping.showing.alerts import ALERTS, names, recurrence, release_alerts, report
from scoping.showing.disclosure import Rules

AT = date(2025, 11, 30)


def row(children=6, recurrence_days=700.0, top_share=0.2, easting=410_013.0, northing=433_987.0, radius_m=130.0, at=AT, **more):
    values = (level(recurrence_days), recurrence_days, 7 / recurrence_days, children, children + 1, 0.4, 9.0, 14,
              at - timedelta(days=13), at, radius_m, easting, northing, top_share)
    return dict(zip(COLUMNS, values, strict=True)) | more


def scan(*rows, at=AT):
    return Alerts(at, ScanSettings(), OK, ("said",), 900, 800, 600, pd.DataFrame(list(rows), columns=list(COLUMNS)), ())


def test_what_may_be_shown_is_shown_coarsely():
    release = release_alerts(scan(row()))
    shown = release.alerts.iloc[0]
    assert tuple(release.alerts.columns) == ALERTS
    assert (shown["cell_e"], shown["cell_n"]) == (410_250, 433_750)
    assert shown["radius_m"] == 500  # 130 m and the way to the cell's centre, rounded up
    for e, n, radius in np.random.default_rng(1).uniform(0, 900, (200, 3)):
        one = release_alerts(scan(row(easting=e, northing=n, radius_m=radius))).alerts.iloc[0]
        assert np.hypot(one["cell_e"] - e, one["cell_n"] - n) + radius <= one["radius_m"]


def test_few_children_and_one_child_s_place_are_withheld_and_said():
    release = release_alerts(scan(row(children=2), row(top_share=0.51), row(top_share=0.5), row(recurrence_days=50.0)))
    assert len(release.alerts) == 1 and release.alerts["one_child_half"].all()
    assert "fewer than 3" in release.withheld[0] and "more than half" in release.withheld[1]
    assert len(release_alerts(scan(row(children=4)), Rules(operational=5)).alerts) == 0
    assert len(release_alerts(scan(row(recurrence_days=50.0)), within_chance=True).alerts) == 1


def test_the_release_checks_itself():
    release = release_alerts(scan(row()))
    for wrong in ({"marking": " "}, {"tier": "public"}, {"alerts": release.alerts.assign(easting=1.0)},
                  {"alerts": release.alerts.assign(children=2)}, {"alerts": release.alerts.assign(cell_e=410_013)},
                  {"alerts": release.alerts.assign(radius_m=130)}):
        with pytest.raises(DisclosureError):
            replace(release, **wrong)


def test_since_when_a_place_is_flagged():
    week = timedelta(days=7)
    there, elsewhere = {"easting": 410_200.0}, {"easting": 450_000.0}
    series = [scan(row(at=AT - 3 * week, **there), at=AT - 3 * week), scan(row(**elsewhere), at=AT - 2 * week),
              scan(row(**there), row(**elsewhere), at=AT - week), scan(row(), at=AT)]
    assert release_alerts(series).alerts["flagged_since"].tolist() == [AT - week]
    assert release_alerts(series[-1]).alerts["flagged_since"].tolist() == [AT]
    quiet = [scan(row(recurrence_days=50.0, **there), at=AT - week), scan(row())]
    assert release_alerts(quiet).alerts["flagged_since"].tolist() == [AT]
    nothing = [scan(at=AT - week), scan(row())]  # a week in which the scan found no circle at all
    assert release_alerts(nothing).alerts["flagged_since"].tolist() == [AT]


def test_words():
    assert recurrence(40) == "about once in 40 days"
    assert recurrence(365) == "about once in 12 months"
    assert recurrence(7_000, at_most=True) == "less than once in 19 years"
    release = release_alerts(scan(row(recurrence_days=7_000.0)), synthetic=True)
    said = report(release, names(release, lambda e, n: np.array(["Quernminster QX1"])))
    assert said["alerts"][0]["place"] == "Quernminster QX1" and "less than once in 19 years" in said["alerts"][0]["says"]
    assert said["marking"].endswith("SYNTHETIC DATA") and said["statements"] == ["said"]
    assert said["expected_by_chance_a_year"] == {"watch_or_alert": 3.6, "alert": 1.0}
    assert names(release_alerts(scan()), lambda e, n: pytest.fail("asked for nothing")) == []


def test_the_layer_of_the_map_holds_the_release_and_says_when_there_is_nothing():
    release = release_alerts(scan(row(), row(recurrence_days=200.0, easting=450_013.0), row(children=2)))
    alert, watch = overlays.alerts(release, ["Saltmarrow", "Whinsea"], to_wgs84, 7)
    assert (alert["style"], watch["style"]) == ("alert", "watch") and "30 Nov 2025" in alert["name"]
    item = alert["items"][0]
    assert item["m"] == 500 and item["w"] == {"7": 0} and item["label"].startswith("Saltmarrow. 6 different children")
    assert np.hypot(*(np.array(to_bng(*(np.array([value]) for value in item["at"][::-1]))).ravel() - (410_250, 433_750))) < 2
    nothing = overlays.alerts(release_alerts(scan()), [], to_wgs84, 7)
    assert [each["name"] for each in nothing] == ["No alert, week to 30 Nov 2025"] and not nothing[0]["items"]
    unknown = overlays.alerts(release_alerts(replace(scan(), status="not_enough_data")), [], to_wgs84, 7)
    assert unknown[0]["name"] == "Alerts: not enough data" and "said" in unknown[0]["note"]
