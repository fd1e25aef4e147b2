"""What the pages share: settings, store, gazetteer, and the rows and results of those who may see the same.

Rows of episodes and everything made from them are kept for the process (`kept`), keyed by the collection's version, which is
another for every other need-to-know, and by what was asked. Frames are shared between sessions: read them, never write into them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from importlib.metadata import version as installed
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import streamlit as st

import settings as dials
from geo_data.errors import AccessError, ScopingError
from geo_data.grid import to_wgs84
from geo_data.ground import basemap, own
from geo_data.ground import outlines as ground_outlines
from geo_data.ground.backdrop import Paper, credits_of
from geo_data.keeping.audit import seal
from geo_data.keeping.decided import Decided
from geo_data.keeping.store import Store
from geo_data.people import EVERYTHING, LOCAL, Person
from geo_data.placing import gazetteer as places
from geo_data.placing import territory
from geo_data.placing.addresses import addresses
from geo_data.placing.gazetteer import Gazetteer
from geo_data.placing.locations import locate
from geo_data.placing.taught import Taught
from geo_data.placing.territory import Beyond
from geo_data.schema import PLACE_TYPES, ROLES
from scoping.parameters import Parameters
from scoping.scope import Scoped
from scoping.showing.desk import NEEDED
from scoping.showing.disclosure import Release, Rules
from scoping.showing.maps import Ground
from scoping.showing.partition import Addresses
from scoping.showing.rules import parse
from scoping.windows import ZONE
from screens import controls, signin
from screens.controls import Available
from screens.kept import Kept
from screens.worked import FIRST_S, LARGE_TO_READ, Asked, Data, Drawn, current

T = TypeVar("T")
Progress = Callable[[float, str], None]
GREAT_BRITAIN = ((53.2, -1.9), 7)
UNRECORDED = ("demo", "sample")  # invented or published: looking at them tells nothing of anyone
_LOCK, _OUTLINES = Lock(), Lock()


# ------------------------------------------------------------------ the process

@lru_cache(maxsize=1)
def settings() -> dials.Settings:
    return dials.load()


def rules() -> Rules:
    """What may be seen and released: the policy file's rules. Raises `DisclosureError`, `ParameterError`."""
    return parse(settings().policy_text(), settings().marking)


def allowed_hosts() -> tuple[str, ...]:
    return settings().allowed_hosts


def gazetteer_folder() -> Path:
    return settings().gazetteer_folder


def demo_map_folder() -> Path:
    return settings().demo_map_folder


@lru_cache(maxsize=1)
def opened() -> Store:
    """One store for the process, with every row. Pages use `store`. Raises `StoreError`."""
    settings().home.mkdir(parents=True, exist_ok=True)
    return Store(settings().store_url, seal(settings().home, settings().audit_key))


@lru_cache(maxsize=1)
def kept() -> Kept:
    """Rows and results for all sessions of the process."""
    return Kept(settings().shared_memory_mb)


def store() -> Store:
    """The store as the person at this screen may read it. Raises `StoreError`, `AccessError`."""
    return opened().seen_by(person().reader)


def person() -> Person:
    """Who is acting in this session; at one's own computer the local analyst. Raises `AccessError` when nobody may."""
    return signin.person(settings(), opened(), now()) if settings().sign_in != "local" else LOCAL


def gate() -> Person:
    """Who is acting, or the sign-in page and no further."""
    return LOCAL if settings().sign_in == "local" else signin.gate(settings(), opened(), now())


def offer_sign_out(who: Person) -> None:
    if who == LOCAL:
        return
    with st.sidebar:
        st.text(f"Signed in as {who.name}")
        st.button("Sign out", icon=":material/logout:", on_click=lambda: signin.sign_out(settings(), opened(), now()))


def actor() -> str:
    """Who is acting in this session, as the audit names them."""
    return person().name


def must(right: str) -> None:
    """Raise `AccessError`, and enter the refusal in the audit, unless the person at this screen has the right."""
    who = person()
    if not who.may(right):
        opened().note(who.name, "refused", {"right": right})
        who.must(right)


def holds_records() -> bool:
    """Whether the store holds anything but invented or published data."""
    found = opened().collections()
    return bool(((found["nature"] != "public_sample") & (found["name"] != "demo") & (found["episodes"] > 0)).any())


def ready() -> dict[str, bool]:
    """Whether the database answers, and whether the gazetteer is there."""
    try:
        opened().collections()
        database = True
    except ScopingError:
        database = False
    return {"database": database, "gazetteer": not places.status(gazetteer_folder())["fault"]}


def gazetteer() -> Gazetteer:
    """The gazetteer as it lies on disk now. Raises `GazetteerError` when it is missing or damaged."""
    with _LOCK:
        return _gazetteer(_gazetteer_stamp())


def _gazetteer_stamp() -> tuple[tuple[str, int], ...]:
    return tuple(sorted((p.name, p.stat().st_mtime_ns) for p in gazetteer_folder().glob("*.json")))


@lru_cache(maxsize=1)
def _gazetteer(stamp: tuple[tuple[str, int], ...]) -> Gazetteer:
    return places.open_gazetteer(gazetteer_folder())


def beyond(recorded: pd.Series[str]) -> Beyond | None:
    """Where land of other forces begins than those that recorded these episodes; None where that is not known."""
    return territory.beyond(gazetteer(), territory.forces(recorded))


def decided() -> Decided:
    """The team's decisions about texts of places."""
    return Decided(store())


def place(episodes: pd.DataFrame, taught: Taught) -> pd.DataFrame:
    """LOCATIONS of EPISODES with the gazetteer and the decisions of this moment."""
    return locate(episodes, gazetteer(), decisions=taught)


def program() -> str:
    """The program and its version, as printed on what leaves the team."""
    return f"Scoping {installed('scoping')}"


def attributions(printed: bool = False) -> list[str]:
    """Of a printed map with those of the operator's own layers. Raises `InputError`."""
    return [*places.ATTRIBUTION, *(credits_of(settings().basemap_folder) if printed else ())]


def paper(collection: str) -> Paper:
    """What the ground of a printed map of a collection is made from."""
    demo = collection == "demo"
    return Paper(gazetteer(), demo_map_folder() if demo else None, None if demo else settings().basemap_folder)


# ------------------------------------------------------------------ what is there

def present() -> list[str]:
    """Collections that hold episodes, one's own first: what a page begins with is not the demonstration then."""
    found = store().collections()
    return sorted(found.loc[found["episodes"] > 0, "name"], key=lambda name: (name in UNRECORDED, name))


def version(collection: str) -> str:
    return current(store(), collection, kept())


def data(collection: str, version: str) -> Data:
    """The data set as this person may read it; `version` holds whose need-to-know it is. The first look of a session at records
    is entered in the audit, whether they are read now or are at hand. Raises `AccessError` when what they may see has changed.
    """
    seen = store()
    if not seen.reads(version):
        raise AccessError("What you may see has changed meanwhile.", fix="Reload the page.")
    if collection not in UNRECORDED and version not in (told := st.session_state.setdefault("records_seen", set())):
        opened().hold(actor(), "policy", rules().dials())
        opened().note(actor(), "view records", {"collection": collection, "version": version})
        told.add(version)
    return Data(collection, version, seen, kept(), settings().session_memory_mb, gazetteer, _gazetteer_stamp())


def whole(collection: str) -> Data:
    """Every row, whoever asks: for what is released, which is made of all, and for what is made ready at the start."""
    every = opened().seen_by(EVERYTHING)
    return Data(collection, current(every, collection, kept()), every, kept(), settings().session_memory_mb, gazetteer,
                _gazetteer_stamp())


def grid() -> Addresses:
    """The addresses that published counts are drawn on, as the gazetteer has them now."""
    return kept().get(("addresses", _gazetteer_stamp()), lambda: Addresses.of(*addresses(gazetteer())))


def locations(collection: str, version: str) -> pd.DataFrame:
    """The rows that this person may read. Texts come as categories."""
    return _told("Reading the episodes …", data(collection, version).locations)


def available(collection: str, version: str, *, at_once: bool = False) -> Available:
    """What the filters may offer. `at_once`: while the rows would still take long to read, every role and kind of place; not for
    those who may read a part alone, whose own first and last day only their rows tell.
    """
    mine = data(collection, version)
    if at_once and collection != "sample" and not mine.store.part and mine.long_to_read:
        held = mine.store.collections().set_index("name").loc[collection]
        return Available(dict.fromkeys(ROLES, 1), _local(held["first_at"]), _local(held["last_at"]), {}, tuple(sorted(PLACE_TYPES)))
    return mine.kept.get(("available", collection, version), lambda: _available(locations(collection, version)))


def _available(rows: pd.DataFrame) -> Available:
    at = rows["at"].dropna()
    first, last = ((at.min(), at.max()) if len(at) else (None, None))
    return Available(
        roles={str(role): int(n) for role, n in rows.loc[rows["easting"].notna(), "role"].value_counts().items() if n},
        first=_local(first), last=_local(last),
        categories={str(name): int(n) for name, n in rows["category"].value_counts().sort_index().items() if n},
        place_types=tuple(sorted(rows["location_type"].dropna().astype(str).unique())))


def _local(instant: pd.Timestamp | None) -> date | None:
    return None if pd.isna(instant) else instant.tz_convert(ZONE).date()


# ------------------------------------------------------------------ results

def beginning() -> tuple[Data, Asked] | None:
    """All rows of the data set that pages begin with, under the filters as they stand at first; None while there is none."""
    held = opened().collections()
    there = [name for name in controls.ORDER if name in set(held.loc[held["episodes"] > 0, "name"])]
    if not there:
        return None
    return whole(there[0]), Asked(controls.parameters_of({}, Parameters()), rules(), today())


def prepare() -> None:
    """Work out what the first visitor asks for, before they come: all hotspots under the filters as they stand at first.

    For those who may read every row; whoever may read a part has results of their own. Nobody sees anything by it: the first look
    of each session is entered in the audit as ever (`data`).
    """
    begins = beginning()
    if begins is None:
        return
    ready, asked = begins
    large = ready.long_to_read
    if large:
        ready.first(asked, "")
        time.sleep(FIRST_S)
    kept().get(("available", *ready[:2]), lambda: _available(ready.locations()))
    ready.drawn(asked)
    if not large:  # the first card asks for it; of a nation's places it takes long, and their forces tell more
        ready.outline()


def prepare_rest() -> None:
    """What pages opened later ask for, whatever the filters: the records' columns and the grid that releases are made of."""
    held = opened().collections()
    for name in held.loc[held["locations"].between(1, LARGE_TO_READ) & (held["name"] != "sample"), "name"]:
        whole(str(name)).episodes(NEEDED)
        grid()


KEYED: Mapping[type, Callable[[Any], str]] = {  # what caches take two settings for the same by
    Parameters: lambda parameters: json.dumps(parameters.as_dict()), Rules: repr}


def release(collection: str, version: str, parameters: Parameters, rules: Rules, today: date) -> Release:
    asked = Asked(parameters, rules, today)
    return _told("Looking for hotspots …", lambda: data(collection, version).release(asked))


def scoped(collection: str, version: str, parameters: Parameters, today: date) -> Scoped:
    """Results with personal detail: only `release` and the protected aggregates turn them into something to show."""
    return data(collection, version).scoped(Asked(parameters, rules(), today))


def names(collection: str, version: str, parameters: Parameters, rules: Rules, today: date) -> dict[str, str]:
    """Each hotspot in words, from the gazetteer and the centre of its grid cell."""
    return data(collection, version).names(Asked(parameters, rules, today))


def timeline(collection: str, version: str, parameters: Parameters, rules: Rules, today: date) -> dict[str, Any]:
    return data(collection, version).timeline(Asked(parameters, rules, today))


def drawn(collection: str, version: str, parameters: Parameters, rules: Rules, today: date) -> Drawn:
    """All that the screen of hotspots needs of a release."""
    asked = Asked(parameters, rules, today)
    return _told("Looking for hotspots …", lambda: data(collection, version).drawn(asked))


def _told(what: str, work: Callable[[], T]) -> T:
    """`work`, with a word on the page while it takes a while."""
    with st.spinner(what):
        return work()


def ground(collection: str, version: str) -> Ground:
    """The base map under a collection: the invented county's own for the demonstration, else texture and names."""
    described = demo_map_folder() / "map.json"
    if collection == "demo" and described.is_file():
        about = json.loads(described.read_text(encoding="utf-8"))
        stamp = str(int(described.stat().st_mtime))
        return Ground("demo", tuple(about["centre"]), 11, about["attribution"], tuple(about["layers"]), stamp)
    centre, zoom = GREAT_BRITAIN
    middle = data(collection, version).middle()
    if middle:
        west, south, east, north = middle
        lat, lon = to_wgs84(np.array([(west + east) / 2]), np.array([(south + north) / 2]))
        centre, zoom = (float(lat[0]), float(lon[0])), zoom_of(max(east - west, north - south))
    return Ground("real", centre, zoom, " ".join(places.ATTRIBUTION), (), "")


def zoom_of(extent_m: float) -> int:
    """The zoom at which `extent_m` fills about 600 pixels at England's latitude (156,543 m a pixel at zoom 0)."""
    return int(np.clip(np.log2(600 * 156_543 * 0.58 / max(extent_m, 500.0)), 7, 13))


# ------------------------------------------------------------------ the base map's files

def own_layers() -> list[own.Layer]:
    """The operator's own layers: those of the intranet first, then the files. Raises `InputError`, `ParameterError`."""
    return [*filter(None, [intranet()]), *own.layers(settings().basemap_folder)]


def intranet() -> own.Layer | None:
    """The layer of the intranet's map tiles, if the settings name one. Raises `ParameterError`."""
    dials_ = settings()
    return own.intranet(dials_.tiles_url, dials_.tiles_wms, dials_.tiles_attribution, allow_public=dials_.tiles_public == "allowed")


def texture_tile(z: int, x: int, y: int, dark: bool) -> bytes:
    return basemap.texture_tile(gazetteer(), z, x, y, dark)


def labels() -> bytes:
    return basemap.labels(gazetteer())


def outlines() -> bytes:
    """Coast and districts, derived once for each state of the gazetteer and kept beside it."""
    stamp = "-".join(str(path.stat().st_mtime_ns) for path in sorted(gazetteer_folder().glob("base.json")))
    kept = settings().home / "basemap" / f"outlines-{stamp}.json"
    with _OUTLINES:
        if not kept.is_file():
            body = ground_outlines.outlines(gazetteer())
            kept.parent.mkdir(parents=True, exist_ok=True)
            unfinished = kept.with_suffix(".unfinished")
            unfinished.write_bytes(body)
            unfinished.replace(kept)
        return kept.read_bytes()


def now() -> datetime:
    return datetime.now(UTC)


def today() -> date:
    return pd.Timestamp.now(tz=ZONE).date()
