"""Make the demonstration: the invented county, its map and place names, and two years of invented episodes."""

from __future__ import annotations

from geo_data import setup
from geo_data.reading.intake import ImportReport
from screens import session


def load(progress: session.Progress) -> ImportReport:
    """Everything from nothing, in the store's collection 'demo'. Raises `ScopingError`."""
    folder = session.gazetteer_folder()
    setup.ensure_gazetteer(folder, lambda fraction, text: progress(0.4 * fraction, f"Place names and postcodes: {text}"))
    return setup.make_demo(session.store(), folder, session.demo_map_folder(), now=session.now(), actor=session.actor(),
                           progress=lambda fraction, text: progress(0.4 + 0.6 * fraction, text)).report
