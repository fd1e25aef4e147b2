"""How the pages with filters begin: the data set and what the dials of the sidebar say, or a word on why there is nothing yet."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from geo_data.errors import ParameterError, ScopingError
from scoping.parameters import Parameters
from screens import controls, look, session, welcome


def chosen(title: str, *, at_once: bool = False,
           guess: Callable[[str, str, Parameters], object] | None = None) -> tuple[str, str, Parameters] | None:
    """Collection, its version, parameters. None when the page has said why it ends here. `at_once`: as `session.available`.

    `guess` is told what it will most likely be before the filters are drawn.
    """
    try:
        present = session.present()
    except ScopingError as error:
        look.head(title, "")
        st.error(look.literal(error.what))
        look.soft(error.fix)
        return None
    if not present:
        welcome.page()
        return None
    with st.sidebar:
        collection = controls.data_set(present)
        version = session.version(collection)
        try:
            available = session.available(collection, version, at_once=at_once)
            likely = controls.turned(available) if guess and collection != "sample" else None
            if guess and likely:
                guess(collection, version, likely)
            return collection, version, controls.parameters(available, sample=collection == "sample")
        except ParameterError as error:
            st.warning(look.words(error))
            return None


def foreseen() -> tuple[str, str, Parameters] | None:
    """What `chosen` says at a session's first look, known before any filter is drawn; None where only the filters can tell."""
    try:
        collection = controls.first_data_set(session.present())
        if collection is None or collection == "sample":
            return None
        version = session.version(collection)
        parameters = controls.foreseen(session.available(collection, version, at_once=True))
    except ScopingError:  # told by `chosen`, in its place
        return None
    return (collection, version, parameters) if parameters else None
