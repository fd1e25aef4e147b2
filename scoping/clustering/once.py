"""`once`: a property that is worked out when it is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["once"]

if TYPE_CHECKING:
    from functools import cached_property as once
else:
    class once:
        """functools.cached_property as it is from Python 3.12 on: before, one lock for all instances let threads wait for others.

        Two threads that ask the same instance at the same moment may both do the work; the first answer is kept.
        """

        def __init__(self, work):
            self.work, self.__doc__ = work, work.__doc__

        def __set_name__(self, owner, name):
            self.name = name

        def __get__(self, instance, owner=None):
            return self if instance is None else instance.__dict__.setdefault(self.name, self.work(instance))
