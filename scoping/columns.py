"""One LOCATIONS frame as columns of numbers: what every choice of roles, filters and neighbourhood asks of it again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_data.schema import ROLES, TIERS
from scoping.clustering.once import once
from scoping.windows import Windows, microseconds

T = TypeVar("T")
WINDOWS_KEPT = 4  # schemes, the first made gives way

Ints = NDArray[np.int64]


class Columns:
    """Arrays with one entry a row of `frame`, each made when it is first asked for. Safe to share between threads."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self._whole: dict[str, Any] = {}
        self._cut: OrderedDict[tuple[str, bytes], Any] = OrderedDict()

    def __len__(self) -> int:
        return len(self.frame)

    @once
    def at(self) -> Ints:
        """UTC microseconds; a missing time is before every window."""
        return microseconds(pd.DatetimeIndex(self.frame["at"]))

    @once
    def order(self) -> NDArray[np.int32]:
        """The rows in order of time."""
        return np.argsort(self.at, kind="stable").astype(np.int32)

    @once
    def rising(self) -> Ints:
        """`at` in order."""
        return self.at[self.order]

    @once
    def role(self) -> NDArray[np.int8]:
        """Index into `schema.ROLES`; -1 none of them."""
        return self.codes("role", ROLES)

    @once
    def tier(self) -> NDArray[np.int8]:
        """Index into `schema.TIERS`; -1 none of them."""
        return self.codes("tier", TIERS)

    @once
    def episode(self) -> NDArray[np.int32]:
        """Number of the episode; -1 none."""
        return pd.factorize(self.frame["episode_ref"])[0].astype(np.int32)

    @once
    def child(self) -> NDArray[np.int32]:
        """Number of the child; -1 none."""
        return pd.factorize(self.frame["person_ref"])[0].astype(np.int32)

    def ready(self) -> None:
        """Make now what every choice asks for, so that whoever weighs this weighs it too."""
        for name in ("rising", "role", "tier", "episode", "child"):
            getattr(self, name)

    def codes(self, name: str, known: Any) -> NDArray[np.int8]:
        """The place of each value of a column in `known`; -1 where it is none of them."""
        return np.asarray(pd.Categorical(self.frame[name], categories=list(known)).codes, dtype=np.int8)

    def kept(self, what: str, work: Callable[[], T]) -> T:
        """What `work` gives of these rows alone, worked out once; `what` names it."""
        if what not in self._whole:
            self._whole.setdefault(what, work())
        found: T = self._whole[what]
        return found

    def cut(self, what: str, windows: Windows, work: Callable[[], T]) -> T:
        """What `work` gives of these rows and windows, worked out once for each of a few schemes."""
        key = what, windows.start_us.tobytes() + windows.end_us.tobytes() + windows.partial.tobytes()
        found: T | None = self._cut.get(key)
        if found is None:
            found = self._cut[key] = work()
            while sum(each[0] == what for each in tuple(self._cut)) > WINDOWS_KEPT:
                self._cut.pop(next(each for each in tuple(self._cut) if each[0] == what), None)
        return found
