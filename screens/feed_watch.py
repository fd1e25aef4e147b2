"""A word on every screen when a sender of the daily feed fell silent."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from geo_data.errors import ScopingError
from geo_data.reading import feed
from screens import look, session


@st.cache_data(ttl=60, max_entries=4, show_spinner=False)
def status(folder: str, store_url: str) -> pd.DataFrame:
    """What `feed.status` says, at most a minute old; it names senders and files, no record."""
    return feed.status(session.settings().feed_folder, session.opened(), datetime.now(UTC))


def warn() -> None:
    """Say which senders are overdue, when there are any."""
    folder = session.settings().feed_folder
    if not folder.is_dir() or not session.person().may("records"):
        return
    try:
        late = (told := status(str(folder), session.settings().store_url))[told["overdue"]]
    except ScopingError as error:
        st.warning(f"The daily feed cannot be looked at. {look.words(error)}", icon=":material/sync_problem:")
        return
    if len(late):
        senders = look.literal(", ".join(said(row["sender"], row["last_received"]) for row in late.to_dict("records")))
        st.warning(f"No feed received: {senders}. What is shown may be out of date.", icon=":material/sync_problem:")


def said(sender: str, last: pd.Timestamp) -> str:
    """A sender and when it was last heard of."""
    return f"{sender} (never)" if pd.isna(last) else f"{sender} (last {last.tz_convert('Europe/London'):%-d %B %Y, %H:%M})"
