"""One reader's data set worked out: rows, columns, results and what the map is handed, each once for all who may see the same.

Made in a page's thread, where it is known who reads; afterwards it asks nothing of any page, so that work may go on beside it.
Only `release` and what is made from it leaves for a screen.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable
from datetime import date
from functools import partial
from typing import Any, NamedTuple

import pandas as pd

from geo_data.grid import to_wgs84
from geo_data.keeping.store import Store
from geo_data.placing.gazetteer import Gazetteer
from geo_data.placing.naming import describe
from scoping import scope as method
from scoping.clustering.explorer import Explorer
from scoping.parameters import Parameters
from scoping.scope import Scoped
from scoping.showing import disclosure, maps, report, views
from scoping.showing.disclosure import Release, Rules
from screens.kept import Kept

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

    def explorer(self) -> Explorer:
        """The rows as columns, and clusters that a dial turned back asks for again."""
        return self.kept.get(("explorer", *self[:2]), lambda: Explorer(self.locations(), self.clusters_mb))

    def scoped(self, asked: Asked, stop: Stop | None = None, ended: Callable[[str], object] = str) -> Scoped:
        """Results with personal detail: only `release` and the protected aggregates turn them into something to show."""
        def work() -> Scoped:
            return method.scope(self.locations(), asked.parameters, asked.today, ended, self.explorer(), stop=stop)

        return self.kept.get(("scoped", *self[:2], asked.key[0], asked.key[2]), work)

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

    def ready(self, asked: Asked) -> Drawn | None:
        """What `drawn` would give, if nothing of it had to be worked out."""
        keys = (("release", *self[:2], *asked.key), *(
            (name, *self[:2], *asked.key, self.names_stamp) for name in ("names", "payload")))
        found = [self.kept.find(key) for key in keys]
        return None if any(each is None for each in found) else Drawn(*found)
