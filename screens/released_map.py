"""The map of what is released, or would be, on a page: no record is read for it."""

from __future__ import annotations

from geo_data.grid import to_wgs84
from scoping.showing import maps, views
from scoping.showing.contents import Release
from screens import look, meeting_data
from screens.framed import framed

HEIGHT = 470  # with the figures above it one low screen


def draw(collection: str, release: Release, names: dict[str, str], *, key: str, selected: str | None = None) -> None:
    """Its last window, with a place chosen when one is asked for."""
    drawn = maps.base_map(meeting_data.ground(collection, release), released=True)
    looked_at = {
        "theme": look.theme(), "stamp": "SYNTHETIC DATA" if collection == "demo" else "",
        "unit": ("child", "children"), "window": len(release.labels) - 1, "selected": selected, "ask": int(selected is not None)}
    framed(drawn, key=key, height=HEIGHT, use_container_width=True, returned_objects=[],
           feature_group_to_add=maps.push(looked_at, maps.as_text(views.timeline(release, names, to_wgs84))))
