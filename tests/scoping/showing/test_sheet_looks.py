"""The printed sheet and the map of a slide look as they did; one without its places or its ground does not."""

from dataclasses import replace

import pytest

from scoping.showing import sheet
from tests.pictures import ANOTHER, SAME, difference
from tests.scoping.showing.test_formats import snapshot


@pytest.mark.parametrize("draw", [sheet.png, sheet.map_png], ids=["sheet", "slide"])
def test_the_print_looks_as_it_did(draw):
    assert difference(draw(snapshot()), f"print-{draw.__name__}") < SAME


@pytest.mark.parametrize(("draw", "missing"), [(sheet.png, "places"), (sheet.map_png, "places"), (sheet.map_png, "ground")])
def test_what_is_not_drawn_is_noticed(draw, missing, monkeypatch):
    drawn = snapshot()
    if missing == "ground":
        drawn = replace(drawn, backdrop=None)
    else:
        monkeypatch.setattr(type(drawn), "places", lambda self, window=None: [])
    assert difference(draw(drawn), f"print-{draw.__name__}") > ANOTHER
