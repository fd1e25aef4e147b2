"""Hours of ordinary work: people come, look, turn dials and go, files arrive; does the server's memory grow, does any step fail?

    python benchmarks/soak.py [--minutes 15] [--people 4] [--every 6] [--feed 60] [--home FOLDER]

`home` (default: var) is copied. Every `--feed` seconds a file of new episodes arrives and `scoping feed run` takes it in. Memory
is the server's resident set, read every five seconds; growth compares the medians of the second and of the last quarter of the
time, since the first quarter fills the caches.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from serving import ROOT, Served, served
from sessions import TOKEN, screen

from tests.geo_data.rows import GOOD, csv_bytes

PLACES = ("OL16 1LU", "M1 1AE", "NE1 7RU", "DH1 3LE", "SR1 3JG", "nobody knows")
WINDOWS = ("91 days, every 28 days", "Calendar months", "28 days, one after another")
DATA = ("Demonstration (synthetic)", "Missing episodes")


async def visits(port: int, given: argparse.Namespace, seed: int, until: float, took: list[float]) -> None:
    """One person after another on one chair: each opens a session, takes a few steps and leaves."""
    chance = random.Random(seed)  # noqa: S311 - when they click
    while time.monotonic() < until:
        async with screen(port) as page:
            await page.step()  # not counted: a page without a browser waits in vain for its map to speak
            for _ in range(chance.randint(3, 12)):
                which = {"data": chance.choice(DATA)} if page.knows("data") else {}  # until the first file only one set is there
                took.append(await page.step(**which, eps=chance.choice((200, 250, 300)), window=chance.choice(WINDOWS)))
                if time.monotonic() > until:
                    return
                await asyncio.sleep(chance.uniform(0.5, 1.5) * given.every)


async def deliveries(home: Path, environment: dict[str, str], every: float, until: float, done: list[int]) -> None:
    """Files arrive and are taken in, as a timer would have it."""
    folder, number = home / "feed" / "police", 0
    folder.mkdir(parents=True, exist_ok=True)
    while time.monotonic() < until:
        number += 1
        rows: list[dict[str, Any]] = [
            GOOD | {"episode_ref": f"SOAK/{number:05d}/{k}", "person_ref": f"P-{(7 * number + k) % 400}",
                    "found_location_text": PLACES[(number + k) % len(PLACES)]} for k in range(20)]
        path = folder / f"day-{number:05d}.csv"
        path.write_bytes(csv_bytes(rows))
        os.utime(path, (time.time() - 60,) * 2)
        command = [str(Path(sys.executable).with_name("scoping")), "feed", "run"]
        run = await asyncio.create_subprocess_exec(*command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL)
        done.append(await run.wait())
        await asyncio.sleep(max(0.0, min(every, until - time.monotonic())))


async def memory(server: Served, until: float, seen: list[float]) -> None:
    while time.monotonic() < until:
        seen.append(server.resident_mb)
        await asyncio.sleep(5)


async def soak(server: Served, home: Path, given: argparse.Namespace) -> bool:
    took, files, seen = list[float](), list[int](), list[float]()
    async with screen(server.port) as page:
        await page.step()  # the first reads and compiles: it is not a step
    until = time.monotonic() + 60 * given.minutes
    await asyncio.gather(memory(server, until, seen), deliveries(home, server.environment, given.feed, until, files),
                         *(visits(server.port, given, seed, until, took) for seed in range(given.people)))
    quarter = max(1, len(seen) // 4)
    early, late = statistics.median(seen[quarter:2 * quarter]), statistics.median(seen[-quarter:])
    failed = sum(code != 0 for code in files)
    print(f"{given.minutes:g} minutes, {given.people} chairs, {len(took)} steps (median {statistics.median(took):.2f} s, "
          f"most {max(took):.2f} s), {len(files)} files taken in, {failed} failed")
    print(f"memory {early:.0f} MB in the second quarter, {late:.0f} MB in the last: {late / early - 1:+.1%}; "
          f"peak {max(seen):.0f} MB")
    return not failed and late <= 1.1 * early


def main() -> int:
    ask = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    ask.add_argument("--minutes", type=float, default=15)
    ask.add_argument("--people", type=int, default=4)
    ask.add_argument("--every", type=float, default=6.0, help="seconds between the steps of one person")
    ask.add_argument("--feed", type=float, default=60.0, help="seconds between files")
    ask.add_argument("--home", type=Path, default=ROOT / "var")
    given = ask.parse_args()
    with tempfile.TemporaryDirectory() as kept:
        home = shutil.copytree(given.home, Path(kept) / "home")
        with served(home, TOKEN) as server:
            return 0 if asyncio.run(soak(server, home, given)) else 1


if __name__ == "__main__":
    sys.exit(main())
