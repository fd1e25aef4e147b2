"""A map in its place in a page."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from functools import cache
from typing import Any

from scoping.showing import maps

_CARRIED: ContextVar[str] = ContextVar("carried")


def framed(drawn: Any, *, feature_group_to_add: Any, **options: Any) -> Any:
    """Show a folium map in the page; `options` are those of `st_folium`, and so is what comes back.

    What the group carries is put in once st_folium is through with its texts: it looks for indents and names in each of them,
    letter by letter, which for a map's megabyte takes a quarter of a step and lets nobody else work meanwhile.

    Loaded by the page that draws it and not before: a component that is loaded outside a page is not known to the server,
    which then has no file of it to give.
    """
    _CARRIED.set(maps.unload(feature_group_to_add))
    return _st_folium()(drawn, feature_group_to_add=feature_group_to_add, **options)


@cache
def _st_folium() -> Callable[..., Any]:
    import streamlit_folium

    component = streamlit_folium._component_func

    def loaded(**given: Any) -> Any:
        return component(**given | {"feature_group": given["feature_group"].replace(maps.MARK, _CARRIED.get())})

    streamlit_folium._component_func = loaded
    found: Callable[..., Any] = streamlit_folium.st_folium
    return found
