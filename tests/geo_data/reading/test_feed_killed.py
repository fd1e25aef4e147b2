"""The daily feed killed at chance moments: the next run takes up whatever was left; nothing is lost, nothing is there twice."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

from geo_data.keeping import feed_book
from geo_data.keeping.store import Store
from tests.geo_data.keeping.test_crash import SPAWN
from tests.geo_data.made import run_feed
from tests.geo_data.rows import GOOD, csv_bytes

KILLS, ROWS = 5, 40


def drop(folder: Path, number: int) -> None:
    """A file of a day: new episodes, and one amendment of the day before."""
    rows = [GOOD | {"episode_ref": f"NP/{number:03d}-{i:03d}"} for i in range(ROWS)]
    if number:
        rows.append(GOOD | {"episode_ref": f"NP/{number - 1:03d}-000", "age_at_episode": "16", "extracted_at": "2025-06-02T06:00Z"})
    path = folder / "police" / f"day-{number:03d}.csv"
    path.write_bytes(csv_bytes(rows))
    os.utime(path, (path.stat().st_mtime - 60,) * 2)


def kill_feeds(url: str, folder: Path, gazetteer_folder: Path, kills: int, seed: int = 11) -> Counter[str]:
    """Each day a file arrives and the run is killed at a chance moment; then what is there must be whole days, each once.

    How many runs were cut before the import, after it but before the file was moved, and after both.
    """
    (folder / "police").mkdir(parents=True)
    chance, outcomes = random.Random(seed), Counter[str]()

    def start() -> tuple[Any, Any]:
        ours, theirs = SPAWN.Pipe()
        child = SPAWN.Process(target=run_feed, args=(url, str(folder), str(gazetteer_folder), theirs))
        child.start()
        theirs.close()
        assert ours.recv() == "begins"
        return child, ours

    drop(folder, 0)
    child, pipe = start()
    began = time.perf_counter()
    assert pipe.recv() == "done"
    takes = time.perf_counter() - began
    child.join()
    for day in range(1, kills + 1):
        drop(folder, day)
        child, pipe = start()
        pipe.poll(chance.uniform(0, 1.2 * takes))
        child.kill()
        child.join()
        days = _whole(url)
        waiting = sorted(int(path.stem[-3:]) for path in (folder / "police").glob("day-*.csv"))
        assert days | set(waiting) == set(range(day + 1)), "a day was lost"
        outcomes["moved" if day not in waiting else "imported" if day in days else "before"] += 1
    child, pipe = start()
    assert pipe.recv() == "done"
    child.join()
    assert _whole(url) == set(range(kills + 1)) and not list((folder / "police").glob("day-*.csv"))
    with Store(url) as store:
        assert set(feed_book.files(store)["filename"]) == {f"day-{day:03d}.csv" for day in range(kills + 1)}
    return outcomes


def _whole(url: str) -> set[int]:
    """The days in the store; fails on a part of one, on one that is there twice, and on an audit that is not whole."""
    with Store(url) as store:
        store.check()
        current, places = store.episodes("episodes"), store.locations("episodes")
        sources, listed = store.sources("episodes"), store.collections().iloc[0]
        assert store.verify([]).whole
    counted = Counter(int(ref[3:6]) for ref in current["episode_ref"])
    assert set(counted.values()) == {ROWS} and len(sources) == len(counted) == sources["sha256"].nunique()
    assert (listed["episodes"], listed["locations"]) == (len(current), len(places))
    amended = {int(ref[3:6]) for ref in current.loc[current["version"] == 2, "episode_ref"]}
    assert amended == {day for day in counted if day + 1 in counted}
    return set(counted)


def test_a_killed_feed_loses_nothing_and_doubles_nothing(url: str, tmp_path: Path, gazetteer_folder: Path) -> None:
    assert sum(kill_feeds(url, tmp_path / "feed", gazetteer_folder, KILLS).values()) == KILLS
