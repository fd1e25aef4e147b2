"""Which rows of a file are new, newer, the same or older: decided for all rows at once.

The rows of one episode are put in order of `extracted_at`, then of their lines. One that
is not older than the stored current record follows it: where it says something else, it
replaces it; where it says the same, it makes the record as new as itself. So the current
record is the newest, whatever the order of files and rows; of two extracted at the same
moment, the one received last. A row older than the stored record never becomes current:
it goes to history, once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Positions = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Stored:
    """The stored current record of each reference of the file, (references,); version 0: none."""

    row_hash: Ints
    extracted_at: Ints
    version: Ints


@dataclass(frozen=True)
class Plan:
    """What is to be done. Rows are positions in the file's frame, references positions in `Stored`."""

    accepted: int
    amended: int
    unchanged: int
    current: Positions  # rows that become current, in order of reference
    current_version: Ints
    current_extracted_at: Ints  # the newest extract that says so
    replaced: Positions  # references whose stored record goes to history
    passed: Positions  # rows already superseded by a later row of the file: to history
    passed_version: Ints
    passed_extracted_at: Ints
    confirmed: Positions  # references whose stored record a newer extract repeats, to be done first
    confirmed_at: Ints
    older: Positions  # rows older than the stored record, and different: to history unless there


def plan(reference: Positions, extracted_at: Ints, line: Ints, row_hash: Ints, stored: Stored) -> Plan:
    """Decide for every row, (n,), given the position of its reference in `stored`."""
    order = np.lexsort((line, extracted_at, reference))
    known = stored.version[reference] > 0
    late = known & (extracted_at < stored.extracted_at[reference])
    same_as_stored = row_hash == stored.row_hash[reference]

    rows = order[~late[order]]
    of, said, at = reference[rows], row_hash[rows], extracted_at[rows]
    first = np.append(True, of[1:] != of[:-1])[: len(of)]
    changed = np.where(first, ~(known & same_as_stored)[rows], said != np.roll(said, 1))
    group = np.cumsum(first) - 1
    so_far = np.cumsum(changed)
    nth = so_far - (so_far - changed)[first][group]  # how many changes of this reference up to this row
    total = nth[np.append(first[1:], True)[: len(of)]][group]
    wins = changed & (nth == total)
    passes = changed & ~wins
    # rows that say the same one after another are one record, as new as the last of them
    begins = changed | first
    ends = np.append(begins[1:], True)[: len(of)]
    newest = at[ends][np.cumsum(begins) - 1]
    repeats = ends & (nth == 0) & (at > stored.extracted_at[of])
    version = stored.version[of] + nth
    new = changed & first & ~known[rows]
    return Plan(
        accepted=int(new.sum()),
        amended=int((changed & ~new).sum()),
        unchanged=int((~changed).sum() + (late & same_as_stored).sum()),
        current=rows[wins],
        current_version=version[wins],
        current_extracted_at=newest[wins],
        replaced=of[wins & known[rows]],
        passed=rows[passes],
        passed_version=version[passes],
        passed_extracted_at=newest[passes],
        confirmed=of[repeats],
        confirmed_at=at[repeats],
        older=order[(late & ~same_as_stored)[order]],
    )
