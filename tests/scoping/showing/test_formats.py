"""Each format, opened by a program that is not ours; and that none says more than its release."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import tempfile
import zipfile
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
from defusedxml import ElementTree as Xml
from PIL import Image
from pptx import Presentation
from shapely.geometry import shape

from geo_data.errors import DisclosureError, ParameterError
from geo_data.grid import to_bng, to_wgs84
from geo_data.safe_cell import plain
from scoping.parameters import Parameters
from scoping.scope import scope
from scoping.showing import disclosure, maps, views
from scoping.showing.formats import FORMATS, make
from scoping.showing.snapshot import LONGEST_CREDIT, About, Backdrop, Snapshot
from tests.needed import needed
from tests.scoping.showing.test_publication import busy
from tests.scoping.showing.towns import BLOCK_E, BLOCK_N, published

ABOUT = About(title="Places where missing children are found", area="Quernshire", authority="Quernshire Police",
              author_role="analyst", purpose="the monthly meeting", produced="2 July 2024", review_by="2025-07-02",
              attribution="Contains OS data © Crown copyright", version="Scoping 0.1", sources="police")
HOSTILE = ("=cmd|'/c calc'!A1", "<script>alert(1)</script>", "${window.x=1}`{{7*7}}", "a\x00b\x1b[31m\u202ecod",
           "</title>&\"'<b>", "$x^2$ %n",
           "Ünïcödé 日本語 עברית 🙂", "long " * 80)
NAME = "Saltmarrow QX1 1"


def snapshot(frame=None, tier="rmg", **about):
    given = published(busy(9) if frame is None else frame, tier, synthetic=True)
    names = dict.fromkeys(given.hotspots["hotspot_id"], NAME)
    back = Backdrop(BLOCK_E - 2_000.0, BLOCK_N - 2_000.0, 100.0, np.tile(np.linspace(0, 1, 80, dtype=np.float32), (80, 1)),
                    (("Saltmarrow", BLOCK_E + 500.0, BLOCK_N + 900.0, 60_000),))
    return Snapshot(given, replace(ABOUT, **about), names, back)


@lru_cache(maxsize=1)
def files():
    return {made.format: made.data for made in make(snapshot(), FORMATS, to_wgs84)}


def text_of(kind, data):
    """All that a reader can find in a file, as one text."""
    readers = {"pdf": lambda: _run(["pdftotext", "-layout", "-", "-"], data).decode(), "pptx": lambda: _slides(data),
               "xlsx": lambda: "\n".join(str(cell.value) for cell in _cells(data) if cell.value is not None),
               "gpkg": lambda: _package(data), "html": lambda: "".join(_Words(data.decode()).found),
               "geojson": lambda: "\n".join(_strings(json.loads(data))), "csv": lambda: data.decode("utf-8-sig")}
    return readers[kind]() if kind in readers else "\n".join(Xml.fromstring(data).itertext())


def _slides(data):
    found = []
    for slide in Presentation(io.BytesIO(data)).slides:
        found.append(slide.notes_slide.notes_text_frame.text)
        for one in slide.shapes:
            found.append(one.text_frame.text if one.has_text_frame else "")
            found += [cell.text for row in one.table.rows for cell in row.cells] if one.has_table else []
    return "\n".join(found)


def _cells(data):
    return [cell for sheet in openpyxl.load_workbook(io.BytesIO(data)).worksheets for row in sheet.iter_rows() for cell in row]


def _strings(value):
    if isinstance(value, dict):
        value = list(value.values())
    return [text for each in value for text in _strings(each)] if isinstance(value, list) else [str(value)]


@contextmanager
def _on_disk(kind, data):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"snapshot.{kind}"
        path.write_bytes(data)
        yield path


def _package(data):
    with _on_disk("gpkg", data) as path:
        meta, frame = pyogrio.read_info(path, layer="places")["layer_metadata"], pyogrio.read_dataframe(path)
    return "\n".join(_strings(meta) + frame.drop(columns="geometry").astype(str).to_numpy().ravel().tolist())


class _Words(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found, self.tags = [], []
        self.feed(text)

    def handle_data(self, data):
        self.found.append(data)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def _run(command, data):
    needed("" if shutil.which(command[0]) else f"{command[0]} is not installed (Debian: apt-get install poppler-utils)")
    return subprocess.run(command, input=data, capture_output=True, check=True, timeout=60).stdout


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind != "png"])
def test_every_file_carries_what_it_must(kind):
    said = " ".join(text_of(kind, files()[kind]).split())
    for words in ("OFFICIAL-SENSITIVE - SYNTHETIC DATA", "For named members", "Indicative, based on reported", "March 2024",
                  "2024-07-01", "analyst", "Quernshire Police", "the monthly meeting", "at least 5 different children",
                  "Crown copyright", snapshot().id, "2025-07-02", "Scoping 0.1", "by chance", "500 m cells", NAME, "9"):
        assert words in said, words


@pytest.mark.parametrize("months", [(4,), (1, 3), (0, 1, 2, 3, 4), (0, 2, 4)])
def test_the_map_on_the_page_tells_each_place_in_the_words_of_its_files(months):
    frame = pd.concat([busy(9, month).iloc[:-2].assign(person_ref=[f"M{month}{k}" for k in range(9)]) for month in months]
                      + [busy(9, 4).iloc[-2:]], ignore_index=True)
    made = snapshot(frame)
    drawn = views.timeline(made.release, {}, to_wgs84)
    words = {code: label.lower() for code, (label, _) in maps.RELEASED.items()}
    for window in range(len(made.release.labels)):
        on_the_map = {feat["id"]: words[feat["w"][str(window)]["c"]] for feat in drawn["feats"] if str(window) in feat["w"]}
        assert on_the_map == {place.hotspot_id: place.change for place in made.places(window)}


@pytest.mark.parametrize("kind", FORMATS)
def test_the_same_release_gives_the_same_bytes(kind):
    assert make(snapshot(), [kind], to_wgs84)[0].data == files()[kind]


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("bad", HOSTILE)
def test_no_text_becomes_anything_but_text(kind, bad):
    made = snapshot(title=bad, purpose=bad, area=bad)
    made = replace(made, names=dict.fromkeys(made.names, bad))
    data = make(made, [kind], to_wgs84)[0].data
    if kind == "png":
        assert Image.open(io.BytesIO(data)).size == (2338, 1654)
        return
    if kind in ("xlsx", "csv"):
        cells = _cells(data) if kind == "xlsx" else []
        assert not any(cell.data_type == "f" for cell in cells)
        values = [cell.value for cell in cells] or pd.read_csv(io.BytesIO(data), header=None, dtype=str).to_numpy().ravel().tolist()
        assert not any(str(value).startswith(("=", "+", "-", "@")) for value in values)
    if kind == "html":
        tags = _Words(data.decode())
        assert not {"script", "iframe", "object", "b"} & {tag for tag, _ in tags.tags}
    said = text_of(kind, data)
    assert "\x00" not in said and "\x1b" not in said and "\u202e" not in said
    if kind in ("geojson", "gpkg", "kml", "html"):
        assert plain(bad, 80) in said


def test_the_picture_has_no_metadata_and_the_printed_sheet_is_one_page():
    picture = Image.open(io.BytesIO(files()["png"]))
    assert set(picture.info) <= {"dpi"} and picture.size == (2338, 1654)
    printed = _run(["pdftoppm", "-gray", "-r", "50", "-png", "-"], files()["pdf"])
    grey = np.asarray(Image.open(io.BytesIO(printed)).convert("L"))
    assert grey.shape == (414, 585) and grey.std() > 10


def test_shapes_are_unions_of_the_fixed_cells_in_every_layer():
    for kind in ("gpkg", "geojson", "kml"):
        shapes = _shapes(kind, files()[kind])
        assert shapes
        for one in shapes:
            corners = np.concatenate([np.asarray(part.exterior.coords) for part in one.geoms])
            assert np.abs(corners / 500 - np.round(corners / 500)).max() < 0.01  # six decimals are a tenth of a metre
            assert round(one.area) % 250_000 < 2_000 or 250_000 - round(one.area) % 250_000 < 2_000


def _shapes(kind, data):
    if kind == "geojson":
        found = [shape(feature["geometry"]) for feature in json.loads(data)["features"]]
    else:
        with _on_disk(kind, data) as path:
            found = [one for layer, _ in pyogrio.list_layers(path) for one in pyogrio.read_dataframe(path, layer=layer).geometry]
    if kind == "gpkg":
        return found

    def project(place):
        return np.column_stack(to_bng(place[:, 1], place[:, 0]))

    return [shapely.transform(shapely.force_2d(one if one.geom_type == "MultiPolygon" else shapely.MultiPolygon([one])), project)
            for one in found]


def test_the_web_page_asks_for_nothing_and_runs_nothing():
    page = _Words(files()["html"].decode())
    for tag, attributes in page.tags:
        assert tag not in ("script", "link", "iframe", "object", "base", "form")
        for name in ("src", "href", "action", "srcset"):
            assert str(attributes.get(name) or "data:").startswith("data:")
        assert not any(name.startswith("on") for name in attributes)
    policy = [attributes["content"] for tag, attributes in page.tags if tag == "meta" and attributes.get("http-equiv")]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]


def test_slides_have_an_editable_table_and_a_map_in_words():
    deck = Presentation(io.BytesIO(files()["pptx"]))
    pictures = [one for slide in deck.slides for one in slide.shapes if one.shape_type == 13]
    assert ["1 Saltmarrow QX1 1" in one._element.nvPicPr.cNvPr.get("descr") for one in pictures] == [True]
    tables = [one.table for slide in deck.slides for one in slide.shapes if one.has_table]
    assert [cell.text for cell in tables[0].rows[1].cells][:2] == ["1", NAME]
    assert deck.core_properties.author == "analyst"
    assert {info.date_time for info in zipfile.ZipFile(io.BytesIO(files()["pptx"])).infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_month_with_nothing_to_show_is_still_a_page_that_says_why():
    empty = snapshot(busy(2))
    made = {each.format: each.data for each in make(empty, FORMATS, to_wgs84)}
    for kind in FORMATS:
        if kind not in ("png", "csv"):
            assert "No place has at least 5 different children in March 2024" in " ".join(text_of(kind, made[kind]).split()), kind


def test_what_is_missing_or_not_for_files_is_refused():
    with pytest.raises(DisclosureError, match="purpose"):
        snapshot(purpose=" \x00 ")
    with pytest.raises(ParameterError, match="no such format"):
        make(snapshot(), ["docx"], to_wgs84)
    with pytest.raises(ParameterError, match="At least one"):
        make(snapshot(), [], to_wgs84)
    screen = disclosure.release(scope(busy(9), Parameters()))
    with pytest.raises(DisclosureError, match="for the screen"):
        Snapshot(screen, ABOUT, {})


def test_the_id_is_of_the_content():
    assert snapshot().id == snapshot().id != snapshot(purpose="another").id
    assert snapshot().id != snapshot(busy(10)).id


def test_credits_that_would_have_to_be_cut_are_refused():
    """What the licences of a map ask for stands on it whole, or the map is not made."""
    whole = "Contains OS data. " * (LONGEST_CREDIT // 18)
    assert replace(snapshot().about, attribution=whole).attribution == whole.strip()
    with pytest.raises(DisclosureError, match="none may be cut"):
        replace(snapshot().about, attribution=whole + "And the data of one more layer.")
