"""The limited process: feeds cases within memory and processor time; each finding is a line of JSON, and each job's end another.

    python -m tests.fuzz.child JOBS STATE

JOBS is a JSON list of [target, first case, count] or [target, [file, ...]]; STATE is a file that always holds the job and the case
being fed, for whoever finds the process dead.
"""

from __future__ import annotations

import json
import random
import resource
import signal
import struct
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

MEMORY = 512_000_000  # bytes more than the process has once it is warm


class TooSlow(BaseException):
    """The case took more processor time than it may; no `except Exception` of the product may hide it."""


def _too_slow(_number: int, _frame: FrameType | None) -> None:
    raise TooSlow


def cases(job: list[Any], make: Callable[[random.Random], bytes]) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of each case of a job."""
    if isinstance(job[1], list):
        yield from ((at, Path(file).read_bytes()) for at, file in enumerate(job[1]))
    else:
        name, first, count = job
        yield from ((number, make(random.Random(f"{name}:{number}"))) for number in range(first, first + count))


def main() -> None:
    jobs, state = json.loads(sys.argv[1]), sys.argv[2]
    warnings.simplefilter("ignore")
    from tests.fuzz.targets import TARGETS

    for name in {job[0] for job in jobs}:  # what is loaded and compiled at the first use is no case's doing
        for number in range(3):
            _feed(TARGETS[name].feed, TARGETS[name].make(random.Random(f"warm:{number}")), 0)
    signal.signal(signal.SIGPROF, _too_slow)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MEMORY,) * 2)
    with open(state, "r+b", buffering=0) as mark:  # noqa: PTH123 - unbuffered
        for at, job in enumerate(jobs):
            target, done, taken, slowest = TARGETS[job[0]], 0, 0, 0.0
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            for number, data in cases(job, target.make):
                mark.seek(0)
                mark.write(struct.pack("<qq", at, number))
                began = time.process_time()
                said = _feed(target.feed, data, target.cpu_s)
                slowest = max(slowest, time.process_time() - began)
                done, taken = done + 1, taken + (said is True)
                if isinstance(said, str):
                    print(json.dumps({"target": job[0], "case": number, "finding": said, "hex": data.hex()}), flush=True)
            grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            print(json.dumps({"target": job[0], "done": done, "taken": taken, "slowest_s": slowest, "grown_mb": grown / 1024}),
                  flush=True)


def _feed(feed: Callable[[bytes], bool], data: bytes, cpu_s: float) -> bool | str:
    """Whether the case was taken, or what went wrong with it. 0 seconds are no limit."""
    try:
        signal.setitimer(signal.ITIMER_PROF, cpu_s)
        return feed(data)
    except (Exception, TooSlow):
        return traceback.format_exc(limit=-8)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


if __name__ == "__main__":
    main()
