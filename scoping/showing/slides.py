"""The snapshot as slides (PPTX): the map with its alt text, the list as an editable table, the particulars; method in the notes."""

from __future__ import annotations

import datetime
import io
from collections.abc import Sequence
from typing import Any

from scoping.showing.packing import fixed
from scoping.showing.sheet import map_png
from scoping.showing.snapshot import MAP_PLACES, Snapshot
from scoping.showing.tables import places

WIDTH, HEIGHT = 297, 210  # millimetres
MOST = 255  # characters of a document's property
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
GREY_STYLE = "{073A0DAA-6AF3-43AB-8588-CEC1D06C72B9}"  # PowerPoint's "Medium Style 2" without an accent colour


def pptx(snapshot: Snapshot) -> bytes:
    """Three slides, A4 landscape."""
    from pptx import Presentation
    from pptx.util import Mm

    deck = Presentation()
    deck.slide_width, deck.slide_height = Mm(WIDTH), Mm(HEIGHT)
    facts = dict(snapshot.facts())
    about = snapshot.about
    _map_slide(new_slide(deck, snapshot, about.title), snapshot, facts)
    _list_slide(new_slide(deck, snapshot, f"Places, {snapshot.period}"), snapshot)
    slide = new_slide(deck, snapshot, "What this rests on")
    told = [f"{name}: {text}" for name, text in snapshot.facts() if name not in ("Marking", "Title")]
    box(slide, "\n".join(told), (12, 26, WIDTH - 24, HEIGHT - 44), size=8)
    return finished(deck, snapshot, about.title)


def finished(deck: Any, snapshot: Snapshot, title: str) -> bytes:
    """The file, with nothing in its properties but what the snapshot says, and no clock."""
    core = deck.core_properties
    core.author, core.title, core.subject = snapshot.about.author_role[:MOST], title[:MOST], f"Snapshot {snapshot.id}"
    core.comments, core.last_modified_by, core.keywords = snapshot.marking[:MOST], "", ""
    core.created = core.modified = core.last_printed = datetime.datetime(2000, 1, 1)
    core.revision = 1
    out = io.BytesIO()
    deck.save(out)
    return fixed(out.getvalue())


def alt_text(snapshot: Snapshot) -> str:
    """The map in words, for those who do not see it."""
    shown = [place for place in snapshot.places() if place.number]
    if not shown:
        return f"Map of {snapshot.about.area}, {snapshot.period}. {snapshot.release.reason}"
    told = "; ".join(f"{place.number} {place.place}, {place.change}, {place.children} children" for place in shown[:MAP_PLACES])
    return f"Map of {snapshot.about.area}, {snapshot.period}, with {len(shown)} places: {told}."


def counted(snapshot: Snapshot) -> str:
    """How many places of each class, and how many chance alone would give; why none is shown, when none is."""
    chance = snapshot.chance()
    rows = [f"{name}: {number}{f' (by chance {chance[name]})' if name in chance else ''}"
            for name, number in snapshot.legend().items() if number]
    if snapshot.further():
        rows.append(f"Drawn pale: {snapshot.further()} further places, not numbered")
    return "\n".join(rows) or snapshot.release.reason


def new_slide(deck: Any, snapshot: Snapshot, title: str) -> Any:
    """A slide with its title, the marking above and below, and the particulars in its notes."""
    from pptx.util import Mm, Pt

    slide = deck.slides.add_slide(deck.slide_layouts[5])  # title only
    head = slide.shapes.title
    head.left, head.top, head.width, head.height = Mm(12), Mm(9), Mm(WIDTH - 24), Mm(14)
    head.text = title
    head.text_frame.paragraphs[0].runs[0].font.size = Pt(22)
    for top in (2, HEIGHT - 9):
        box(slide, snapshot.marking, (12, top, WIDTH - 24, 7), size=12, bold=True, centre=True)
    slide.notes_slide.notes_text_frame.text = "\n".join(f"{name}: {text}" for name, text in snapshot.facts())
    return slide


def _map_slide(slide: Any, snapshot: Snapshot, facts: dict[str, str]) -> None:
    from pptx.util import Mm

    picture = slide.shapes.add_picture(io.BytesIO(map_png(snapshot)), Mm(12), Mm(34), width=Mm(240))
    picture._element.nvPicPr.cNvPr.set("descr", alt_text(snapshot))
    picture._element.nvPicPr.cNvPr.set("name", "Map")
    known = f"records known until {snapshot.release.cut_off or 'not told'}"
    line = f"{snapshot.about.area} · {facts['Period']} · {known} · {snapshot.id}"
    box(slide, line, (12, 24, WIDTH - 24, 8), size=11)
    box(slide, counted(snapshot), (254, 34, 34, 100), size=9)
    box(slide, f"{facts['Handling']} {facts['Indicative']} Review or destroy by {snapshot.about.review_by}.",
         (12, 173, WIDTH - 24, 24), size=9)


def _list_slide(slide: Any, snapshot: Snapshot) -> None:
    head, *rows = places(snapshot)
    if not rows:
        box(slide, snapshot.release.reason, (12, 30, WIDTH - 24, 20), size=14)
        return
    shown = rows[:MAP_PLACES + 4]
    table(slide, [head, *shown], (16, 66, 50, 34, 30, 26, 22, 29), size=10, row_mm=8)
    if len(rows) > len(shown):
        rest = f"And {len(rows) - len(shown)} more in the list of the other formats."
        box(slide, rest, (12, HEIGHT - 20, WIDTH - 24, 8), size=10)


def table(slide: Any, rows: Sequence[Sequence[object]], widths: Sequence[float], *, size: int, row_mm: float) -> None:
    """An editable table, its head first, columns as wide as told in millimetres: grey, so that it reads in black and white."""
    from pptx.util import Mm, Pt

    shape = slide.shapes.add_table(len(rows), len(widths), Mm(12), Mm(27), Mm(WIDTH - 24), Mm(row_mm * len(rows)))
    shape._element.graphic.graphicData.tbl.tblPr.find(f"{{{DRAWING}}}tableStyleId").text = GREY_STYLE
    for column, width in enumerate(widths):
        shape.table.columns[column].width = Mm(width)
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            cell = shape.table.cell(row, column)
            cell.text = str(value)
            for run in cell.text_frame.paragraphs[0].runs:
                run.font.size = Pt(size)


def box(slide: Any, text: str, place: tuple[float, float, float, float], *, size: int, bold: bool = False,
         centre: bool = False) -> None:
    """A text box at left, top, width, height in millimetres."""
    from pptx.enum.text import PP_ALIGN
    from pptx.util import Mm, Pt

    frame = slide.shapes.add_textbox(*(Mm(length) for length in place)).text_frame
    frame.word_wrap = True
    frame.text = text
    for paragraph in frame.paragraphs:
        paragraph.alignment = PP_ALIGN.CENTER if centre else PP_ALIGN.LEFT
        for run in paragraph.runs:
            run.font.size, run.font.bold = Pt(size), bold
