"""The printed sheet and the map of a slide look as they did; one without its places, its ground or its coast does not."""

from dataclasses import replace
from datetime import date

import pytest

from scoping.showing import sheet
from scoping.showing.periods import Period, brief
from tests.pictures import ANOTHER, SAME, difference
from tests.scoping.showing.test_lettering import printed as snapshot


@pytest.mark.parametrize("draw", [sheet.png, sheet.map_png], ids=["sheet", "slide"])
def test_the_print_looks_as_it_did(draw):
    assert difference(draw(snapshot()), f"print-{draw.__name__}") < SAME


@pytest.mark.parametrize(("draw", "missing"), [(sheet.png, "places"), (sheet.map_png, "places"), (sheet.map_png, "ground"),
                                              (sheet.map_png, "coast")])
def test_what_is_not_drawn_is_noticed(draw, missing, monkeypatch):
    drawn = snapshot()
    if missing == "ground":
        drawn = replace(drawn, backdrop=None)
    elif missing == "coast":
        drawn = replace(drawn, backdrop=replace(drawn.backdrop, features=drawn.backdrop.features[1:]))
    else:
        monkeypatch.setattr(type(drawn), "places", lambda self, window=None: [])
    assert difference(draw(drawn), f"print-{draw.__name__}") > ANOTHER


def test_a_label_of_months_is_short_enough_for_its_column_and_says_the_same():
    labels = [Period(date(2025, month, 1), kind).label for kind, step in (("month", 1), ("quarter", 3), ("half_year", 6))
              for month in range(1, 13, step)]
    assert brief("July to September 2025") == "Jul to Sep 2025" and brief("September 2025") == "September 2025"
    assert max(len(brief(label)) for label in labels) <= 16 and len({brief(label) for label in labels}) == len(labels)
