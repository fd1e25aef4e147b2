"""A map in its place in a page."""

from __future__ import annotations

from typing import Any


def framed(drawn: Any, **options: Any) -> Any:
    """Show a folium map in the page; `options` are those of `st_folium`, and so is what comes back.

    Loaded by the page that draws it and not before: a component that is loaded outside a page is not known to the server,
    which then has no file of it to give.
    """
    from streamlit_folium import st_folium

    return st_folium(drawn, **options)
