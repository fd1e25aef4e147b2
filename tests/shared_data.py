"""Find the shared reference data, or skip with a reason: nothing under it is needed to run the product."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def shared(*parts: str) -> Path:
    """Path of a shared reference file; skips the test when it is not there."""
    root = Path(os.environ.get("SCOPING_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    path = root.joinpath("data", *parts)
    if not path.exists():
        pytest.skip(f"reference data not present: {'/'.join(parts)} (set SCOPING_SHARED to its folder)")
    return path
