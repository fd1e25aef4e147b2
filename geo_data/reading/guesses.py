"""What the headings and words of an unknown file may mean: a first guess for the page that makes profiles, changed by hand there.

Told by the built-in profiles, and by headings that missing-person exports are known to use.
"""

from __future__ import annotations

from collections.abc import Iterable

from geo_data.reading.profiles import BUILT_IN, PROFILES
from geo_data.reading.words import key
from geo_data.schema import EPISODES

# column of EPISODES: headings
_HEADINGS = """
episode_ref: incident no, incident number, incident ref, incident, occurrence no, occurrence, urn, case id, reference, report no
episode_ref: misper no, misper number, missing no, missing ref, case no, case ref
person_ref: misper id, misper ref, person id, person ref, person urn, child id, child ref, nominal, pseudonym
source_system: system, source
extracted_at: extracted, updated, last updated, data as at, date of extract, export date
recording_force: police force, force area
responsible_la: home la, home authority, responsible la, local authority, la, la code, authority, local authority code
age_at_episode: age years, age at episode, age when reported
care_status: cla, looked after status, in care
missing_from_type: missing from place, missing from category
risk_level_initial: risk, risk level, risk grading
last_seen_at: last seen, last seen date time, date time last seen, missing since, date missing, time missing
last_seen_at: last seen time, time last seen, last seen on, went missing
reported_at: reported, reported on, date time reported, reported date, reported date time, date of report, date
found_at: found, found date time, returned, date returned, date time returned, date time found, located
found_at: found time, time found, returned at, time returned
last_seen_location_text: last seen at, last seen address, last seen place, address last seen, place last seen, missing from address
pickup_location_text: picked up at, picked up from, pickup address, pick up location, collected from
found_location_text: where found, where located, found at, found address, found place, located at, address found, place found
last_seen_postcode: last seen post code
found_postcode: found post code, post code found
found_by: who found, located by whom
rhi_offered: return interview offered, rhi
rhi_completed_at: rhi date, return interview date, rhi completed
"""
_WORDS = {"gender": {"f": "female", "m": "male"},
          "care_status": {"y": "looked_after", "yes": "looked_after", "n": "not_looked_after", "no": "not_looked_after"},
          "missing_from_type": {"foster": "foster_placement", "foster carer": "foster_placement", "school": "school_education",
                                "home address": "home", "parental home": "home"}}


def targets(columns: Iterable[str]) -> dict[str, str]:
    """Column of the file -> column of EPISODES, where a heading is known; each column of EPISODES once, the first taken."""
    known = _known()
    found: dict[str, str] = {}
    for name in columns:
        target = known.get(key(name), "")
        if target and target not in found.values():
            found[name] = target
    return found


def codes(target: str, words: Iterable[str]) -> dict[str, str]:
    """Word of the file -> code of that column of EPISODES, where it is known."""
    known = {key(word): code for word, code in _WORDS.get(target, {}).items()}
    for name in BUILT_IN:
        known |= {key(word): code for word, code in PROFILES[name].values.get(target, {}).items()}
    known |= {key(code): code for code in EPISODES[target].allowed}
    return {word: known[key(word)] for word in words if known.get(key(word)) in EPISODES[target].allowed}


def _known() -> dict[str, str]:
    """Heading without case and punctuation -> column of EPISODES."""
    known: dict[str, str] = {}
    for line in _HEADINGS.strip().splitlines():
        target, _, headings = line.partition(": ")
        known |= {key(heading): target for heading in headings.split(", ")}
    for profile in (PROFILES[name] for name in BUILT_IN if PROFILES[name].nature == "episodes"):
        given = {target: list(names) for target, names in profile.columns.items()}
        for target, (dates, _times) in profile.joins.items():
            given.setdefault(target, []).extend(dates)
        for target, parts in profile.texts.items():
            given.setdefault(target, []).extend(parts[-1])
        known |= {key(heading): target for target, headings in given.items() for heading in headings}
    return known | {key(name): name for name in EPISODES.names}
