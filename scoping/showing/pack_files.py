"""The pack as slides that can be edited (PPTX) and as one HTML file; the paper is in `pack_sheet`."""

from __future__ import annotations

import html
import io
from collections.abc import Callable, Iterable
from typing import Any

from geo_data.errors import ParameterError
from scoping.showing.desk import Made
from scoping.showing.pack import Line, Pack, beside
from scoping.showing.page import POLICY, STYLE, ground_of, legend, svg
from scoping.showing.sheet import map_png
from scoping.showing.slides import HEIGHT, WIDTH, alt_text, box, counted, finished, new_slide, table

HEAD = ("", "Place", "Change", "Children", "Seen", "Since", "Decision", "Action, who answers, until")
WIDTHS = (13, 60, 26, 20, 14, 38, 32, 70)  # millimetres
PER_SLIDE = 14  # places of the appendix
FORMATS = {"pdf": "One A4 page", "pptx": "PowerPoint, to be edited", "html": "Web page in one file"}


def make(pack: Pack, formats: Iterable[str]) -> list[Made]:
    """The files of a pack, in the order given. Raises `ParameterError` for a format that does not exist."""
    wanted = list(dict.fromkeys(formats))
    if not wanted or any(name not in FORMATS for name in wanted):
        raise ParameterError("A pack is made as PDF, PPTX or HTML.", where="format", fix=f"Use {', '.join(FORMATS)}.")
    return [Made(name, _maker(name)(pack)) for name in wanted]


def _maker(name: str) -> Callable[[Pack], bytes]:
    if name == "pdf":
        from scoping.showing.pack_sheet import pdf

        return pdf
    return pptx if name == "pptx" else page


def pptx(pack: Pack) -> bytes:
    """A4 landscape: what was seen, the places and what is done, decisions, and what it rests on."""
    from pptx import Presentation
    from pptx.util import Mm

    snapshot = pack.snapshot
    deck = Presentation()
    deck.slide_width, deck.slide_height = Mm(WIDTH), Mm(HEIGHT)
    first = new_slide(deck, snapshot, pack.title)
    said = "   ".join(f"{each.name}: {each.now}{f' ({each.before} a year before)' if each.before else ''}" for each in pack.figures)
    box(first, said, (12, 23, WIDTH - 24, 14), size=9)
    picture = first.shapes.add_picture(io.BytesIO(map_png(snapshot)), Mm(12), Mm(38), width=Mm(218))
    picture._element.nvPicPr.cNvPr.set("descr", alt_text(snapshot))
    picture._element.nvPicPr.cNvPr.set("name", "Map")
    told = (counted(snapshot), "No longer shown:\n" + "\n".join(beside(pack.gone)), "Late:\n" + "\n".join(beside(pack.late)))
    box(first, "\n\n".join(told), (233, 38, 54, 130), size=8)
    facts = dict(snapshot.facts())
    box(first, f"{facts['Handling']} {facts['Indicative']} Review or destroy by {snapshot.about.review_by}.",
        (12, 176, WIDTH - 24, 22), size=8)
    _table(new_slide(deck, snapshot, "Places, and what is done about them"), pack.page or (), snapshot.release.reason)
    box(new_slide(deck, snapshot, "Decisions of the group"), _list(pack.decisions) if pack.decisions else
        "For each place: location of concern, watch or dismiss; what would make it safer; who, until when.",
        (12, 26, WIDTH - 24, HEIGHT - 44), size=12)
    for section in pack.profile[:2]:
        box(new_slide(deck, snapshot, section.title), "\n".join(section.lines), (12, 26, WIDTH - 24, HEIGHT - 44), size=12)
    if pack.profile:
        rest = "\n\n".join("\n".join((section.title.upper(), *section.lines)) for section in pack.profile[2:])
        box(new_slide(deck, snapshot, "Locations, themes, data gaps"), rest, (12, 26, WIDTH - 24, HEIGHT - 44), size=12)
    for start in range(0, len(pack.appendix), PER_SLIDE):
        _table(new_slide(deck, snapshot, "Appendix: further places"), pack.appendix[start:start + PER_SLIDE], "")
    rests = "\n".join(f"{name}: {text}" for name, text in snapshot.facts() if name not in ("Marking", "Title"))
    box(new_slide(deck, snapshot, "What this rests on"), rests, (12, 26, WIDTH - 24, HEIGHT - 44), size=8)
    return finished(deck, snapshot, pack.title)


def page(pack: Pack) -> bytes:
    """UTF-8 HTML: opens from a disk, asks for nothing, runs nothing."""
    def text(value: Any) -> str:
        return html.escape(str(value), quote=True)

    snapshot = pack.snapshot
    drawn = svg(snapshot, snapshot.window, ground_of(snapshot), first=True)
    mark, facts = text(snapshot.marking), dict(snapshot.facts())
    told_figures = ((each.name, each.now + (f" ({each.before} a year before)" if each.before else "")) for each in pack.figures)
    figures = "".join(f"<dt>{text(name)}</dt><dd>{text(said)}</dd>" for name, said in told_figures)
    lists = "".join(f"<h2>{text(title)}</h2>{_items(lines)}" for title, lines in (
        ("No longer shown", pack.gone), ("Actions that are late", pack.late), ("Decisions of the group", pack.decisions),
        *((section.title, section.lines) for section in pack.profile)))
    told = "".join(f"<dt>{text(name)}</dt><dd>{text(said)}</dd>" for name, said in snapshot.facts())
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f'<meta name="referrer" content="no-referrer"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{mark}: {text(pack.title)}</title><style>{STYLE}</style></head><body><div class=\"mark\">{mark}</div><main>"
        f"<h1>{text(pack.title)}</h1><p>{text(snapshot.about.area)} · {text(snapshot.id)}</p><p>{text(facts['Handling'])}</p>"
        f"<dl>{figures}</dl><div class=\"maps\"><figure>{drawn}</figure></div>"
        f"{legend(snapshot)}"
        f"<h2>Places</h2>{_rows(pack.lines) if pack.lines else f'<p>{text(snapshot.release.reason)}</p>'}{lists}"
        f"<h2>What this rests on</h2><dl>{told}</dl></main><div class=\"mark foot\">{mark}</div></body></html>").encode()


def _rows(lines: Iterable[Line]) -> str:
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in HEAD)
    cells = (f"<td>{'</td><td>'.join(html.escape(value, quote=True) for value in _values(line))}</td>" for line in lines)
    rows = "".join(f"<tr>{row}</tr>" for row in cells)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _items(lines: Iterable[str]) -> str:
    items = "".join(f"<li>{html.escape(line, quote=True)}</li>" for line in lines)
    return f"<ul>{items}</ul>" if items else "<p>None.</p>"


def _values(line: Line) -> tuple[str, ...]:
    place = f"{line.place} · {line.kind}" if line.kind else line.place
    return (str(line.number), place, line.change, line.children, line.seen, line.since, line.decision or "none yet",
            line.action or "none")


def _table(on: Any, lines: Iterable[Line], reason: str) -> None:
    rows = [HEAD, *(_values(line) for line in lines)]
    if len(rows) == 1:
        box(on, reason, (12, 30, WIDTH - 24, 20), size=14)
        return
    table(on, rows, WIDTHS, size=9, row_mm=9)


def _list(lines: Iterable[str]) -> str:
    return "\n".join(lines) or "None."
