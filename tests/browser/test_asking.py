"""Each of the fifteen questions in a browser: a click sets the view, the sentence and its caveat stand above the map."""

import pytest

from scoping.questions import QUESTIONS
from screens.controls import LAYERS
from tests.browser.watched import FRAME, frame_of, idle, turn_to

MAP = """mode => HS.state().core.compare.mode() === mode && HS.state().core.data().feats.length > 0
  && document.querySelectorAll("path.hs-shape[tabindex='0']").length > 0"""
SPILT = """() => [...document.querySelectorAll(".sc-answer li")].filter(line => {
  const own = line.getClientRects(), list = line.parentElement.getBoundingClientRect();
  return own.length !== 1 || [...line.children].some(part => {
    const box = part.getBoundingClientRect();
    return box.left < own[0].left - 1 || box.right > own[0].right + 1 || box.right > list.right + 1;
  });
}).map(line => line.textContent)"""  # lines behind the answer that are cut, run into their neighbour or lie in two columns


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: str(question.number))
def test_a_question_sets_the_view_and_is_answered_with_its_caveat(left, question):
    turn_to(left, "/")
    left.frame_locator(FRAME).locator(".hs-dock").wait_for()
    frame_of(left).evaluate("() => { window.tag = 'mine'; }")
    menu = left.locator(".st-key-question-list")
    if not menu.is_visible():
        left.get_by_role("button", name="Questions").click()
    left.locator(f".st-key-ask-{question.number}").get_by_role("button").first.click()
    answer = left.locator(".sc-answer")
    answer.get_by_text(f"{question.number}. {question.text}", exact=True).wait_for()
    answer.get_by_text(question.caveat, exact=True).wait_for()
    if menu.is_visible():
        left.keyboard.press("Escape")
    frame_of(left).wait_for_function(MAP, arg=question.compare)
    idle(left)
    assert frame_of(left).evaluate("() => window.tag") == "mine"  # the same frame: nothing blinks, view and window stay
    said = answer.locator(".sc-said").inner_text()
    assert said.endswith(".") and len(said.split()) > 6
    assert "_" not in said and "None" not in said and "nan" not in said.lower()  # words, no codes
    behind = answer.locator("details")
    if behind.count():
        behind.locator("summary").click()
        assert left.evaluate(SPILT) == []
    assert left.locator("[data-testid='stAlert'], [data-testid='stException']").count() == 0
    drawn = [overlay["style"] for overlay in frame_of(left).evaluate("() => HS.state().core.data().overlays")]
    assert bool(drawn) == bool(question.layers)
    for layer in question.layers:
        left.get_by_role("button", name=LAYERS[layer], exact=True, pressed=True).wait_for()
    assert left.evaluate("() => new URL(location).searchParams.get('q')") == str(question.number)
