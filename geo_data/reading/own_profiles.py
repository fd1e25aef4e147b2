"""A profile of one's own, made from a sample file: which column feeds which, and which word means which code; kept as TOML."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from geo_data.errors import InputError
from geo_data.reading.profiles import Profile, parse_own
from geo_data.schema import EPISODES

WORDED = tuple(column.name for column in EPISODES.columns if column.kind in ("enum", "enum_multi"))


@dataclass(frozen=True)
class Draft:
    """What a team says of a source. `columns`: schema column -> source column; `values`: schema column -> {word: code}."""

    title: str
    dates: str
    columns: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    midnight_is_unknown: bool = False

    def toml(self) -> str:
        """As the file of a profile."""
        marks = list(dict.fromkeys(self.columns.values()))
        lines = [f"title = {_text(self.title)}", 'nature = "episodes"', f"dates = {_text(self.dates)}",
                 f"recognised_by = [{', '.join(map(_text, marks))}]"]
        lines += ["midnight_is_unknown = true"] if self.midnight_is_unknown else []
        lines += ["", "[columns]", *(f"{target} = [{_text(source)}]" for target, source in self.columns.items())]
        if self.constants:
            lines += ["", "[constants]", *(f"{target} = {_text(value)}" for target, value in self.constants.items())]
        for target, words in self.values.items():
            if words:
                lines += ["", f"[values.{target}]", *(f"{_text(word)} = {_text(code)}" for word, code in words.items())]
        return "\n".join(lines) + "\n"


def trial(draft: Draft) -> Profile:
    """The profile of a draft, to try it. Raises `InputError` when it is none."""
    return parse_own("draft", draft.toml())


def save(folder: Path, name: str, draft: Draft) -> Profile:
    """Write `folder`/NAME.toml whole, in place of the one before; the profile. Raises `InputError` when it is none: then nothing of
    the former file is lost.
    """
    if not draft.title.strip() or not draft.columns:
        raise InputError("A profile needs a title and at least one column.", where="profile")
    made = parse_own(name, draft.toml())
    new = folder / f".{name}.new"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        new.write_text(draft.toml(), encoding="utf-8")
        new.replace(folder / f"{name}.toml")
    except OSError as error:
        raise InputError(f"The profile cannot be written ({error.strerror}).", where="profiles",
                         fix="Check the home folder and its permissions.") from None
    return made


def _text(value: str) -> str:
    """A TOML basic string: JSON's escapes are TOML's, but for DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
