"""Kill importing processes, and runs of the daily feed, at chance moments and count: lost rows, doubled rows, broken audits.
All must be none.

    python benchmarks/kills.py [--kills 200] [--on sqlite postgresql] [--what imports feed] [--seed 7]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from geo_data.placing.gazetteer import build
from settings import load
from tests.geo_data import postgres
from tests.geo_data.keeping.test_crash import kill_imports
from tests.geo_data.reading.test_feed_killed import kill_feeds


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=200)
    options.add_argument("--seed", type=int, default=7, help="of the chance moments: a long series may be made of several")
    options.add_argument("--on", nargs="+", default=["sqlite", "postgresql"], choices=["sqlite", "postgresql"])
    options.add_argument("--what", nargs="+", default=["imports", "feed"], choices=["imports", "feed"])
    given = options.parse_args()
    with ExitStack() as kept:
        folder = kept.enter_context(tempfile.TemporaryDirectory())
        urls, feeds = {"sqlite": f"sqlite:///{folder}/a.db"}, {"sqlite": f"sqlite:///{folder}/b.db"}
        if "postgresql" in given.on and not (reason := postgres.why_not()):
            socket = kept.enter_context(postgres.server(durable=True))
            with psycopg.connect(host=socket, user="postgres", dbname="postgres", autocommit=True) as connection:
                connection.execute("CREATE DATABASE a")
                connection.execute("CREATE DATABASE b")
            urls["postgresql"], feeds["postgresql"] = (f"postgresql://postgres@/{name}?host={socket}" for name in "ab")
        elif "postgresql" in given.on:
            print(f"PostgreSQL is left out: {reason}")
        for kind in given.on:
            if kind in urls and "imports" in given.what:
                began = time.perf_counter()
                cut = kill_imports(urls[kind], given.kills, given.seed)  # fails at the first fault
                print(f"{kind}: {given.kills} kills, {cut['before']} before and {cut['after']} after the commit; "
                      f"lost 0, doubled 0, audit whole; {time.perf_counter() - began:.0f} s", flush=True)
            if kind in urls and "feed" in given.what:
                began, places = time.perf_counter(), load().gazetteer_folder
                build(places)
                cut = kill_feeds(feeds[kind], Path(folder) / f"feed-{kind}", places, given.kills, given.seed)
                print(f"{kind}, daily feed: {given.kills} kills, {cut['before']} before the import, "
                      f"{cut['imported']} before the file was moved, {cut['moved']} after; "
                      f"lost 0, doubled 0, audit whole; {time.perf_counter() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
