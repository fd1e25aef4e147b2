"""Time and memory of a job."""

from __future__ import annotations

import multiprocessing
import os
import resource
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
    """What a process of its own adds to its memory at most while it runs the job (Linux)."""
    def measure(send: Any) -> None:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak counts from here
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        job()
        send.send(_high_water_kb() // 1024 - pages * resource.getpagesize() // 2**20)

    receive, send = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(target=measure, args=(send,))
    child.start()
    send.close()  # so that a child that dies ends the wait
    peak: int = receive.recv()
    child.join()
    return max(peak, 0)


def _high_water_kb(process: int | str = "self") -> int:
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def of_process(process: int) -> tuple[float, int]:
    """Processor seconds of another process until now, and the most memory it has held in MiB."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), _high_water_kb(process) // 1024
