"""The page across borders: flows always, whom to tell once something was released."""

import pytest
from streamlit.testing.v1 import AppTest


def page():
    def run():
        from screens import borders
        borders.page()
    return AppTest.from_function(run, default_timeout=120)


def said(app):
    return " ".join([e.proto.body for e in app.get("html")])


@pytest.mark.usefixtures("empty")
def test_an_empty_store_says_so():
    assert "Import episodes first" in said(page().run())


@pytest.mark.usefixtures("demo")
def test_flows_are_shown_with_small_numbers_withheld():
    app = page().run()
    assert not app.exception
    frame = app.dataframe[0].value
    assert len(frame) and frame["children"].dropna().ge(3).all()
    assert "SYNTHETIC" in said(app) and "Nothing was released yet" in said(app)
