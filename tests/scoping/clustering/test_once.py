"""`once` works once for each instance, and lets the threads of other instances work meanwhile."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from scoping.clustering.once import once


class Slow:
    def __init__(self, meeting: Barrier) -> None:
        self.meeting, self.worked = meeting, 0

    @once
    def answer(self) -> object:
        """What takes long."""
        self.worked += 1
        self.meeting.wait(10)  # raises when the other is not let in
        return object()


def test_two_instances_are_at_work_at_the_same_time_and_each_once() -> None:
    meeting = Barrier(2)
    both = [Slow(meeting), Slow(meeting)]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda each: each.answer, both))
    assert [each.answer for each in both] == answers and answers[0] is not answers[1]
    assert [each.worked for each in both] == [1, 1]
    assert Slow.__dict__["answer"].__doc__ == "What takes long."
