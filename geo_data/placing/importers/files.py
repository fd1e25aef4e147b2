"""Files as the publishers give them: a zip, a folder or one CSV; read in blocks, never whole.

Everything read is text. A file of another shape raises `InputError` with file, line and rule, and
never with the content of a cell.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa  # type: ignore[import-untyped]
from pyarrow import csv as arrow_csv

from geo_data.errors import InputError

BLOCK_BYTES = 16 << 20
_PEEK_BYTES = 1 << 16


@dataclass(frozen=True)
class Member:
    """One CSV: on its own, in a folder or in a zip; `name` is its path in there."""

    name: str
    size: int
    open: Callable[[], BinaryIO]

    def first_row(self) -> list[str]:
        """The cells of the first row; raises `InputError` when it is blank."""
        rows = self.first_rows(1)
        if not rows or not any(rows[0]):
            raise InputError("The first line is blank.", where=self.name, fix="Choose the file as downloaded.")
        return rows[0]

    def first_rows(self, count: int = 2) -> list[list[str]]:
        """The first rows as cells, without a byte order mark."""
        with self.open() as source:
            data = source.read(_PEEK_BYTES)
        if b"\0" in data:
            raise InputError("This is not a text file.", where=self.name, fix="Choose the CSV form of the product.")
        text = data.decode("utf-8-sig", errors="replace")
        lines = io.StringIO(text, newline="")
        try:
            return [row for row, _ in zip(csv.reader(lines), range(count), strict=False)]
        except csv.Error as error:
            raise InputError("The first lines cannot be read as CSV.", where=self.name) from error


@contextmanager
def members(path: Path, wanted: str, what: str) -> Iterator[list[Member]]:
    """The CSV files at `path` whose path within it matches the pattern `wanted` (any case), in order of name.

    `path` is one file (taken whatever its name), a folder or a zip. `what` says in the error what was looked for.
    """
    pattern = re.compile(wanted, re.IGNORECASE)
    try:
        if path.is_dir():
            files = [(file, file.relative_to(path).as_posix()) for file in sorted(path.rglob("*")) if file.is_file()]
            found = [_plain(file, name) for file, name in files if pattern.search(name)]
            yield _some(found, path, what)
        elif zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                names = sorted(name for name in archive.namelist() if pattern.search(name))
                yield _some([_zipped(archive, name) for name in names], path, what)
        elif path.suffix.lower() == ".zip":
            raise InputError("The zip file is damaged or incomplete.", where=path.name, fix="Download or copy it again.")
        else:
            yield _some([_plain(path, path.name)], path, what)
    except zipfile.BadZipFile as error:
        raise InputError("The zip file is damaged.", where=path.name, fix="Download or copy it again.") from error
    except OSError as error:
        raise InputError(f"The file cannot be read ({error.strerror or type(error).__name__}).", where=path.name,
                         fix="Check the path and the rights.") from error


def _some(found: list[Member], path: Path, what: str) -> list[Member]:
    if not any(member.size for member in found):
        raise InputError(f"There is no {what} here." if not found else "The file is empty.", where=path.name,
                         fix="Give the zip as downloaded, its folder, or one CSV file of it.")
    return [member for member in found if member.size]


def _plain(path: Path, name: str) -> Member:
    return Member(name, path.stat().st_size, lambda: path.open("rb"))


def _zipped(archive: zipfile.ZipFile, name: str) -> Member:
    info = archive.getinfo(name)
    if info.flag_bits & 1:
        raise InputError("The zip file is encrypted.", where=name, fix="Unpack it first.")
    return Member(name, info.file_size, lambda: archive.open(name))  # type: ignore[arg-type,return-value]


def beside(path: Path, wanted: str) -> str:
    """The text of the first small file of a zip or folder whose path matches the pattern; "" when there is none."""
    if not path.is_dir() and not zipfile.is_zipfile(path):
        return ""
    try:
        with members(path, wanted, "such file") as found, found[0].open() as source:
            return source.read(_PEEK_BYTES).decode("latin-1")
    except InputError:
        return ""  # only ever asked for what may be absent


def fingerprint(path: Path) -> list[dict[str, Any]]:
    """Name, size and SHA-256 of a file, or of a folder: of its files' names and contents together."""
    files = [path] if not path.is_dir() else sorted(file for file in path.rglob("*") if file.is_file())
    digest = hashlib.sha256()
    for file in files:
        if path.is_dir():
            digest.update(file.relative_to(path).as_posix().encode() + b"\0")
        with file.open("rb") as source:
            while block := source.read(1 << 20):
                digest.update(block)
    size = sum(file.stat().st_size for file in files)
    return [{"name": path.name, "bytes": size, "sha256": digest.hexdigest()}]


def header(names: Sequence[str], wanted: dict[str, str], member: Member, product: str) -> dict[str, str]:
    """For each wanted column the name it has in this file.

    `wanted` maps our name to a pattern that must match the whole of a column's name (any case); a pattern
    that starts with "?" is optional. Raises `InputError` naming what is missing, and never the file's own
    first row, which may be data when there is no header.
    """
    found: dict[str, str] = {}
    for ours, pattern in wanted.items():
        test = re.compile(pattern.removeprefix("?"), re.IGNORECASE)
        hit = next((name for name in names if test.fullmatch(name.strip())), None)
        if hit is not None:
            found[ours] = hit
        elif not pattern.startswith("?"):
            raise InputError(f"This is not {product}: no column for '{ours}'.", where=member.name,
                             fix="Check that it is the right file, with its header line.")
    return found


def batches(member: Member, names: Sequence[str], columns: dict[str, str], *, skip: int, encoding: str = "utf8",
            ) -> Iterator[dict[str, Any]]:
    """Blocks of a CSV: our column name -> large_string array (blank cells are ""), in file order.

    `names` are all columns of the file, `columns` maps ours to theirs, `skip` is 1 when the first line is a header.
    """
    unique = [f"{i}" for i in range(len(names))]  # a product may name two columns alike
    place = {ours: unique[list(names).index(theirs)] for ours, theirs in columns.items()}
    seen = 0
    try:
        with member.open() as source, arrow_csv.open_csv(
            source,
            read_options=arrow_csv.ReadOptions(use_threads=False, column_names=unique, skip_rows=skip, encoding=encoding,
                                               block_size=BLOCK_BYTES),
            parse_options=arrow_csv.ParseOptions(newlines_in_values=False),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(unique, pa.string()), include_columns=sorted(set(place.values())),
                strings_can_be_null=False),
        ) as reader:
            for batch in reader:
                yield {ours: batch.column(name).cast(pa.large_string()) for ours, name in place.items()}
                seen += batch.num_rows
    except pa.ArrowInvalid as error:
        got = re.search(r"Expected \d+ columns, got (\d+)", str(error))  # the rest of the message is the row itself
        rule = f"a row has {got[1]} columns where {len(names)} are expected" if got else "it cannot be read as UTF-8 CSV"
        raise InputError(f"The file is broken: {rule}.", where=f"{member.name}, after about {seen:,} rows",
                         fix="Download or copy it again.") from None


def numbers(column: Any, member: Member, what: str) -> Any:
    """A text column as float64; a blank cell is NaN, anything else that is no number refuses the file."""
    trimmed = pa.compute.utf8_trim_whitespace(column)
    blank = pa.compute.equal(trimmed, "")
    try:
        given = pa.compute.if_else(blank, pa.scalar(None, pa.large_string()), trimmed)
        return given.cast(pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        raise InputError(f"The column of {what} holds something that is not a number.", where=member.name,
                         fix="Check that it is the right file and not shifted by a column.") from None
