"""Invented map payloads of the exact shape that `scoping.showing.views.timeline` gives."""

from __future__ import annotations

import math
import random
from typing import Any

CLASSES = ["born", "reactivated", "grew", "stable", "shrank", "moved", "merged", "split", "dissolved", "no_data"]


def _ring(lon: float, lat: float, metres: float, squares: int, seed: int) -> list[list[list[float]]]:
    """One polygon: a blocky outline, as a union of grid cells gives."""
    rng = random.Random(seed)
    d_lat, d_lon = metres / 111_320, metres / (111_320 * math.cos(math.radians(lat)))
    heights = [rng.randint(1, squares) for _ in range(squares)]
    points = [[0, 0]]
    for i, h in enumerate(heights):
        points += [[i, h], [i + 1, h]]
    points += [[squares, 0], [0, 0]]
    return [[[round(lon + (x - squares / 2) * d_lon, 6), round(lat + (y - squares / 2) * d_lat, 6)] for x, y in points]]


def payload(hotspots: int = 10, windows: int = 12, *, lon: float = -0.9, lat: float = 55.35, seed: int = 1,
            names: list[str] | None = None) -> dict[str, Any]:
    rng = random.Random(seed)
    months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    labels = [f"{months[i % 12]} {2024 + i // 12}" for i in range(windows)]
    spans = [[f"{2024 + i // 12}-{i % 12 + 1:02d}-01", f"{2024 + (i + 1) // 12}-{(i + 1) % 12 + 1:02d}-01"] for i in range(windows)]
    feats = []
    for h in range(hotspots):
        x, y = lon + rng.uniform(-0.12, 0.12), lat + rng.uniform(-0.06, 0.06)
        first = rng.randint(0, max(0, windows - 4))
        rings, w = [], {}
        for k in range(first, windows):
            c = "born" if k == first else CLASSES[2 + (h + k) % 6] if k < windows - 1 else CLASSES[h % 10]
            if c in ("grew", "moved", "born", "merged", "split", "shrank") or not rings:
                rings.append(_ring(x + rng.uniform(-0.001, 0.001), y, 100, rng.randint(3, 6), h * 100 + k))
            n = rng.randint(3, 24)
            w[str(k)] = {"c": c, "n": n, "e": n + rng.randint(0, 9), "s": int(rng.random() < 0.1), "r": len(rings) - 1}
        feats.append({"id": f"h{h:03d}", "name": names[h % len(names)] if names else f"near Place {h}", "w": w, "rings": rings})
    return {"labels": labels, "spans": spans, "feats": feats, "classes": CLASSES}
