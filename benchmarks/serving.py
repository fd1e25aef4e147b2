"""The program, served on a free port of this machine: for the benchmarks that speak to it and the pictures of the documentation."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from screens.door import TOKEN_VARIABLE  # noqa: E402 - found once the root is on the path

PATIENCE = 300  # seconds until it must answer: reading a nation on a busy machine


class Served(NamedTuple):
    """Where it answers, and what runs it."""

    port: int
    process: int
    environment: dict[str, str]  # with which commands of `scoping` work on the same data

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def resident_mb(self) -> float:
        return int(Path(f"/proc/{self.process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextmanager
def served(home: Path, token: str = "") -> Iterator[Served]:
    """The program with its data in `home`, once it answers; opened by `token` when one is given. Ended at the end.

    Raises `SystemExit` when it ends or stays silent before; what it says of trouble goes where this program's own does.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    environment = os.environ | {"SCOPING_HOME": str(home)} | ({TOKEN_VARIABLE: token} if token else {})
    process = subprocess.Popen([sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)], cwd=ROOT,
                               env=environment, stdout=subprocess.DEVNULL)
    there = Served(port, process.pid, environment)
    try:
        _wait(process, f"{there.url}/healthz")
        yield there
    finally:
        process.terminate()
        process.wait(60)


def _wait(process: subprocess.Popen[bytes], address: str) -> None:
    latest = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < latest:
        try:
            urllib.request.urlopen(address, timeout=2).close()  # noqa: S310 - this machine
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The server ended before it answered." if process.poll() is not None else
                     f"The server did not answer within {PATIENCE} seconds.")
