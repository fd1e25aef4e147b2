"""What may not come in: names, dates of birth, phones, registrations, ethnicity, narrative.

Two nets. By name: a column whose name says that it holds such things is never read. By content: a row whose
free text looks like such things is refused, and the text is not repeated in the refusal. The nets are
deliberately few and sharp; they catch habits of export, not everything a person could write.

NHS numbers: modulus 11 check digit (NHS Data Dictionary, NHS NUMBER). Phones: Ofcom's UK number ranges.
Registrations: the current style of DVLA INF104 (two letters, two digits, three letters).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from geo_data.reading.rejects import Problems
from geo_data.schema import EPISODES, ROLES

FREE_TEXT = (*(f"{role}_location_text" for role in ROLES), "recording_force", "category")
NARRATIVE_LENGTH = 200

# what a column holds, by the words of its name; the first that fits
_NAMES: tuple[tuple[str, str], ...] = (
    ("dates of birth", "dob|d o b|birth ?date|birth ?day|birth|born"),
    ("ethnicity, nationality or religion",
     "ethnic|ethnicity|race|racial|nationality|religion|faith|language|immigration|asylum|uasc|country of origin"),
    ("phone numbers", "phone|phones|telephone|tel|mobile|mob|contact|contacts|msisdn|imei|whats ?app"),
    ("e-mail addresses", "e ?mails?"),
    ("social media accounts", "snap ?chat|instagram|facebook|tik ?tok|social media|user ?name"),
    ("vehicle registrations", "vrm|vrn|vrms|registration|reg|number plate|plate|vehicle|vehicles"),
    ("personal numbers",
     r"nhs|upn|unique pupil \w+|uln|unique learner \w+|national insurance|ni number|nino|passport|pnc|pncid|cro"),
    ("pictures", "photos?|photographs?|images?|pictures?"),
    ("health", "diagnosis|medical|medication|disability|disabilities|sexuality|sexual orientation|pregnant"),
    ("people around the child",
     "mothers?|fathers?|mums?|dads?|parents?|guardians?|next of kin|nok|siblings?|friends?|associates?|"
     "boyfriend|girlfriend|suspect|offender|perpetrator|oic|officer|social worker|key ?worker|informant|"
     "reporting person|reporter"),
    ("home addresses", r"(?:home|child|childs|person|current|permanent|family|nominal) address|address (?:line )?\d"),
    ("names",
     "fore ?names?|sur ?names?|(?:first|last|middle|given|family|full|maiden) names?|known as|alias|aliases|"
     "nick ?names?|initials"),
    ("narrative",
     "narrative|notes?|circumstances?|summary|comments?|remarks?|free text|log|account|story|mo|details?|"
     "descriptions?|text"),
)
_NAME_RULES = tuple((what, re.compile(rf"\b(?:{words})\b")) for what, words in _NAMES)
_NAME = re.compile(r"\bnames?\b")
# a name of one of these is no person's
_PLACES = re.compile(r"\b(?:lsoa|force|authority|la|ward|street|road|place|location|town|village|area|district|beat|"
                     r"station|file|system|county|region|sector|school|placement|provider|profile|address)\b")
_LOCATIVE = ("narrative", "names")

# a run of digits as phones are written; never after the two letters of a grid reference
_PHONE_RUN = r"(?<![A-Za-z\d])(?<!\b[A-Z]{2} )((?:\+44|0044|\(?0)[\d\s()-]{8,16})"
_PHONE_DIGITS = r"(?:(?:00)?440?|0)(?:1[1-9]|2\d|3\d|5[56]|7[1-9]|8\d|9\d)\d{7,8}"
_EMAIL = r"[^\s@,;]+@[^\s@,;]+\.[A-Za-z]{2,}"
_WORD = r"(?:AND|THE|BUS|OFF|CAR|PUB|OLD|NEW|BAR|INN|WAY|OUT|FOR|EST|ONE|TWO|END|TOP)\b"  # after an outward postcode
_VRM = rf"(?<![A-Za-z\d])[A-HJ-PR-Y]{{2}}(?:0[2-9]|[1-7]\d) ?(?!{_WORD})[A-HJ-PR-Z]{{3}}(?![A-Za-z\d])"
_DATE = r"(?<!\d)(?:\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)\d\d|(?:19|20)\d\d-\d\d-\d\d)(?!\d)"
_BIRTH = r"\b(?:[Dd]\.?[Oo]\.?[Bb]\b|DOB|[Dd]ate of birth|DATE OF BIRTH|[Bb]orn (?:on|in)\b)"
_NHS_SPACED = r"(?<![A-Za-z\d])(?<!\b[A-Z]{2} )(\d{3}[ -]\d{3}[ -]\d{4})(?!\d)"
_TEN_DIGITS = r"(?<![A-Za-z\d])(?<!\b[A-Z]{2} )(\d{10})(?!\d)"
_UPN = r"(?<![A-Za-z\d])[A-HJ-NP-RT-Z]\d{11}[\dA-HJ-NP-RT-Z](?![A-Za-z\d])"
_PERSON = r"(?:[A-Z][a-z'’]+|[A-Z]{2,})(?:[ -][A-Z][a-z'’-]+|,? +[A-Z][A-Za-z'’-]+)+"

_PLACE_ALONE = "Keep the place alone in this column; take the rest out of the export."
_TEXT_RULES = (
    ("looks like an e-mail address", _EMAIL),
    ("looks like a vehicle registration", _VRM),
    ("looks like a date, perhaps of birth", _DATE),
    ("speaks of a date of birth", _BIRTH),
)
_PSEUDONYM = "Export a pseudonym that stays the same for the child and is no name, date of birth, NHS number or UPN."
_PERSON_RULES = (
    ("looks like an e-mail address", _EMAIL),
    ("holds a date, perhaps of birth", _DATE),
    ("looks like a unique pupil number", _UPN),
    ("looks like a person's name", f"^{_PERSON}$"),
)


def refused_columns(columns: Iterable[str]) -> dict[str, str]:
    """Columns that are never read, and why; judged by name, whole words only. Schema columns never are."""
    refused = {}
    for column in columns:
        if column.strip().lower() in EPISODES.names:
            continue
        words = _words(column)
        place = bool(_PLACES.search(words))
        for what, rule in _NAME_RULES:
            if rule.search(words) and not (place and what in _LOCATIVE):
                refused[column] = f"holds {what}"
                break
        else:
            if _NAME.search(words) and not place:
                refused[column] = "holds names"
    return refused


def refused_cells(frame: pd.DataFrame) -> pd.DataFrame:
    """REJECTS for cells of free text and of `person_ref` that look personal; their value is withheld.

    Only columns that can hold free text are looked at: in a reference or a coordinate the same digits mean
    something else. A run of ten digits counts as an NHS number when its check digit is right; in `person_ref`
    only when at least half of such runs are, because one random number in eleven is right by chance.
    """
    problems = Problems()
    for column in FREE_TEXT:
        if column in frame and frame[column].notna().any():
            _free_text(frame[column], column, problems)
    if "person_ref" in frame and frame["person_ref"].notna().any():
        _person_ref(frame["person_ref"], problems)
    return problems.frame()


def refused_texts(texts: Iterable[str]) -> list[str]:
    """The rules that texts written by users of the program break ("looks like a phone number"); none is repeated."""
    problems = Problems()
    _free_text(pd.Series(list(texts), dtype="str"), "text", problems, longest=None)
    return sorted(set(problems.frame()["rule"]))


def _free_text(whole: pd.Series, column: str, problems: Problems, longest: int | None = NARRATIVE_LENGTH) -> None:
    text = whole.dropna()
    unique = pd.Series(text.unique(), dtype="str")

    def refuse(bad: pd.Series, rule: str) -> None:
        if bad.any():
            problems.add(text.index[text.isin(unique[bad])], column, rule, _PLACE_ALONE)

    for rule, pattern in _TEXT_RULES:
        refuse(unique.str.contains(pattern, regex=True).astype(bool), rule)
    refuse(_phone(unique), "looks like a phone number")
    digits = unique.str.extract(_NHS_SPACED)[0].fillna(unique.str.extract(_TEN_DIGITS)[0])
    refuse(_nhs_valid(digits), "looks like an NHS number")
    if longest is not None:
        refuse(unique.str.len().gt(longest).astype(bool), f"longer than {longest} characters: a narrative, not a place")


def _phone(text: pd.Series) -> pd.Series:
    runs = text.str.extract(_PHONE_RUN)[0].str.replace(r"\D", "", regex=True)
    return runs.str.fullmatch(_PHONE_DIGITS).fillna(False).astype(bool)


def _person_ref(whole: pd.Series, problems: Problems) -> None:
    codes, distinct = pd.factorize(whole)
    text = pd.Series(distinct, dtype="str")

    def refuse(bad: pd.Series, rule: str, fix: str) -> None:
        problems.add(whole.index[np.append(bad.to_numpy(dtype=bool), False)[codes]], "person_ref", rule, fix)  # -1: blank

    for rule, pattern in _PERSON_RULES:
        refuse(text.str.contains(pattern, regex=True), rule, _PSEUDONYM)
    refuse(_nhs_valid(text.str.extract(_NHS_SPACED)[0]), "looks like an NHS number", _PSEUDONYM)
    runs = text.str.extract(f"^{_TEN_DIGITS}$")[0]
    valid = _nhs_valid(runs)
    if valid.any() and valid.sum() * 2 >= runs.nunique():
        refuse(valid, "looks like an NHS number", f"{_PSEUDONYM} If it is none, put letters before it.")


def _nhs_valid(candidates: pd.Series) -> pd.Series:
    """True where ten digits satisfy the NHS number's check: weights 10..2, modulus 11."""
    digits = candidates.dropna().str.replace(r"\D", "", regex=True)
    total = sum((11 - position) * digits.str[position - 1].astype("int64") for position in range(1, 10))
    check = (11 - total % 11) % 11
    right = (check == digits.str[9].astype("int64")) & ~digits.str.fullmatch(r"(\d)\1{9}").astype(bool)
    return right.reindex(candidates.index, fill_value=False).astype(bool)


def _words(name: str) -> str:
    """A column name as lower-case words: 'DateOfBirth', 'date_of_birth' and 'DATE-OF-BIRTH' alike."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return " ".join(re.findall(r"[^\W_]+", parted.replace("'", "").replace("’", "").lower()))
