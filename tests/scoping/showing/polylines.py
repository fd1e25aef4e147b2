"""What the map's script does with a polyline, for the tests that look at what it is handed."""

from __future__ import annotations


def corners(text: str) -> list[tuple[float, float]]:
    """(lat, lon) of each corner, read letter by letter as the format says."""
    found, numbers, bits, shift = [], [], 0, 0
    at = [0, 0]
    for letter in text:
        code = ord(letter) - 63
        assert 0 <= code < 64, letter
        bits |= (code & 31) << shift
        shift += 5
        if code < 32:
            numbers.append(~(bits >> 1) if bits & 1 else bits >> 1)
            bits = shift = 0
            if len(numbers) == 2:
                at = [at[0] + numbers[0], at[1] + numbers[1]]
                found.append((at[0] / 1e5, at[1] / 1e5))
                numbers = []
    assert not numbers and not shift, "a corner ends in the middle"
    return found
