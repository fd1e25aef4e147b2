"""Rates by month as plain HTML: what was placed, what of it finely, against the least that is asked. Numbers in, markup out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape

TALL = 96  # pixels


def named(month: str) -> str:
    """A month (2025-01) for a reader: Jan 2025."""
    return f"{date.fromisoformat(f'{month}-01'):%b %Y}"


def by_month(months: Sequence[str], placed: Sequence[float | None], fine: Sequence[float | None], enough: float | None,
             words: tuple[str, str] = ("placed", "finely"), *, key: tuple[str, str] = ("", "")) -> str:
    """A column for each month: placed pale, fine in the accent colour; a line at `enough`. None is drawn as a gap.

    `words` are what the two are called, `key` what the accent colour and the pale one mean: it stands under the chart.

    One image to a screen reader, with its content as the label.
    """
    columns = []
    for month, all_, good in zip(months, placed, fine, strict=True):
        if all_ is None or good is None:
            says, bars = f"{month}: withheld or nothing", '<i style="height:2px;background:var(--sc-line);width:100%"></i>'
        else:
            says = f"{month}: {all_:.0%} {words[0]}, {good:.0%} {words[1]}"
            bars = (f'<i style="height:{all_ - good:.1%};background:var(--sc-line);width:100%"></i>'
                    f'<i style="height:{good:.1%};background:var(--sc-accent);width:100%"></i>')
        columns.append(f'<span title="{escape(says)}" style="flex:1;min-width:2px;display:flex;flex-direction:column;'
                       f'justify-content:flex-end;height:100%">{bars}</span>')
    spoken = "; ".join(f"{m} {a:.0%} {words[0]}, {g:.0%} {words[1]}" for m, a, g in zip(months, placed, fine, strict=True)
                       if a is not None and g is not None)
    ends = (months[0], months[-1]) if months else ("", "")
    line = "" if enough is None else (
        f'<span style="position:absolute;left:0;right:0;bottom:{enough:.0%};border-top:1.5px dashed var(--sc-flag)"></span>')
    return (f'<div role="img" aria-label="By month: {escape(spoken)}">'
            f'<div style="position:relative;height:{TALL}px;display:flex;gap:2px;align-items:flex-end;'
            f'border-bottom:1px solid var(--sc-line)">{"".join(columns)}'
            f'{line}</div>'
            f'<div class="sc-ends"><span>{escape(ends[0])}</span><span>full height 100%{_dashed(enough)}</span>'
            f'<span>{escape(ends[1])}</span></div></div>{_key(key)}')


def _dashed(enough: float | None) -> str:
    return "" if enough is None else f", dashed {enough:.0%}"


def _key(key: tuple[str, str]) -> str:
    """What the two colours mean, each beside its colour."""
    colours = zip(key, ("var(--sc-accent)", "var(--sc-line)"), strict=True)
    said = "".join(f'<span style="display:inline-flex;align-items:center;gap:.4rem"><i style="width:.8rem;height:.8rem;'
                   f'border-radius:2px;background:{colour}"></i>{escape(word)}</span>' for word, colour in colours if word)
    return said and f'<div style="display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;font-size:.85rem;padding-top:.4rem">{said}</div>'


def counts(months: Sequence[str], numbers: Sequence[int | None], most: int, what: str, tall: int = 58) -> str:
    """A column for each month, `most` being full height, so that charts side by side can be compared; None is drawn as a gap.

    `what` is counted; `tall` is the height in pixels. One image to a screen reader, with its content as the label.
    """
    columns = []
    for month, number in zip(months, numbers, strict=True):
        says = f"{month}: not known or withheld" if number is None else f"{month}: {number:,} {what}"
        high = f"{100 * number / max(most, 1):.0f}%" if number else "2px"
        colour = "var(--sc-line)" if not number else "var(--sc-accent)"
        columns.append(f'<i title="{escape(says)}" style="flex:1;min-width:1px;height:{high};background:{colour};'
                       'border-radius:2px 2px 0 0"></i>')
    spoken = "; ".join(f"{m} {n}" for m, n in zip(months, numbers, strict=True) if n is not None)
    ends = (months[0], months[-1]) if months else ("", "")
    return (f'<div role="img" aria-label="{escape(what.capitalize())} by month: {escape(spoken)}">'
            f'<div style="height:{tall}px;display:flex;gap:2px;align-items:flex-end;border-bottom:1px solid var(--sc-line)">'
            f'{"".join(columns)}</div><div class="sc-ends"><span>{escape(ends[0])}</span><span>full height {most:,}</span>'
            f'<span>{escape(ends[1])}</span></div></div>')
