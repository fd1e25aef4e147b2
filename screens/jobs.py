"""Work that takes longer than a page may: one at a time for the whole process, with progress, cancelled when nobody wants it.

A job is known by its key; asking again for a job that runs gives the same one. What it gives is kept by whoever asked.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import Any

from geo_data.errors import ScopingError

Tell = Callable[[int, int], bool]  # done, of; False: stop
MOST = 30  # ended jobs that are remembered


@dataclass
class Job:
    """`result` once it has ended; `fault` when it could not; both missing while it waits or runs, and when it was cancelled."""

    done: int = 0
    of: int = 0
    ended: bool = False
    cancelled: bool = False
    result: Any = None
    fault: str = ""

    @property
    def share(self) -> float:
        return self.done / self.of if self.of else 0.0


_LOCK = Lock()
_JOBS: dict[str, Job] = {}
_POOL = ThreadPoolExecutor(1, thread_name_prefix="scoping-job")


def start(key: str, work: Callable[[Tell], Any]) -> Job:
    """Begin `work` unless it runs or has ended well. `work` knows no page and no session: it is given what it needs."""
    with _LOCK:
        job = _JOBS.get(key)
        if job is None or job.cancelled or job.fault:
            job = _JOBS[key] = Job()
            for old in [name for name, other in _JOBS.items() if other.ended][:-MOST]:
                del _JOBS[old]
            _POOL.submit(_run, job, work)
    return job


def find(key: str) -> Job | None:
    return _JOBS.get(key)


def cancel(key: str) -> None:
    job = _JOBS.get(key)
    if job is not None:
        job.cancelled = True


def _run(job: Job, work: Callable[[Tell], Any]) -> None:
    def tell(done: int, of: int) -> bool:
        job.done, job.of = done, of
        return not job.cancelled

    try:
        result = None if job.cancelled else work(tell)
        job.result = None if job.cancelled else result
    except ScopingError as error:
        job.fault = f"{error.what} {error.fix}".strip()
    except Exception as error:
        job.fault = f"The calculation failed ({type(error).__name__})."
        raise
    finally:
        job.ended = True
