"""What a Risk Management Group decides about places: the words, and one declaration of each table.

A *location of concern* is a place that the group has agreed needs something done; until then it is a hotspot, a
statistic. A place is a set of 500 m cells of the National Grid, never a point. Nothing here is about a person: owners
are posts, reasons are about places, and no row scores anyone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from geo_data.schema import PLACE_TYPES, ROLES, Column, Table

VERDICTS = {
    "concern": "Location of concern",
    "watch": "Watch",
    "dismiss": "Dismissed",
    "close": "Closed",
}
STATUSES = {
    "planned": "Planned",
    "under_way": "Under way",
    "done": "Done",
    "not_used": "Not used",
    "stopped": "Stopped",
}
OPEN_STATUSES = ("planned", "under_way")
TEXT_LENGTH, NAME_LENGTH = 400, 80


@dataclass(frozen=True)
class ActionKind:
    """A lawful thing to do about a place. `longest_days`: how long its power lasts at most; `law`: where that stands."""

    code: str
    label: str
    longest_days: int | None = None
    law: str = ""


_ACTION_KINDS = """
location_assessment|Assess the place with young people and those who run it
guardian_talk|Agree with whoever runs the place what they will watch for
staff_awareness|Brief the staff there: what to see, whom to tell
lighting_cctv|Lighting, sight lines, CCTV
outreach|Youth workers at the place
school_liaison|Agree supervision with the school, at the gate and on the way home
provider_review|Review with the placement provider
licensing_visit|Licensing visit
licensing_review|Review of a licence
environmental_health|Environmental health visit
trading_standards|Trading standards visit
hotel_notice|Information notice to a hotel|183|Anti-social Behaviour, Crime and Policing Act 2014, s.116: six months at most
closure|Closure notice or order||under the power used; put its end under 'expires'
transport_operator|Work with the operator or the British Transport Police
patrol|Patrol at the hours it is active
other_strategy|Another agency's strategy that is already under way here
"""

ACTION_KINDS: dict[str, ActionKind] = {}
for _line in _ACTION_KINDS.strip().splitlines():
    _code, _label, _days, _law = (*_line.split("|"), "", "")[:4]
    ACTION_KINDS[_code] = ActionKind(_code, _label, int(_days) if _days else None, _law)

_BY_PLACE = {
    "school_college": "school_liaison outreach",
    "childrens_home_vicinity": "provider_review outreach",
    "taxi_rank_phv": "staff_awareness licensing_visit licensing_review",
    "takeaway_food": "guardian_talk staff_awareness licensing_visit environmental_health closure",
    "hotel_bnb": "guardian_talk staff_awareness hotel_notice closure",
    "transport_hub": "transport_operator staff_awareness outreach lighting_cctv",
    "shopping_leisure": "guardian_talk staff_awareness outreach",
    "park_open_space": "outreach lighting_cctv",
    "street": "lighting_cctv outreach",
    "car_park": "guardian_talk lighting_cctv",
    "night_time_venue": "staff_awareness licensing_visit licensing_review closure",
    "petrol_carwash": "guardian_talk staff_awareness trading_standards",
    "hospital_health": "guardian_talk staff_awareness",
    "private_address_concern": "closure",
    "other_public": "guardian_talk lighting_cctv outreach",
}


def options(place_type: str | None) -> tuple[str, ...]:
    """Codes of ACTION_KINDS for a kind of place: what would make it safer first, patrol last."""
    own = _BY_PLACE.get(place_type or "", "guardian_talk outreach").split()
    return ("location_assessment", *own, "patrol", "other_strategy")


_ROW = (
    Column("id", "int", "R", "Number of the row; rows are only ever added"),
    Column("at", "datetime", "R", "When"),
    Column("actor", "text", "R", "Who: a post or the person signed in"),
)
_OF = Column("concern", "int", "R", "The place it is about")
_UNDOES = Column("undoes", "int", "O", "The row that this row takes back")

CONCERN = Table(
    "concern",
    "A place that came before the group.",
    (
        *_ROW,
        Column("collection", "text", "R", "The collection that showed it"),
        Column("role", "enum", "R", "What the place is to the children", allowed=ROLES),
        Column("name", "text", "R", "What the group calls it: never an address", max_length=NAME_LENGTH),
        Column("place_type", "enum", "R", "Kind of place", allowed=tuple(PLACE_TYPES)),
        Column("cells", "text", "R", "South-west corners of its 500 m cells, 'easting:northing' apart by blanks, metres",
               pattern=r"\d+:\d+( \d+:\d+)*"),
        _UNDOES,
    ),
)
VERDICT = Table(
    "verdict",
    "What the group decided about a place at one review.",
    (
        *_ROW,
        _OF,
        Column("review", "text", "R", "The period that was reviewed", pattern=r"\d{4}(-(0[1-9]|1[0-2]|Q[1-4]|H[12]))?"),
        Column("verdict", "enum", "R", "What was decided", allowed=tuple(VERDICTS)),
        Column("reason", "text", "C", "Why, about the place alone", max_length=TEXT_LENGTH, rule="required to dismiss or close"),
        _UNDOES,
    ),
)
ACTION = Table(
    "action",
    "One version of something done about a place; the latest version of a number holds.",
    (
        *_ROW,
        _OF,
        Column("action", "int", "R", "Number of the action: the row that began it"),
        Column("kind", "enum", "R", "What is done", allowed=tuple(ACTION_KINDS)),
        Column("owner", "text", "R", "The post that answers for it, never a name", max_length=NAME_LENGTH),
        Column("agency", "text", "R", "Whose action it is", max_length=NAME_LENGTH),
        Column("starts", "date", "R", "First day"),
        Column("expires", "date", "O", "Last day of the power or the plan", rule="not before it starts"),
        Column("review_by", "date", "R", "When the group looks at it again", rule="not before it starts"),
        Column("status", "enum", "R", "How far it is", allowed=tuple(STATUSES)),
        Column("result", "text", "O", "What came of it, about the place alone", max_length=TEXT_LENGTH),
        _UNDOES,
    ),
)


class Held(NamedTuple):
    """The register of one collection as it holds now: CONCERN, VERDICT and ACTION frames."""

    places: pd.DataFrame
    verdicts: pd.DataFrame
    actions: pd.DataFrame

    @property
    def names(self) -> dict[int, str]:
        """What the group calls each place, by its number."""
        return dict(zip(self.places["id"].tolist(), self.places["name"], strict=True))


def cells_of(text: str) -> list[tuple[int, int]]:
    """The cells of a CONCERN row: (easting, northing) of south-west corners, metres."""
    return [(int(e), int(n)) for e, n in (cell.split(":") for cell in text.split())]
