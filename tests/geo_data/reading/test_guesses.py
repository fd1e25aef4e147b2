"""First guesses about a file of nobody's profile."""

import pytest

from geo_data.reading import guesses
from geo_data.schema import EPISODES


def test_headings_in_use_are_known_whatever_their_case_and_signs():
    given = ["Incident No", "MISPER-ID", "Date/Time Reported", "LAST SEEN", "Date Returned", "Where Located", "Age", "Sex",
             "Shoe size"]
    assert guesses.targets(given) == {
        "Incident No": "episode_ref", "MISPER-ID": "person_ref", "Date/Time Reported": "reported_at", "LAST SEEN": "last_seen_at",
        "Date Returned": "found_at", "Where Located": "found_location_text", "Age": "age_at_episode", "Sex": "gender"}


def test_a_column_of_the_table_is_guessed_once():
    assert guesses.targets(["Age", "age_at_episode", "Age Years"]) == {"Age": "age_at_episode"}


def test_every_heading_leads_to_a_column_and_says_nothing_else_than_the_profiles():
    assert set(guesses._known().values()) <= set(EPISODES.names)
    assert list(guesses.targets(["Case Number", "Location Found"]).values()) == ["episode_ref", "found_location_text"]


@pytest.mark.parametrize(("target", "words", "meant"), [
    ("gender", ["F", "m", "?"], {"F": "female", "m": "male"}), ("risk_level_initial", ["High", "No apparent risk"],
                                                               {"High": "high", "No apparent risk": "no_apparent_risk"}),
    ("missing_from_type", ["Foster", "Moon"], {"Foster": "foster_placement"})])
def test_words_become_codes_that_there_are(target, words, meant):
    assert guesses.codes(target, words) == meant
