"""The map: no data in the base, nothing from outside, nothing from data that could run."""

import hashlib
import json
import re
from pathlib import Path

import folium.plugins
import pytest
import streamlit_folium

from scoping.showing import maps
from screens import framed
from tests.scoping.showing.rounds_read import windows
from tests.screens.payloads import payload

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = ["</script><script>window.x=1</script>", "${window.x=1}", "`;window.x=1;`", "{{7*7}}", "<img src=x onerror=window.x=1>",
           "a\u2028b", '"];window.x=1;["', "{% raw %}", "{{{{7*7}}}}", "{# note", "{{ self }}", "{%", "\\u003cimg\\u003e"]


def ground(**changes):
    given = {"kind": "demo", "centre": (55.44, -0.74), "zoom": 11, "attribution": "Quernshire"} | changes
    own = given.pop("own", ())
    return maps.base_map(maps.Ground(**given), own)


def script(drawn, group):
    drawn.render()
    return streamlit_folium._get_feature_group_string(group, drawn)


def pushed(text):
    return json.loads(re.search(r"HS\.update\((.*)\); }", text)[1])


def test_base_map_is_the_same_whatever_the_data():
    drawn = [ground() for _ in range(2)]
    for one in drawn:
        one.render()
    keys = {streamlit_folium.generate_js_hash(streamlit_folium._get_map_string(one), "map") for one in drawn}
    assert len(keys) == 1


def test_every_link_of_the_base_map_is_on_this_server():
    drawn = ground()
    elements = [drawn, *drawn._children.values()]
    links = [url for e in elements for name in ("default_js", "default_css") for _, url in getattr(e, name, [])]
    assert links
    assert all(url.startswith(("/assets/vendor/", "/assets/map/")) for url in links)
    assert not any("NOT_VENDORED" in url for url in links)


def test_a_link_that_is_not_vendored_points_nowhere_rather_than_outside():
    links = [url for _, url in folium.plugins.HeatMap.default_js]
    assert links
    assert all(url.startswith("/assets/vendor/NOT_VENDORED/") for url in links)
    assert maps.keep_links_local() == []  # a second call finds nothing outside


def test_no_folium_class_names_another_host():
    for owner in maps._folium_classes():
        for name in ("default_js", "default_css"):
            for _, url in vars(owner).get(name) or []:
                assert url.startswith("/"), owner


def push(given, held=""):
    return maps.push({"window": 1}, maps.as_text(given), held)


def test_payload_arrives_as_it_was_given():
    given = payload(5, 6)
    arrived = pushed(script(ground(), push(given)))
    assert arrived["labels"] == given["labels"] and arrived["window"] == 1
    for there, here in zip(arrived["feats"], given["feats"], strict=True):
        assert {name: there[name] for name in ("id", "name", "rings")} == {name: here[name] for name in ("id", "name", "rings")}
        assert windows(there["w"], arrived["classes"]) == here["w"]


def test_what_a_map_holds_is_not_sent_again():
    given = payload(5, 6)
    whole = pushed(script(ground(), push(given)))
    held = whole["data"]
    assert pushed(script(ground(), push(given, held))) == {"window": 1, "data": held}
    other = payload(5, 6, seed=2)
    assert pushed(script(ground(), push(other, held)))["feats"] and maps.revision(maps.as_text(other)) != held


@pytest.mark.parametrize("text", HOSTILE)
def test_text_from_data_cannot_leave_its_string(text):
    given = payload(1, 2, names=[text])
    code = script(ground(), maps.push({"stamp": text}, maps.as_text(given)))
    assert "<" not in code and "`" not in code
    assert "\u2028" not in code
    assert pushed(code)["feats"][0]["name"] == text == pushed(code)["stamp"]


def test_revision_changes_with_the_outline_alone():
    given = payload(2, 4)
    before = pushed(script(ground(), push(given)))["feats"]
    given["feats"][0]["rings"][0][0][0][0] += 0.001
    given["feats"][1]["w"]["3"] = {"c": "stable", "n": 99, "e": 99, "s": 0, "r": 0}
    after = pushed(script(ground(), push(given)))["feats"]
    assert before[0]["rev"] != after[0]["rev"]
    assert before[1]["rev"] == after[1]["rev"]


def test_nothing_that_is_not_a_number_is_pushed():
    given = payload(1, 2)
    given["feats"][0]["rings"][0][0][0][0] = float("nan")
    with pytest.raises(ValueError, match="JSON"):
        push(given)


def test_vendored_files_are_those_of_the_table():
    table = (ROOT / "static/vendor/README.md").read_text("utf-8")
    named = dict(re.findall(r"`([\w./-]+)` \| `([0-9a-f]{64})`", table))
    files = {p.relative_to(ROOT / "static/vendor").as_posix() for p in (ROOT / "static/vendor").rglob("*")
             if p.suffix in (".js", ".css")}
    assert files == set(named)
    for name, digest in named.items():
        assert hashlib.sha256((ROOT / "static/vendor" / name).read_bytes()).hexdigest() == digest


def test_styles_cover_every_class_in_both_themes():
    marks = (ROOT / "scoping/showing/marks.js").read_text("utf-8")
    for name in maps.CLASSES:
        assert len(re.findall(rf"\b{name}: \['", marks)) == 2, name
        assert re.search(rf"\b{name}: '[^\[]*'", marks), name


def test_what_a_push_carries_reaches_the_component_whole(monkeypatch):
    handed = {}
    monkeypatch.setattr(streamlit_folium, "_component_func", lambda **given: handed.update(given))
    framed._st_folium.cache_clear()
    try:
        given = payload(3, 4, names=[maps.MARK, *HOSTILE])
        framed.framed(ground(), key="map", returned_objects=[], feature_group_to_add=maps.push({"stamp": "x"}, maps.as_text(given)))
    finally:
        framed._st_folium.cache_clear()
    arrived = pushed(handed["feature_group"])
    assert [there["name"] for there in arrived["feats"]] == [here["name"] for here in given["feats"]]
    assert maps.MARK in {there["name"] for there in arrived["feats"]} and arrived["stamp"] == "x"
