"""Unit postcodes as integers: read from text by the million, written back in the usual form.

A postcode is an outcode of two to four characters and an incode of a digit and two letters.
Its key packs the seven places of the padded form (`"NE6 ", "1AA"`) in base 37, so a sector is
`key // 37**2`, an outcode `key // 37**3`, and a sorted array of keys keeps each of them
together. The padding keeps outcode NE61 apart from sector NE6 1.

Nothing here loops over rows: texts are one buffer of bytes and every step is an array operation.
Source of the shapes: BS 7666, and the postcode rules of the ONS Postcode Directory user guide.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_data.text_column import from_bytes, to_bytes

Keys = npt.NDArray[np.int64]
Codes = npt.NDArray[np.uint8]

BASE = 37
SECTOR, OUTCODE = BASE**2, BASE**3  # divisors of a unit key
SIGNS = " ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"  # the digits of a key
_CHARS = np.frombuffer(SIGNS.encode(), dtype=np.uint8)
_BAD, _SKIP = 255, 254

_CODE_OF = np.full(256, _BAD, dtype=np.uint8)
_CODE_OF[_CHARS[1:]] = np.arange(1, 37)
_CODE_OF[np.arange(ord("a"), ord("z") + 1)] = np.arange(1, 27)
# White space is skipped, and so are the two bytes of a no-break space in UTF-8, which Excel leaves
# behind: any other character with one of those bytes has a second one that is refused.
_CODE_OF[[9, 10, 11, 12, 13, 32, 0xC2, 0xA0]] = _SKIP

_CLASS = np.zeros(256, dtype=np.uint8)  # 0 blank, 1 letter, 2 digit
_CLASS[1:27], _CLASS[27:37] = 1, 2
_SHAPES = ((1, 2, 0, 0), (1, 2, 2, 0), (1, 2, 1, 0), (1, 1, 2, 0), (1, 1, 2, 2), (1, 1, 2, 1))
_SHAPE_OK = np.zeros(81, dtype=bool)
for _shape in _SHAPES:
    _SHAPE_OK[np.dot(_shape, (27, 9, 3, 1))] = True
# Two outcodes of letters alone, both terminated: GIR (Girobank) and NPT (Newport).
_THREE_LETTERS = (7 * BASE**2 + 9 * BASE + 18, 14 * BASE**2 + 16 * BASE + 20)

# A letter read where a digit stands, and the reverse: O and 0, I or l and 1.
_TO_DIGIT = np.arange(256, dtype=np.uint8)
_TO_DIGIT[[15, 9, 12]] = 27, 28, 28
_TO_LETTER_I, _TO_LETTER_L = np.arange(256, dtype=np.uint8), np.arange(256, dtype=np.uint8)
_TO_LETTER_I[[27, 28]] = 15, 9
_TO_LETTER_L[[27, 28]] = 15, 12


def codes(texts: Any) -> Codes:
    """Texts to a (7, n) array of character codes, padded; a column of 255 is no postcode by its length or signs.

    Case and white space do not matter; missing values are allowed.
    """
    data, offsets = to_bytes(texts)
    grid = np.full((7, len(offsets) - 1), _BAD, dtype=np.uint8)
    if not len(data):
        return grid
    raw = _CODE_OF[data]
    kept = raw != _SKIP
    places = np.concatenate(([0], np.cumsum(kept, dtype=np.int64)))[offsets]
    signs = np.append(raw[kept], np.zeros(7, dtype=np.uint8))  # room for a gather past the last row
    start, length = places[:-1], np.diff(places)
    fits = (length >= 5) & (length <= 7)
    out = length - 3
    start = np.where(fits, start, 0)
    for place in range(4):
        grid[place] = np.where(place < out, signs[start + place], 0) if place > 1 else signs[start + place]
    incode = np.where(fits, start + out, 0)
    for place in range(3):
        grid[4 + place] = signs[incode + place]
    grid[:, ~fits | _any_bad(grid)] = _BAD
    return grid


def _any_bad(grid: Codes) -> npt.NDArray[np.bool_]:
    bad: npt.NDArray[np.bool_] = grid[0] == _BAD
    for place in grid[1:]:
        bad |= place == _BAD
    return bad


def keys_of(grid: Codes) -> Keys:
    """Keys of a (7, n) array of codes; -1 where the shape is not that of a postcode."""
    kind = _CLASS[grid]
    shape = kind[0] * 27 + kind[1] * 9 + kind[2] * 3 + kind[3]
    letters = (grid[0] * np.int64(BASE) + grid[1]) * BASE + grid[2]
    outcode = _SHAPE_OK[shape] | (np.isin(letters, _THREE_LETTERS) & (grid[3] == 0))
    good = outcode & (kind[4] == 2) & (kind[5] == 1) & (kind[6] == 1)
    key = np.zeros(grid.shape[1], dtype=np.int64)
    for place in grid:
        key = key * BASE + place
    return np.where(good, key, -1)


def repairs(grid: Codes) -> list[Keys]:
    """The keys each row could have when O and 0, or I, l and 1, were mixed up; -1 where none.

    The caller keeps a repair only when exactly one of them is a postcode that exists.
    """
    bad = _any_bad(grid)
    found = []
    for shape in _SHAPES:
        for to_letter in (_TO_LETTER_I, _TO_LETTER_L):
            mended = grid.copy()
            fits = ~bad
            for place, kind in enumerate((*shape, 2, 1, 1)):
                if kind:
                    mended[place] = (_TO_DIGIT if kind == 2 else to_letter)[grid[place]]
                fits &= _CLASS[mended[place]] == kind
            found.append(np.where(fits, keys_of(mended), -1))
    return found


def one_off(text: str) -> Keys:
    """The keys of all that differ from a text of the shape of a postcode in one letter or one digit."""
    grid = codes([text])
    found = []
    for place in range(7):
        for signs in (np.arange(1, 27), np.arange(27, 37)):
            if grid[place, 0] in signs:
                options = np.repeat(grid, len(signs), axis=1)
                options[place] = signs
                found.append(keys_of(options)[signs != grid[place, 0]])
    keys = np.concatenate(found) if found else np.zeros(0, dtype=np.int64)
    return keys[keys >= 0]


def text_of(keys: Keys) -> pd.Series:
    """Keys to a text column with one space (`"OL16 1LU"`); a negative key gives a missing value."""
    signs = np.empty((len(keys), 8), dtype=np.uint8)
    rest = np.where(keys < 0, 0, keys)
    for place in (7, 6, 5, 3, 2, 1, 0):
        rest, code = np.divmod(rest, BASE)
        signs[:, place] = _CHARS[code]
    blank = signs == ord(" ")
    signs[:, 4] = ord(" ")
    blank[:, 4] = False
    offsets = np.concatenate(([0], np.cumsum(8 - blank.sum(axis=1)))).astype(np.int64)
    return from_bytes(signs[~blank], offsets, keys < 0)


@lru_cache(maxsize=1 << 16)
def outcode_key(text: str) -> int:
    """Key of an outcode ("NE61"), -1 when the shape is wrong."""
    return _part_key(text.strip() + "0AA") // OUTCODE if text.strip() else -1


@lru_cache(maxsize=1 << 16)
def sector_key(text: str) -> int:
    """Key of a sector ("NE6 1"; the space, or the last character, parts outcode and digit), -1 when wrong."""
    return _part_key("".join(text.split()) + "AA") // SECTOR


def _part_key(text: str) -> int:
    return int(keys_of(codes([text]))[0])
