"""Imported by an interpreter that finds this folder on its path: to follow hotspots takes it SLOWED_S seconds longer."""

import os
import sys
import threading
import time


def _slow() -> None:
    while not hasattr(sys.modules.get("scoping.change.ledger"), "track"):
        time.sleep(0.05)
    ledger = sys.modules["scoping.change.ledger"]
    track = ledger.track

    def slowed(clusters, points, windows, *rest, **more):  # type: ignore[no-untyped-def]
        if len(windows) > 1:
            time.sleep(float(os.environ["SLOWED_S"]))
        return track(clusters, points, windows, *rest, **more)

    ledger.track = slowed


if "SLOWED_S" in os.environ:
    threading.Thread(target=_slow, daemon=True).start()
