"""What sessions share: results worked out once, however many ask at the same moment, and kept within one budget of memory.

A key says everything that a value depends on, the reader's need-to-know included (`Store.version` holds it), so that nothing
crosses from one reader to another. Values are shared: read them, never write into them. No page is known here, no widget.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from geo_data.memory import size_of
from scoping.clustering.solving import Stopped

T = TypeVar("T")
MAPS, BESIDE = 2, 2  # works at a time for the map, and for other pages: more at once would only share the same cores
_AGAIN = object()  # a computation was abandoned: whoever waited for it begins anew


class Kept:
    """The least recently used gives way. Safe to share between threads."""

    def __init__(self, budget_mb: int) -> None:
        self._budget = budget_mb * 2**20
        self._lock = threading.Lock()
        self._values: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._editions: dict[Hashable, list[str]] = {}
        self._flights: dict[Hashable, Future[Any]] = {}

    def get(self, key: Hashable, work: Callable[[], T], beside: Callable[[T], tuple[object, ...]] = lambda _: ()) -> T:
        """The value of `key`, worked out by `work` unless it is kept or somebody else is at it: then that one is waited for.

        Raises what `work` raises, in every waiter; nothing is kept of it. A worker that was stopped (anything but an
        `Exception`, or `Stopped`) leaves the work to the next in line. What `beside` gives of the value is kept on its own: it is
        not counted again with each value that points to it.
        """
        while True:
            with self._lock:
                if key in self._values:
                    self._values.move_to_end(key)
                    return self._values[key][0]
                flight = self._flights.get(key)
                mine = flight is None
                if flight is None:
                    flight = self._flights[key] = Future()
            if mine:
                return self._fly(key, flight, work, beside)
            told = flight.result()
            if told is not _AGAIN:
                return told

    def find(self, key: Hashable) -> Any:
        """The value of `key` if it is kept; None else."""
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key][0]

    def _fly(self, key: Hashable, flight: Future[Any], work: Callable[[], T], beside: Callable[[T], tuple[object, ...]]) -> T:
        outcome: Any = _AGAIN
        try:
            outcome = value = work()
            self._keep(key, value, size_of(value, seen={id(each) for each in beside(value)}))
            return value
        except Exception as error:
            if not isinstance(error, Stopped):
                flight.set_exception(error)
            raise
        finally:
            with self._lock:
                del self._flights[key]
            if not flight.done():
                flight.set_result(outcome)

    def _keep(self, key: Hashable, value: Any, size: int) -> None:
        with self._lock:
            self._values[key] = value, size
            while len(self._values) > 1 and self.held > self._budget:
                self._values.popitem(last=False)

    def turn(self, of: Hashable, edition: str) -> None:
        """`edition` is what `of` is now: the values of the one before the last, whose keys name it, are let go.

        The last stays: a page drawn before an import goes on with what it began with.
        """
        with self._lock:
            known = self._editions.setdefault(of, [])
            if not edition or edition in known:
                return
            known.append(edition)
            gone = known[:-2]
            del known[:-2]
            for key in [key for key in self._values if isinstance(key, tuple) and any(part in gone for part in key)]:
                del self._values[key]

    @property
    def held(self) -> int:
        """Bytes that are kept, as `size_of` counts them."""
        return sum(size for _, size in self._values.values())

    def clear(self) -> None:
        with self._lock:
            self._values.clear()


# ------------------------------------------------------------------ work beside the page

@dataclass
class Task:
    """Work in the background that one or more sessions wait for; it ends early when none of them does any more."""

    done: threading.Event = field(default_factory=threading.Event)
    stage: str = ""
    share: float | None = 0.0  # of the whole; None where that cannot be said
    result: Any = None
    first: Any = None  # part of the answer, shown while the rest is worked out
    fault: BaseException | None = None
    wanted: set[str] = field(default_factory=set)
    begun: float = field(default_factory=time.monotonic)  # when it was asked for

    def tell(self, stage: str, share: float | None = None) -> None:
        """Say how far it has come. Raises `Stopped` when nobody wants it."""
        if not self.wanted:
            raise Stopped("Nobody waits for this any more.")
        self.stage, self.share = stage, share

    def unwanted(self) -> bool:
        return not self.wanted


class Tasks:
    """One task a key; `MAPS` of them run at a time, and of other pages' `BESIDE`: no map waits for a review."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tasks: dict[Hashable, Task] = {}
        self._maps = ThreadPoolExecutor(MAPS, thread_name_prefix="scoping-map")
        self._beside = ThreadPoolExecutor(BESIDE, thread_name_prefix="scoping-work")

    def ask(self, key: Hashable, who: str, work: Callable[[Task], Any], *, beside: bool = False) -> Task:
        """The task of `key`, begun unless it runs already. `who` wants this one now, and no other. `beside`: it is no map."""
        with self._lock:
            for other, running in self._tasks.items():
                if other != key:
                    running.wanted.discard(who)
            task = self._tasks.get(key)
            if task is None or task.done.is_set() or not task.wanted:
                task = self._tasks[key] = Task()
                task.wanted.add(who)
                (self._beside if beside else self._maps).submit(self._run, key, task, work)
            task.wanted.add(who)
            return task

    def leave(self, key: Hashable, who: str) -> None:
        """`who` does not want the task of `key` any more."""
        with self._lock, suppress(KeyError):
            self._tasks[key].wanted.discard(who)

    def _run(self, key: Hashable, task: Task, work: Callable[[Task], Any]) -> None:
        try:
            task.tell("", 0.0)
            task.result = work(task)
        except BaseException as error:  # told to whoever waits, in their own thread
            task.fault = error
        finally:
            with self._lock:
                if self._tasks.get(key) is task:
                    del self._tasks[key]
            task.done.set()
