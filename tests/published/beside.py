"""Print each published number beside ours (`pytest tests/published -rP` shows them), and hold them equal."""

from __future__ import annotations

import pytest


def same(what: str, published: float, ours: float, within: float = 0.0) -> None:
    """`within` is the half unit of the last digit that was published; 0 for counts."""
    print(f"{what:<58} published {published:>12.10g}   ours {ours:>14.10g}")
    assert ours == pytest.approx(published, rel=0, abs=within), what
