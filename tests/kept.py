"""What takes long to make and is kept from one test run to the next, also when several test processes run side by side.

It needs no pytest: `tests.ready` makes some of it while what the tests need is still being installed.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def kept(name: str, make: Callable[[Path], object]) -> Path:
    """The folder `name`, filled by `make` once; each test process beside another has its own copy, as some tests damage it."""
    whole = _folder(name)
    process = os.environ.get("PYTEST_XDIST_WORKER", "")
    with (whole / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (whole / ".made").exists():
            make(whole)
            (whole / ".made").touch()
        if not process:
            return whole
        own = _folder(f"{name}-{process}")
        if not (own / ".made").exists():
            copied(whole, own)
            (own / ".made").touch()
    return own


def copied(whole: Path, to: Path) -> Path:
    """A copy of a kept folder that knows nothing of having been kept."""
    return Path(shutil.copytree(whole, to, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".lock", ".made")))


def number(files: Iterable[Path]) -> str:
    """Of the code in `files`: it changes when they do."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]


def _folder(name: str) -> Path:
    """Beside what pytest keeps between runs."""
    folder = ROOT / ".pytest_cache" / "d" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder
