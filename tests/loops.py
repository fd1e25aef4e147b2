"""Compile the loops of the analysis once, so that test processes side by side need not each do it: `python -m tests.loops`."""

from __future__ import annotations

from scoping.attack.cities import city
from scoping.change.scan import ScanSettings, prospective
from scoping.parameters import Parameters, WindowScheme
from scoping.scope import scope
from scoping.showing import disclosure

if __name__ == "__main__":
    records = city("suburb", 1).records
    for text in ("month", "rolling:91d:28d"):
        disclosure.release(scope(records, Parameters(window=WindowScheme.parse(text))))
    prospective(records, Parameters(), settings=ScanSettings(runs=99))
