from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_data.errors import InputError
from geo_data.placing.geocode import geocode
from geo_data.placing.importers.wards import pieces
from tests.geo_data.placing.importers.conftest import Import
from tests.geo_data.placing.importers.made import zipped
from tests.geo_data.placing.importers.test_police_streets import street_file

ROWS = "".join(f'"OL16 1L{letter}",10,{389_500 + 50 * i},413000,"E92000001","","","","E08000005","E05000719"\r\n'
               for i, letter in enumerate("ABDEFGHJLN"))


def code_list(name: str = "Ottermere and Quillby Ward") -> bytes:
    book = openpyxl.Workbook()
    book.active.append([name, "E05000719"])
    book.active.append(["Rochdale District (B)", "E08000005"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_ward_says_which_street_is_meant_and_is_no_answer(tmp_path: Path, import_: Import) -> None:
    twice = [(389_700, 413_100, "On or near Sable Row"), (396_000, 405_000, "On or near Sable Row")]
    path = tmp_path / "2025-01-some-street.csv"
    path.write_text(street_file(twice))
    import_("police_streets", path)
    codes = {"Data/CSV/ol.csv": ROWS, "Doc/Codelist.xlsx": code_list()}
    about, held = import_("code_point", zipped(tmp_path / "codepo_gb.zip", codes))
    assert about["counts"]["wards"] == 1
    area = held.named.localities("quillby")[0]
    assert (area.easting, area.northing) == (389_725, 413_000) and 300 <= area.precision_m < 400
    found = geocode(["Sable Row, Quillby", "Sable Row", "Quillby", "Sable Row, Ottermere & Quillby"], held, "GMP")
    assert found["tier"].tolist() == ["P2", "P4", "P5", "P2"], found["reason"].tolist()
    assert found["easting"][0] == 389_700


def test_without_a_code_list_there_are_no_wards_and_a_broken_one_is_refused(tmp_path: Path, import_: Import) -> None:
    about, held = import_("code_point", zipped(tmp_path / "a.zip", {"Data/CSV/ol.csv": ROWS}))
    assert "wards" not in about["counts"] and held.named.localities("quillby") == []
    with pytest.raises(InputError, match="code list"):
        import_("code_point", zipped(tmp_path / "b.zip", {"Data/CSV/ol.csv": ROWS, "Doc/Codelist.xlsx": b"PK no workbook"}))


def test_the_names_of_a_ward() -> None:
    assert pieces("Dene & South Gosforth") == ["dene and south gosforth", "dene", "south gosforth"]
    assert pieces("Byker") == ["byker"]
    assert pieces("") == []


@given(st.text(max_size=60))
def test_any_name_has_plain_pieces(name: str) -> None:
    assert all(piece == piece.strip().lower() and len(piece) > 2 for piece in pieces(name))
