"""What the Review meeting works with: names and ground of a release, and the points of a role."""

from __future__ import annotations

import json
from datetime import date, timedelta
from functools import partial
from hashlib import sha256

import numpy as np
import pandas as pd

from geo_data.concern import Held
from geo_data.grid import to_wgs84
from geo_data.keeping.releases import Register
from geo_data.placing.naming import describe
from scoping.clustering.points import Points, take
from scoping.left_out import entering
from scoping.parameters import Parameters
from scoping.showing import desk, report
from scoping.showing.contents import Release
from scoping.showing.dressing import dress, particulars
from scoping.showing.maps import Ground
from scoping.showing.pack import pack
from scoping.showing.pack_files import FORMATS as PACK_FORMATS
from scoping.showing.pack_files import make as pack_made
from scoping.windows import ZONE, microseconds
from screens import session
from screens.session import GREAT_BRITAIN

DEMO_ZOOM = 11
MARGIN = 1.4  # the map is narrower than the one of the Hotspots page
KEEP = timedelta(days=365)  # until a page is reviewed or destroyed


def reviewable() -> list[str]:
    """Collections of episodes, the agency's own first; public sample data have nothing to decide about."""
    held = session.opened().collections()
    names = set(held.loc[(held["nature"] != "public_sample") & (held["episodes"] > 0), "name"])
    return [name for name in ("episodes", *sorted(names - {"episodes", "demo"}), "demo") if name in names]


def last_day(collection: str) -> date | None:
    """The local day of the latest record of all, whoever asks: a review is made of all."""
    held = session.opened().collections().set_index("name")["last_at"]
    last = held.get(collection)
    return None if pd.isna(last) else last.tz_convert(ZONE).date()


def names(release: Release) -> dict[str, str]:
    """Each place of a release in words, from the middle of one of its cells."""
    return report.names(release, partial(describe, session.gazetteer()))


def ground(collection: str, release: Release) -> Ground:
    """The base map under a release, with its places in view; no record is read for it."""
    centre, zoom = GREAT_BRITAIN
    corners = release.anchors[["cell_e", "cell_n"]].to_numpy(dtype=np.float64)
    if len(corners):
        low, high = corners.min(axis=0), corners.max(axis=0)
        lat, lon = to_wgs84((low[:1] + high[:1]) / 2, (low[1:] + high[1:]) / 2)
        centre, zoom = (float(lat[0]), float(lon[0])), session.zoom_of(MARGIN * float(max(high - low)))
    described = session.demo_map_folder() / "map.json"
    if collection == "demo" and described.is_file():
        about = json.loads(described.read_text(encoding="utf-8"))
        stamp = str(int(described.stat().st_mtime))
        if not len(corners):
            centre, zoom = tuple(about["centre"]), DEMO_ZOOM
        return Ground("demo", centre, zoom, about["attribution"], tuple(about["layers"]), stamp)
    return Ground("real", centre, zoom, " ".join(session.attributions()), (), "")


def points(collection: str, version: str, role: str) -> tuple[Points, int]:
    """The counted points of a role, and the end of the records in microseconds since 1970 UTC."""
    locations = session.locations(collection, version)
    counted = take(locations, entering(locations, Parameters(roles=(role,)), session.today()))
    last = locations["at"].max()
    return counted, int(microseconds(pd.DatetimeIndex([last]))[0])


def made_from(release: Release, held: Held) -> str:
    """Another text for everything else that the page of a review would say: its editions, the register, the policy and the day."""
    said = [repr(session.rules()), session.today().isoformat(), *(edition.dump() for edition in release.editions),
            *(rows.to_csv(index=False) for rows in held)]
    return sha256("\n".join(said).encode()).hexdigest()


def pack_files(collection: str, release: Release, held: Held) -> list[tuple[str, str, bytes]]:
    """The page of a review as (name of the file, format, bytes), entered in the register before it is handed out."""
    session.must("release")
    dials, today = session.settings(), session.today()
    review_by = today + KEEP
    about = particulars(
        "Risk Management Group", demo=collection == "demo", area=dials.area, authority=dials.authority, contact=dials.contact,
        author_role="analyst", purpose="the review meeting", today=today, review_by=review_by,
        attribution=session.attributions(printed=True), version=session.program())
    snapshot = dress(release, about, partial(describe, session.gazetteer()), session.paper(collection).ground)
    made = pack(snapshot, held, today)
    files = pack_made(made, PACK_FORMATS)
    register = Register(session.store())
    desk.sign(register, desk.again(register, collection, release), session.actor(), files, snapshot_id=snapshot.id,
              title=made.title, author_role=about.author_role, purpose=about.purpose, review_by=review_by)
    return [(snapshot.file_name(each.format), each.format, each.data) for each in files]
