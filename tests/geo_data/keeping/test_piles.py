"""Piles of a collection follow every change of its locations, in the same transaction."""

from __future__ import annotations

import pandas as pd

from geo_data.keeping.engine import writing
from geo_data.keeping.store import Store
from geo_data.keeping.team_tables import PILES
from tests.geo_data.made import episodes, locations, source


def fill(store: Store, name: str, frame: pd.DataFrame, collection: str = "episodes") -> None:
    at = locations(frame, roles=("found",)).assign(method="coordinates_bng", tier="P1", precision_m=10.0, own_address=False)
    store.import_(collection, "episodes", frame, at, source(name, len(frame)))


def test_addresses_pile_up_over_files_and_are_gone_when_the_records_are_put_right(url: str) -> None:
    with Store(url) as store:
        fill(store, "a", episodes(["R-1", "R-2"], says=["1 Mill Lane", "Hill Street"]))
        assert store.piles("episodes").empty and set(store.locations("episodes")["tier"]) == {"P1"}
        fill(store, "other", episodes(["R-3"], says="The Green"), "demo")
        assert store.piles("episodes").empty and store.piles("demo").empty
        fill(store, "b", episodes(["R-3"], says="The Green"))
        assert store.piles("episodes")[["texts", "rows"]].to_numpy().tolist() == [[3, 3]]
        assert set(store.locations("episodes")["tier"]) == {"P4"}
        fill(store, "c", episodes(["R-3"], days=1, says="Hill Street"))
        assert store.piles("episodes").empty and set(store.locations("episodes")["tier"]) == {"P1"}
        store.clear("episodes")
        assert store.piles("episodes").empty


def test_an_old_database_learns_its_piles(url: str) -> None:
    from geo_data.keeping import migrations

    with Store(url) as store:
        fill(store, "a", episodes(["R-1", "R-2", "R-3"], says=["1 Mill Lane", "Hill Street", "The Green"]))
        with writing(store._engine) as connection:
            migrations.downgrade(connection, "0003")
    with Store(url) as store:
        assert list(store.piles("episodes")["texts"]) == [3]
        assert PILES.name == "pile_ups"
