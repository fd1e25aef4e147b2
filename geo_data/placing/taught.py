"""Decisions and the aliases among them: a name that also holds behind words such as "near" or "outside"."""

from __future__ import annotations

from collections.abc import Iterable

from geo_data.placing.decisions import Decision, Decisions

# As `text_key` writes them: "o/s" is "o / s".
_BEFORE = frozenset("near nr outside opposite opp behind beside inside by at in on the rear of next to around o r s /".split())


class Taught(Decisions):
    """Decisions of a team; those whose key is among `aliases` also answer texts that only put such words before the name."""

    def __init__(self, decisions: Iterable[Decision] = (), aliases: Iterable[str] = ()) -> None:
        super().__init__(decisions)
        self._by_name = {bare(alias): alias for alias in aliases}

    def find(self, key: str, area: frozenset[str] = frozenset()) -> Decision | None:
        """The decision on this very text, else that on the alias it holds."""
        found = super().find(key, area)
        if found is None and (alias := self._by_name.get(bare(key))) is not None:
            return super().find(alias, area)
        return found


def bare(key: str) -> str:
    """A `text_key` without the words before a name: "nr the chippy" gives "chippy". Never empty for a key that is not."""
    words = key.split()
    first = next((i for i, word in enumerate(words) if word not in _BEFORE), len(words) - 1)
    return " ".join(words[max(first, 0):])
