"""The command; see the package."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from tests.fuzz import campaign
from tests.fuzz.targets import TARGETS


def main() -> int:
    ask = argparse.ArgumentParser(prog="python -m tests.fuzz")
    ask.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}; all when none is named")
    ask.add_argument("--from", dest="first", type=int, default=0, help="number of the first case")
    ask.add_argument("--count", type=int, help="cases of each target (default: its short form, --times as many)")
    ask.add_argument("--times", type=int, default=1)
    ask.add_argument("--work", type=Path, help="folder that keeps the gazetteer between runs")
    told = ask.parse_args()
    failed = False
    with tempfile.TemporaryDirectory() as made:
        os.environ["SCOPING_FUZZ_GAZETTEER"] = str(campaign.gazetteer(told.work or Path(made)))
        for name in told.targets or TARGETS:
            target, count = TARGETS[name], told.count or TARGETS[name].short * told.times
            files = campaign.kept(name)
            old = campaign.feed([[name, files]])[name] if files else campaign.Result()
            result = campaign.run(name, told.first, count, _progress)
            print(f"{name}: cases {told.first:,} to {told.first + count - 1:,}: {result.done * target.each:,} fed, "
                  f"{result.taken * target.each:,} taken, {len(result.findings)} findings; slowest case {result.slowest_s:.2f} s, "
                  f"memory grew by {result.grown_mb:.0f} MB; corpus: {old.done} fed, {len(old.findings)} findings", flush=True)
            campaign.keep(name, result.findings)
            for finding in [*old.findings, *result.findings][:3]:
                print(f"  case {finding['case']}\n{finding['finding']}", flush=True)
            failed |= bool(result.findings or old.findings)
    return int(failed)


def _progress(so_far: campaign.Result) -> None:
    print(f"  {so_far.done:,} cases, {len(so_far.findings)} findings", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
