"""The laws of what leaves the team (SECURITY: the one door and its proof)."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo_data.errors import DisclosureError
from scoping.parameters import Parameters
from scoping.scope import scope
from scoping.showing.disclosure import Publication, Rules, release
from scoping.showing.editions import OPEN, Edition, Group, most, under
from scoping.showing.partition import Partition
from scoping.showing.periods import Period
from scoping.showing.published import FEW_KNOWN, rounded
from tests.scoping.showing.towns import ADDRESSES, BLOCK_E, BLOCK_N, content, moved, published, town, towns

TIERS = st.sampled_from(["rmg", "briefing"])
PERIODS = st.sampled_from(["2024-01", "2024-03", "2024-Q1", "2024-Q2", "2024-H1"])
EXAMPLES = int(os.environ.get("SCOPING_EXAMPLES", "15"))  # SCOPING_EXAMPLES=600 for a thorough run
LAWS = settings(deadline=None, max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
PARTITION = Partition(ADDRESSES)


def recount(frame, edition, place):
    """The raw records of a published place: children and episodes."""
    local = frame["at"].dt.tz_convert("Europe/London").dt.tz_localize(None)
    region = PARTITION.regions(frame["easting"].to_numpy(), frame["northing"].to_numpy())
    inside = (local >= pd.Timestamp(edition.period.start)) & (local < pd.Timestamp(edition.period.end))
    return frame[inside & np.isin(region, place.regions)], region


@LAWS
@given(towns(), TIERS, PERIODS)
def test_every_published_place_recounted_holds_enough_children_and_none_is_one_childs(frame, tier, period):
    for edition in published(frame, tier, period).editions:
        for place in edition.places:
            rows, region = recount(frame, edition, place)
            each = rows.groupby("person_ref")["episode_ref"].nunique()
            assert len(each) >= {"rmg": 5, "briefing": 8}[tier]
            assert each.max() <= each.sum() / 2
            assert place.low <= len(each) <= place.high
            assert not place.episodes_low or place.episodes_low <= each.sum() <= place.episodes_high
            for number in place.regions:
                assert rows[region[rows.index] == number]["person_ref"].nunique() >= 3
                assert PARTITION.held(number) >= 20


@LAWS
@given(towns(), TIERS, PERIODS, st.integers(0, 9))
def test_moving_every_episode_inside_its_cell_and_month_changes_no_byte(frame, tier, period, seed):
    assert content(published(frame, tier, period)) == content(published(moved(frame, seed), tier, period))


@LAWS
@given(towns(), TIERS, PERIODS, st.integers(0, 9))
def test_neither_names_nor_the_order_of_rows_matter(frame, tier, period, seed):
    renamed = {name: f"N{k}" for k, name in enumerate(np.random.default_rng(seed).permutation(frame["person_ref"].unique()))}
    shuffled = frame.assign(person_ref=frame["person_ref"].map(renamed)).sample(frac=1, random_state=seed, ignore_index=True)
    assert content(published(frame, tier, period)) == content(published(shuffled, tier, period))


@LAWS
@given(towns(), st.sampled_from(["eps_m", "min_children", "count"]), TIERS)
def test_no_dial_of_the_clustering_reaches_what_is_published(frame, dial, tier):
    other = {"eps_m": 75.0, "min_children": 9, "count": "episodes"}[dial]
    assert content(published(frame, tier)) == content(published(frame, tier, **{dial: other}))


@LAWS
@given(towns(), st.integers(0, 30))
def test_taking_one_child_out_moves_no_band_by_more_than_one_step(frame, which):
    children = frame["person_ref"][:-2].unique()
    without = frame[frame["person_ref"] != children[which % len(children)]].reset_index(drop=True)
    edges = [1, 8, 20, 50, OPEN]

    def steps(given):
        return {(edition.period, cell): edges.index(place.low) for edition in given.editions for place in edition.places
                for cell in place.cells}

    with_, less = steps(published(frame)), steps(published(without))
    for key in with_.keys() | less.keys():
        assert abs(with_.get(key, 0) - less.get(key, 0)) <= 1


def test_the_towns_publish_often_with_unions_and_joined_regions_among_them():
    shown = unions = joined = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        spots = [(0, 0), (0, 1), (6, 1)] if seed % 2 else [(2, 3), (3, 3)]
        given = published(town(rng, 90, 20, spots, [0, 2]))
        places = [place for edition in given.editions for place in edition.places]
        shown += bool(places)
        unions += any(len(place.regions) > 1 for place in places)
        joined += any(len(place.cells) > len(place.regions) for place in places)
    assert shown > 30 and unions > 20 and joined > 10


# ------------------------------------------------------------------ what each tier may hear

def busy(children, month=2, spot=(0, 0), episodes=1):
    rng = np.random.default_rng(0)
    frame = town(rng, children * episodes, children, [spot], [month])
    frame.loc[:children * episodes - 1, "person_ref"] = [f"K{k % children}" for k in range(children * episodes)]
    return frame.assign(easting=np.where(frame.index < children * episodes, BLOCK_E + 500.0 * spot[1] + 10, 10_000.0),
                        northing=np.where(frame.index < children * episodes, BLOCK_N + 500.0 * spot[0] + 10, 10_000.0),
                        at=[pd.Timestamp(f"2024-{month + 1:02d}-15", tz="UTC")] * (children * episodes) + list(frame["at"][-2:]))


@pytest.mark.parametrize(("children", "rmg", "briefing"), [
    (4, [], []), (5, ["5"], []), (7, ["7"], []), (8, ["8"], ["8-19"]), (19, ["19"], ["8-19"]), (20, ["20"], ["20-49"]),
    (50, ["50"], ["50+"])])
def test_counts_are_true_for_the_rmg_and_banded_for_briefings(children, rmg, briefing):
    for tier, said in (("rmg", rmg), ("briefing", briefing)):
        given = published(busy(children), tier, rules=None)
        assert (given.hotspots["said"].tolist() if given.period.kind == "month" else []) == said


def test_the_shortest_period_that_says_something_is_taken_and_named():
    frame = pd.concat([busy(4, month).iloc[:-2].assign(person_ref=[f"M{month}{k}" for k in range(4)]) for month in (0, 1, 2)]
                      + [busy(4).iloc[-2:]], ignore_index=True)
    given = published(frame, "briefing", "2024-03")
    assert given.period == Period.parse("2024-Q1") and given.hotspots["said"].tolist() == ["8-19"]
    assert given.reason == ("March 2024 alone has no place with at least 8 different children, "
                            "so January to March 2024 (quarter) is shown.")
    nothing = published(busy(2), "briefing", "2024-03")
    assert nothing.hotspots.empty and nothing.reason.startswith("No place has at least 8 different children in March 2024, nor")


def test_a_period_that_is_not_over_is_refused():
    with pytest.raises(DisclosureError, match="not over"):
        published(busy(9), period="2024-07")


def test_a_period_before_the_first_record_is_refused():
    with pytest.raises(DisclosureError, match="not whole"):
        published(busy(9), period="2023-12")


@pytest.mark.parametrize(("today", "known", "says"), [
    (date(2024, 6, 30), "", r"June 2024 is not over.* 1 July 2024 or later"),
    (date(2024, 6, 30), "2024-07-01", "June 2024 is not over"),
    (date(2024, 7, 2), "2024-06-30", r"known until 30 June 2024, and June 2024 was not over then.* 1 July 2024 or later"),
    (None, "2024-06-30", "known until 30 June 2024")])
def test_a_record_on_its_last_day_does_not_make_a_period_over(today, known, says):
    """The records reach the last day of June: whoever releases it on that day, or from an extract of it, freezes a part of it."""
    frame, parameters = busy(9, month=5), Parameters(roles=("found",))

    def made(today, known):
        asked = Publication(Period.parse("2024-06"), ADDRESSES, cut_off=known, today=today)
        return release(scope(frame, parameters), Rules(), "rmg", publish=asked)

    with pytest.raises(DisclosureError) as refused:
        made(today, known)
    assert re.search(says, f"{refused.value.what} {refused.value.fix}")
    assert made(date(2024, 7, 1), "2024-07-01").hotspots["said"].tolist() == ["9"]


def test_no_longer_period_is_taken_before_it_is_over():
    asked = Publication(Period.parse("2024-05"), ADDRESSES, cut_off="2024-06-30", today=date(2024, 6, 30))
    made = release(scope(busy(2, month=4), Parameters(roles=("found",))), Rules(), "rmg", publish=asked)
    assert {each.period.key for each in (*made.editions, *made.fresh)}.isdisjoint({"2024-06", "2024-Q2", "2024-H1"})


@pytest.mark.parametrize(("restriction", "rmg", "briefing"), [
    ("do_not_export", [], []), ("police_only", [], []), ("rmg_only", ["9"], []), ("none", ["9"], ["8-19"])])
def test_restricted_records_are_not_counted(restriction, rmg, briefing):
    frame = busy(9).assign(sharing_restriction=restriction)
    for tier, said in (("rmg", rmg), ("briefing", briefing)):
        assert published(frame, tier).hotspots["said"].tolist() == said


def test_a_private_kind_of_place_is_never_named():
    assert published(busy(9).assign(location_type="friend_address")).hotspots["kind"].tolist() == [""]
    assert published(busy(9).assign(location_type="car_park")).hotspots["kind"].tolist() == ["car_park"]


def test_totals_are_rounded_and_small_ones_hidden():
    figures = published(busy(9)).figures.set_index("figure")
    last = figures[figures["window"] == 2]["said"]
    assert last["different children"] == "about 10" and last["places not located well enough"] == "0"
    assert [rounded(count) for count in (0, 1, 4, 5, 7, 8, 12, 13)] == [0, FEW_KNOWN, FEW_KNOWN, 5, 5, 10, 10, 15]


# ------------------------------------------------------------------ frozen, and against what was published before

def test_a_released_month_stays_as_it_was_when_records_arrive_late():
    first = published(busy(9), "rmg")
    late = pd.concat([busy(9).iloc[:-2], busy(12).iloc[9:12], busy(9).iloc[-2:]], ignore_index=True)
    assert content(published(late, "rmg", before=first.editions)).splitlines()[-1] == content(first).splitlines()[-1]
    again = published(late, "rmg", before=first.editions)
    assert again.editions == first.editions and again.fresh == ()
    assert published(late, "rmg").hotspots["said"].tolist() == ["12"]


def test_editions_survive_the_register():
    for edition in published(busy(9), "rmg").editions:
        assert Edition.load(edition.dump()) == edition and Edition.load(edition.dump()).dump() == edition.dump()


def test_other_filters_for_a_released_time_are_refused():
    first = published(busy(9))
    with pytest.raises(DisclosureError, match="other filters"):
        published(busy(9), strands=("home",), before=first.editions)
    with pytest.raises(DisclosureError, match="other filters"):
        published(busy(9), period="2024-Q1", strands=("home",), before=first.editions)
    assert published(busy(9), roles=("last_seen",), before=first.editions).hotspots.empty  # another role is another count


def test_two_roles_together_are_refused():
    with pytest.raises(DisclosureError, match="one role"):
        published(busy(9), roles=("found", "pickup"))


def test_parts_of_a_released_period_are_refused_and_longer_ones_are_not():
    quarter = published(busy(9), period="2024-Q1")
    with pytest.raises(DisclosureError, match="lies in"):
        published(busy(9), period="2024-02", before=quarter.editions)
    with pytest.raises(DisclosureError, match="lies in"):
        published(busy(9), "rmg", period="2024-02", before=quarter.editions)
    assert published(busy(9), period="2024-H1", before=quarter.editions).hotspots["said"].tolist() == ["8-19"]


def test_another_grid_for_a_released_time_is_refused():
    first = published(busy(9))
    with pytest.raises(DisclosureError, match="another grid"):
        published(busy(9), period="2024-Q1", rules=Rules(least_addresses=25), before=first.editions)


def test_a_longer_count_is_coded_so_that_a_withheld_month_need_hold_no_one():
    """Seven children a month, all withheld from briefings, are 21 in the quarter: "20-49" would say that no month was empty."""
    frame = pd.concat([busy(7, month).iloc[:-2].assign(person_ref=[f"M{month}{k}" for k in range(7)]) for month in (0, 1, 2)]
                      + [busy(7).iloc[-2:]], ignore_index=True)
    alone = published(frame, period="2024-Q1")
    assert alone.hotspots["said"].tolist() == ["20-49"]
    months = [edition for k in (1, 2, 3) for edition in published(frame, period=f"2024-{k:02d}", before=()).fresh
              if edition.period.kind == "month"]
    after = published(frame, period="2024-Q1", before=months)
    assert after.hotspots["said"].tolist() == ["8+"]


@LAWS
@given(towns(), st.lists(st.tuples(TIERS, PERIODS, st.sampled_from([5, 6, 7])), min_size=1, max_size=4))
def test_nothing_that_follows_from_all_releases_together_pins_a_withheld_month(frame, asked):
    """The attacker's best lower bound of every withheld place and shorter period, from all published values, is nothing: also
    where the policy's number was raised and lowered between them. What a release shows holds by the number of its day.
    """
    before: list[Edition] = []
    for tier, period, rmg in asked:
        rules = Rules(rmg=rmg, briefing=8 + rmg - 5)
        try:
            made = published(frame, tier, period, before=before, rules=rules)
        except DisclosureError as error:
            assert "may not be shown" not in error.what
            continue
        assert not (made.hotspots["low"].dropna() < rules.least(tier)).any()
        before.extend(made.fresh)

    for edition in before:
        earlier = [other for other in before if other.period.inside(edition.period)]
        for place in edition.places:
            assert place.low <= most(earlier, edition.role, edition.period, frozenset(place.regions))


# ------------------------------------------------------------------ under other thresholds than those of what was published before

def two_places(months=(0, 1, 2), few=5):
    """In each month five children at one spot and nine at another."""
    parts = [busy(many, month, spot).iloc[:-2].assign(person_ref=[f"{spot}-{k}" for k in range(many)])
             for month in months for many, spot in ((few, (0, 0)), (9, (3, 3)))]
    return pd.concat([*parts, busy(9).iloc[-2:]], ignore_index=True)


def editions_of(frame, tier="rmg", periods=("2024-01", "2024-02"), rules=None):
    before = []
    for period in periods:
        before += published(frame, tier, period, before=before, rules=rules).fresh
    return before


def cells(release):
    return set(release.cells[["cell_e", "cell_n"]].itertuples(index=False, name=None))


def test_a_raised_threshold_stops_no_release_and_shows_nothing_below_it_of_what_was_published():
    frame, raised = two_places(), Rules(rmg=6)
    before = editions_of(frame)
    few = {cell for edition in before for place in edition.places if place.low == 5 for cell in place.cells}
    assert few and "5" in published(frame, "rmg", before=before).hotspots["said"].tolist()
    for period in ("2024-03", "2024-02"):  # the month that follows, and one that is frozen
        made = published(frame, "rmg", period, before=before, rules=raised)
        assert set(made.hotspots["said"]) == {"9"} and not few & cells(made)
        assert "least 6 different" in made.rule and any(text.startswith("Left out") for text in made.withheld)
    assert [each.dump() for each in before] == [each.dump() for each in editions_of(frame)]  # what is kept stays as it was
    assert not any("Left out" in text for text in published(frame, "rmg", before=before).withheld)


def test_a_month_whose_places_all_fall_below_a_raised_threshold_says_so():
    frame = two_places(few=5)
    before = editions_of(frame[~frame["person_ref"].str.startswith("(3, 3)")])
    made = published(frame, "rmg", "2024-02", before=before, rules=Rules(rmg=6))
    assert made.hotspots.empty and made.fresh == () and made.reason == (
        "No place is known to have at least 6 different children in February 2024.")
    assert "lower thresholds than today's (6 different children, 3 in each cell)" in made.withheld[-1]


def test_a_band_that_may_hold_fewer_than_a_raised_threshold_is_left_out():
    frame = two_places()
    before = editions_of(frame, "briefing")
    assert published(frame, "briefing", before=before).hotspots["said"].tolist()
    made = published(frame, "briefing", "2024-02", before=before, rules=Rules(briefing=9))
    assert made.hotspots.empty and "is known to have at least 9" in made.reason


def test_cells_that_were_asked_for_fewer_children_are_shown_no_more_where_they_were_joined():
    frame = pd.concat([busy(8, 1, spot).iloc[:-2].assign(person_ref=[f"{spot}-{k}" for k in range(8)])
                       for spot in ((0, 0), (0, 1), (3, 3))] + [busy(9).iloc[-2:]], ignore_index=True)
    before = editions_of(frame, periods=("2024-02",))
    assert sorted(len(place.regions) for place in before[-1].places) == [1, 2]
    made = published(frame, "rmg", "2024-02", before=before, rules=Rules(cell_children=4))
    assert made.hotspots["said"].tolist() == ["8"] and "at least 4 children" in made.rule
    assert published(frame, "rmg", "2024-02", before=before, rules=Rules(cell_children=9)).hotspots.empty


def test_what_chance_gives_is_not_told_of_what_other_thresholds_showed():
    edition = replace(editions_of(two_places())[-1], chance={"born": 3})
    assert under(edition, Rules()) == edition and not under(edition, Rules(rmg=6)).chance


def test_groups_that_may_be_of_fewer_than_a_raised_threshold_are_not_told():
    told = (Group("victims", "", "", 28, 32), Group("victims", "Sex", "Boys", 5, 7), Group("victims", "Sex", "Girls", 18, 22))
    edition = replace(editions_of(two_places())[-1], people=told)
    assert [group.label for group in under(edition, Rules(rmg=6)).people] == ["", "Girls"]
    later = replace(edition, least=6)  # of another role: it carries what was told of the same period before
    assert [group.label for group in under(later, Rules(rmg=6)).people] == ["", "Girls"]
    assert [group.low for group in under(edition, Rules(rmg=29, briefing=29)).people] == [0]


def test_the_rule_is_true_of_all_that_is_shown_by_whichever_rules_it_was_made():
    frame, strict = two_places(), Rules(rmg=6, dominance=0.4, cell_children=4)
    first = editions_of(frame, periods=("2024-01",), rules=strict)
    assert published(frame, "rmg", "2024-01", before=first).rule == strict.sentence("rmg")  # lowered since
    assert published(frame, "rmg", "2024-02", before=first).rule == Rules().sentence("rmg")
    loose = editions_of(frame, periods=("2024-01",))
    assert published(frame, "rmg", "2024-02", before=loose, rules=strict).rule == Rules(rmg=6, cell_children=4).sentence("rmg")
    assert Edition.load(first[-1].dump()) == first[-1] and "dominance" not in loose[-1].dump()


def test_a_comparison_is_with_periods_of_the_same_grid():
    frame = two_places()
    made = published(frame, "rmg", "2024-03", before=editions_of(frame), rules=Rules(least_addresses=25))
    assert {each.grid for each in made.editions} == {made.grid} and len(made.editions) == 1
