"""Names on a printed map: none over a place, a number or another name; the same on both maps; credits are never cut."""

import re
from dataclasses import replace

import numpy as np
import pytest
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from scoping.showing import lettering, sheet, underlay
from scoping.showing.page import page
from scoping.showing.snapshot import Backdrop
from tests.scoping.showing.test_formats import snapshot, text_of
from tests.scoping.showing.towns import BLOCK_E, BLOCK_N

EXTENT = (0.0, 0.0, 20_000.0, 10_000.0)
SCALE = 2_000.0  # metres an inch


def ground(labels=(), **more):
    return Backdrop(0.0, 0.0, 100.0, np.zeros((100, 200), dtype=np.float32), tuple(labels), **more)


def lettered(back, taken=()):
    """Text, and its box in metres, of all that is written."""
    figure = Figure(figsize=(10, 5), dpi=100)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(EXTENT[0], EXTENT[2])
    axes.set_ylim(EXTENT[1], EXTENT[3])
    lettering.letter(axes, back, EXTENT, SCALE, np.array(taken, dtype=np.float64).reshape(-1, 4))
    pen, metres = figure.canvas.get_renderer(), axes.transData.inverted()
    boxes = [text.get_window_extent(pen).transformed(metres).extents for text in axes.texts]
    return {text.get_text(): box for text, box in zip(axes.texts, boxes, strict=True)}


def meet(a, b):
    return a[0] < b[2] and a[2] > b[0] and a[1] < b[3] and a[3] > b[1]


@pytest.fixture(scope="module")
def crowd():
    random = np.random.default_rng(7)
    at = random.uniform((0, 0), EXTENT[2:], (60, 2)).tolist()
    labels = [(f"Upper Quernmarrow {k}", e, n, 300_000 // (k + 1)) for k, (e, n) in enumerate(at)]
    taken = [(e, n, e + 1_500, n + 1_000) for e, n in random.uniform((0, 0), EXTENT[2:], (12, 2)).tolist()]
    halts = random.uniform((500, 500), (19_500, 9_500), (20, 2)).tolist()
    marks = tuple(("station", f"Halt {k} railway station", e, n) for k, (e, n) in enumerate(halts))
    return ground(labels, marks=marks), taken


def test_no_name_meets_a_place_or_another_name(crowd):
    back, taken = crowd
    written = lettered(back, taken)
    boxes = list(written.values())
    assert len(boxes) > 20
    assert not any(meet(box, other) for box in boxes for other in taken)
    assert not any(meet(a, b) for k, a in enumerate(boxes) for b in boxes[:k])
    assert all(box[0] >= 0 and box[1] >= 0 and box[2] <= EXTENT[2] and box[3] <= EXTENT[3] for box in boxes)


def test_a_name_moves_out_of_the_way_and_without_room_is_left_out():
    town = [("Quernminster", 10_000.0, 5_000.0, 90_000)]
    middle = lettered(ground(town))["Quernminster"]
    moved = lettered(ground(town), [(9_000, 4_900, 11_000, 5_100)])["Quernminster"]
    assert meet(middle, (9_999, 4_999, 10_001, 5_001)) and not meet(moved, (9_000, 4_900, 11_000, 5_100))
    assert lettered(ground(town), [EXTENT]) == {}


def test_on_a_map_of_a_country_no_name_strays_from_its_place():
    names = lettering.placed(ground([(f"Quern {k}", 500_000.0, 500_000.0 + 9_000 * k, 90_000 - k) for k in range(8)]),
                             (0.0, 0.0, 1_000_000.0, 1_000_000.0), 100_000.0, np.empty((0, 4))).names
    assert 0 < len(names) < 8
    assert all(abs(n - 500_000 - 9_000 * int(wanted.text[-1])) <= lettering.FARTHEST_M for wanted, (_, n) in names)


def test_of_very_many_roads_the_longest_are_drawn_and_a_sheet_stays_small():
    random = np.random.default_rng(3)
    steps = np.cumsum(random.normal(0, 400, (4_000, 30, 2)), axis=1) + random.uniform((0, 0), EXTENT[2:], (4_000, 1, 2))
    back = ground(features=(("minor", shapely.linestrings(steps)),))
    (outline, _), = underlay.drawn(back, EXTENT, SCALE)
    assert 0.9 * underlay.MOST_CORNERS < len(outline.vertices) <= underlay.MOST_CORNERS


def test_the_larger_place_is_written_larger_and_first():
    written = lettered(ground([("Great Quern", 5_000.0, 5_000.0, 400_000), ("Little Quern", 15_000.0, 5_000.0, 5_000)]))
    tall = {name: box[3] - box[1] for name, box in written.items()}
    assert tall["Great Quern"] > 1.4 * tall["Little Quern"]
    shared = [(f"Quern {k}", 10_000.0, 5_000.0, 400_000 - k) for k in range(80)]
    assert "Quern 0" in lettered(ground(shared))


def test_a_district_is_named_where_it_is_seen_and_not_when_a_town_of_its_name_is():
    areas = (("Quernshire", shapely.box(-50_000, 0, 8_000, 10_000)), ("Saltmarrow", shapely.box(8_000, 0, 20_000, 10_000)))
    written = lettered(ground([("Saltmarrow", 15_000.0, 5_000.0, 60_000)], areas=areas))
    spaced = "\u200a".join("QUERNSHIRE")
    assert set(written) == {spaced, "Saltmarrow"} and 3_000 < written[spaced][[0, 2]].mean() < 5_000


def printed(**more):
    """A sheet with two maps whose ground has a coast, a border, a road and names."""
    given = snapshot()
    land = shapely.box(BLOCK_E - 9_000, BLOCK_N - 9_000, BLOCK_E + 2_500, BLOCK_N + 9_000)
    line = shapely.LineString([(BLOCK_E - 9_000, BLOCK_N - 900), (BLOCK_E + 2_400, BLOCK_N - 300)])
    road = shapely.transform(line, lambda points: points + np.array((0, 900)))
    features = (("land", np.array([land])), ("trunk", np.array([road])), ("force", np.array([line])))
    marks = (("station", "Saltmarrow railway station", BLOCK_E + 1_500.0, BLOCK_N - 700.0),)
    return replace(given, backdrop=replace(given.backdrop, features=features, marks=marks), **more)


def test_both_maps_of_a_sheet_have_the_same_ground_and_names():
    figure = Figure(figsize=sheet.A4)
    FigureCanvasAgg(figure)
    sheet._draw(figure, printed())
    before, after = figure.axes[:2]
    names = [{text.get_text(): text.get_position() for text in axes.texts if text.get_text().startswith(("Salt", "5", "6", "4"))}
             for axes in (before, after)]
    assert names[0] == names[1] and len(names[0]) > 5
    lines = [{repr(line.get_xydata().tolist()) for line in axes.lines} for axes in (before, after)]
    assert lines[0] <= lines[1] and len(lines[0]) > 5  # the map of the period has lines to its numbers besides


def test_a_new_hotspot_does_not_change_the_ground_under_it(monkeypatch):
    drawn = []
    monkeypatch.setattr(underlay, "_add", lambda axes, outline, order, pen: drawn.append((outline.vertices.tolist(), order)))
    given = printed()
    for places in (given.places(), []):
        monkeypatch.setattr(type(given), "places", lambda self, window=None, places=places: places)
        figure = Figure(figsize=sheet.SLIDE)
        FigureCanvasAgg(figure)
        sheet.draw_map(figure.add_axes((0, 0, 1, 1)), given, given.window, sheet.widened(given, *sheet.SLIDE))
    assert drawn[:len(drawn) // 2] == drawn[len(drawn) // 2:] and len(drawn) > 8


def test_the_web_page_has_the_ground_of_the_sheet_under_both_maps():
    said = page(printed()).decode()
    grounds = re.findall(r'<svg viewBox.*?(<rect width="900".*?)(?:<path d="[^"]+ Z"|<text x="450"|</svg>)', said)
    assert len(grounds) == 2 and underlay.SEA in grounds[0] and ">Saltmarrow</text>" in grounds[0]
    assert grounds[0].count("<path") > 8 and grounds[0].split("<text")[0] == grounds[1].split("<text")[0]


def test_the_credits_of_the_ground_are_never_cut():
    sources = " ".join(f"Source {k} under its licence." for k in range(24))
    long = f"Contains OS data © Crown copyright. {sources} The very last."
    said = " ".join(text_of("pdf", sheet.pdf(printed(about=replace(snapshot().about, attribution=long)))).split())
    assert "The very last." in said and "Source 23 under" in said


def test_the_places_of_both_maps_and_their_numbers_stay_free_of_names():
    given = printed()
    figure = Figure(figsize=sheet.SLIDE)
    FigureCanvasAgg(figure)
    extent = sheet.widened(given, *sheet.SLIDE)
    kept = {tuple(box[:2]) for box in sheet._taken(figure.add_axes((0, 0, 1, 1)), given, extent, 1_000.0).tolist()}
    shown = given.release.cells.query(f"window >= {given.window - 1}")
    assert len(shown) and set(shown[["cell_e", "cell_n"]].astype(float).itertuples(index=False, name=None)) <= kept
    assert {tuple(each) for each in (given.numbered() - sheet.DISC * 500.0).tolist()} <= kept
