"""One upload from bytes to the store: read, profile, personal data out, validate, locate, import."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geo_data.errors import InputError
from geo_data.keeping.store import PROGRAM, Source, Store
from geo_data.keeping.withdrawn import without
from geo_data.placing.locations import locate
from geo_data.reading.personal import refused_cells, refused_columns
from geo_data.reading.profiles import PROFILES, Nature, Profile, guess, named
from geo_data.reading.read import RawTable, read_table, shown_name
from geo_data.reading.rejects import Problems
from geo_data.reading.validate import validate
from geo_data.schema import ROLE_LABELS, ROLES, TIERS

if TYPE_CHECKING:
    from geo_data.placing.decisions import Decisions
    from geo_data.placing.gazetteer import Gazetteer

Progress = Callable[[float, str], None]
SWITCH_S = 0.0003  # after which one thread gives way to another; a thousand rows are stored in 30 ms
SHOWN_LINES = 10  # of a file, named for each rule that they break
COLLECTIONS: dict[Nature, str] = {"episodes": "episodes", "public_sample": "sample"}


@dataclass(frozen=True)
class Prepared:
    """A file made ready and not yet stored.

    ``rows`` counts rows of the file, ``rejects`` may hold several lines a row; ``located`` is {role: {tier: n}};
    ``episodes`` are EPISODES with 'category' and 'time_precision', ``locations`` LOCATIONS with their index.
    """

    sha256: str
    filename: str
    profile: str
    nature: Nature
    received_at: datetime
    rows: int
    notes: tuple[str, ...]
    episodes: pd.DataFrame
    locations: pd.DataFrame
    rejects: pd.DataFrame
    located: dict[str, dict[str, int]]

    @property
    def rejected(self) -> int:
        """Rows refused."""
        return int(self.rejects["row"].nunique())


@dataclass(frozen=True)
class ImportReport:
    """What an import did. ``unchanged`` includes rows older than the current record, which go to its history.

    ``located`` is of the rows that became current, {role: {tier: n}}.
    """

    filename: str
    profile: str
    collection: str
    rows: int
    accepted: int
    amended: int
    unchanged: int
    rejected: int
    located: dict[str, dict[str, int]]
    notes: tuple[str, ...]
    already_imported: bool

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        located = {role: dict(tiers) for role, tiers in self.located.items()}
        return vars(self) | {"located": located, "notes": [*self.notes]}


def prepare(
    data: bytes,
    filename: str,
    *,
    gazetteer: Gazetteer,
    now: datetime,
    profile: str | None = None,
    mapping: Mapping[str, str] | None = None,
    decisions: Decisions | None = None,
    made: datetime | None = None,
    progress: Progress | None = None,
) -> Prepared:
    """Read and check an upload; nothing is stored.

    `now` (with its zone) is the time of receipt: later times in the file are refused. `profile` is a name of
    `PROFILES`, by default the one whose columns fit; `mapping` {source column: schema column, or "" to leave it
    out} overrides it; `decisions` are the team's about texts of places; `made`, by default `now`, stands in where a profile
    says that its files are extracted when they are received. Raises `InputError` when the whole file is
    unusable; refused rows are `Prepared.rejects`.
    """
    if now.tzinfo is None:
        raise ValueError("now needs a time zone")
    tell = progress or (lambda fraction, text: None)
    tell(0.02, "Reading the file")
    where = shown_name(filename)
    raw = read_table(data, filename)
    personal = refused_columns(raw.frame.columns)
    notes = [*raw.notes, *(f"Column '{column}' {reason}: not read." for column, reason in personal.items())]
    tell(0.30, "Matching its columns")
    try:
        chosen = _profile(raw, profile)
        applied = chosen.apply(raw.frame.drop(columns=list(personal)), _allowed(mapping or {}, personal), received=made or now)
    except InputError as error:
        raise InputError(error.what, fix=error.fix, where=", ".join(filter(None, (where, error.where)))) from None

    tell(0.40, "Checking every row")
    intimate = refused_cells(applied.frame)
    valid = validate(applied.frame, chosen.nature, now=now)
    rejects = _rejects(raw.rejects, intimate, applied.rejects, valid.rejects, applied.sources)
    refused = set(rejects["row"])
    episodes = valid.episodes[~valid.episodes.index.isin(refused)]

    tell(0.60, "Placing the locations")
    locations = _with_lines(locate(episodes, gazetteer, decisions=decisions), episodes)
    faults = _faults(episodes, locations)
    tell(1.00, "Ready")
    return Prepared(
        sha256=hashlib.sha256(data).hexdigest(), filename=where, profile=chosen.name, nature=chosen.nature,
        received_at=now, rows=raw.rows, notes=(*notes, *applied.notes, *valid.notes, *faults), episodes=episodes,
        locations=locations, rejects=rejects, located=_located(locations),
    )


def ahead(makers: Iterable[Callable[[], Prepared]]) -> Iterator[Callable[[], Prepared]]:
    """What gives each prepared file, in order, or raises what making it raised: while one is stored, the next is made ready.

    A thread does it, one file ahead and no more: while a database writes, a processor is free. Its caller asks for the
    interpreter after every few rows and shall not wait for it longer than that takes.
    """
    waits = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_S)
    pool = ThreadPoolExecutor(1, thread_name_prefix="scoping-intake")
    try:
        before: Future[Prepared] | None = None
        for make in makers:
            coming = pool.submit(make)
            if before is not None:
                yield before.result
            before = coming
        if before is not None:
            yield before.result
    finally:
        pool.shutdown(cancel_futures=True)
        sys.setswitchinterval(waits)


def commit(prepared: Prepared, store: Store, collection: str | None = None, actor: str = PROGRAM) -> ImportReport:
    """Store a prepared file in one transaction: all of it or, when anything fails, nothing (`StoreError`).

    `actor` is who imports, for the audit. Public sample data goes to its own collection unless one is named,
    and the store refuses to mix natures.
    """
    name = collection or COLLECTIONS[prepared.nature]
    gone = without(store, name, prepared.episodes)
    episodes, locations = prepared.episodes[~gone], prepared.locations[~prepared.locations.index.isin(gone.index[gone])]
    source = Source(prepared.sha256, prepared.filename, prepared.profile, prepared.received_at,
                    prepared.rows, prepared.rejected)
    counts = store.import_(name, prepared.nature, episodes, locations, source, actor=actor)
    notes = prepared.notes
    if gone.any():
        notes = (f"{_rows(int(gone.sum()))} left out: their source has since withdrawn the episode.", *notes)
    if counts.erased:
        notes = (f"{_rows(counts.erased)} left out: the episode was erased here.", *notes)
    if counts.already_imported:
        notes = ("This file was imported before: nothing has changed.", *notes)
    if counts.older:
        notes = (*notes, f"{_rows(counts.older, 'is', 'are')} older than the record held and went to its history.")
    return ImportReport(
        filename=prepared.filename, profile=prepared.profile, collection=name, rows=prepared.rows,
        accepted=counts.accepted, amended=counts.amended, unchanged=counts.unchanged + counts.older,
        rejected=prepared.rejected, located=_located(locations[locations.index.isin(counts.current)]), notes=notes,
        already_imported=counts.already_imported,
    )


def _rows(number: int, one: str = "was", many: str = "were") -> str:
    return f"1 row {one}" if number == 1 else f"{number:,} rows {many}"


def refused(rejects: pd.DataFrame) -> list[dict[str, Any]]:
    """REJECTS in short, without any value: one entry for each column and rule, in order of the file.

    ``lines`` are the first `SHOWN_LINES` lines of the file that it holds for, ``rows`` is how many do.
    """
    groups = rejects.groupby(["column", "rule", "fix"], sort=False, dropna=False)["row"]
    return [{"column": column if isinstance(column, str) else None, "rule": rule, "fix": fix, "rows": int(lines.nunique()),
             "lines": lines.drop_duplicates().head(SHOWN_LINES).tolist()} for (column, rule, fix), lines in groups]


def _faults(episodes: pd.DataFrame, locations: pd.DataFrame) -> list[str]:
    """Sentences on recorded coordinates and postcodes that placed nothing: in the sea, never existed ..."""
    said = []
    for role in ROLES:
        placed = locations[locations["role"] == role]
        of = episodes.loc[placed.index]
        coordinates = of[f"{role}_easting"].notna() | of[f"{role}_latitude"].notna()
        used = placed["method"].isin(["coordinates_bng", "coordinates_wgs84", "published_point"])
        unused = (coordinates & ~used) | (of[f"{role}_postcode"].notna() & ~used & placed["method"].ne("postcode"))
        reasons = placed["reason"][unused].str.replace("; .*", "", regex=True)
        for reason, lines in reasons.index.to_series().groupby(reasons.to_numpy(), sort=True):
            shown = ", ".join(map(str, lines.head(SHOWN_LINES))) + (" ..." if len(lines) > SHOWN_LINES else "")
            rows = "1 row" if len(lines) == 1 else f"{len(lines):,} rows"
            said.append(f"{ROLE_LABELS[role]}, not used in {rows}: {reason} (line {shown}).")
    return said


def _profile(raw: RawTable, name: str | None) -> Profile:
    if name is not None:
        return named(name)
    if (chosen := guess(raw.frame.columns)) is not None:
        return chosen
    nearest = max(PROFILES.values(), key=lambda profile: len(profile.match(raw.frame.columns).sources))
    match = nearest.match(raw.frame.columns)
    if not match.sources:
        raise InputError("The columns fit no profile.", where="header",
                         fix="Does the first line hold the column names? If so, choose a profile and map the columns.")
    lacking = ", ".join(match.missing) or ", ".join(nearest.recognised_by)
    raise InputError(f"The columns fit no profile. The nearest is '{nearest.name}', which lacks: {lacking}.",
                     fix="Choose a profile and map the columns, or fill in the template.", where="header")


def _allowed(mapping: Mapping[str, str], personal: Mapping[str, str]) -> dict[str, str]:
    for source, target in mapping.items():
        if source in personal and target:
            raise InputError(f"A column mapped to {target} {personal[source]} and is never read.",
                             fix="Choose another column.", where="mapping")
    return {source: target for source, target in mapping.items() if source not in personal}


def _rejects(unread: pd.DataFrame, intimate: pd.DataFrame, unmapped: pd.DataFrame, invalid: pd.DataFrame,
             sources: Mapping[str, str]) -> pd.DataFrame:
    """All refusals under the file's own column names. What `validate` says of a cell refused before is left out:
    a cell with personal content must not come back as the value of another rule."""
    problems = Problems()
    for found in (unread, _named(intimate, sources), unmapped):
        problems.extend(found)
    invalid = _named(invalid, sources)
    earlier = problems.frame()
    known = pd.MultiIndex.from_frame(earlier[["row", "column"]])
    problems.extend(invalid[~pd.MultiIndex.from_frame(invalid[["row", "column"]]).isin(known)])
    return problems.frame()


def _named(rejects: pd.DataFrame, sources: Mapping[str, str]) -> pd.DataFrame:
    return rejects.assign(column=rejects["column"].replace(dict(sources))) if len(rejects) else rejects


def _with_lines(locations: pd.DataFrame, episodes: pd.DataFrame) -> pd.DataFrame:
    """Give each location the line of its episode, which tells several records of one reference apart.

    Locations come in the order of the episodes and, within one, of the roles; every episode has at least one.
    """
    role = locations["role"].map({name: rank for rank, name in enumerate(ROLES)}).to_numpy()
    ref = locations["episode_ref"].to_numpy()
    begins = np.r_[True, (role[1:] <= role[:-1]) | (ref[1:] != ref[:-1])][: len(locations)]
    position = np.cumsum(begins) - 1
    if begins.sum() != len(episodes) or (episodes["episode_ref"].to_numpy()[position] != ref).any():
        raise ValueError("locate must give every episode its locations, in order")
    return locations.set_axis(episodes.index[position])


def _located(locations: pd.DataFrame) -> dict[str, dict[str, int]]:
    counts = locations.groupby(["role", "tier"]).size()
    return {role: {tier: int(counts.get((role, tier), 0)) for tier in TIERS} for role in ROLES}
