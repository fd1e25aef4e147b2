"""TOML that people write by hand: settings, policy, profiles, a sender's notes."""

from __future__ import annotations

import tomllib
from typing import Any


def parse(text: str) -> dict[str, Any]:
    """The tables of TOML text. Raises `ValueError`, and nothing else, for text that is none (with "line N" where that is known):
    also for numbers and nesting beyond what Python reads, for which the standard library raises other errors.
    """
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("brackets are nested too deeply") from None
