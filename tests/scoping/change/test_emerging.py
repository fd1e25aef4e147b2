"""Each category by its text, and the written precedence where the texts overlap."""

from itertools import product

import numpy as np
import pytest

from geo_data.errors import ParameterError
from scoping.change.emerging import NONE, PRECEDENCE, classify, esri, simple


def flags(text):
    return np.array([mark == "H" for mark in text]), np.array([mark == "C" for mark in text])


@pytest.mark.parametrize(("text", "trend", "variant", "word"), [
    ("..........H", 0, "esri28", "new"),
    (".........HH", 0, "esri28", "consecutive"),
    (".........HH", 0, "esri3", "consecutive"),
    ("HHHHHHHHHHH", 1, "esri28", "intensifying"),
    ("HHHHHHHHHHH", -1, "esri28", "diminishing"),
    ("HHHH.HHHHHH", 0, "esri28", "persistent"),
    ("HHHHHHHHHH.", 1, "esri28", "historical"),
    ("HHHHHHHHHH.", 0, "esri28", "persistent"),  # both texts hold; persistent comes first
    ("C...H....HH", 0, "esri28", "oscillating"),
    ("C.........H", 0, "esri28", "new"),  # new and oscillating both hold; new comes first
    ("H...H....HH", 0, "esri28", "sporadic"),
    ("H...H......", 0, "esri28", "sporadic"),
    ("H...H......", 0, "esri3", NONE),  # the later text: hot in the last window
    ("H...C......", 0, "esri28", NONE),
    ("...........", 0, "esri28", NONE),
])
def test_esri_s_texts(text, trend, variant, word):
    assert esri(*flags(text), trend, variant) == word


def literal(hot, cold, trend, variant):
    """Every category whose text holds, written out another way."""
    n, text = len(hot), "".join("H" if h else "." for h in hot)
    tail = len(text) - len(text.rstrip("H"))
    often = sum(hot) * 10 >= 9 * n
    holds = set()
    if text.endswith("H") and text.count("H") == 1:
        holds.add("new")
    if tail and text.count("H") == tail and not often and (tail > 1 or variant == "esri28"):
        holds.add("consecutive")
    if often and hot[-1]:
        holds.add({1: "intensifying", -1: "diminishing", 0: "persistent"}[trend])
    if often and trend == 0:
        holds.add("persistent")
    if often and not hot[-1]:
        holds.add("historical")
    if hot[-1] and any(cold[:-1]) and not often:
        holds.add("oscillating")
    if any(hot) and not often and not any(cold) and (hot[-1] or variant == "esri28"):
        holds.add("sporadic")
    return holds


@pytest.mark.parametrize("variant", ["esri28", "esri3"])
def test_every_sequence_of_ten_windows_gets_the_first_text_that_holds(variant):
    overlaps = 0
    for marks in product(".HC", repeat=8):
        text = "".join(marks) + ".H"  # two fixed, to keep it short
        for ends in (text, text[::-1]):
            hot, cold = flags(ends)
            for trend in (-1, 0, 1):
                holds = literal(hot.tolist(), cold.tolist(), trend, variant)
                overlaps += len(holds) > 1
                assert esri(hot, cold, trend, variant) == next((word for word in PRECEDENCE if word in holds), NONE)
    assert overlaps > 100  # the texts do overlap, so the order matters


@pytest.mark.parametrize(("text", "word"), [
    ("HHHHHHHHHH", "persistent"), ("HHHHHHHH..", "persistent"), (".........H", "emerging"), ("HH......H.", "intermittent"),
    ("HH........", "former"), ("..........", NONE), ("H", "persistent"), ("", NONE), (".H", "emerging"),
])
def test_the_simple_classes(text, word):
    assert simple(flags(text)[0]) == word


def test_cold_categories_trend_and_refusals():
    hot, cold = np.zeros((12, 2), bool), np.zeros((12, 2), bool)
    hot[:, 0], cold[-1, 1] = True, True
    z = np.column_stack([np.arange(12.0), np.zeros(12)])
    assert classify(hot, cold, z, "esri28") == ["intensifying", "cold new"]
    assert classify(hot, cold, -z, "esri28")[0] == "diminishing"
    assert classify(hot, cold, 0 * z, "esri28")[0] == "persistent"
    assert classify(hot, cold, z) == ["persistent", NONE]
    with pytest.raises(ParameterError, match="at least 10 windows"):
        classify(hot[:9], cold[:9], z[:9], "esri3")
    with pytest.raises(ParameterError, match="no such way"):
        classify(hot, cold, z, "esri4")
