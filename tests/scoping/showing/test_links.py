"""Lines from pickup to found: in windows and data that have none there are none, and nothing fails."""

import pandas as pd
import pytest

from geo_data.grid import to_wgs84
from scoping.showing import links
from scoping.showing.disclosure import release
from tests.scoping.change.test_flows import county, roles


def told(frame: pd.DataFrame) -> tuple[links.Links, dict]:
    scoped = roles(frame)
    shown = {role: release(scoped[role]) for role in ("pickup", "found")}
    found = links.links(scoped, shown)
    names = {role: {} for role in shown}
    return found, links.overlay(found, shown, names, to_wgs84)


def test_a_window_without_lines_takes_no_other_window_s_away():
    found, drawn = told(county())
    assert found.rows["window"].tolist() == [0, 0] and found.rows["children"].tolist() == [6, 3]
    assert [list(item["w"]) for item in drawn["items"]] == [["0"], ["0"]]


@pytest.mark.parametrize("role", ["found", "pickup"])
def test_where_one_role_has_no_place_there_are_no_lines(role):
    frame = county()
    found, drawn = told(frame[frame["role"] == role].reset_index(drop=True))
    assert found.rows.empty and tuple(found.rows.columns) == links.COLUMNS and drawn["items"] == []
