"""The look of the pages: one style block and a few small blocks of HTML.

Text is escaped here and nowhere else; these blocks hold counts, labels of our own, and names from the gazetteer,
which are treated as data like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

import pandas as pd
import streamlit as st

from geo_data.errors import ScopingError
from geo_data.safe_cell import plain


class Figure(NamedTuple):
    """One number in the row of figures: what it is, and what it counts."""

    value: str
    label: str
    caption: str
    tone: str = ""  # "up", "down" or ""
    help: str = ""  # what it counts, of how many


NUMBER = st.column_config.NumberColumn(format="localized")  # a column of a table whose numbers may have thousands

# name -> on light, on dark
_TONES = {
    "ink": ("#1d2530", "#e8ebf0"), "soft": ("#56606d", "#b3bcc7"), "line": ("#d5d9df", "#38414d"), "paper": ("#ffffff", "#191f28"),
    "page": ("#ffffff", "#14181f"),
    "accent": ("#0b5394", "#7fb3ff"), "onaccent": ("#ffffff", "#0d1420"), "up": ("#7b3294", "#d3a6ea"),
    "down": ("#1b7837", "#8ed695"), "bar": ("#8d97a4", "#76818e"),
    "warm": ("#fff3d6", "#3a2d10"), "warmline": ("#e0b65c", "#8a6a23"), "warmink": ("#6b3a00", "#ffdf9e"),
    "heat": ("#7b3294", "#c88ce6"), "flag": ("#8f4700", "#ffb86b"), "track": ("#eceef1", "#262d37"),
}

_STYLE = """
.stApp{%s}
@supports (color:light-dark(red,red)){.stApp{%s}}
.stMainBlockContainer{padding:3.7rem 2rem 3rem;max-width:1880px}
.stApp [data-testid="stVerticalBlock"]{gap:.7rem}
/* beside the map nothing fades while the page runs: each part would be a layer of its own, drawn anew at every step.
   Where a run takes longer, that parts may be from before is said in words */
.stApp:has(.st-key-themap) [data-testid="stElementContainer"],
.stApp:has(.st-key-themap) [data-testid="stElementContainer"] *{transition:none!important}
.stApp:has(.st-key-themap) [data-testid="stElementContainer"][data-stale="true"]{opacity:1!important}
.stApp[data-test-script-state="running"]:has(.st-key-table_words)::before{
  content:"Still working: parts of this page may be from before.";animation:sc-late 0s 1.5s both;
  position:fixed;right:1rem;bottom:1rem;z-index:1000001;pointer-events:none;padding:.3rem .9rem;border-radius:6px;
  background:var(--sc-warm);color:var(--sc-warmink);border:1px solid var(--sc-warmline);font-size:.9rem}
@keyframes sc-late{from{visibility:hidden}to{visibility:visible}}
.stSidebar [data-testid="stVerticalBlock"]{gap:.7rem}
.stSidebar [data-testid="stSidebarHeader"]{height:3rem;padding-bottom:0;margin-bottom:0}
.stSidebar [data-testid="stButtonGroup"] button{padding-left:.55rem;padding-right:.55rem;font-size:.9rem}
iframe[title="streamlit_folium.st_folium"]{border-radius:8px;border:1px solid transparent;display:block}
/* round what holds the frame: the frame itself has the browser's scheme of colours, not the page's */
:has(> iframe[title="streamlit_folium.st_folium"]){border-radius:8px;outline:1px solid var(--sc-line);outline-offset:-1px}
:root{--sc-map:max(440px,calc(100vh - 17rem))}
:root:has(.st-key-answer){--sc-map:max(390px,calc(100vh - 24.6rem))}
.st-key-themap iframe{height:var(--sc-map)!important}
.st-key-card,[data-testid="stLayoutWrapper"]:has(> .st-key-card){
  height:var(--sc-map)!important;max-height:none!important;flex:0 0 var(--sc-map)!important}
.stApp[data-test-connection-state="PINGING_SERVER"]::after{
  content:"The connection is lost. It is being tried again; what you see stays.";
  position:fixed;left:50vw;top:.6rem;translate:-12rem;z-index:1000002;padding:.45rem .9rem;border-radius:6px;
  background:#fff3d6;color:#5c3b00;border:1px solid #d9a441;font-weight:600;font-size:.95rem}
[data-testid="stLayoutWrapper"]:has(> .st-key-headline){flex:1 1 auto;width:auto}
[data-testid="stLayoutWrapper"]:has(> .st-key-news){position:absolute}
[data-testid="stLayoutWrapper"]:has(> .st-key-news [role="note"]){position:static}
[data-testid="stLayoutWrapper"]:has(> .st-key-onward){position:sticky;bottom:-1rem;z-index:1;background:var(--sc-page);
  border-top:1px solid var(--sc-line);padding:.2rem 0 .3rem}
.st-key-onward{gap:0!important;flex-wrap:nowrap!important}
.st-key-top{gap:.5rem!important;min-height:2.55rem}
.st-key-question-list{display:grid!important;grid-template-columns:1fr 1fr;gap:0 1.2rem!important}
.st-key-answer{padding:.45rem .9rem .5rem!important;gap:0!important;position:relative}
.st-key-answer .st-key-leave{position:absolute;top:.15rem;right:.6rem;width:auto!important}
.sc-answer>p:first-child{padding-right:6rem}
.stApp .sc-answer .sc-said{font-size:1.05rem;font-weight:600;margin:.15rem 0 .3rem}
.sc-answer summary{cursor:pointer;font-size:.87rem;color:var(--sc-accent)}
.sc-answer .sc-list{columns:2;column-gap:2.5rem}
.stApp .sc-answer .sc-list li{break-inside:avoid}
.stApp .sc-answer .sc-list b{white-space:normal}
.stApp .sc-answer .sc-list li>:first-child{flex-basis:auto}
@media (min-width:2400px){html{font-size:19px!important}.stMainBlockContainer{max-width:3600px}
  section[data-testid="stSidebar"]{width:400px!important;min-width:400px!important}}
.sc-band{background:var(--sc-warm);color:var(--sc-warmink);border:1px solid var(--sc-warmline);border-radius:6px;
  padding:.3rem .8rem;font-size:.87rem;line-height:1.45}
.sc-band b{letter-spacing:.05em}
.sc-head{display:flex;flex-wrap:wrap;gap:.2rem 1.5rem;align-items:baseline;justify-content:space-between}
.sc-head h1{font-size:1.5rem;font-weight:650;letter-spacing:-.015em;margin:0;padding:0;line-height:1.3}
.sc-head p{margin:0;color:var(--sc-soft);flex-basis:100%%;font-size:.92rem;line-height:1.4}
.sc-marks{display:flex;gap:.5rem;flex-wrap:wrap}
.sc-says{display:flex;flex-wrap:wrap;gap:.2rem 1rem;align-items:baseline;justify-content:space-between;font-size:.92rem;
  color:var(--sc-soft);line-height:1.4}
.sc-mark.s{background:var(--sc-warm);color:var(--sc-warmink);border-color:var(--sc-warmline)}
.sc-mark{font-size:.75rem;font-weight:650;letter-spacing:.07em;color:var(--sc-soft);border:1px solid var(--sc-line);
  border-radius:4px;padding:.1rem .5rem;white-space:nowrap}
.sc-figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(122px,1fr));border:1px solid var(--sc-line);
  border-radius:8px;background:var(--sc-paper);overflow:hidden;margin:0}
.stApp dl.sc-figures{padding:0}
.sc-figures div{padding:.4rem .8rem .45rem;box-shadow:-1px -1px 0 var(--sc-line);display:grid;grid-row:span 3;
  grid-template-rows:subgrid}
.sc-figures dt{font-size:.8rem;line-height:1.3;color:var(--sc-ink);font-weight:600;align-self:end}
.sc-figures dd{margin:0}
.sc-figures .v{font-size:1.4rem;font-weight:620;letter-spacing:-.02em;line-height:1.25;font-variant-numeric:tabular-nums}
.sc-figures .c{font-size:.76rem;color:var(--sc-soft);line-height:1.3}
.stApp :is([data-testid^="stBaseButton-primary"]:not(:disabled),[data-tag]),
.stApp :is([data-testid^="stBaseButton-primary"]:not(:disabled),[data-tag]) :is(p,span,svg){color:var(--sc-onaccent)}
.stMultiSelect button{min-width:24px;min-height:24px}
.sc-up{color:var(--sc-up)}.sc-down{color:var(--sc-down)}
.sc-card h2{font-size:1.15rem;font-weight:650;margin:0;padding:0;letter-spacing:-.01em;line-height:1.3}
.sc-card h3{font-size:.84rem;font-weight:650;margin:1rem 0 .35rem;padding:0;color:var(--sc-ink)}
/* named twice to hold in menus too, which lie outside the page */
h2.sc-h3.sc-h3{font-size:.84rem;font-weight:650;margin:.2rem 0 0;padding:0;letter-spacing:0;line-height:1.3;
  color:var(--sc-ink)}
.stApp .sc-card p{margin:.3rem 0;line-height:1.5;font-size:.92rem}
.stApp .sc-clock{margin:.2rem 0;font-size:.95rem;font-variant-numeric:tabular-nums}
.sc-soft,.stApp .sc-card .sc-soft{color:var(--sc-soft);font-size:.86rem}
.sc-flag{color:var(--sc-flag);font-size:.88rem;border-left:3px solid currentColor;padding:.05rem 0 .05rem .6rem;margin:.5rem 0}
.sc-pair{display:flex;gap:1.6rem;margin:.5rem 0 0}
.sc-pair b{display:block;font-size:1.45rem;font-weight:620;line-height:1.2;font-variant-numeric:tabular-nums}
.sc-pair span{color:var(--sc-soft);font-size:.82rem}
.sc-bars{display:grid;grid-template-columns:minmax(0,1.35fr) minmax(40px,1fr) auto;gap:.22rem .7rem;
  align-items:center;font-size:.87rem;margin:0}
.sc-bars i{display:block;height:9px;background:var(--sc-track);border-radius:5px;overflow:hidden}
.sc-bars i i{background:var(--sc-bar);height:100%%}
.sc-bars .a i i{background:var(--sc-accent)}
.sc-bars b{font-weight:600;font-variant-numeric:tabular-nums;text-align:right}
.stApp .sc-prompts{margin:.2rem 0 0;padding-left:1.1rem;font-size:.9rem;line-height:1.45}
.sc-prompts li{margin:.15rem 0}
.sc-empty{max-width:44rem;padding:2.2rem 0 .6rem}
.sc-empty :is(h1,h2){font-size:1.35rem;font-weight:650;margin:0 0 .5rem;padding:0}
.sc-empty p{color:var(--sc-soft);line-height:1.6;margin:.35rem 0}
.sc-hist{display:flex;align-items:flex-end;gap:2px;height:58px;border-bottom:1px solid var(--sc-line)}
.sc-hist em{flex:1;position:relative;height:100%%;display:flex;align-items:flex-end;min-width:1px}
.sc-hist s{position:absolute;left:-1px;right:-1px;background:color-mix(in srgb,var(--sc-heat) 20%%,transparent);
  border-block:1px solid color-mix(in srgb,var(--sc-heat) 70%%,transparent);
  text-decoration:none;pointer-events:none}
.sc-hist i{flex:1;background:var(--sc-bar);border-radius:2px 2px 0 0;min-width:1px}
.sc-hist i.now{background:var(--sc-accent)}.sc-hist i.none{background:var(--sc-line)}
.sc-ends{display:flex;justify-content:space-between;font-size:.73rem;color:var(--sc-soft);padding-top:.15rem}
.sc-heat{display:grid;grid-template-columns:2rem repeat(24,1fr);gap:1.5px}
.sc-heat i{height:11px;border-radius:2px}
.sc-heat b{font-weight:400;font-size:.73rem;line-height:11px;color:var(--sc-soft)}
.sc-heat u{text-decoration:none;font-size:.73rem;color:var(--sc-soft);width:0;overflow:visible;line-height:1.3}
.sc-class{display:inline-block;font-weight:650;
  font-size:.84rem;border:1px solid var(--sc-line);border-radius:999px;padding:.08rem .65rem;
  margin:.6rem 0 0}
.stApp .sc-list{margin:.2rem 0 0;padding:0;list-style:none;font-size:.92rem}
.stApp .sc-list li{margin:0;padding:.3rem 0;font-size:inherit;border-top:1px solid var(--sc-line);
  display:flex;flex-wrap:wrap;gap:0 .7rem;justify-content:space-between}
.stApp .sc-list li:first-child{border-top:0}
.sc-list li>:first-child:not(:only-child){flex:1 1 6rem}
.sc-list b{white-space:nowrap;font-weight:600;font-variant-numeric:tabular-nums}
@media (max-width:640px){.st-key-review-summary,[data-testid="stLayoutWrapper"]:has(> .st-key-review-summary){
  height:auto!important;flex-basis:auto!important}}
@media (max-width:640px){.stMainBlockContainer{padding:4rem .9rem 2rem}.sc-answer .sc-list{columns:1}
  .sc-figures{grid-template-columns:repeat(2,1fr)}
  .stApp dl.sc-figures{padding:0}
.sc-figures div{padding:.5rem .75rem}}
"""

def theme() -> str:
    """The theme on the reader's screen; light until the browser has said."""
    return "dark" if st.context.theme.type == "dark" else "light"


def dress() -> None:
    at = theme() == "dark"
    now = "".join(f"--sc-{name}:{pair[at]};" for name, pair in _TONES.items())
    # a laptop that turns dark in the evening turns the page at once; browsers that cannot do this turn at the next click
    turning = "".join(f"--sc-{name}:light-dark({light},{dark});" for name, (light, dark) in _TONES.items())
    st.html(f"<style>{_STYLE % (now, turning)}</style>")


def band(strong: str, text: str) -> None:
    """A band that stays on the page: what kind of data this is."""
    st.html(f'<div class="sc-band" role="note"><b>{escape(strong)}</b> &nbsp;{escape(text)}</div>')


def head(title: str, says: str, marking: str = "", stamp: str = "") -> None:
    """Title, what is shown in one sentence, the protective marking, and a stamp for data that are not the agency's own."""
    marks = _marks(marking, stamp) if marking or stamp else ""
    st.html(f'<div class="sc-head"><h1>{escape(title)}</h1><span class="sc-marks">{marks}</span>'
            f"<p>{escape(says)}</p></div>")


def title(text: str) -> None:
    st.html(f'<div class="sc-head"><h1>{escape(text)}</h1></div>')


def says(text: str, marking: str, stamp: str = "") -> None:
    """What is shown in one sentence, with the protective marking and a stamp for data that are not the agency's own."""
    st.html(f'<div class="sc-says"><span>{escape(text)}</span><span class="sc-marks">{_marks(marking, stamp)}</span></div>')


def _marks(marking: str, stamp: str) -> str:
    warm = " s" if "SYNTHETIC" in marking else ""
    return (f'<span class="sc-mark s">{escape(stamp)}</span>' if stamp and not warm else "") + (
        f'<span class="sc-mark{warm}">{escape(marking)}</span>' if marking else "")


def figures(items: Iterable[Figure]) -> None:
    cells = "".join(
        f'<div title="{escape(i.help)}"><dt>{escape(i.label)}</dt><dd class="v{" sc-" + i.tone if i.tone else ""}">'
        f'{escape(i.value)}</dd><dd class="c">{escape(i.caption)}</dd></div>' for i in items)
    st.html(f'<dl class="sc-figures">{cells}</dl>')


def empty(title: str, *paragraphs: str, heading: str = "h2") -> None:
    """What stands where there is nothing to show; as "h1" where the page has no title of its own."""
    st.html(f'<div class="sc-empty"><{heading}>{escape(title)}</{heading}>' + "".join(f"<p>{escape(p)}</p>" for p in paragraphs)
            + "</div>")


def small_heading(text: str) -> None:
    st.html(f'<h2 class="sc-h3">{escape(text)}</h2>')


def literal(text: object) -> str:
    """A text of data, a file or a person, for labels and messages, which Streamlit reads as Markdown: no link, picture, formula."""
    escaped = re.sub(r"[\\`*\[\]<>$~&]|:(?=\w)", r"\\\g<0>", plain(str(text), 1000))
    # addresses become links by themselves, unless a word joiner is in them
    return re.sub(r"(?i)(https?|ftp|www)(?=[:.])|(?<=\w)(?=@\w)", "\\g<0>\u2060", escaped)


def words(error: ScopingError) -> str:
    """What an error says, for where Streamlit reads Markdown: it may name a column or a file."""
    return literal(f"{error.what} {error.fix}")


def soft(text: str) -> None:
    st.html(f'<p class="sc-soft" style="margin:0">{escape(text)}</p>')


def clock(words: str, seconds: int) -> str:
    """HTML for work of one stage: a bar would stand still. A timer is not read out each second, as news would be."""
    return f'<p class="sc-soft sc-clock" role="timer">{escape(words)} … <b>{seconds} s</b></p>'


def bars(items: Sequence[tuple[str, float, str]], *, accent: bool = False) -> str:
    """Rows of label, bar and number, longest bar full width. Returns HTML for a block."""
    most = max((value for _, value, _ in items), default=0) or 1
    rows = "".join(f'<span>{escape(label)}</span><i><i style="width:{100 * value / most:.1f}%"></i></i><b>{escape(shown)}</b>'
                   for label, value, shown in items)
    return f'<div class="sc-bars{" a" if accent else ""}">{rows}</div>'


def count(number: float | int | None) -> str:
    return "–" if pd.isna(number) else f"{int(number):,}"


def several(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def lasting(hours: float) -> str:
    """A length of time in whole hours, from three days on in whole days."""
    if 0 <= hours < 1:
        return "under an hour"
    return several(int(hours), "hour", "hours") if hours < 72 else several(int(hours // 24), "day", "days")
