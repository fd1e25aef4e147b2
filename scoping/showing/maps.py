"""The interactive map: a data-free folium base map and the payload pushed into it.

The only module that imports folium. The base map depends on the kind of ground and the first view alone, so the
component's key (a hash of the map's script) never changes while filters, window, theme or selection do: the browser
keeps its frame, zoom, centre and window. Everything that changes travels in `push`.

Coordinates here are WGS84 degrees: this is the eye's side of the house.
"""

from __future__ import annotations

import html
import importlib
import json
import pkgutil
import zlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from types import ModuleType
from typing import Any, Literal, NamedTuple

import folium
import folium.plugins
import numpy as np
from branca.element import Element, MacroElement
from folium.elements import JSCSSMixin
from folium.template import Template

from scoping.showing.rounds import numbers, signed
from scoping.transitions import CHANGES, MEANING, TOLD, TOLD_MEANING

Kind = Literal["demo", "real"]
VENDOR = "/assets/vendor/"
OWN = "/assets/map/"

# class -> (label, what it says): the words of the table and the card
CLASSES = {code: (word.capitalize(), MEANING[code]) for code, word in CHANGES.items()}
RELEASED = {TOLD[name][0]: (name.capitalize(), says) for name, says in TOLD_MEANING.items()} | {"no_data": CLASSES["no_data"]}
QUIET = ("below", "dissolved", "no_data")  # drawn where a hotspot was, not counted as one
NOTE = "The number counts different children. An orange mark: one or a few children make most of it."

# our own files beside this one: served under OWN as one script, since a map asks for one after the other, and its look must be
# there before it measures itself
SCRIPT = "map.js"
PARTS = ("ground.js", "basemap.js", "marks.js", "panels.js", "grid.js", "compare.js", "overlays.js", "tools.js", "timeline.js",
         "picks.js", "areas.js")

# last path segment of a link that folium names -> our file, or None to drop it (not needed for polygons)
_LOCAL: dict[str, str | None] = {
    "leaflet.js": f"{VENDOR}leaflet-1.9.4/leaflet.js",
    "leaflet.css": f"{VENDOR}leaflet-1.9.4/leaflet.css",
    "jquery-3.7.1.min.js": None,
    "bootstrap.bundle.min.js": None,
    "bootstrap.min.css": None,
    "bootstrap-glyphicons.css": None,
    "all.min.css": None,
    "leaflet.awesome-markers.js": None,
    "leaflet.awesome-markers.css": None,
    "leaflet.awesome.rotate.min.css": None,
}


def keep_links_local() -> list[str]:
    """Rewrite every link that folium's classes name to this server; return those we do not vendor.

    A link outside the whitelist becomes a path that answers 404: a leak turns into a visible fault, never a request
    to another host. Idempotent. Each class's own attribute is replaced, so folium, streamlit-folium and exports agree.
    """
    unknown: set[str] = set()
    for owner in _folium_classes():
        for attribute in ("default_js", "default_css"):
            links = vars(owner).get(attribute)
            if links:
                setattr(owner, attribute, [(name, local) for name, url in links if (local := _local(url, unknown))])
    return sorted(unknown)


def _local(url: str, unknown: set[str]) -> str | None:
    if url.startswith((VENDOR, OWN)):
        return url
    name = url.partition("?")[0].rsplit("/", 1)[-1]
    if name in _LOCAL:
        return _LOCAL[name]
    unknown.add(url)
    return f"{VENDOR}NOT_VENDORED/{name}"


def _folium_classes() -> list[type]:
    modules: list[ModuleType] = [importlib.import_module(f"folium.{name}") for name in
                                 ("folium", "features", "map", "raster_layers", "vector_layers", "elements")]
    modules += [importlib.import_module(f"folium.plugins.{found.name}")
                for found in pkgutil.iter_modules(folium.plugins.__path__)]
    return list({value: None for module in modules for value in vars(module).values() if isinstance(value, type)})


def _fingerprint(text: str) -> str:
    return f"{zlib.crc32(text.encode()):08x}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


@lru_cache
def served() -> str:
    """What `SCRIPT` holds: the look as a style sheet of the page that loads it, and `PARTS`."""
    look, *parts = (files("scoping.showing").joinpath(name).read_text("utf-8") for name in ("map.css", *PARTS))
    sheet = f"document.adoptedStyleSheets = [new CSSStyleSheet()]; document.adoptedStyleSheets[0].replaceSync({_json(look)});"
    return "\n".join((sheet, *parts))


def _own() -> str:
    """The address of `SCRIPT`, with its fingerprint: a browser may keep it for ever."""
    return f"{OWN}{SCRIPT}?v={_fingerprint(served())}"


class _Ground(JSCSSMixin, MacroElement):
    """The base map's element: names all scripts, and hands over what never depends on data."""

    _template = Template("""
        {% macro script(this, kwargs) %}
        window.ScopingBasemap.attach({{ this._parent.get_name() }}, {{ this.options }});
        {% endmacro %}""")
    default_js = [("scoping_map", _own())]
    default_css: list[tuple[str, str]] = []

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # branca has no types
        self._name = "Ground"
        self.options = _script_json(options)


class _VectorGround(_Ground):
    """Where layers come as vector tiles."""

    default_js = [("protomaps_leaflet", f"{VENDOR}protomaps-leaflet-5.1.0/protomaps-leaflet.js"), *_Ground.default_js]


class HotspotTimeline(MacroElement):
    """All windows in the browser: slider, play, legend, selection (`timeline.js`). Holds no data."""

    _template = Template("""
        {% macro script(this, kwargs) %}
        window.ScopingTimeline.attach({{ this._parent.get_name() }}, {{ this.options }});
        {% endmacro %}""")
    def __init__(self, ground: str, classes: Mapping[str, tuple[str, str]]) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # branca has no types
        self._name = "HotspotTimeline"
        self.options = _script_json({"classes": classes, "quiet": QUIET, "note": NOTE, "ground": ground})


class _Attached(MacroElement):
    """A script's own part of a map: places to choose from (`picks.js`), alerts or grid squares (`areas.js`). Holds no data."""

    _template = Template("""
        {% macro script(this, kwargs) %}
        window.{{ this.owner }}.attach({{ this._parent.get_name() }});
        {% endmacro %}""")

    def __init__(self, owner: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # branca has no types
        self._name = self.owner = owner


class _Made(Element):
    """A script that is a script already: rendered as it stands, where folium would parse it as a template once more."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def render(self, **_kwargs: Any) -> str:
        return self._text


MARK = "`ScopingCarried`"  # stands for what a push carries; no data hold it, since `_script_json` leaves no backtick


class _Push(MacroElement):
    """One call that hands data to what `owner` (of a script) has on the page already; they may be a megabyte."""

    _template = Template("""
        {% macro script(this, kwargs) %}
        if (window.{{ this.owner }}) { window.{{ this.owner }}.update({{ this.payload }}); }
        {% endmacro %}""")

    def __init__(self, owner: str, payload: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # branca has no types
        self._name = "Push"
        self.owner, self.payload = owner, payload

    def render(self, **kwargs: Any) -> None:  # type: ignore[override] # as branca's own
        figure: Any = self.get_root()
        figure.script.add_child(_Made(self._template.module.script(self, kwargs)), name=self.get_name())


class Ground(NamedTuple):
    """What lies under the data: the same for every filter.

    `centre` is (lat, lon), WGS84; `attribution` plain text; `layers` are the vector layers of the demo county ({name, zoom}),
    whose addresses `version` renews.
    """

    kind: Kind
    centre: tuple[float, float]
    zoom: int
    attribution: str
    layers: Sequence[Mapping[str, Any]] = ()
    version: str = ""


def base_map(ground: Ground, own: Sequence[Mapping[str, Any]] = (), *, released: bool = False) -> folium.Map:
    """A new map of hotspots (never share one: streamlit-folium writes into it). `own`: the operator's layers
    (`geo_data.ground.own`); `released`: of what is released, in the words of its files."""
    return _drawn(ground, HotspotTimeline(ground.kind, RELEASED if released else CLASSES), own)


def pick_map(ground: Ground) -> folium.Map:
    """A new, small map to choose a place of the gazetteer on. It shows no record."""
    return _drawn(ground, _Attached("ScopingPicks"))


def push_picks(places: Sequence[Mapping[str, Any]], *, theme: str, label: str, rev: str, chosen: int | None = None,
               pin: tuple[float, float] | None = None) -> folium.FeatureGroup:
    """The feature group that carries candidates ({lat, lon, name, radius in metres}) and a pin (lat, lon), WGS84.

    The view moves only when `rev` is another. Python hears {pick} or {lat, lon}, each with an `event` of its own.
    """
    group = folium.FeatureGroup(name="picks")
    group.add_child(_Push("ScopingPicks", _script_json({
        "theme": theme, "label": label, "rev": rev, "places": list(places), "chosen": chosen, "pin": pin})))
    return group


def area_map(ground: Ground) -> folium.Map:
    """A new map for alerts or grid squares."""
    return _drawn(ground, _Attached("ScopingAreas"))


def push_areas(payload: Mapping[str, Any]) -> folium.FeatureGroup:
    """The feature group that carries `payload` (`area_map.alerts` or `.squares`, with theme, label and stamp).

    The view moves only when the areas are others.
    """
    group = folium.FeatureGroup(name="areas")
    rev = _fingerprint(_json([area["ring"] for area in payload["areas"]]))
    group.add_child(_Push("ScopingAreas", _script_json({**payload, "rev": rev})))
    return group


def _drawn(ground: Ground, part: MacroElement, own: Sequence[Mapping[str, Any]] = ()) -> folium.Map:
    drawn = folium.Map(location=[round(ground.centre[0], 4), round(ground.centre[1], 4)], zoom_start=ground.zoom, tiles=None,
                       zoom_control=False, control_scale=False, zoom_snap=0.5)
    vectors = ground.kind == "demo" or any(layer["type"] in ("pmtiles", "mvt") for layer in own)
    drawn.add_child((_VectorGround if vectors else _Ground)({
        "kind": ground.kind, "layers": list(ground.layers), "version": ground.version,
        "own": [{**layer, "attribution": html.escape(layer["attribution"])} for layer in own],
        "attribution": html.escape(ground.attribution)}))
    drawn.add_child(part)
    return drawn


def as_text(timeline: Mapping[str, Any]) -> str:
    """`views.timeline` as `push` hands it to the map: made once, used for every look.

    Each feature gains `rev`, a fingerprint of its outlines: the browser redraws a shape under a kept id only then; its windows
    go as one text (`rounds.numbers`): how many after the one before, twice the place of the class in `classes` and s, n (one
    more, 0 for none), how many more e is, and how far r is from the one before; the last two signed.
    """
    place = {code: k for k, code in enumerate(timeline["classes"])}
    given = timeline["feats"]
    rows = np.array([(int(k), 2 * place[w["c"]] + w["s"], 0 if w["n"] is None else w["n"] + 1, (w["e"] or 0) - (w["n"] or 0),
                      w["r"]) for feature in given for k, w in feature["w"].items()], np.int64).reshape(-1, 5)
    begin = np.cumsum([0, *(len(feature["w"]) for feature in given)])[:-1]
    moved = np.diff(rows[:, [0, 4]], axis=0, prepend=0)
    moved[begin] = rows[begin][:, [0, 4]]
    rows[:, 0], rows[:, 3], rows[:, 4] = moved[:, 0], signed(rows[:, 3]), signed(moved[:, 1])
    feats = [{**feature, "rev": _fingerprint(_json([feature.get("discs", ""), feature["rings"]])), "w": text}
             for feature, text in zip(given, numbers(rows, begin), strict=True)]
    return _script_json({**timeline, "feats": feats})


def revision(timeline: str) -> str:
    """A fingerprint of `as_text`: which data a map holds."""
    return _fingerprint(timeline)


def push(payload: Mapping[str, Any], timeline: str, held: str = "") -> folium.FeatureGroup:
    """The feature group that carries `timeline` (`as_text`) and beside it `payload` (theme, stamp, window, selected, ask).

    `held` is the `revision` that the map is believed to hold: then the payload goes alone. A map that holds another asks for it.
    """
    rev = revision(timeline)
    rest = _script_json({**payload, "data": rev})
    group = folium.FeatureGroup(name="hotspots")
    group.add_child(_Push("HS", rest if held == rev else f"{timeline[:-1]},{rest[1:]}"))
    return group


def unload(group: folium.FeatureGroup) -> str:
    """Take out what the one push of a group carries, and leave `MARK` in its place."""
    [push] = [child for child in group._children.values() if isinstance(child, _Push)]
    carried, push.payload = push.payload, MARK
    return carried


def _script_json(value: Any) -> str:
    """JSON that is safe inside a script and inside a template.

    No tag can open or close, no line can end, no template literal can run; and because folium parses rendered
    scripts as Jinja once more, no Jinja mark survives. Two braces, or a brace with % or #, never stand together in
    JSON outside a string, so escaping the second character of each pair is always inside one.
    """
    text = _json(value)
    for char in "<>&`\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    for mark in ("{{", "{%", "{#"):
        text = text.replace(mark, f"{{\\u{ord(mark[1]):04x}")
    return text


keep_links_local()
