import numpy as np
import pandas as pd
import pytest

from geo_data.errors import ParameterError
from scoping.change.review import NONE, choose, evidence, months, reviewed
from scoping.parameters import Parameters, WindowScheme
from scoping.scope import scope
from scoping.windows import make
from tests.scoping.change.test_ledger import world
from tests.scoping.worlds import Story

E, N = 430_000.0, 560_000.0


def spans(text="month", last="2025-03-31T12:00"):
    return make(WindowScheme.parse(text), pd.Timestamp("2024-01-01", tz="UTC"), pd.Timestamp(last, tz="UTC"))


def none(windows):
    return np.zeros(len(windows), dtype=bool)


@pytest.mark.parametrize(("text", "month", "now", "last", "year"), [
    ("month", None, "Mar 2025", "Feb 2025", "Mar 2024"),
    ("month", "2024-07", "Jul 2024", "Jun 2024", None),
    ("rolling:91d:28d", "2025-03", "30 Dec 2024 - 30 Mar 2025", "2 Dec 2024 - 2 Mar 2025", "1 Jan - 31 Mar 2024"),
    ("days:28", None, "24 Feb - 23 Mar 2025", "27 Jan - 23 Feb 2025", "26 Feb - 24 Mar 2024"),
])
def test_a_review_is_the_last_window_complete_by_the_end_of_its_month(text, month, now, last, year):
    windows = spans(text)
    at = choose(windows, none(windows), month)
    labels = [windows.labels[k] if k >= 0 else None for k in (at.now, at.last, at.year)]
    assert labels == [now, last, year]


def test_the_month_that_is_not_over_is_not_reviewed_and_a_gap_is_no_comparison():
    windows = spans(last="2025-03-20T12:00")
    gap = none(windows)
    gap[12] = True
    at = choose(windows, gap)
    assert windows.labels[at.now] == "Feb 2025" and at.last == NONE
    assert months(windows, gap)[-2:] == ["2024-12", "2025-02"]


@pytest.mark.parametrize("month", ["2025", "March", "2025-13", "2019-01"])
def test_a_month_that_has_no_review_says_what_to_do(month):
    windows = spans()
    with pytest.raises(ParameterError) as raised:
        choose(windows, none(windows), month)
    assert raised.value.fix


def test_nothing_complete_is_nothing_to_review():
    for frame in (Story().visits(0, E, N, 7).frame(), world().iloc[:0]):
        with pytest.raises(ParameterError, match="nothing to review"):
            reviewed(scope(frame, Parameters()))


def test_the_counts_beside_one_another_are_the_clusters_of_their_windows():
    scoped = scope(world(months=15), Parameters())
    at = reviewed(scoped)
    table = evidence(scoped, at).set_index("hotspot_id")
    assert {at.now, at.last, at.year} == {14, 13, 2}
    summary = scoped.clusters.summary
    for name, window in (("", at.now), ("last_", at.last), ("year_", at.year)):
        book = scoped.ledger[(scoped.ledger["window"] == window) & (scoped.ledger["cluster"] >= 0)]
        expected = summary["children"].iloc[book["cluster"]].to_numpy()
        assert table.loc[book["hotspot_id"], f"{name}children"].tolist() == expected.tolist()
        assert table[f"{name}children"].notna().sum() == len(book) > 3
    assert (table["beyond"] == (table["q"] <= 0.10)).all()
