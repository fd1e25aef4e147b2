"""The one place where loops are compiled (numba): on first use, kept on disk for the next process.

Import a module of compiled loops only where it is called: importing numba takes half a second,
which `scoping --help` and the start of the server need not wait for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
from llvmlite import ir
from numba import types
from numba.extending import intrinsic


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


def _trailing_zeros(typing_context: Any, bits: Any) -> Any:
    """Zero bits below the lowest set bit of a number that is not 0; one instruction of the processor."""
    return types.int64(types.uint64), lambda context, builder, told, given: builder.cttz(given[0], ir.Constant(ir.IntType(1), 1))


def _ones(typing_context: Any, bits: Any) -> Any:
    """How many bits of a number are set; one instruction of the processor."""
    return types.int64(types.uint64), lambda context, builder, told, given: builder.ctpop(given[0])


trailing_zeros: Any = intrinsic(_trailing_zeros)
ones: Any = intrinsic(_ones)


def threads() -> int:
    """Threads worth starting on this machine."""
    return int(numba.get_num_threads())


def alone() -> None:
    """From now on `threads` is 1 for this thread: it is one of several that each do a whole piece of work."""
    numba.set_num_threads(1)
