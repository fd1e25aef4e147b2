"""Piles of a collection follow every change of its locations, in the same transaction."""

from __future__ import annotations

import random

import pandas as pd
from pandas.testing import assert_frame_equal
from sqlalchemy import func, select

from geo_data.keeping.decided import Decided, Ruling
from geo_data.keeping.engine import writing
from geo_data.keeping.measure import measure
from geo_data.keeping.piles import held, refresh
from geo_data.keeping.store import Store
from geo_data.keeping.tables import LOCATIONS
from tests.geo_data.made import episodes, locations, source


def piles(store: Store, collection: str) -> pd.DataFrame:
    with store.reading() as connection:
        return held(connection, collection)


def fill(store: Store, name: str, frame: pd.DataFrame, collection: str = "episodes") -> None:
    at = locations(frame, roles=("found",)).assign(method="coordinates_bng", tier="P1", precision_m=10.0, own_address=False)
    store.import_(collection, "episodes", frame, at, source(name, len(frame)))


def test_addresses_pile_up_over_files_and_are_gone_when_the_records_are_put_right(url: str) -> None:
    with Store(url) as store:
        fill(store, "a", episodes(["R-1", "R-2"], says=["1 Mill Lane", "Hill Street"]))
        assert piles(store, "episodes").empty and set(store.locations("episodes")["tier"]) == {"P1"}
        fill(store, "other", episodes(["R-3"], says="The Green"), "demo")
        assert piles(store, "episodes").empty and piles(store, "demo").empty
        fill(store, "b", episodes(["R-3"], says="The Green"))
        assert piles(store, "episodes")[["texts", "rows"]].to_numpy().tolist() == [[3, 3]]
        assert set(store.locations("episodes")["tier"]) == {"P4"}
        fill(store, "c", episodes(["R-3"], days=1, says="Hill Street"))
        assert piles(store, "episodes").empty and set(store.locations("episodes")["tier"]) == {"P1"}
        store.clear("episodes")
        assert piles(store, "episodes").empty


def test_an_old_database_learns_its_piles(url: str) -> None:
    from geo_data.keeping import migrations

    with Store(url) as store:
        fill(store, "a", episodes(["R-1", "R-2", "R-3"], says=["1 Mill Lane", "Hill Street", "The Green"]))
        with writing(store._engine) as connection:
            migrations.downgrade(connection, "0006")
    with Store(url) as store:
        assert list(piles(store, "episodes")["texts"]) == [3]


def test_the_team_may_say_that_the_addresses_are_one_place_and_take_it_back(url: str) -> None:
    with Store(url) as store:
        fill(store, "a", episodes(["R-1", "R-2", "R-3"], says=["the mall", "car park of the mall", "by the mall"]))
        pile, kept = piles(store, "episodes").iloc[0], Decided(store)
        said = Ruling(f"{pile['easting']:.0f}, {pile['northing']:.0f}", "candidate", easting=pile["easting"],
                      northing=pile["northing"], precision_m=10.0, tier="P1")
        version = store.version("episodes")
        number = kept.decide("ann", [said], lambda frame, taught: locations(frame), synthetic=False).ids[0]
        assert piles(store, "episodes").empty and set(store.locations("episodes")["tier"]) == {"P1"}
        assert store.version("episodes") != version
        fill(store, "b", episodes(["R-4"], says="at the mall"))
        assert piles(store, "episodes").empty
        kept.undo("ann", number, lambda frame, taught: locations(frame))
        assert len(piles(store, "episodes")) == 1 and set(store.locations("episodes")["tier"]) == {"P4"}


def test_what_an_import_adds_is_what_counting_everything_gives(url: str) -> None:
    """After each file: piles, sizes and span as if worked out from all rows, whether it only added or also replaced."""
    chance, says = random.Random(5), ["mill", "hill", "green", "bridge", None]
    with Store(url) as store:
        for number in range(8):
            refs = [f"R-{number}-{i}" for i in range(12)] + ([f"R-{number - 1}-{i}" for i in range(4)] if number % 3 == 2 else [])
            frame = episodes(refs, days=number, says=[chance.choice(says) for _ in refs])
            frame["reported_at"] -= pd.to_timedelta([chance.randrange(900) for _ in refs], unit="D")
            at = locations(frame, roles=("found",)).assign(
                method=[chance.choice(("coordinates_bng", "postcode")) for _ in refs], tier="P1", own_address=False,
                easting=[400_000.0 + 0.1 * chance.randrange(4) for _ in refs])
            store.import_("episodes", "episodes", frame, at, source(f"f{number}", len(frame)))
            grown, listed = piles(store, "episodes"), store.collections().drop(columns="version")
            with writing(store.engine) as connection:
                refresh(connection, "episodes")
                measure(connection, "episodes")
                assert listed.loc[0, "locations"] == connection.execute(select(func.count()).select_from(LOCATIONS)).scalar()
            assert_frame_equal(grown, piles(store, "episodes"))
            assert_frame_equal(listed, store.collections().drop(columns="version"))
        assert len(grown) > 1
