"""The first screen: nothing is loaded yet."""

from __future__ import annotations

import streamlit as st

from geo_data.errors import ScopingError
from screens import demo as demonstration
from screens import look, session


def page() -> None:
    look.empty("See where missing children's episodes concentrate, and how that changes",
               "Load a file of missing episodes, and Scoping places them, finds the hotspots of each window of time, and "
               "follows each one as it appears, grows, moves and fades. Everything stays on this computer.",
               "New here? The demonstration is an invented county with two years of invented episodes. It is stamped "
               "SYNTHETIC everywhere and kept apart from your own data.", heading="h1")
    with st.container(horizontal=True):
        demo = st.button("Load the demonstration", type="primary", icon=":material/science:")
        if st.button("Import a file", icon=":material/upload_file:"):
            st.switch_page(st.session_state["pages"]["import"])
    if demo:
        load_demo()


def load_demo() -> None:
    session.must("import")
    with st.status("Making the demonstration", expanded=True) as status:
        bar = st.progress(0.0)
        try:
            demonstration.load(lambda fraction, text: bar.progress(min(max(fraction, 0.0), 1.0), text=text))
        except ScopingError as error:
            status.update(label=look.literal(error.what), state="error")
            look.soft(error.fix)
            return
    st.rerun()
