"""Comparison of a picture with a kept one that survives another font or another smoothing: both are made small first.

A picture that has no reference yet is kept and the test fails: look at it, and run again. To accept a changed look, delete
the reference.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

KEPT = Path(__file__).parent / "references"
WIDTH, TILE = 160, 6  # pixels of the small picture, and of the side of the squares that are compared in it
SAME, ANOTHER = 14, 28  # of 255: measured, letters of another font differ by up to 6 on a map, a missing hotspot by 40


def small(picture: bytes) -> Image.Image:
    """The picture averaged down to `WIDTH` pixels, on white where it is transparent."""
    seen = Image.open(io.BytesIO(picture)).convert("RGBA")
    on_white = Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen).convert("RGB")
    return on_white.resize((WIDTH, round(WIDTH * seen.height / seen.width)), Image.Resampling.BOX)


def difference(picture: bytes, name: str) -> float:
    """How far the square that differs most is from the same square of the reference `name`: 0 (the same) to 255."""
    kept, seen = KEPT / f"{name}.png", small(picture)
    if not kept.exists():
        KEPT.mkdir(exist_ok=True)
        seen.save(kept, optimize=True)
        raise AssertionError(f"{kept.name} was not there and has been made: look at it before you keep it.")
    reference = Image.open(kept).convert("RGB")
    if reference.size != seen.size:
        return 255.0
    far = np.abs(np.asarray(reference, np.int16) - np.asarray(seen, np.int16)).max(axis=2).astype(np.float64)
    return float(np.lib.stride_tricks.sliding_window_view(far, (TILE, TILE)).mean(axis=(2, 3)).max())
