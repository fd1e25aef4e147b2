"""Time and memory of a job."""

from __future__ import annotations

import ctypes
import gc
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def timed(job: Callable[[], Any]) -> tuple[float, float, Any]:
    """Processor seconds, which other work on the machine disturbs less than the clock; seconds of the clock; result."""
    start, clock = time.process_time(), time.perf_counter()
    result = job()
    return time.process_time() - start, time.perf_counter() - clock, result


def peak_mb(job: Callable[[], Any]) -> int:
    """What the process adds to its memory at most while it runs the job (Linux)."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # or the job would use again, unseen, what was freed before
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak counts from here
    before = _kb("VmRSS")
    job()
    return max(_kb("VmHWM") - before, 0) // 1024


def _kb(field: str, process: int | str = "self") -> int:
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field))


def of_process(process: int) -> tuple[float, int]:
    """Processor seconds of another process until now, and the most memory it has held in MiB."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), _kb("VmHWM", process) // 1024
