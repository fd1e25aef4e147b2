from __future__ import annotations

from pathlib import Path

import pytest

from geo_data.errors import DisclosureError
from scoping.showing.rules import Rules, parse

EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "policy.toml"


def test_the_example_says_every_default():
    text = EXAMPLE.read_text(encoding="utf-8")
    assert parse(text) == Rules() == parse("")
    assert parse(text, "OFFICIAL") == Rules(marking="OFFICIAL")


def test_what_a_policy_raises_holds():
    rules = parse('[thresholds]\nrmg = 6\nbriefing = 12\n[bands]\nbriefing = [30]\n[may_release]\nrmg = ["chair"]\n'
                  '[marking]\ntext = "SECRET"', "OFFICIAL")
    assert (rules.rmg, rules.bands("briefing"), rules.bands("rmg"), rules.marking) == (6, (12, 30), (6, 20, 50), "SECRET")
    assert rules.may("chair", "rmg") and not rules.may("analyst", "rmg")


@pytest.mark.parametrize("text", [
    "[thresholds]\nrmg = 4", "[thresholds]\nbriefing = 7", "[thresholds]\noperational = 2", "[thresholds]\ndominance = 0.6",
    "[thresholds]\nrmg = 9", "[thresholds]\ncell_children = 2", "[bands]\nbriefing = [20, 30]", "[grain]\ncell_m = 250",
    "[grain]\ncell_m = 1500", "[grain]\nleast_addresses = 8", "[grain]\nunion_m = 9000", '[marking]\ntext = "  "'])
def test_below_a_floor_a_policy_is_refused(text):
    with pytest.raises(DisclosureError):
        parse(text)


@pytest.mark.parametrize(("text", "says"), [
    ("[thresholds\n", "not TOML"), ("[threshold]\nrmg = 5", "no section 'threshold'"), ("rmg = 5", "no section 'rmg'"),
    ("[thresholds]\nrgm = 5", "no entry 'rgm'"), ('[thresholds]\nrmg = "5"', "wrong kind"),
    ("[thresholds]\nrmg = true", "wrong kind"),
    ("[bands]\nbriefing = 20", "wrong kind"), ("[may_release]\nrmg = [1]", "wrong kind")])
def test_a_policy_that_cannot_be_read_says_where(text, says):
    with pytest.raises(DisclosureError, match=says):
        parse(text)


def test_a_tier_that_does_not_exist_has_no_threshold():
    with pytest.raises(DisclosureError, match="public"):
        Rules().least("public")


@pytest.mark.parametrize("text", [
    "[thresholds]\nrmg = 7", "[thresholds]\ndominance = 0.4", "[bands]\nbriefing = [30]", "[grain]\ncell_m = 1000",
    '[may_release]\nbriefing = ["analyst", "social_worker"]', '[marking]\ntext = "OFFICIAL"'])
def test_the_audit_is_told_another_policy_for_each_dial_that_decides(text):
    plain, other = Rules().dials(), parse(text).dials()
    assert plain != other and set(plain) == set(other)
    assert all(isinstance(value, str | int | float) for value in other.values())
