"""The pack as paper: one A4 page upright; further pages only for a list that is longer, or a profile."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterable

from matplotlib.backends.backend_pdf import FigureCanvasPdf, PdfPages
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from scoping.showing import sheet, underlay
from scoping.showing.pack import Line, Pack, beside
from scoping.showing.periods import brief
from scoping.showing.snapshot import Snapshot

A4 = (8.27, 11.69)  # inches, upright
LEFT, RIGHT = 0.06, 0.94
MAP = (0.60, 0.32)  # of the page
PER_PAGE = 40  # lines of the appendix
COLUMNS = (  # name, where it begins, characters to a line
    ("", LEFT, 3), ("Place", 0.08, 42), ("Change", 0.345, 13), ("Children", 0.428, 8), ("Seen", 0.487, 5), ("Since", 0.525, 24),
    ("Decision", 0.665, 14), ("Action, who answers, until", 0.75, 34))


def pdf(pack: Pack) -> bytes:
    """The pages, with text that can be searched; no clock and no program is in its metadata."""
    snapshot = pack.snapshot
    told = {"Title": f"{pack.title} ({snapshot.marking})", "Subject": f"Snapshot {snapshot.id}", "Creator": None, "Producer": None,
            "CreationDate": None}
    out = io.BytesIO()
    with PdfPages(out, metadata=told) as pages:
        for figure in _pages(pack):
            FigureCanvasPdf(figure)
            pages.savefig(figure)
    return out.getvalue()


def _pages(pack: Pack) -> Iterable[Figure]:
    front = Figure(figsize=A4)
    _front(front, pack)
    yield front
    if pack.profile:
        profile = Figure(figsize=A4)
        _frame(profile, pack, "Profile")
        y = 0.90
        for section in pack.profile:
            y = _section(profile, section.title, section.lines, y)
        yield profile
    for start in range(0, len(pack.appendix), PER_PAGE):
        rest = Figure(figsize=A4)
        _frame(rest, pack, f"Appendix {start // PER_PAGE + 1}: further places")
        _table(rest, pack.appendix[start:start + PER_PAGE], 0.90)
        yield rest


def _front(figure: Figure, pack: Pack) -> None:
    snapshot = pack.snapshot
    _frame(figure, pack, pack.title)
    _figures(figure, pack, 0.905)
    for left, low, width, height, window, extent in frames(snapshot):
        sheet.draw_map(figure.add_axes((left, low, width, height)), snapshot, window, extent)
        underlay.key(figure.add_axes((left, low - 0.0105, width, 0.009)), snapshot.backdrop, size=5.0)
    _side(figure, pack, 0.69, 0.825)
    bottom = _table(figure, pack.page, 0.488)
    if pack.appendix:
        sheet.write(figure, LEFT, bottom - 0.004, f"And {len(pack.appendix)} more, in the appendix.", size=7, va="top")
        bottom -= 0.016
    _decide(figure, pack, bottom - 0.012)
    _foot(figure, pack)


def frames(snapshot: Snapshot) -> list[tuple[float, float, float, float, int, sheet.Bounds]]:
    """As `sheet.frames`: where the map lies on the page, its window and the ground it shows."""
    return [(LEFT, 0.505, *MAP, snapshot.window, sheet.widened(snapshot, MAP[0] * A4[0], MAP[1] * A4[1]))]


def _frame(figure: Figure, pack: Pack, title: str) -> None:
    """Marking above and below, the title, and what the page is of."""
    snapshot = pack.snapshot
    for y in (0.982, 0.014):
        sheet.write(figure, 0.5, y, snapshot.marking, size=10, weight="bold", ha="center", va="center")
    sheet.write(figure, LEFT, 0.957, title, size=14 if len(title) < 56 else 12, weight="bold", va="center", width=76)
    known = f"records known until {snapshot.release.cut_off or 'not told'}"
    line = f"{snapshot.about.area} · {dict(snapshot.facts())['Role of the places'].lower()} places · {known} · {snapshot.id}"
    sheet.write(figure, LEFT, 0.934, line, size=7.5, va="center", width=150)


def _figures(figure: Figure, pack: Pack, top: float) -> None:
    """The numbers in a row, each against the same period a year before."""
    width = (RIGHT - LEFT) / max(len(pack.figures), 1)
    compared = any(each.before for each in pack.figures)
    for k, each in enumerate(pack.figures):
        x = LEFT + k * width
        sheet.write(figure, x, top, each.name, size=7, va="top")
        sheet.write(figure, x, top - 0.014, each.now, size=10.5, weight="bold", va="top")
        year = f"a year before: {each.before or 'not released'}" if compared else ""
        sheet.write(figure, x, top - 0.037, year, size=5.4, va="top")
    if not compared:
        sheet.write(figure, LEFT, top - 0.037, "The same period a year before was not released.", size=5.4, va="top")
    figure.add_artist(Rectangle((LEFT, top - 0.054), RIGHT - LEFT, 0.0006, transform=figure.transFigure, facecolor="black"))


def _side(figure: Figure, pack: Pack, left: float, top: float) -> None:
    """Beside the map: how many of each class, what is gone, what is late."""
    axes = figure.add_axes((left, top - 0.118, RIGHT - left, 0.118))
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    sheet.legend_rows(axes, pack.snapshot, top=0.94, step=0.145, wide=0.13)
    y = top - 0.128
    for title, lines in (("No longer shown", pack.gone), ("Actions that are late", pack.late)):
        sheet.write(figure, left, y, title, size=8, weight="bold", va="top")
        y -= 0.016
        for line in beside(lines):
            for part in textwrap.wrap(line, 46)[:2]:
                sheet.write(figure, left, y, part, size=6.2, va="top", lines=1)
                y -= 0.0115
        y -= 0.008


def _table(figure: Figure, lines: Iterable[Line], top: float) -> float:
    """The list; where it ends."""
    for name, x, _ in COLUMNS:
        sheet.write(figure, x, top, name, size=6.8, weight="bold", va="top")
    y = top - 0.0155
    shown = list(lines)
    for line in shown:
        kind = f"{line.place} · {line.kind}" if line.kind else line.place
        values = (str(line.number), kind, line.change, line.children, line.seen, brief(line.since), line.decision or "none yet",
                  line.action or "none")
        wrapped = [textwrap.wrap(value, width, max_lines=2, placeholder=" …") or [""]
                   for value, (_, _, width) in zip(values, COLUMNS, strict=True)]
        for text, (_, x, _) in zip(wrapped, COLUMNS, strict=True):
            sheet.write(figure, x, y, "\n".join(text), size=6.2, va="top", linespacing=1.1)
        y -= 0.0125 * max(len(text) for text in wrapped) + 0.002
    if not shown:
        sheet.write(figure, LEFT, y, "No place may be shown in this period.", size=7.5, va="top")
        y -= 0.016
    return y


def _decide(figure: Figure, pack: Pack, top: float) -> None:
    """The box that the group fills in, or what it has decided."""
    bottom = 0.142
    figure.add_artist(Rectangle((LEFT, bottom), RIGHT - LEFT, max(top - bottom, 0.03), transform=figure.transFigure,
                                facecolor="none", edgecolor="black", linewidth=0.8))
    sheet.write(figure, LEFT + 0.01, top - 0.006, "Decisions of the group", size=8, weight="bold", va="top")
    y = top - 0.024
    for line in pack.decisions:
        if y < bottom + 0.012:
            break
        sheet.write(figure, LEFT + 0.01, y, line, size=6.6, va="top", lines=1, width=140)
        y -= 0.012
    if not pack.decisions:
        said = "For each place: location of concern, watch or dismiss; what would make it safer; who, until when."
        sheet.write(figure, LEFT + 0.01, y, said, size=6.6, va="top", color="#444444")


FOOT = 0.132  # of the height: where the notes begin


def _foot(figure: Figure, pack: Pack) -> None:
    """What the page rests on, and what it must not be taken for."""
    facts = dict(pack.snapshot.facts())
    data = "; ".join(f"{name.lower()} {facts[name]}" for name in ("Not located", "Without return interview") if name in facts)
    notes = [f"Data quality: {data or 'too few to tell shares'}. {facts.get('Withheld', '')}", facts.get("Why this period", ""),
             facts["By chance"], f"{facts['Rule']} {facts['Accuracy']}", facts["Indicative"],
             f"Handling: {facts['Handling']} Produced {facts['Produced']} by {facts['Author']}, {facts['Authority']}, for: "
             f"{facts['Purpose']}. Review or destroy by {facts['Review or destroy by']}. {facts['Copyright']} {facts['Program']}."]
    for size in (5.0, 4.6, 4.2, 3.8, 3.4):  # points: what licences ask for is not cut
        lines = [line for note in notes for line in textwrap.wrap(note, int(196 * 5.0 / size))]
        step = 0.0087 * size / 5.0
        if len(lines) * step <= FOOT - 0.02:
            break
    for k, line in enumerate(lines):
        sheet.write(figure, LEFT, FOOT - k * step, line, size=size, va="top", lines=1)


def _section(figure: Figure, title: str, lines: Iterable[str], y: float) -> float:
    sheet.write(figure, LEFT, y, title, size=10, weight="bold", va="top")
    y -= 0.022
    for line in lines:
        for part in textwrap.wrap(line, 128):
            sheet.write(figure, LEFT, y, part, size=7.5, va="top", lines=1)
            y -= 0.0145
        y -= 0.003
    return y - 0.012
