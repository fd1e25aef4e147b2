"""Every error the product raises on purpose.

    ScopingError                 shown to the user without a traceback
      InputError                 a file, row or text cannot be used (exit 2)
      ParameterError             a dial is outside its range (exit 2)
      GazetteerError             the gazetteer is missing, stale or broken (exit 3)
      StoreError                 the database is missing, newer, broken or busy (exit 4)
      DisclosureError            what was asked for may not be shown (exit 5)
      AccessError                this person may not see or do it (exit 6)

A message says what is wrong, where (file, row, column), which rule, and what to do.
It never carries the value of a cell: values reach the person who uploads them on
screen and no log.
"""

from __future__ import annotations


class ScopingError(Exception):
    """Base of all expected errors.

    ``what`` is one sentence; ``fix`` says what to do; ``where`` names file, row or column.
    """

    exit_code = 1

    def __init__(self, what: str, *, fix: str = "", where: str = "") -> None:
        self.what, self.fix, self.where = what, fix, where
        super().__init__(" ".join(part for part in (f"{where}:" if where else "", what, fix) if part))


class InputError(ScopingError):
    """A file, a row or a text cannot be used."""

    exit_code = 2


class ParameterError(ScopingError):
    """An analyst's dial is outside its allowed range."""

    exit_code = 2


class GazetteerError(ScopingError):
    """The gazetteer is missing, stale or broken."""

    exit_code = 3


class StoreError(ScopingError):
    """The database is missing, newer than the program, broken or busy."""

    exit_code = 4


class DisclosureError(ScopingError):
    """What was asked for may not be shown to this reader."""

    exit_code = 5


class AccessError(ScopingError):
    """The person's role does not allow what was asked for, or they are no longer signed in."""

    exit_code = 6
