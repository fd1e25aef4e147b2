"""One reader's data set worked out: rows, columns, results and what the map is handed, each once for all who may see the same.

Made in a page's thread, where it is known who reads; afterwards it asks nothing of any page, so that work may go on beside it.
Only `release` and what is made from it leaves for a screen.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import shapely

from geo_data.grid import to_wgs84
from geo_data.keeping.interviews import Interviews
from geo_data.keeping.store import Store
from geo_data.placing.gazetteer import Gazetteer
from geo_data.placing.naming import describe
from scoping import scope as method
from scoping import windows
from scoping.change import attention
from scoping.clustering.explorer import Explorer
from scoping.parameters import Parameters
from scoping.scope import Scoped
from scoping.showing import disclosure, maps, report, views
from scoping.showing.disclosure import Release, Rules
from scoping.windows import ZONE, Windows, microseconds
from screens.kept import Kept, Task

Stop = Callable[[], bool]


class Asked(NamedTuple):
    """What results are made from, beside the data."""

    parameters: Parameters
    rules: Rules
    today: date

    @property
    def key(self) -> tuple[str, str, str]:
        """Two of them are the same when this is."""
        return json.dumps(self.parameters.as_dict()), repr(self.rules), self.today.isoformat()


class Drawn(NamedTuple):
    """A release, its places in words, and the map's payload as text."""

    release: Release
    names: dict[str, str]
    payload: str


def current(store: Store, collection: str, kept: Kept) -> str:
    """The version of the rows that the store's reader may read now. What was made before the last import but one is let go."""
    version = store.version(collection)
    kept.turn((collection, version.partition("-")[2]), version)
    return version


class Data(NamedTuple):
    """`version` says which rows these are and for whose need-to-know; `store` reads them as that reader."""

    collection: str
    version: str
    store: Store
    kept: Kept
    clusters_mb: int
    gazetteer: Callable[[], Gazetteer]
    names_stamp: Hashable

    def locations(self) -> pd.DataFrame:
        return self.kept.get(("locations", *self[:2]), lambda: self.store.locations(self.collection, coded=True))

    def episodes(self, only: tuple[str, ...]) -> pd.DataFrame:
        """These columns of the records."""
        return self.kept.get(("episodes", *self[:2], only), lambda: self.store.episodes(self.collection, only=only))

    def with_interviews(self, only: tuple[str, ...]) -> pd.DataFrame:
        """The same, with the interviews that were entered by hand in place of what the records say: for what is released."""
        return Interviews(self.store).over(self.collection, self.episodes(only))

    def explorer(self) -> Explorer:
        """The rows as columns, and clusters that a dial turned back asks for again.

        It holds the rows and is counted with them: results that point to both may outlive what `locations` keeps.
        """
        def work() -> Explorer:
            made = Explorer(self.locations(), self.clusters_mb)
            made.columns.ready()
            return made

        return self.kept.get(("explorer", *self[:2]), work)

    def scoped(self, asked: Asked, stop: Stop | None = None, ended: Callable[[str], object] = str) -> Scoped:
        """Results with personal detail: only `release` and the protected aggregates turn them into something to show."""
        def work() -> Scoped:
            return method.scope(self.locations(), asked.parameters, asked.today, ended, self.explorer(), stop=stop)

        return self.kept.get(("scoped", *self[:2], asked.key[0], asked.key[2]), work,
                             lambda found: (found.locations, found.columns))

    def release(self, asked: Asked, stop: Stop | None = None, ended: Callable[[str], object] = str) -> Release:
        def work() -> Release:
            return disclosure.release(self.scoped(asked, stop, ended), asked.rules, synthetic=self.collection == "demo")

        return self.kept.get(("release", *self[:2], *asked.key), work)

    def names(self, asked: Asked) -> dict[str, str]:
        """Each hotspot in words, from the gazetteer and the centre of its grid cell."""
        return self.kept.get(("names", *self[:2], *asked.key, self.names_stamp),
                             lambda: report.names(self.release(asked), partial(describe, self.gazetteer())))

    def timeline(self, asked: Asked) -> dict[str, Any]:
        return views.timeline(self.release(asked), self.names(asked), to_wgs84)

    def payload(self, asked: Asked) -> str:
        """`timeline` as the map is handed it."""
        return self.kept.get(("payload", *self[:2], *asked.key, self.names_stamp), lambda: maps.as_text(self.timeline(asked)))

    def drawn(self, asked: Asked) -> Drawn:
        return Drawn(self.release(asked), self.names(asked), self.payload(asked))

    @property
    def at_hand(self) -> bool:
        """Whether the rows and their columns are in memory."""
        return self.read and self.kept.find(("explorer", *self[:2])) is not None

    @property
    def read(self) -> bool:
        """Whether the rows are in memory."""
        return self.kept.find(("locations", *self[:2])) is not None

    def first_look(self, asked: Asked, start: str) -> Drawn | None:
        """The window that began on `start` (else the last complete one) alone: what can be shown before all is worked out.

        Its hotspots, counts and coverage are those of the whole; what changed cannot be said of one window, nor can a hotspot's
        id, so none of them is "new" and the ids are numbers. None when there is no time to cut.
        """
        spans = windows.make(asked.parameters.window, *self._extent(), asked.parameters.start, asked.parameters.end)
        if not len(spans):
            return None
        one = visible(spans, start)
        rows = self._rows(one)
        self.middle(lambda: rows)
        found = _numbered(self._alone(rows, asked, one))
        names = report.names(found, partial(describe, self.gazetteer()))
        return Drawn(found, names, maps.as_text(views.timeline(found, names, to_wgs84)))

    def first(self, asked: Asked, start: str) -> Drawn | None:
        """`first_look`, kept: many may come while the rest is worked out."""
        return self.kept.get(("first", *self[:2], *asked.key, start, self.names_stamp), lambda: self.first_look(asked, start))

    def window_alone(self, asked: Asked, k: int, other: Parameters) -> Release:
        """The release of the window numbered `k` of `asked`, alone, under settings that differ in eps or the least number.

        The hotspots, counts and outlines are those that all windows would give; ids and changes are not.
        """
        one = self.scoped(asked).windows.part(k, k + 1)
        return self._alone(self._rows(one), asked._replace(parameters=other), one)

    def _alone(self, rows: pd.DataFrame, asked: Asked, one: Windows) -> Release:
        result = method.scope(rows, asked.parameters, asked.today, spans=one)
        return disclosure.release(result, asked.rules, synthetic=self.collection == "demo")

    def middle(self, rows: Callable[[], pd.DataFrame] | None = None) -> tuple[float, float, float, float] | None:
        """West, south, east, north (EPSG:27700 metres) of nearly all rows, of the first that were looked at: where maps begin."""
        def work() -> tuple[float, float, float, float] | None:
            points = (rows or self.locations)()[["easting", "northing"]].dropna().to_numpy()
            return tuple(np.percentile(points, [3, 97], axis=0).ravel().tolist()) if len(points) else None

        return self.kept.get(("middle", *self[:2]), work)

    def outline(self) -> shapely.Geometry | None:
        """Of all located rows: what lies near it may be cut off."""
        return self.kept.get(("outline", *self[:2]), lambda: attention.outline(self.locations()))

    @property
    def long_to_read(self) -> bool:
        """Whether reading the rows takes longer than a look may."""
        if self.at_hand:
            return False
        held = self.store.collections().set_index("name")["locations"]
        return int(held.get(self.collection, 0)) >= LARGE_TO_READ

    def _extent(self) -> tuple[pd.Timestamp | None, pd.Timestamp | None]:
        """From when to when the windows are cut: for those who may read a part alone their own rows tell, as in the whole."""
        if self.read or self.store.part:
            return method.extent(self.locations())
        held = self.store.collections().set_index("name").loc[self.collection]
        return tuple(None if pd.isna(held[name]) else held[name] for name in ("first_at", "last_at"))

    def _rows(self, one: Windows) -> pd.DataFrame:
        """The rows of a window."""
        between = int(one.start_us[0]), int(one.end_us[0])
        if not self.read:
            return self.store.locations(self.collection, coded=True, between=between)
        rows = self.locations()
        dated = rows["at"].iloc[:int(rows["at"].notna().sum())]  # in order of time, those without one last
        low, high = np.searchsorted(microseconds(pd.DatetimeIndex(dated)), between)
        return rows.iloc[low:high].reset_index(drop=True)

    def named(self, asked: Asked) -> bool:
        """Whether its release and the names of its hotspots are at hand."""
        return all(self.kept.find(key) is not None for key in (
            ("release", *self[:2], *asked.key), ("names", *self[:2], *asked.key, self.names_stamp)))

    def ready(self, asked: Asked) -> Drawn | None:
        """What `drawn` would give, if nothing of it had to be worked out."""
        keys = (("release", *self[:2], *asked.key), *(
            (name, *self[:2], *asked.key, self.names_stamp) for name in ("names", "payload")))
        found = [self.kept.find(key) for key in keys]
        return None if any(each is None for each in found) else Drawn(*found)


def _numbered(release: Release) -> Release:
    """The same with plain numbers for ids: those of the whole follow from all windows."""
    number = {hotspot: f"no. {k}" for k, hotspot in enumerate(release.hotspots["hotspot_id"].unique(), start=1)}
    frames = {name: getattr(release, name) for name in ("hotspots", "cells", "anchors")}
    return replace(release, **{name: frame.assign(hotspot_id=frame["hotspot_id"].map(number).astype("str"))
                               for name, frame in frames.items()})


def visible(spans: Windows, start: str) -> Windows:
    """Of these windows the one that began on `start` (local date), else the last before it, else the last complete one."""
    k = window([day.date().isoformat() for day in spans.starts.tz_convert(ZONE)], spans.partial.tolist(), start)
    return spans.part(k, k + 1)


def window(starts: Sequence[str], partial_: Sequence[bool], start: str) -> int:
    """The window that began on `start`, else the last before it; at first, the last complete one."""
    if start:
        earlier = [k for k, day in enumerate(starts) if day <= start]
        return earlier[-1] if earlier else 0
    complete = [k for k, unfinished in enumerate(partial_) if not unfinished]
    return complete[-1] if complete else len(starts) - 1


LARGE = 300_000  # rows from which all windows take longer than a look may: then the visible one comes first
LARGE_TO_READ = 200_000  # the same when the rows have to be read before
FIRST_S = 2.5  # what reading leaves the server for a first look: it would hold up the map's own files


def work(data: Data, asked: Asked, start: str, task: Task) -> Drawn:
    """All of it, the visible window first where the rest takes long; `task` is told how far it has come, and may stop it."""
    if not data.at_hand:
        if data.long_to_read:
            task.tell("Reading the episodes of this window", 0.0)
            task.first = data.first(asked, start)
            time.sleep(FIRST_S)
        task.tell("Reading all episodes", 0.1)
        data.explorer()
    elif len(data.locations()) >= LARGE:
        task.tell("Looking at this window", 0.4)
        task.first = data.first(asked, start)
    task.tell("Looking for hotspots in every window", 0.5)
    stages = {"project": ("Looking for hotspots in every window", 0.55), "cluster": ("Following them through time", 0.75),
              "summarise": ("Drawing them", 0.9)}
    data.release(asked, task.unwanted, lambda stage: task.tell(*stages[stage]))
    return data.drawn(asked)
