"""The one place where loops are compiled (numba): on first use, kept on disk for the next process.

Import a module of compiled loops only where it is called: importing numba takes half a second,
which `scoping --help` and the start of the server need not wait for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba


def compiled(loop: Callable[..., Any]) -> Any:
    """`loop` as machine code that releases the interpreter's lock. Without fast-math: sums and distances are IEEE's.

    The code is kept in `__pycache__`, else in the user's cache folder or `NUMBA_CACHE_DIR`; where
    none of them can be written, every process compiles for itself. A loop may call other compiled
    loops of its own file only: the kept code knows when its file changed, not when another did.
    """
    try:
        return numba.njit(loop, cache=True, nogil=True)
    except RuntimeError:  # no folder for the cache can be written
        return numba.njit(loop, nogil=True)


def threads() -> int:
    """Threads worth starting on this machine."""
    return int(numba.get_num_threads())
