"""All or nothing: programs that are killed, disks that fill, programs that import at the same moment."""

from __future__ import annotations

import multiprocessing
import os
import random
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from geo_data.errors import StoreError
from geo_data.keeping import write
from geo_data.keeping.store import Counts, Store
from tests.geo_data.made import (
    MANY,
    episodes,
    import_into,
    import_named,
    import_round,
    import_rounds,
    locations,
    read_until_told,
    round_of,
)

KILLS = 9
SPAWN = multiprocessing.get_context("forkserver" if os.name == "posix" else "spawn")
SPAWN.set_forkserver_preload(["tests.geo_data.made"]) if os.name == "posix" else None


def _state(url: str) -> tuple[int, int]:
    """The round that every stored row is of, and how many files are known; fails on a mixture."""
    with Store(url) as store:
        store.check()
        current, places = store.episodes("episodes"), store.locations("episodes")
        files, listed = store.sources("episodes"), store.collections().iloc[0]
        audited = store.entries()
        assert store.verify([]).whole
        past = [len(store.history("episodes", ref)) for ref in (MANY[0], MANY[-1])]
    versions = set(current["version"])
    said = set(current["found_location_text"])
    assert len(versions) == len(said) == 1
    version = versions.pop()
    assert (len(current), len(places)) == (listed["episodes"], listed["locations"]) == (len(MANY), 2 * len(MANY))
    assert set(places["matched"]) == said
    assert past == [version - 1] * 2
    assert len(files) == version == int((audited["action"] == "import").sum())
    return int(said.pop().removeprefix("place ")), len(files)


def kill_imports(url: str, kills: int, seed: int = 7) -> Counter[str]:
    """Kill importing processes at chance moments: none may leave a part of a file, or lose one that was said to be done.

    How many were cut before and after their commit.
    """
    chance = random.Random(seed)
    with Store(url) as store:
        began = time.perf_counter()
        import_into(store, "round 0", round_of(0))
        import_into(store, "round 1", round_of(1))
        takes = (time.perf_counter() - began) / 2
    held, outcomes = 1, Counter[str]()
    for _ in range(kills):
        ours, theirs = SPAWN.Pipe()
        child = SPAWN.Process(target=import_round, args=(url, held + 1, theirs))
        child.start()
        theirs.close()
        assert ours.recv() == "begins"
        said_done = ours.poll(chance.uniform(0, 1.3 * takes))
        child.kill()
        child.join()
        ours.close()
        found, _ = _state(url)
        assert found in ({held + 1} if said_done else {held, held + 1})
        outcomes["after" if found > held else "before"] += 1
        held = found
    with Store(url) as store:
        assert import_into(store, f"round {held + 1}", round_of(held + 1)) == Counts(amended=len(MANY))
    assert _state(url)[0] == held + 1
    return outcomes


def test_a_killed_import_leaves_all_of_a_file_or_nothing(url: str) -> None:
    assert kill_imports(url, KILLS)["before"], "no import was cut short: the test did not test"


def _together(url: str, files: list[tuple[str, list[str]]]) -> list[object]:
    """Import files at the same moment, each in a process of its own."""
    running = []
    for name, refs in files:
        ours, theirs = SPAWN.Pipe()
        child = SPAWN.Process(target=import_named, args=(url, name, refs, theirs))
        child.start()
        theirs.close()
        running.append((child, ours))
    told = [ours.recv() for _, ours in running]
    for child, ours in running:
        child.join()
        ours.close()
    return told


def test_two_programs_that_import_at_once_both_end_right(url: str) -> None:
    told = _together(url, [("a", MANY[:800]), ("b", MANY[400:1200])])  # the database is new, too
    assert set(told) == {Counts(accepted=800), Counts(accepted=400, unchanged=400)}
    told = _together(url, [("c", MANY), ("c", MANY)])
    assert set(told) == {Counts(accepted=300, unchanged=1200), Counts(unchanged=1500, already_imported=True)}
    with Store(url) as store:
        assert store.episodes("episodes")["episode_ref"].tolist() == MANY
        assert len(store.locations("episodes")) == 2 * len(MANY)
        assert len(store.sources("episodes")) == 3


def test_two_importers_and_five_readers_at_once(url: str) -> None:
    """Each reader sees whole files alone: every episode of one and the same round, at any moment."""
    rounds = 3
    with Store(url) as store:
        import_into(store, "round 0", round_of(0))

    def start(work: Any, *given: Any) -> tuple[Any, Any]:
        ours, theirs = SPAWN.Pipe()
        child = SPAWN.Process(target=work, args=(url, *given, theirs))
        child.start()
        theirs.close()
        return child, ours

    readers = [start(read_until_told) for _ in range(5)]
    for _, pipe in readers:
        assert pipe.recv() == "begins"
    writers = [start(import_rounds, first, 2, rounds) for first in (1, 2)]
    told = [count for child, pipe in writers for count in (pipe.recv(), child.join())[0]]
    seen = []
    for child, pipe in readers:
        pipe.send("enough")
        seen += pipe.recv()
        child.join()
    assert all(number == len(MANY) and len(said) == 1 and odd == 0 for number, said, odd in seen), seen
    assert sum(count.accepted + count.amended + count.unchanged + count.older for count in told) == 2 * rounds * len(MANY)
    with Store(url) as store:
        current = store.episodes("episodes")
        assert set(current["found_location_text"]) == {f"place {2 * rounds}"} and len(current) == len(MANY)
        past = store.history("episodes", MANY[7])
        assert sorted([*past["found_location_text"], f"place {2 * rounds}"]) == sorted(f"place {n}" for n in range(2 * rounds + 1))
        assert len(store.sources("episodes")) == 2 * rounds + 1 and store.verify([]).whole


def test_a_server_that_ends_the_connection_in_the_middle_keeps_nothing(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store(postgres_url) as store:
        import_into(store, "a", episodes(MANY[:50]))
        before, anchor = store.version("episodes"), store.last()
        real = write.insert_columns

        def cut(connection: Any, table: Any, columns: Any) -> None:
            real(connection, table, columns)
            number = connection.execute(text("SELECT pg_backend_pid()")).scalar()
            with Store(postgres_url) as other, other.reading() as killer:
                killer.execute(text("SELECT pg_terminate_backend(:number)"), {"number": number})

        monkeypatch.setattr(write, "insert_columns", cut)
        with pytest.raises(StoreError, match="does not answer"):
            import_into(store, "b", episodes(MANY))
        monkeypatch.undo()
        assert store.version("episodes") == before and store.last() == anchor  # the next step has a new connection
        assert import_into(store, "b", episodes(MANY)) == Counts(accepted=len(MANY) - 50, unchanged=50)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 6 MB; needs root and leave to mount."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)]
    if os.name != "posix" or os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a small disk can be mounted only by root, where mounting is allowed")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_keeps_nothing_of_the_import(small_disk: Path) -> None:
    with Store(f"sqlite:///{small_disk}/scoping.db") as store:
        import_into(store, "a", episodes(MANY[:500]))
        before = store.version("episodes")
        with pytest.raises(StoreError, match="The disk is full; nothing of this step was kept"):
            import_into(store, "b", episodes([f"X-{number}" for number in range(20_000)]))
        store.check()
        assert store.version("episodes") == before
        assert store.episodes("episodes")["episode_ref"].tolist() == MANY[:500]
        assert len(store.locations("episodes")) == len(locations(episodes(MANY[:500])))
        assert import_into(store, "c", episodes(MANY[:600])) == Counts(accepted=100, unchanged=500)
