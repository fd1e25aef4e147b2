"""A million episodes: import file by file, first screen after a restart, copy and backup with every row compared.

    python benchmarks/million.py [--episodes 1000000] [--on sqlite postgresql]

Wall and CPU seconds of this process, and its peak memory; the PostgreSQL server's own work is in the wall time alone.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.store import episodes, locations, source, timed
from geo_data.keeping import transfer
from geo_data.keeping.audit import Seal
from geo_data.keeping.store import Store
from tests.geo_data import postgres

FILE = 50_000  # episodes of one file: what 25 MB hold
KEY = Seal(b"k" * 64)
FIRST_SCREEN = """
import sys, time
began = time.perf_counter()
from geo_data.keeping.store import Store
from scoping.parameters import Parameters, WindowScheme
from scoping.scope import scope
from scoping.showing import disclosure
store = Store(sys.argv[1])
opened = time.perf_counter()
rows = store.locations("episodes")
read = time.perf_counter()
released = disclosure.release(scope(rows, Parameters(window=WindowScheme.parse("rolling:91d:28d"))))
done = time.perf_counter()
print(f"open {opened - began:.2f} s, read {len(rows):,} places {read - opened:.2f} s, hotspots {done - read:.2f} s, "
      f"in all {done - began:.2f} s wall {time.process_time():.2f} s cpu")
"""


def fill(store: Store, n: int) -> None:
    """Import `n` episodes in files of `FILE`; the files are made before the clock runs."""
    def one(at: int) -> None:
        frame = episodes(min(FILE, n - at), seed=at)
        frame["episode_ref"] = [f"URN/{at + i:08d}" for i in range(len(frame))]
        frame["person_ref"] = [f"P{(at + i) // 3:07d}" for i in range(len(frame))]
        places = locations(frame)
        timed(f"  file of {len(frame):,} from {at:,}",
              lambda: store.import_("episodes", "episodes", frame, places, source(f"file {at}", len(frame))))

    for at in range(0, n, FILE):
        one(at)


def first_screen(url: str) -> None:
    done = subprocess.run([sys.executable, "-c", FIRST_SCREEN, url], check=True, capture_output=True, text=True,
                          cwd=Path(__file__).resolve().parents[1])
    print(f"first screen after a restart: {done.stdout.strip()}", flush=True)


def measure(url: str, n: int, folder: str, other: str) -> None:
    with Store(url, KEY) as store:
        timed(f"import {n:,} episodes (the making of the files is in this figure, not in theirs)", lambda: fill(store, n))
        first_screen(url)
        first_screen(url)
        with Store(other, KEY) as target:
            timed("copy to the other kind of database, every row compared", lambda: transfer.copy(store, target, "bench"))
        file = Path(folder) / f"backup-{url.partition(':')[0]}.db"
        timed("backup, every row compared", lambda: transfer.backup(store, file, "bench"))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--episodes", type=int, default=1_000_000)
    options.add_argument("--on", nargs="+", default=["sqlite", "postgresql"], choices=["sqlite", "postgresql"])
    given = options.parse_args()
    with ExitStack() as kept:
        folder = kept.enter_context(tempfile.TemporaryDirectory())
        if reason := postgres.why_not():
            print(f"PostgreSQL is left out: {reason}")
            given.on = ["sqlite"]
            urls = {"sqlite": f"sqlite:///{folder}/a.db", "to": f"sqlite:///{folder}/b.db"}
        else:
            socket = kept.enter_context(postgres.server(durable=True))
            with psycopg.connect(host=socket, user="postgres", dbname="postgres", autocommit=True) as connection:
                connection.execute("CREATE DATABASE a")
                connection.execute("CREATE DATABASE b")
            at = f"postgresql://postgres@/{{}}?host={socket}"
            urls = {"sqlite": f"sqlite:///{folder}/a.db", "postgresql": at.format("a"), "to": at.format("b")}
        for kind in given.on:
            print(f"== {kind}", flush=True)
            other = urls["to"] if kind == "sqlite" else f"sqlite:///{folder}/c.db"
            measure(urls[kind], given.episodes, folder, other)


if __name__ == "__main__":
    main()
