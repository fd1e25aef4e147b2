"""What the pages share: the policy file decides what each of them may show."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from screens import session
from tests.geo_data.made import episodes, import_into


def shown():
    def run():
        import streamlit as st

        from scoping.parameters import Parameters
        from screens import session
        given = ("demo", session.version("demo"), Parameters(roles=("found",)), session.rules(), session.today())
        st.text("\n".join(session.release(*given).hotspots["hotspot_id"].unique()))
    app = AppTest.from_function(run, default_timeout=90).run()
    assert not app.exception
    return set(app.text[0].value.split())


@pytest.mark.usefixtures("demo")
def test_a_policy_that_asks_for_more_children_shows_fewer_places(monkeypatch, tmp_path):
    by_default = shown()
    policy = tmp_path / "policy.toml"
    policy.write_text("[thresholds]\noperational = 12\nrmg = 12\nbriefing = 12\n", encoding="utf-8")
    monkeypatch.setenv("SCOPING_POLICY", str(policy))
    session.settings.cache_clear()
    assert shown() < by_default


@pytest.mark.usefixtures("demo")
def test_a_policy_that_cannot_be_used_shows_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("SCOPING_POLICY", str(tmp_path / "not there.toml"))
    session.settings.cache_clear()
    app = AppTest.from_file(Path(__file__).resolve().parents[2] / "start.py", default_timeout=90).run()
    assert not app.exception and len(app.error) == 1
    assert "policy file cannot be read" in app.error[0].value and not app.sidebar


def test_ones_own_data_come_before_the_demonstration(empty):
    for name in ("demo", "sample", "episodes"):
        import_into(session.opened(), name, episodes([f"R-{name}".upper()]), name)
    assert session.present() == ["episodes", "demo", "sample"]
