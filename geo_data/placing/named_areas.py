"""Settlements and wards by their normalised name, over all parts of the gazetteer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from geo_data.placing.gazetteer_part import Area, Part


class NamedAreas:
    """Lists are shared between those who ask: not to be changed."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._settlements = [(part.settlements, part.imported) for part in parts if part.settlements]
        self._localities = [part.localities for part in parts if part.localities]
        self._asked: dict[str, list[Area]] = {}

    def settlements(self, wanted: str) -> list[Area]:
        """Own names before alternates, larger ones first."""
        known = self._asked.get(wanted)
        if known is None:
            known = self._found(wanted)
            if known:  # so there are no more of them than names in the gazetteer
                self._asked[wanted] = known
        return known

    def _found(self, wanted: str) -> list[Area]:
        found: list[Area] = []
        for held, imported in self._settlements:
            for area in held.get(wanted, ()):
                same = [number for number, other in enumerate(found) if imported and area.is_near(other)]
                for number in same:  # one place: its parish may reach further than its inhabitants tell
                    found[number] = replace(found[number], precision_m=max(found[number].precision_m, area.precision_m))
                found += [] if same else [area]
        return sorted(found, key=lambda area: (-area.population, area.rank, area.name)) if found else found

    def localities(self, wanted: str) -> list[Area]:
        """Wards, as far as an imported layer holds them and no settlement of that name lies there."""
        held = [area for localities in self._localities for area in localities.get(wanted, ())]
        known = self.settlements(wanted) if held else []
        return [area for area in held if not any(area.is_near(other) for other in known)]
