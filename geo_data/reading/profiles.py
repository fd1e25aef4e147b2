"""How the columns of a source become the columns of EPISODES. One TOML file a profile, in ``profile_files``.

    title, nature          for the reader; "episodes" or "public_sample"
    dates                  "iso", or "day_first": 03/04/2025 is 3 April because the profile says so
    recognised_by          source columns that together give the source away
    [columns]              schema column = names it may have in the source
    [joins]                schema column = [names of the date column], [names of the time column]
    [texts]                schema column = text columns put one after the other
    [constants]            the same value for every row; extracted_at = "received": the moment the file is received
    [defaults]             for blank cells; counted in the notes
    [copies]               schema column = the other schema column that stands in for it when blank
    [prefixes]             put before a reference, so that two systems' numbers never meet
    [values.COLUMN]        the source's words = the schema's codes
    [identity]             references made from the content of the row
    [month]                times known to the month
    [known]                source columns that are of no use and need no note

Names and words are compared without case, spaces and punctuation.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pandas as pd

from geo_data import toml_text
from geo_data.errors import InputError
from geo_data.reading.rejects import Problems
from geo_data.reading.words import key, read_yes_no, written_dates
from geo_data.schema import EPISODES

Nature = Literal["episodes", "public_sample"]
RECEIVED = "received"
TARGETS = (*EPISODES.names, "category")
# what a row of public sample data must have; the rest of the required columns stays missing
PUBLIC_SAMPLE_REQUIRED = ("episode_ref", "person_ref", "source_system", "extracted_at", "recording_force",
                          "reported_at", "sharing_restriction")
_WANTED_WHEN: dict[str, tuple[str, str | None]] = {"found_at_own_address": ("found_at", None),
                                                   "rhi_accepted": ("rhi_offered", "Y")}
_TIMES = tuple(column.name for column in EPISODES.columns if column.kind in ("datetime", "date"))


def required(nature: Nature) -> tuple[str, ...]:
    """Schema columns that every row of such a source must fill."""
    if nature == "public_sample":
        return PUBLIC_SAMPLE_REQUIRED
    return tuple(column.name for column in EPISODES.columns if column.need == "R")


class Match(NamedTuple):
    """Which columns of a file feed which columns of the schema.

    ``sources`` schema column -> its source columns; ``missing`` required columns that nothing feeds;
    ``unknown`` source columns that feed nothing.
    """

    sources: dict[str, tuple[str, ...]]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]


class Applied(NamedTuple):
    """``frame`` text columns of EPISODES, 'category' and 'time_precision', index as given; REJECTS; notes; sources."""

    frame: pd.DataFrame
    rejects: pd.DataFrame
    notes: list[str]
    sources: dict[str, str]


@dataclass(frozen=True)
class Profile:
    """One source's way of naming and writing things; see the module's head for the parts."""

    name: str
    title: str
    nature: Nature
    dates: Literal["iso", "day_first"]
    recognised_by: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    joins: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)
    texts: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    copies: Mapping[str, str] = field(default_factory=dict)
    prefixes: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    identity: Mapping[str, Any] = field(default_factory=dict)
    month: Mapping[str, Any] = field(default_factory=dict)
    known: tuple[str, ...] = ()
    midnight_is_unknown: bool = False

    def recognises(self, columns: Iterable[str]) -> bool:
        return {key(name) for name in self.recognised_by} <= {key(name) for name in columns}

    def match(self, columns: Iterable[str], mapping: Mapping[str, str] | None = None) -> Match:
        """Match a file's columns to the schema; `mapping` {source column: schema column or ""} overrides."""
        present = list(columns)
        chosen = _chosen(present, mapping or {})
        free = {key(name): name for name in reversed(present) if name not in (mapping or {})}
        sources: dict[str, tuple[str, ...]] = {}
        for target in TARGETS:
            if target in chosen:
                sources[target] = (chosen[target],)
            elif found := self._found(target, free):
                sources[target] = found
        used = {name for names in sources.values() for name in names}
        quiet = {key(name) for name in self.known} | {key(name) for name in self.identity.get("columns", ())}
        unknown = tuple(name for name in present if name not in used and key(name) not in quiet)
        filled = set(sources) | set(self.constants) | set(self.defaults)
        filled |= {target for target, other in self.copies.items() if other in filled}
        if self.identity:
            filled |= {"episode_ref", "person_ref"}
        return Match(sources, tuple(name for name in required(self.nature) if name not in filled), unknown)

    def _found(self, target: str, free: Mapping[str, str]) -> tuple[str, ...]:
        """Source columns of a target, in the order of the profile; a part of a join may be absent, its date may not."""
        if self.month and target in (*self.month["starts"], *self.month["ends"]):
            parts: tuple[tuple[str, ...], ...] = ((self.month["column"],),)
        elif target in self.texts:
            parts = self.texts[target]
        elif target in self.joins:
            parts = self.joins[target]
        else:
            parts = (self.columns.get(target, ()),)
        first = [next((free[key(name)] for name in names if key(name) in free), None) for names in parts]
        if target in self.joins and first[0] is None:
            return ()
        return tuple(name for name in first if name is not None)

    def apply(self, frame: pd.DataFrame, mapping: Mapping[str, str] | None = None, *, received: datetime | None = None) -> Applied:
        """Rename, join and translate; nothing is typed yet. `received`, with its zone, for files that say no time of extraction.

        Raises `InputError` when required columns are missing, naming them and a profile that fits better.
        Dates that a day-first profile cannot read are rejects; every other doubt is left to `validate`.
        """
        match = self.match(frame.columns, mapping)
        if match.missing:
            raise _missing(self, match, frame.columns)
        out = {target: self._column(target, frame, names) for target, names in match.sources.items()}
        notes, problems = [], Problems()
        if match.unknown:
            notes.append(f"Columns not read: {', '.join(match.unknown)}.")
        if self.month:
            self._months(out)
        if self.identity:
            out["episode_ref"] = _content_references(frame, self.identity)
            out["person_ref"] = out["episode_ref"]
        self._as_written(out, match, problems)
        self._fill(out, frame.index, notes, received)
        blank = pd.Series(None, index=frame.index, dtype="str")
        whole = pd.DataFrame({name: out.get(name, blank) for name in TARGETS}, index=frame.index)
        whole["time_precision"] = pd.Series("month" if self.month else None, index=frame.index, dtype="str")
        return Applied(whole, problems.frame(), notes, {t: " + ".join(names) for t, names in match.sources.items()})

    def some(self, frame: pd.DataFrame, targets: tuple[str, ...]) -> Applied:
        """Those of the columns `targets` that a file has, under the source's names or the schema's, read as `apply` reads them.

        For lists that are no episodes: nothing is required, no blank cell is filled. ``frame`` has the columns that were found.
        """
        plain = {key(name): name for name in reversed(list(frame.columns))}
        sources = self.match(frame.columns).sources
        mapping = {plain[key(target)]: target for target in targets if target not in sources and key(target) in plain}
        match = self.match(frame.columns, mapping)
        found = {target: names for target, names in match.sources.items() if target in targets}
        out, problems = {target: self._column(target, frame, names) for target, names in found.items()}, Problems()
        self._as_written(out, match, problems)
        return Applied(pd.DataFrame(out, index=frame.index), problems.frame(), [], {t: " + ".join(n) for t, n in found.items()})

    def _as_written(self, out: dict[str, pd.Series], match: Match, problems: Problems) -> None:
        """Dates, words and references as this source writes them, to those of the schema."""
        if self.dates == "day_first":
            for target in (name for name in _TIMES if name in out):
                self._day_first(target, out, match, problems)
        for target, text in out.items():
            words = {key(word): code for word, code in self.values.get(target, {}).items()}
            out[target] = read_yes_no(_translated(text, words), target)
        for target, prefix in self.prefixes.items():
            if target in out:
                out[target] = prefix + out[target].str.removeprefix(prefix)

    def _column(self, target: str, frame: pd.DataFrame, names: tuple[str, ...]) -> pd.Series:
        text = frame[names[0]]
        for name in names[1:]:
            if target in self.joins:
                time = frame[name]
                day = text.where(time.isna(), text.str.replace(r"[T ]+0?0:00(?::00)?$", "", regex=True))
                text = (day + " " + time).where(time.notna(), day)
            else:
                both = text + ", " + frame[name]
                text = both.fillna(text).fillna(frame[name])
        return text

    def _months(self, out: dict[str, pd.Series]) -> None:
        """A month as ISO text: its first day, and for the cut-off the start of the next month."""
        for target in (*self.month["starts"], *self.month["ends"]):
            text = out[target]
            shaped = text.str.fullmatch(r"\d{4}-(?:0[1-9]|1[0-2])").fillna(False).astype(bool)
            day = text + "-01"
            if target in self.month["ends"]:
                later = {month: _next_month(month) for month in text[shaped].unique()}
                day = text.map(later).astype("str")
            out[target] = day.where(shaped, text)

    def _day_first(self, target: str, out: dict[str, pd.Series], match: Match, problems: Problems) -> None:
        text = out[target]
        iso = written_dates(text)
        bad = text.index[iso.isna() & text.notna()]
        problems.add(bad, " + ".join(match.sources[target]), "not a date as this profile writes it",
                     "Write day/month/year with four digits for the year, e.g. 25/04/2025 14:30.", text)
        if self.midnight_is_unknown:
            iso = iso.str.replace(r"T00:00(?::00)?$", "", regex=True)
        out[target] = iso

    def _fill(self, out: dict[str, pd.Series], index: pd.Index, notes: list[str], received: datetime | None) -> None:
        """Constants for all rows; then stand-ins and defaults for blank cells, each counted."""
        blank = pd.Series(None, index=index, dtype="str")
        for target, constant in self.constants.items():
            if target == "extracted_at" and constant == RECEIVED and target not in out and received:
                notes.append("No time of extraction in the file: taken as when it was received.")
                constant = received.isoformat(timespec="seconds")  # noqa: PLW2901
            out.setdefault(target, blank.fillna(constant))
        stand_ins = [(target, out[other], f"{other}, which stands in for it") for target, other in self.copies.items()]
        stand_ins += [(target, blank.fillna(word), f"'{word}'") for target, word in self.defaults.items()]
        for target, value, what in stand_ins:
            given = out.get(target, blank)
            wanted = given.isna() & value.notna()
            if target in _WANTED_WHEN:  # where the condition does not hold, blank is right
                other, code = _WANTED_WHEN[target]
                condition = out.get(other, blank)
                wanted &= condition.notna() if code is None else condition.eq(code)
            if wanted.any():
                notes.append(f"{target} is blank in {int(wanted.sum()):,} rows: taken as {what}.")
            out[target] = given.mask(wanted, value)


def named(name: str) -> Profile:
    """The profile of that name. Raises `InputError` when there is none."""
    if name not in PROFILES:
        raise InputError("There is no such profile.", fix=f"Use one of: {', '.join(PROFILES)}.", where="profile")
    return PROFILES[name]


def guess(columns: Iterable[str]) -> Profile | None:
    """The profile whose marks are all there and that reads most of the columns; None when no profile's are."""
    present = list(columns)
    fitting = [profile for profile in PROFILES.values() if profile.recognises(present)]
    return max(fitting, key=lambda profile: len(profile.match(present).sources), default=None)


def _chosen(present: list[str], mapping: Mapping[str, str]) -> dict[str, str]:
    chosen: dict[str, str] = {}
    for source, target in mapping.items():
        if source not in present:
            raise InputError("The mapping names a column that the file does not have.",
                             fix="Take the names from the file's first line.", where="mapping")
        if target and target not in TARGETS:
            raise InputError("The mapping names a column that the schema does not have.",
                             fix=f"Use one of: {', '.join(TARGETS)}.", where="mapping")
        if target in chosen:
            raise InputError(f"The mapping gives two columns to {target}.", fix="Choose one of them.", where="mapping")
        if target:
            chosen[target] = source
    return chosen


def _missing(profile: Profile, match: Match, columns: Iterable[str]) -> InputError:
    better = guess(columns)
    if better is not None and better.name != profile.name:
        fix = f"The columns fit the profile '{better.name}' ({better.title}): choose it."
    elif not match.sources:
        fix = "None of its columns is known: does the first line hold the column names?"
    else:
        fix = "Add them to the export, or map them from other columns."
    what = f"Columns required by the profile '{profile.name}' are missing: {', '.join(match.missing)}."
    return InputError(what, fix=fix, where="header")


def _translated(text: pd.Series, words: Mapping[str, str]) -> pd.Series:
    if not words:
        return text
    replaced = {word: words[key(word)] for word in text.dropna().unique() if key(word) in words}
    return text.replace(replaced) if replaced else text


def _next_month(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}-01"


def _content_references(frame: pd.DataFrame, identity: Mapping[str, Any]) -> pd.Series:
    """A reference from the content of the row and how often that content came before in the file.

    The same file twice gives the same references, in any row order; equal rows of one file get different ones.
    BLAKE2b (RFC 7693), 8 bytes, because it is the same in every version of every library.
    """
    free = {key(name): name for name in frame.columns}
    content = pd.Series("", index=frame.index, dtype="str")
    for name in identity["columns"]:
        if key(name) in free:
            content = content + frame[free[key(name)]].fillna("")
        content = content + "\x1f"
    content = content + content.groupby(content).cumcount().astype("str")
    prefix = identity["prefix"]
    return pd.Series(
        [prefix + hashlib.blake2b(text.encode(), digest_size=8).hexdigest().upper() for text in content],
        index=frame.index, dtype="str",
    )


def _load() -> dict[str, Profile]:
    folder = resources.files("geo_data.reading").joinpath("profile_files")
    order = ("native", "compact", "liquidlogic", "police_uk")
    return {name: _profile(name, toml_text.parse(folder.joinpath(f"{name}.toml").read_text("utf-8"))) for name in order}


def _profile(name: str, given: dict[str, Any]) -> Profile:
    columns = {column: (column,) for column in EPISODES.names} if given.pop("schema_names", False) else {}
    columns |= {target: tuple(names) for target, names in given.pop("columns", {}).items()}
    return Profile(
        name=name,
        columns=columns,
        recognised_by=tuple(given.pop("recognised_by")),
        joins={target: (tuple(day), tuple(time)) for target, (day, time) in given.pop("joins", {}).items()},
        texts={target: tuple(tuple(names) for names in parts) for target, parts in given.pop("texts", {}).items()},
        known=tuple(given.pop("known", {}).get("columns", ())),
        **given,
    )


PROFILES: dict[str, Profile] = _load()
BUILT_IN = frozenset(PROFILES)


def adopt(folder: Path) -> list[str]:
    """Take the team's own profiles, `folder`/NAME.toml, into `PROFILES` in place of those taken before; their names.

    Raises `InputError` for a file that is no profile, naming it.
    """
    own = {path.stem: own_profile(path) for path in sorted(folder.glob("*.toml"))} if folder.is_dir() else {}
    for name in set(PROFILES) - BUILT_IN - set(own):
        del PROFILES[name]
    PROFILES.update(own)
    return list(own)


def own_profile(path: Path) -> Profile:
    """The profile of a TOML file. Raises `InputError` when it is none, or has the name of a built-in one."""
    try:
        return parse_own(path.stem, path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        raise InputError("This profile cannot be read.", where=path.name,
                         fix="Check its permissions and that it is UTF-8.") from None


def parse_own(name: str, text: str) -> Profile:
    """The profile that TOML text declares. Raises `InputError` when it declares none."""
    fix = "See the profiles that come with the program, or make it anew on the screen Profiles."
    if name in BUILT_IN or not re.fullmatch(r"[a-z][a-z0-9_]{1,39}", name):
        raise InputError("A profile of one's own needs a name of its own: small letters, digits and _.", where=name, fix=fix)
    try:
        made = _profile(name, toml_text.parse(text))
    except (TypeError, KeyError, ValueError, AttributeError):
        raise InputError("This is no profile.", where=name, fix=fix) from None
    targets = {*made.columns, *made.joins, *made.texts, *made.constants, *made.defaults, *vars(made)["values"]}
    if made.nature != "episodes" or made.dates not in ("iso", "day_first") or not targets <= set(TARGETS):
        raise InputError("This profile names columns or a kind of data that there are not.", where=name, fix=fix)
    return made
