"""What takes long to make and is kept from one test run to the next, also when several test processes run side by side."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def kept(config: pytest.Config, name: str, make: Callable[[Path], object]) -> Path:
    """The folder `name`, filled by `make` once; each test process beside another has its own copy, as some tests damage it."""
    whole = Path(config.cache.mkdir(name))
    process = os.environ.get("PYTEST_XDIST_WORKER", "")
    with (whole / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (whole / ".made").exists():
            make(whole)
            (whole / ".made").touch()
        if not process:
            return whole
        own = Path(config.cache.mkdir(f"{name}-{process}"))
        if not (own / ".made").exists():
            shutil.copytree(whole, own, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".lock", ".made"))
            (own / ".made").touch()
    return own
