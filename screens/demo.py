"""Make the demonstration: the invented county, its map and place names, and two years of invented episodes."""

from __future__ import annotations

<<<<<<< HEAD
from geo_data import county_map, gazetteer, synthetic
from geo_data.county import county
from geo_data.intake import ImportReport, commit, prepare
from geo_data.setup import street_rows
=======
from geo_data import setup
from geo_data.intake import ImportReport
>>>>>>> importers
from screens import session


def load(progress: session.Progress) -> ImportReport:
    """Everything from nothing, in the store's collection 'demo'. Raises `ScopingError`."""
    folder = session.gazetteer_folder()
<<<<<<< HEAD
    gazetteer.build(folder, lambda fraction, text: progress(0.35 * fraction, f"Place names and postcodes: {text}"))
    progress(0.36, "Drawing the county")
    drawn = county()
    county_map.write_map(drawn, session.demo_map_folder())
    progress(0.55, "Naming its places")
    gazetteer.add_layer(folder, "demo", drawn.postcodes, drawn.places, "invented county", streets=street_rows(drawn))
    progress(0.60, "Inventing episodes")
    world = synthetic.world(drawn)
    prepared = prepare(world.episodes_csv, FILENAME, gazetteer=session.gazetteer(), now=session.now(), profile="native",
                       progress=lambda fraction, text: progress(0.7 + 0.25 * fraction, text))
    progress(0.96, "Keeping them")
    return commit(prepared, session.store(), "demo")
=======
    setup.ensure_gazetteer(folder, lambda fraction, text: progress(0.4 * fraction, f"Place names and postcodes: {text}"))
    return setup.make_demo(session.store(), folder, session.demo_map_folder(), now=session.now(),
                           progress=lambda fraction, text: progress(0.4 + 0.6 * fraction, text)).report
>>>>>>> importers
