"""The audit's page: who did what, whether the chain is whole, and the whole of it as a file."""

import pytest
from streamlit.testing.v1 import AppTest

from screens import session

TIMEOUT = 60


def audit():
    def run():
        from screens import audit
        audit.page()
    return AppTest.from_function(run, default_timeout=TIMEOUT)


def said(app):
    return " ".join([e.proto.body for e in app.get("html")] + [e.value for kind in ("warning", "error") for e in app.get(kind)])


@pytest.mark.usefixtures("empty")
def test_looking_at_the_audit_is_itself_entered():
    session.store().note("somebody", "view", {"collection": "episodes"})
    app = audit().run()
    assert not app.exception
    frame = app.dataframe[0].value
    assert frame["What"].tolist() == ["view audit", "view"]
    assert frame["Who"].tolist() == [session.actor(), "somebody"]
    assert "Whole" in said(app) and "No anchor has been compared" in said(app)


@pytest.mark.usefixtures("empty")
def test_a_broken_chain_is_told(monkeypatch):
    session.store().note("somebody", "view")
    store = session.store()
    session.opened.cache_clear()
    monkeypatch.setattr(session, "seal", lambda home, key: store._seal._replace(key=b"another" * 8))
    app = audit().run()
    assert not app.exception
    assert "Broken" in said(app) and "Entry 1 is not as it was written" in said(app)
    store.close()


@pytest.mark.usefixtures("empty")
def test_the_whole_audit_is_made_a_file_and_that_is_entered():
    app = audit().run()
    app.button[0].click().run()
    assert not app.exception
    assert len(app.get("download_button")) == 1
    assert "export audit" in session.store().entries()["action"].tolist()
