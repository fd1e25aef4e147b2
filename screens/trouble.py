"""What is said in the place of a page when the database does not answer, or takes no writes."""

from __future__ import annotations

import streamlit as st

from geo_data.errors import StoreError
from screens import look


def tell(error: StoreError) -> None:
    """What is wrong, what still stands, and a button to try again: nothing has to be started anew."""
    look.head("The database cannot be used at the moment", "Scoping waits for it and goes on by itself at your next step.")
    st.error(look.words(error), icon=":material/cloud_off:")
    look.soft("Nothing is half done: a step is stored whole or not at all. Until the database answers and can be written, no "
              "records are shown, because every look at them is entered in the audit first; what stands in other tabs can still "
              "be read, and nothing can be changed.")
    st.button("Try again", type="primary", icon=":material/refresh:")
