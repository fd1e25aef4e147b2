"""A million episodes: import from the bytes of files, first screen after a restart, copy to the other kind of database and back.

    python benchmarks/million.py [--episodes 1000000] [--on sqlite postgresql] [--steps import screen copy backup]

Aims: import under 4 minutes with progress, memory under 2 GB, every row of a copy compared. Wall and CPU seconds of this process,
and its peak memory; the PostgreSQL server's own work is in the wall time alone.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.intake import episodes as file_of
from benchmarks.store import timed
from geo_data.keeping import transfer
from geo_data.keeping.audit import Seal
from geo_data.keeping.store import Store
from geo_data.placing.gazetteer import build, open_gazetteer
from geo_data.reading import intake
from settings import load
from tests.geo_data import postgres

FILE = 50_000  # episodes of one file: 9 MB
KEY = Seal(b"k" * 64)
FIRST_SCREEN = """
import gc, sys, time
began = time.perf_counter()
gc.disable()  # as the server does until its modules are loaded
from datetime import date
from pathlib import Path
from geo_data.keeping.store import Store
from geo_data.placing.gazetteer import open_gazetteer
from scoping.clustering import dbscan, strips, tallies, arcs, visitors
from scoping.parameters import Parameters
from scoping.showing.disclosure import Rules
from screens.kept import Kept
from screens.worked import Asked, Data
gc.freeze()
gc.enable()
loaded = time.perf_counter()
store = Store(sys.argv[1])
data = Data("episodes", store.version("episodes"), store, Kept(2048), 256, lambda: open_gazetteer(Path(sys.argv[2])), "")
first = data.first(Asked(Parameters(), Rules(), date.fromisoformat(sys.argv[3])), "")
looked = time.perf_counter()
print(f"loaded {loaded - began:.2f} s, the visible window {looked - loaded:.2f} s with {len(first.release.hotspots):,} hotspots, "
      f"together {looked - began:.2f} s wall {time.process_time():.2f} s cpu", end="")
if "all" in sys.argv:
    places = len(data.locations())
    read = time.perf_counter()
    data.drawn(Asked(Parameters(), Rules(), date.fromisoformat(sys.argv[3])))
    print(f"; {places:,} places read {read - looked:.2f} s, all windows {time.perf_counter() - read:.2f} s", end="")
"""


def files(n: int, folder: Path) -> Iterator[tuple[str, bytes]]:
    """`n` episodes of different children in files of `FILE`, each made when it is asked for."""
    first = file_of(min(FILE, n), folder)
    for at in range(0, n, FILE):
        rows = first if n - at >= FILE else file_of(n - at, folder)
        number = b"%03d" % (at // FILE)
        yield f"episodes-{at:07d}.csv", re.sub(rb"B/(\d{7}),C", b"B" + number + rb"/\1,C" + number + b"X", rows)


def fill(url: str, n: int) -> None:
    """Import file by file as `scoping import` does; the making of the files is outside the clock."""
    folder = load().gazetteer_folder
    build(folder)
    gazetteer = open_gazetteer(folder)
    done = 0
    with tempfile.TemporaryDirectory() as made, Store(url, KEY) as store:
        for name, data in files(n, folder):
            Path(made, name).write_bytes(data)
        began, used = time.perf_counter(), time.process_time()

        def ready(path: Path) -> intake.Prepared:
            return intake.prepare(path.read_bytes(), path.name, gazetteer=gazetteer, now=datetime.now(UTC))

        for prepared in intake.ahead(partial(ready, path) for path in sorted(Path(made).iterdir())):
            done += intake.commit(prepared(), store).accepted
            print(f"  {done / n:4.0%} {done:,} episodes, {time.perf_counter() - began:.0f} s", flush=True)
        wall, cpu = time.perf_counter() - began, time.process_time() - used
        held = store.collections().iloc[0]
    assert held["episodes"] == done == n, "not every episode was accepted"
    print(f"import {n:,} episodes and {held['locations']:,} places, from bytes to the database: {wall:.0f} s wall, "
          f"{cpu:.0f} s cpu, {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB peak", flush=True)


def first_screen(url: str, today: str = "2026-02-01", *told: str) -> None:
    """In fresh processes, the first of which may compile: what the page shows first, before all windows are worked out."""
    command = [sys.executable, "-c", FIRST_SCREEN, url, str(load().gazetteer_folder), today, *told]
    for _ in range(3):
        done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).resolve().parents[1],
                              env=os.environ | {"PYTHONDONTWRITEBYTECODE": ""})  # as `make run`: a shell may forbid byte code
        print(f"first screen after a restart: {done.stdout.strip()}", flush=True)


def moved(url: str, other: str) -> None:
    with Store(url, KEY) as store, Store(other, KEY) as target:
        done = timed(f"copy to {other.partition(':')[0]}, every row compared", lambda: transfer.copy(store, target, "bench"))
    print(f"  {sum(done.rows.values()):,} rows written, read back and compared", flush=True)


def saved(url: str, file: Path) -> None:
    with Store(url, KEY) as store:
        timed("backup, every row compared", lambda: transfer.backup(store, file, "bench"))


def servers(kept: ExitStack, folder: Path) -> dict[str, str]:
    """URLs of databases to fill and to copy into, of each kind that there is."""
    urls = {"sqlite": f"sqlite:///{folder}/a.db", "sqlite copy": f"sqlite:///{folder}/c.db"}
    if reason := postgres.why_not():
        print(f"PostgreSQL is left out: {reason}")
        return urls
    socket = kept.enter_context(postgres.server(durable=True))
    with psycopg.connect(host=socket, user="postgres", dbname="postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE a")
        connection.execute("CREATE DATABASE b")
    return urls | {kind: f"postgresql://postgres@/{name}?host={socket}" for kind, name in (
        ("postgresql", "a"), ("postgresql copy", "b"))}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--episodes", type=int, default=1_000_000)
    options.add_argument("--on", nargs="+", default=["sqlite", "postgresql"], choices=["sqlite", "postgresql"])
    options.add_argument("--steps", nargs="+", default=["import", "screen", "copy", "backup"],
                         choices=["import", "screen", "copy", "backup"])
    given = options.parse_args()
    with ExitStack() as kept:
        folder = Path(kept.enter_context(tempfile.TemporaryDirectory()))
        urls = servers(kept, folder)
        for kind in (kind for kind in given.on if kind in urls):
            print(f"== {kind}", flush=True)
            if "import" in given.steps:
                fill(urls[kind], given.episodes)
            if "screen" in given.steps:
                first_screen(urls[kind])
            other = "postgresql copy" if kind == "sqlite" else "sqlite copy"
            if "copy" in given.steps and other in urls:
                moved(urls[kind], urls[other])
            if "backup" in given.steps:
                saved(urls[kind], folder / f"backup-{kind}.db")


if __name__ == "__main__":
    main()
