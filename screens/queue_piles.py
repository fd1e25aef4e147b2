"""Coordinates that several addresses share: taken as the middle of an area, until the team says that they are one place."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from geo_data.errors import ScopingError
from geo_data.keeping.decided import SYNTHETIC, Ruling
from geo_data.keeping.piles import held
from geo_data.placing.naming import describe
from screens import look, queue_card, session

EXACT_M = 10.0


def section(collection: str) -> None:
    """The piles of a collection, and the way to accept one as a place; nothing where there are none."""
    with session.opened().reading() as connection:
        found = held(connection, collection).sort_values(["rows", "easting", "northing"], ascending=[False, True, True])
    if found.empty:
        return
    look.small_heading("Coordinates that several addresses share")
    look.soft("Three or more different addresses with the same coordinates are usually the middle of a town that a system wrote "
              "where it found nothing: they do not enter the counting. Where they are names of one place, say so.")
    near = describe(session.gazetteer(), found["easting"].to_numpy(), found["northing"].to_numpy())
    frame = pd.DataFrame({"Where": [str(name)[:1].upper() + str(name)[1:] for name in np.asarray(near)],
                          "Easting": found["easting"], "Northing": found["northing"],
                          "Addresses": found["texts"], "Rows": found["rows"]})
    whole = {name: st.column_config.NumberColumn(format="%.0f") for name in ("Easting", "Northing")}
    said = st.dataframe(frame, hide_index=True, on_select="rerun", selection_mode="single-row", key=f"piles-{len(found)}",
                        height="content" if len(frame) <= 6 else 260, column_config=whole,
                        alt="Coordinates that several addresses share")
    if not said["selection"]["rows"] or not st.button("They are one place", icon=":material/check:"):
        return
    pile = found.iloc[said["selection"]["rows"][0]]
    e, n = float(pile["easting"]), float(pile["northing"])
    try:
        session.must("locate")
        ruling = Ruling(f"{e:.0f}, {n:.0f}", "candidate", easting=e, northing=n, precision_m=EXACT_M, tier="P1",
                        note="one place with several names")
        outcome = session.decided().decide(session.actor(), [ruling], session.place, synthetic=collection == SYNTHETIC)
    except ScopingError as error:
        st.error(look.words(error))
        return
    st.session_state[queue_card.DONE] = {"id": outcome.ids[0], "says": f"Decided. {int(pile['rows']):,} rows count again."}
    st.rerun()
