"""What the commands share: opening the store and the gazetteer, reading and writing files, telling progress."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from geo_data.errors import InputError, ScopingError
from settings import Settings

if TYPE_CHECKING:
    from geo_data.keeping.store import Store
    from scoping.showing.rules import Rules


class Add(Protocol):
    """Adds one command: its name, what runs it, and one line of help; returns its parser."""

    def __call__(self, name: str, run: Callable[[argparse.Namespace, Settings], Any], summary: str) -> argparse.ArgumentParser: ...


def open_store(arguments: argparse.Namespace, settings: Settings, *, new: bool = False) -> Store:
    """The store that is asked for. `new`: the command may begin one; else one that is named must be there already."""
    from geo_data.keeping.audit import seal
    from geo_data.keeping.store import Store

    if arguments.store and not new:
        must_be_there(arguments.store, "--store")
    return Store(arguments.store or settings.store_url, seal(settings.home, settings.audit_key))


def must_be_there(url: str, where: str) -> None:
    """A mistyped file is told, where opening it would make an empty database of its name."""
    from geo_data.keeping.engine import is_missing

    if is_missing(url):
        raise InputError("There is no such database.", where=where,
                         fix="Check the path. 'scoping import', 'scoping demo' and 'scoping restore' begin a new one.")


def actor() -> str:
    """Who runs the command, for the audit: the login of the operating system."""
    return f"{getpass.getuser()[:100]} (command line)"


def gazetteer(settings: Settings) -> Any:
    from geo_data import setup
    from geo_data.placing.gazetteer import open_gazetteer

    setup.ensure_gazetteer(settings.gazetteer_folder, bar)
    return open_gazetteer(settings.gazetteer_folder)


def version() -> str:
    """The program and its version, as printed on what leaves the team."""
    from importlib.metadata import version as installed

    return f"Scoping {installed('scoping')}"


def rules(settings: Settings) -> Rules:
    """What may be released to whom: the policy file's rules. Raises `DisclosureError` when one is below a floor."""
    from scoping.showing.rules import parse

    return parse(settings.policy_text(), settings.marking)


def collection(store: Store, named: str | None) -> str:
    """The collection that is asked for; by default the agency's own, else the sample, else the demo."""
    held = list(store.collections()["name"])
    if not held:
        raise InputError("The store holds no episodes yet.",
                         fix="Import a file with 'scoping import FILE', or make demo data with 'scoping demo'.")
    if named and named not in held:
        raise InputError("The store has no such collection.", fix=f"It holds: {', '.join(held)}.", where="--collection")
    chosen = named or next((name for name in ("episodes", "sample", "demo") if name in held), str(held[0]))
    if chosen not in ("sample", "demo"):  # published or invented: looking at them tells nothing of anyone
        store.note(actor(), "view records", {"collection": chosen})
    return chosen


def read(path: Path) -> bytes:
    """A file's bytes, and no more of them than the intake takes; a device or a folder is no file."""
    from geo_data.reading.raw_table import MAX_BYTES
    from geo_data.reading.read import shown_name

    try:
        if path.exists() and not path.is_file():
            raise InputError("This is not a file.", where=shown_name(path.name), fix="Name the CSV or XLSX file itself.")
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # a NUL in a name is a ValueError
        raise InputError(f"The file cannot be read ({getattr(error, 'strerror', None) or 'its name is not one'}).",
                         where=shown_name(path.name), fix="Check the path and the rights.") from None


def save(path: Path, data: bytes, option: str) -> None:
    """Write a file that only this user may read: most of them hold what a table on screen would not show.

    The file is whole or, when the disk fills or the program dies, the one that was there before.
    """
    special = path.exists() and not path.is_file()  # such as /dev/stdout, or a pipe
    target = path if special else path.resolve()
    written = target if special else target.with_name(f".{target.name}.{os.getpid()}")
    try:
        try:
            with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
                stream.write(data)
            if not special:
                written.replace(target)
        except BaseException:
            if not special:
                written.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InputError(f"The file cannot be written ({error.strerror}).", where=option,
                         fix="Check the path, its folder and the rights.") from None


def told(error: ScopingError) -> dict[str, str]:
    return {"what": error.what, "where": error.where, "fix": error.fix}


def complain(error: ScopingError) -> int:
    print(f"scoping: {error}", file=sys.stderr)
    return error.exit_code


def listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def day(text: str | None, option: str) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError("This is not a date.", where=option, fix="Write it as YYYY-MM-DD.") from error


def progress(arguments: argparse.Namespace) -> Callable[[float, str], None] | None:
    return None if arguments.json else bar


def counter(arguments: argparse.Namespace, what: str, every: int = 1) -> Callable[[int, int], None] | None:
    """Tells "WHAT 3 of 8" of each step, or of every so many and of the last; nobody where a program reads the answer."""
    def tell(done: int, all_: int) -> None:
        if done % every == 0 or done == all_:
            bar(done / all_, f"{what} {done} of {all_}")

    return None if arguments.json else tell


def bar(fraction: float, text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{fraction:4.0%} {text:<60.60}", end="\n" if fraction >= 1 else "", file=sys.stderr, flush=True)
    else:
        print(f"{fraction:4.0%} {text}", file=sys.stderr)


def write(text: str) -> None:
    sys.stdout.write(text + "\n")
