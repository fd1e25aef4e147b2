from datetime import date

import pandas as pd
import pytest

from scoping import left_out
from scoping.left_out import gate
from scoping.parameters import Parameters, WindowScheme
from tests.scoping.worlds import locations


def row(**columns):
    return locations([430_000.0], [560_000.0], ["2025-03-03"], ["a"], **columns)


def reason(frame, today=None, **dials):
    said = gate(frame, Parameters(**dials), today).iloc[0]
    return None if pd.isna(said) else said


@pytest.mark.parametrize(("columns", "dials", "expected"), [
    ({}, {}, None),
    ({"easting": [float("nan")]}, {}, left_out.NOT_LOCATED),
    ({"tier": "P5"}, {}, left_out.NOT_LOCATED),
    ({"tier": "P4"}, {}, left_out.TOO_COARSE),
    ({"precision_m": 251.0}, {}, left_out.TOO_COARSE),
    ({"precision_m": 250.0}, {}, None),
    ({"precision_m": 251.0}, {"eps_m": 300}, None),
    ({"precision_m": [None]}, {}, left_out.TOO_COARSE),
    ({"at": pd.to_datetime(pd.Series([None]), utc=True)}, {}, left_out.NO_TIME),
    ({"at_precision": "unknown"}, {}, left_out.NO_TIME),
    ({"at_precision": "month"}, {}, None),
    ({"at_precision": "month"}, {"window": WindowScheme.parse("days:28")}, left_out.MONTH_ONLY),
    ({"strand": "care"}, {"strands": ("home",)}, left_out.FILTERED),
    ({"age_band": ["12-14"]}, {"age_bands": ("15-17",)}, left_out.FILTERED),
    ({"category": ["Burglary"]}, {"categories": ("Drugs",)}, left_out.FILTERED),
    ({"location_type": "street"}, {"place_types": ("street",)}, None),
])
def test_each_reason(columns, dials, expected):
    frame = row(**{name: value for name, value in columns.items() if name not in ("easting", "at")})
    frame = frame.assign(**{name: pd.Series(value) for name, value in columns.items() if name in ("easting", "at")})
    assert reason(frame, **dials) == expected


REGISTER = [
    ({"own_address": True}, left_out.OWN_ADDRESS, {"found", "last_seen", "pickup"}),
    ({"location_type": "own_address"}, left_out.OWN_ADDRESS, {"found", "last_seen", "pickup"}),
    ({"location_type": "childrens_home_vicinity"}, left_out.CHILDRENS_HOME, {"found"}),
    ({"location_type": "police_station"}, left_out.POLICE_STATION, {"found"}),
    ({"location_type": "hospital_health"}, left_out.HOSPITAL, {"found"}),
    ({"location_type": "school_college"}, None, set()),
    ({"location_type": "transport_hub"}, None, set()),
    ({"location_type": "friend_address"}, None, set()),
]


@pytest.mark.parametrize(("columns", "expected", "roles"), REGISTER)
@pytest.mark.parametrize("role", ["found", "last_seen", "pickup"])
def test_the_register_depends_on_the_role_and_can_be_put_back(columns, expected, roles, role):
    frame = row(role=role, **columns)
    assert reason(frame) == (expected if role in roles else None)
    assert reason(frame, keep_left_out=True) is None
    assert reason(frame.assign(tier="P4"), keep_left_out=True) == left_out.TOO_COARSE


def test_a_row_past_its_review_date_is_hidden_only_when_the_day_is_known():
    frame = row(review_by=pd.Timestamp("2025-06-01"))
    assert reason(frame) is None
    assert reason(frame, today=date(2025, 6, 1)) is None
    assert reason(frame, today=date(2025, 6, 2)) == left_out.PAST_REVIEW


def test_the_first_reason_in_the_declared_order_is_given():
    frame = row(tier="P4", own_address=True, review_by=pd.Timestamp("2020-01-01"))
    assert reason(frame, today=date(2025, 1, 1)) == left_out.TOO_COARSE
    assert reason(frame, strands=("care",)) == left_out.FILTERED
