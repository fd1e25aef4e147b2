"""How long a force waits for a review: 100,000 invented locations of five years, 91 days moved on by 28, and the weekly scan.

    python benchmarks/review.py [--points 100000] [--runs 200]

Prints seconds: the windows, clusters and ledger of all five years; the findings of the latest review; what chance gives its
year, from 200 shuffles (target 30); the same shown from what was kept (target 1); and the weekly scan of the last year's 20,000
locations with 999 permutations (target 5). Compiled code is warmed up first. Asks no other machine.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.screen import force  # noqa: E402
from geo_data.keeping.reviews import Reviews  # noqa: E402
from geo_data.keeping.store import Store  # noqa: E402
from geo_data.placing import gazetteer  # noqa: E402
from geo_data.placing.locations import locate  # noqa: E402
from geo_data.schema import ROLES  # noqa: E402
from scoping.change import calibrate, findings  # noqa: E402
from scoping.change.scan import prospective  # noqa: E402
from scoping.parameters import Parameters, WindowScheme  # noqa: E402
from scoping.scope import scope  # noqa: E402
from scoping.showing import changes, review  # noqa: E402
from scoping.showing.disclosure import release  # noqa: E402

MONTH = "2025-12"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--points", type=int, default=100_000)
    options.add_argument("--runs", type=int, default=200)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        gazetteer.build(Path(folder))
        locations = locate(force(asked.points), gazetteer.open_gazetteer(Path(folder)))
        store = Store(f"sqlite:///{folder}/scoping.db")
        measure(locations, Reviews(store), asked.runs)
        store.close()


def measure(locations, kept, runs) -> None:  # type: ignore[no-untyped-def]
    parameters = Parameters(window=WindowScheme.parse("rolling:91d:28d"))
    for _ in range(2):  # the first compiles
        begin = time.perf_counter()
        by_role = {role: scope(locations, Parameters(roles=(role,), window=parameters.window)) for role in ROLES}
    scoped = by_role["found"]
    print(f"{len(scoped.points):,} points in {len(scoped.windows)} windows, {len(scoped.clusters.summary):,} clusters, "
          f"{len(scoped.ledger):,} rows of the ledger: {time.perf_counter() - begin:.1f} s", flush=True)
    calibrate.expected_by_window(locations, parameters, runs=1, month=MONTH, scoped=scoped)
    begin = time.perf_counter()
    found = findings.find(by_role, "found", month=MONTH)
    print(f"findings of the review: {time.perf_counter() - begin:.1f} s", flush=True)
    releases = {role: release(each) for role, each in by_role.items()}
    begin = time.perf_counter()
    chance = calibrate.expected_by_window(locations, parameters, runs=runs, month=MONTH, scoped=scoped)
    print(f"what chance gives its year, {runs} shuffles: {time.perf_counter() - begin:.1f} s (target 30)", flush=True)
    key = calibrate.kept_for(scoped, runs, None, MONTH)
    kept.keep("episodes", calibrate.KEPT, key, "1", calibrate.as_text(chance))
    begin = time.perf_counter()
    again = calibrate.from_text(kept.kept("episodes", calibrate.KEPT, calibrate.kept_for(scoped, runs, None, MONTH), "1"))
    seen = review.review(releases, "found", found, again)
    rows = len(changes.table(seen, {})) + len(changes.chance_table(seen))
    print(f"shown from what was kept, {rows} rows: {time.perf_counter() - begin:.2f} s (target 1)", flush=True)
    for _ in range(2):
        begin = time.perf_counter()
        alerts = prospective(locations, parameters)
    print(f"weekly scan of {alerts.records:,} records, {alerts.settings.runs} permutations: {time.perf_counter() - begin:.2f} s "
          "(target 5)", flush=True)


if __name__ == "__main__":
    main()
