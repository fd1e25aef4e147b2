"""Each of the fifteen questions is a view: its filters and layers are set, and a sentence with its caveat answers it."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from scoping.questions import QUESTIONS, numbered
from scoping.showing.answers import _ANSWERS
from screens.controls import LAYERS

ROOT = Path(__file__).resolve().parents[2]


def opened(**params):
    app = AppTest.from_file(ROOT / "start.py", default_timeout=120)
    for name, value in params.items():
        app.query_params[name] = str(value)
    return app.run()


def said(app):
    return " ".join(str(e.proto.body) for e in app.get("html"))


def answered(app):
    return re.findall(r'class="sc-said">(.*?)</p>', said(app))


def test_there_are_fifteen_each_with_an_answer_and_a_caveat():
    assert [question.number for question in QUESTIONS] == list(range(1, 16)) == sorted(_ANSWERS)
    assert all(question.caveat.endswith(".") and question.text.endswith("?") for question in QUESTIONS)
    assert {layer for question in QUESTIONS for layer in question.layers} <= set(LAYERS)
    assert numbered(0) is None and numbered(16) is None


@pytest.mark.usefixtures("standing_demo")
def test_every_question_sets_its_view_and_is_answered():
    app = opened()
    for question in QUESTIONS:
        app.session_state["questions"] = True  # the menu, opened
        app.run().button(key=f"ask-{question.number}").click().run()
        assert not app.exception, question
        sentence = answered(app)
        assert len(sentence) == 1 and sentence[0].endswith("."), (question.number, sentence)
        assert question.caveat.split(":")[0][:40] in said(app).replace("&#x27;", "'")
        for name, value in question.sets.items():
            assert app.session_state[name] == value
        assert app.session_state["layers"] == list(question.layers)
        assert app.query_params["q"] in (str(question.number), [str(question.number)])
    app.button(key="undo").click().run()
    assert app.session_state["spot"]["question"] == 14
    app.button(key="leave").click().run()
    assert answered(app) == []


@pytest.mark.usefixtures("standing_demo")
@pytest.mark.parametrize("params", [
    {"q": "99"}, {"q": "1; drop"}, {"at": "never"}, {"at": "9999-99-99"}, {"at": "1900-01-01"},
    {"spot": "<script>alert(1)</script>"},
    {"spot": "H9999-ZZ"}, {"eps": "NaN"}, {"eps": "-5"}, {"least": "1e9"}, {"role": "anybody"}, {"window": "{{7*7}}"},
    {"layers": "x,y"},
    {"age": "0-9,99-100"}, {"place": "' or 1=1"}, {"data": "../../etc"}, {"from": "0000-00-00"}, {"to": "{{7*7}}"},
    {"leftout": "x"}, {"unknown": "x" * 3000}])
def test_a_broken_or_hostile_link_opens_the_screen_all_the_same(params):
    app = opened(**params)
    assert not app.exception and not app.error
    assert "Places where missing children" in said(app)
    assert "<script>alert" not in said(app)
