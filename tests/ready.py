"""What all test processes need is made once, while what the tests need is still being installed: `python -m tests.ready`.

The loops of the analysis are compiled; the national gazetteer, the invented county with its map and its worlds, and the
demonstration are made. It needs the packages of the product alone.
"""

from __future__ import annotations

from scoping.attack.cities import city
from scoping.change.scan import ScanSettings, prospective
from scoping.parameters import Parameters, WindowScheme
from scoping.scope import scope
from scoping.showing import disclosure
from tests.geo_data.county import the_world
from tests.screens.world import demo_home


def loops() -> None:
    """Have those compiled that most tests run."""
    records = city("suburb", 1).records
    for text in ("month", "rolling:91d:28d"):
        disclosure.release(scope(records, Parameters(window=WindowScheme.parse(text))))
    prospective(records, Parameters(), settings=ScanSettings(runs=99))


if __name__ == "__main__":
    loops()
    for null in (False, True):
        the_world(null=null)
    demo_home()
