"""Each of the fifteen questions, asked from the menu in a browser: the answer with its caveat stands above a map that is drawn."""

import pytest

from scoping.questions import QUESTIONS
from screens.controls import LAYERS, WINDOWS
from tests.browser.conftest import Watched, frame_of, idle

OVERLAYS = {"roles": ": hotspots", "flows": LAYERS["flows"], "cells": "Cells of", "left_out": LAYERS["left_out"],
            "unplaced": LAYERS["unplaced"]}


@pytest.fixture(scope="module")
def screen(demo_url, chromium):
    """One page for all of them, as a person would go from one to the next; the map is never built anew."""
    seen = Watched(chromium)
    page = seen.open(demo_url)
    frame_of(page).evaluate("() => { window.tag = 'mine'; }")
    yield page
    seen.context.close()
    assert seen.outside() == [] and seen.faults == []


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: str(question.number))
def test_a_question_from_the_menu_is_answered_above_its_map(screen, question):
    screen.get_by_role("button", name="Questions").click()
    screen.get_by_role("button", name=f"{question.number}. {question.short}", exact=True).click()
    answer = screen.locator(".st-key-answer")
    answer.get_by_text(question.text).wait_for()
    idle(screen)
    said, caveat = answer.locator(".sc-said"), answer.get_by_text(question.caveat)
    assert said.is_visible() and said.inner_text().endswith(".") and len(said.inner_text()) > 20
    assert caveat.is_visible() and caveat.bounding_box()["y"] < screen.viewport_size["height"]
    assert f"q={question.number}" in screen.url

    for name, value in question.sets.items():
        if name == "window":
            assert screen.get_by_role("combobox", name="Windows").input_value() == WINDOWS[value]
        elif name == "role":
            assert screen.get_by_role("heading", name="Places where missing children are picked up").is_visible()
    pressed = screen.get_by_role("toolbar", name="Layers on the map").get_by_role("button", pressed=True).all_inner_texts()
    assert pressed == [LAYERS[layer] for layer in LAYERS if layer in question.layers]

    frame = frame_of(screen)
    assert frame.evaluate("() => window.tag") == "mine"
    frame.wait_for_function("mode => HS.state().core.compare.mode() === mode", arg=question.compare)
    frame.wait_for_function("""() => [...document.querySelectorAll('path.hs-shape')].some(
        p => p.style.display !== 'none' && p.getBoundingClientRect().width > 4)""")
    legend = frame.locator(".hs-layers").inner_text()
    assert all(OVERLAYS[layer] in legend for layer in question.layers)
    if question.layers:
        assert frame.locator("path.hs-over").count() > 0
