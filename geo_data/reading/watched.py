"""The watched folder: which files have arrived whole, and where each goes afterwards. Knows nothing of what they say.

    feed/<sender>/             files as they arrive; feed.toml may say their profile and how often they come
    feed/<sender>/done/        imported; removed after some days
    feed/<sender>/quarantine/  put aside, each with a text of the reasons
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from geo_data import toml_text
from geo_data.errors import InputError, ScopingError
from geo_data.reading.raw_table import MAX_BYTES

SETTLED_S = 10.0  # a file changed more recently may still be being written
SUFFIXES = (".csv", ".txt", ".tsv", ".xlsx")
UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload", ".partial", "~")
DONE, QUARANTINE, CONFIG, LOCK = "done", "quarantine", "feed.toml", ".lock"
DELETIONS = "deleted"  # a file whose name begins so lists episodes that their source has taken back


class FeedError(ScopingError):
    """The watched folder cannot be used."""

    exit_code = 2


@dataclass(frozen=True)
class Sender:
    """Whose files lie in a folder. `every_days`: how often they come; 0: whenever."""

    name: str
    folder: Path
    profile: str | None = None
    collection: str | None = None
    every_days: float = 1.0


@dataclass(frozen=True)
class Arrived:
    """A file read whole."""

    path: Path
    data: bytes
    changed: float = 0.0  # seconds since 1970: when it was written, or, where the transfer keeps that, made

    def at(self, now: datetime) -> datetime:
        """When it arrived, with its zone: when it was last changed, and never after `now`."""
        return now if self.changed >= now.timestamp() else datetime.fromtimestamp(max(self.changed, 0.0), UTC)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def deletions(self) -> bool:
        return self.path.name.lower().startswith(DELETIONS)


def senders(folder: Path) -> list[Sender]:
    """The senders of a watched folder, by name. Raises `FeedError` for a feed.toml that cannot be used."""
    try:
        return [_sender(path) for path in sorted(folder.iterdir()) if path.is_dir() and not path.name.startswith(".")]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise FeedError(f"The watched folder cannot be read ({error.strerror}).", where=str(folder),
                        fix="Check the folder and its permissions.") from None


def _sender(folder: Path) -> Sender:
    path = folder / CONFIG
    try:
        said = toml_text.parse(path.read_text("utf-8-sig")) if path.is_file() else {}
    except (OSError, ValueError):
        raise FeedError("This feed.toml cannot be read.", where=str(path), fix='Write lines such as profile = "compact".') from None
    unknown = set(said) - {"profile", "collection", "every_days"}
    every = said.get("every_days", 1)
    if unknown or not isinstance(every, int | float) or isinstance(every, bool) or not 0 <= every <= 366 or not all(
            isinstance(said.get(name, ""), str) for name in ("profile", "collection")):
        raise FeedError("This feed.toml says something else than profile, collection and every_days (0 to 366).", where=str(path),
                        fix='For instance: profile = "compact" and every_days = 1.')
    return Sender(folder.name, folder, said.get("profile"), said.get("collection"), float(every))


def waiting(sender: Sender) -> list[Path]:
    """The sender's files that may be taken up, oldest first."""
    found = [path for path in sender.folder.iterdir() if path.is_file() and not path.name.startswith((".", "~$"))
             and path.suffix.lower() in SUFFIXES and not path.name.lower().endswith(UNFINISHED)]
    return sorted(found, key=lambda path: (_changed_at(path), path.name))


def _changed_at(path: Path) -> int:
    """When the file last changed, in nanoseconds; 0 for one that was taken away meanwhile."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def take(path: Path, settled_s: float = SETTLED_S) -> Arrived | None:
    """The file, or None when it is still being written, was replaced while it was read, or is gone: the next run will see.

    Raises `InputError` when it is too large.
    """
    try:
        before = path.stat()
        if abs(time.time() - before.st_mtime) < settled_s:
            return None
        if before.st_size > MAX_BYTES:
            raise InputError(f"The file is larger than {MAX_BYTES / 1e6:.0f} MB.", where=path.name, fix="Ask for smaller files.")
        data = path.read_bytes()
        after = path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise FeedError(f"A file cannot be read ({error.strerror}).", where=path.name, fix="Check its permissions.") from None
    same = all(getattr(before, name) == getattr(after, name) for name in ("st_size", "st_mtime_ns", "st_ino"))
    return Arrived(path, data, before.st_mtime) if same and len(data) == after.st_size else None


def put(arrived: Arrived, where: str, reasons: str = "", rejects: bytes = b"") -> None:
    """Move a file to `where` (done or quarantine) beside its reasons; a name that is taken gets a number.

    A file that was replaced meanwhile stays: it is another file, for the next run. One that was too large to read moves unread.
    """
    folder = arrived.path.parent / where
    folder.mkdir(mode=0o700, exist_ok=True)
    target = _free(folder / arrived.path.name)
    if reasons:
        _write(target.with_name(target.name + ".reasons.txt"), reasons.encode())
    if rejects:
        _write(target.with_name(target.name + ".rejects.csv"), rejects)
    with contextlib.suppress(FileNotFoundError):  # taken away meanwhile: it was imported all the same
        if not arrived.data or arrived.path.read_bytes() == arrived.data:
            shutil.move(str(arrived.path), target)
            os.utime(target)


def _free(path: Path) -> Path:
    numbered = (path.with_name(f"{path.stem}-{n}{path.suffix}") for n in range(2, 10_000))
    return path if not path.exists() else next(other for other in numbered if not other.exists())


def _write(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        stream.write(data)


def clear_done(sender: Sender, now: datetime, days: int) -> int:
    """Remove imported files older than `days`; how many: they are in the store, and a second copy is a second risk."""
    folder, before = sender.folder / DONE, (now - timedelta(days=days)).timestamp()
    old = [path for path in folder.iterdir() if path.is_file() and path.stat().st_mtime < before] if folder.is_dir() else []
    for path in old:
        path.unlink()
    return len(old)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One run at a time. The lock ends with the process, however that ends. Raises `FeedError` when another run holds it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        stream = (folder / LOCK).open("a+b")
    except OSError as error:
        raise FeedError(f"The watched folder cannot be written ({error.strerror}).", where=str(folder),
                        fix="Check the folder and its permissions.") from None
    with stream:
        try:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise FeedError("Another run of the feed is under way.", where=str(folder), fix="Wait until it has ended.") from None
        yield
