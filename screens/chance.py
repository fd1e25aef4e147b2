"""What would chance give? The real changes beside those of the same records with their dates shuffled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from scoping.change.calibrate import expected_changes
from scoping.transitions import CHANGES, TRANSITIONS
from screens import look, session

if TYPE_CHECKING:
    from screens.spot import Shown

RUNS = 20


def section(shown: Shown) -> None:
    with st.container(border=True):
        look.small_heading("Could this be chance?")
        look.soft("Shuffles the dates over the same children and places, so that nothing about where has changed, and counts the "
                  "changes that would still be seen in all windows together. A number well above its range is more than chance.")
        kept = st.session_state.setdefault("chance", {})
        key = str(shown.given)
        if key not in kept:
            if st.button("What would chance give?", icon=":material/casino:"):
                with st.container():
                    bar = st.progress(0.0, text="Shuffling the dates")

                    def tell(done: int, runs: int) -> None:
                        bar.progress(done / runs, text=f"Shuffle {done} of {runs}")

                    collection, version, parameters, _, today = shown.given
                    kept[key] = expected_changes(session.locations(collection, version), parameters, runs=RUNS, today=today,
                                                 progress=tell)
                while len(kept) > 8:
                    kept.pop(next(iter(kept)))
                st.rerun()
            return
        st.dataframe(_table(kept[key]), hide_index=True, alt="Changes seen and changes expected by chance", column_config={
            "Expected by chance": st.column_config.NumberColumn(format="%.1f", help=f"Mean of {RUNS} shuffled worlds."),
            "Range": st.column_config.TextColumn("Range (90 %)", help="5th to 95th percentile of the shuffled worlds."),
            "Seen": st.column_config.NumberColumn(help="Over all windows, before small places are withheld.")})


def _table(found: pd.DataFrame) -> pd.DataFrame:
    rows = found.set_index("change").loc[list(TRANSITIONS)]
    above, below = rows["real"] > rows["high"], rows["real"] < rows["low"]
    return pd.DataFrame({
        "Change": [CHANGES[code].capitalize() for code in rows.index],
        "Seen": rows["real"].to_numpy(),
        "Expected by chance": rows["expected_mean"].to_numpy(),
        "Range": [f"{low:.0f} – {high:.0f}" for low, high in zip(rows["low"], rows["high"], strict=True)],
        "So": ["more than chance" if more else "fewer than chance" if fewer else "within chance"
               for more, fewer in zip(above, below, strict=True)],
    })
