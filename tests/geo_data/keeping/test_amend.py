"""The plan for a file is what its rows, taken one by one, come to."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data.keeping.amend import Plan, Stored, plan
from tests.geo_data.amend_model import ROW, RowByRow

REFERENCES = ["R-1", "R-2", "R-3"]
Record = tuple[int, str, int]


def _plan(rows: list[tuple[str, int, str]], current: dict[str, Record], lines: np.ndarray) -> Plan:
    kept = [current.get(ref, (0, "-", 0)) for ref in REFERENCES]
    stored = Stored(row_hash=np.array([ord(says) for _, says, _ in kept]),
                    extracted_at=np.array([day for day, _, _ in kept]), version=np.array([v for _, _, v in kept]))
    reference = np.array([REFERENCES.index(ref) for ref, _, _ in rows], np.intp)
    days, said = np.array([day for _, day, _ in rows]), np.array([ord(says) for _, _, says in rows])
    return plan(reference, days, lines, said, stored)


def _carry_out(step: Plan, rows: list[tuple[str, int, str]], current: dict[str, Record],
               history: dict[str, list[Record]]) -> int:
    """Do to plain dictionaries what the store does to tables; how many older rows were there already."""
    for ref, day in zip(step.confirmed.tolist(), step.confirmed_at.tolist(), strict=True):
        current[REFERENCES[ref]] = (day, *current[REFERENCES[ref]][1:])
    for ref in step.replaced.tolist():
        history[REFERENCES[ref]].append(current.pop(REFERENCES[ref]))
    for row, version, day in zip(step.passed.tolist(), step.passed_version.tolist(),
                                 step.passed_extracted_at.tolist(), strict=True):
        history[rows[row][0]].append((day, rows[row][2], version))
    seen = 0
    for row in step.older.tolist():
        ref, day, says = rows[row]
        if (day, says) in [record[:2] for record in history[ref]]:
            seen += 1
        else:
            history[ref].append((day, says, 0))
    for row, version, day in zip(step.current.tolist(), step.current_version.tolist(),
                                 step.current_extracted_at.tolist(), strict=True):
        assert rows[row][0] not in current
        current[rows[row][0]] = (day, rows[row][2], version)
    return seen


@settings(max_examples=300, derandomize=True, deadline=None)
@given(files=st.lists(st.lists(ROW, max_size=8), max_size=4), data=st.data())
def test_deciding_for_all_rows_at_once_is_deciding_row_by_row(files: list[Any], data: Any) -> None:
    model, current, history = RowByRow(), {}, {ref: [] for ref in REFERENCES}
    for rows in files:
        lines = np.arange(len(rows))
        shuffled = data.draw(st.permutations(range(len(rows))))
        given_rows = [rows[at] for at in shuffled]
        step = _plan(given_rows, current, lines[shuffled] if rows else lines)
        seen = _carry_out(step, given_rows, current, history)
        expected = model.take(rows)
        assert (step.accepted, step.amended, step.unchanged + seen, len(step.older) - seen) == tuple(
            expected[outcome] for outcome in ("accepted", "amended", "unchanged", "older"))
    assert current == model.current
    assert {ref: sorted(past) for ref, past in history.items()} == {
        ref: sorted(model.history.get(ref, [])) for ref in REFERENCES}
