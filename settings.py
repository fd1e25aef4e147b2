"""The operator's dials: where things lie, who may reach the server, what is printed on every page.

Read once, at the edge, from `scoping.toml` and the environment (`SCOPING_HOME`,
`SCOPING_STORE`, ...; the environment wins). Nothing below the edge reads either. Each
field of `Settings` is one dial: its name, its default, and its help in the metadata.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from geo_data import toml_text
from geo_data.errors import ParameterError

CHECKOUT = Path(__file__).resolve().parent
FILE = "scoping.toml"
PREFIX = "SCOPING_"
SECRETS = {"audit_key"}
NOT_DIALS = {"SCOPING_CONFIG", "SCOPING_SHARED", "SCOPING_TOKEN"}  # where the file is; reference data for tests; one start's token


def _dial(default: Any, help_: str, low: int = 0, high: int = 0) -> Any:
    return field(default=default, metadata={"help": help_, "low": low, "high": high})


@dataclass(frozen=True)
class Settings:
    """Checked on construction; raises `ParameterError` naming the dial, never its value."""

    home: Path = _dial(CHECKOUT / "var", "Folder of all the program keeps: database, gazetteer, demo data")  # noqa: RUF009
    store: str = _dial("", "The database: sqlite:///path or postgresql://user@host/database; "
                           "empty is the file scoping.db in the home folder")
    allowed_hosts: tuple[str, ...] = _dial(("127.0.0.1", "localhost"), "Names by which the server may be addressed")
    feed: str = _dial("", "Folder that 'scoping feed run' watches, with one folder for each sender; empty is the folder feed "
                          "in the home folder")
    feed_keep_days: int = _dial(7, "Days for which imported files stay in the watched folder's 'done'", 1, 365)
    max_upload_mb: int = _dial(25, "Largest file that may be uploaded, in megabytes", 1, 25)  # the intake takes no more
    session_memory_mb: int = _dial(256, "Clusters kept of each data set so that a dial turned back answers at once, in megabytes",
                                   0, 65_536)
    shared_memory_mb: int = _dial(2_048, "Rows and results kept for all sessions together, in megabytes", 64, 1_048_576)
    sign_in: str = _dial("local", "Who may use the screens: local (the person at this computer) or oidc (the team's provider)")
    roles_from: str = _dial("claims", "Where roles are kept when signed in by oidc: claims (the provider tells them) or table")
    role_claim: str = _dial("roles", "The provider's claim that holds a person's roles")
    role_names: tuple[str, ...] = _dial((), "What the provider calls the roles, each as 'its name=our role'")
    agency_claim: str = _dial("agency", "The claim that holds the kind of agency: police, authority, health, education, voluntary")
    areas_claim: str = _dial("areas", "The claim that lists the GSS codes and forces whose rows a person may see; * is all")
    logs: str = _dial("text", "How the server writes its log to standard error: text or json")
    audit_key: str = _dial("", "Key of the audit, 32 characters or more; empty is the file audit.key in the home folder")
    marking: str = _dial("OFFICIAL-SENSITIVE", "Protective marking on every page, map and export")
    authority: str = _dial("authority not named", "Name of the force or authority, on files that leave the team")
    area: str = _dial("area not named", "Name of the area, on files that leave the team")
    contact: str = _dial("", "Mailbox of a post, never a person, on files that leave the team")
    school_holidays: tuple[str, ...] = _dial((), "School holidays and one-off bank holidays of the area, each as "
                                                 "2025-07-22..2025-09-02; empty: a common pattern")
    tiles_url: str = _dial("", "Map tiles of the intranet: https://host/{z}/{x}/{y}.png, or a WMS address")
    tiles_wms: str = _dial("", "Layers of tiles_url when it is a WMS, joined by commas")
    tiles_attribution: str = _dial("", "The credit that their licence asks for, shown on the map")
    tiles_public: str = _dial("refused", "Whether tiles_url may lie outside the organisation (refused or allowed): the host "
                                         "learns the area that is looked at, and every page says so")
    policy: str = _dial("", "Policy file of what may be released to whom (docs/policy.toml shows one), "
                            "relative to the home folder; empty: its defaults")

    def __post_init__(self) -> None:
        for dial in fields(self):
            low, high = dial.metadata["low"], dial.metadata["high"]
            if high and not low <= getattr(self, dial.name) <= high:
                raise ParameterError(f"'{dial.name}' must be between {low:,} and {high:,}.", where="settings")
        for name, allowed in (("sign_in", ("local", "oidc")), ("roles_from", ("claims", "table")),
                              ("logs", ("text", "json"))):
            if getattr(self, name) not in allowed:
                raise ParameterError(f"'{name}' must be {' or '.join(allowed)}.", where="settings")
        if not all("=" in line for line in self.role_names):
            raise ParameterError("'role_names' holds lines such as 'Scoping.Analyst=analyst'.", where="settings")
        if not self.marking.strip():
            raise ParameterError("'marking' must not be empty.", where="settings")
        if self.tiles_public not in ("refused", "allowed"):
            raise ParameterError("'tiles_public' is refused or allowed.", where="settings")
        if not self.allowed_hosts:
            raise ParameterError("'allowed_hosts' must name at least one host.", where="settings")

    @property
    def store_url(self) -> str:
        """The database's URL."""
        return self.store or f"sqlite:///{self.home / 'scoping.db'}"

    def policy_text(self) -> str:
        """The policy file; empty when none is named. Raises `ParameterError` when it cannot be read."""
        if not self.policy:
            return ""
        try:
            return (self.home / self.policy).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError):
            raise ParameterError("The policy file cannot be read.", fix="Check the setting 'policy'.", where="settings") from None

    @property
    def feed_folder(self) -> Path:
        """The folder in which files of the daily feed arrive."""
        return Path(self.feed).expanduser() if self.feed else self.home / "feed"

    @property
    def profiles_folder(self) -> Path:
        """Where the team's own profiles are kept, one TOML file each."""
        return self.home / "profiles"

    @property
    def gazetteer_folder(self) -> Path:
        """Where the gazetteer is built and opened."""
        return self.home / "gazetteer"

    @property
    def basemap_folder(self) -> Path:
        """The operator's own layers of the base map."""
        return self.home / "basemap" / "own"

    @property
    def demo_map_folder(self) -> Path:
        """Where the demo county's base map is written and served from."""
        return self.home / "demo" / "map"

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value, _ in self.rows())
        return f"Settings({shown})"

    def rows(self) -> list[tuple[str, Any, str]]:
        """Name, value and help of every dial, in order; a secret's value, or a URL's password, is not told."""
        return [(dial.name, _without_password(_shown(dial.name, getattr(self, dial.name))), dial.metadata["help"])
                for dial in fields(self)]


def _shown(name: str, value: Any) -> Any:
    return "***" if value and name in SECRETS else value


def load(file: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of `file` (else of SCOPING_CONFIG, else of scoping.toml beside the program, if there) and
    of the environment. A relative `home` is relative to the file, or to the working folder.

    Raises `ParameterError` for a file that cannot be read, an unknown dial or a value of the wrong kind.
    """
    named = file or (Path(environ["SCOPING_CONFIG"]) if environ.get("SCOPING_CONFIG") else None)
    path = named or CHECKOUT / FILE
    given: dict[str, Any] = {}
    if named or path.exists():
        for key, value in _toml(path).items():
            name = _known(key, str(path))
            given[name] = _convert(name, value, str(path), path.resolve().parent)
    for variable, value in environ.items():
        if variable.startswith(PREFIX) and variable not in NOT_DIALS:
            name = _known(variable.removeprefix(PREFIX).lower(), f"environment {variable}")
            given[name] = _convert(name, _from_text(name, value), f"environment {variable}", Path.cwd())
    return Settings(**given)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return toml_text.parse(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ParameterError(f"The settings cannot be read ({error.strerror}).", where=str(path)) from None
    except ValueError as error:
        line = re.search(r"line \d+", str(error))  # the rest of the message may quote a password
        raise ParameterError(f"The settings are not TOML{f' ({line[0]})' if line else ''}.",
                             fix='Write one setting a line, such as max_upload_mb = 10 or marking = "OFFICIAL".',
                             where=str(path)) from None


def _known(name: str, where: str) -> str:
    names = [dial.name for dial in fields(Settings)]
    if name not in names:
        raise ParameterError(f"There is no setting '{name}'.", fix=f"Use {', '.join(names)}.", where=where)
    return name


def _default(name: str) -> Any:
    return next(dial.default for dial in fields(Settings) if dial.name == name)


def _from_text(name: str, text: str) -> Any:
    """A variable's text as TOML would have given it; what cannot be read stays text and is refused later."""
    default = _default(name)
    if isinstance(default, tuple):
        return [part.strip() for part in text.split(",") if part.strip()]
    return int(text) if isinstance(default, int) and re.fullmatch(r"\d{1,9}", text.strip()) else text


def _convert(name: str, value: Any, where: str, base: Path) -> Any:
    default = _default(name)
    if isinstance(default, Path) and isinstance(value, str) and value.strip():
        return base / Path(value).expanduser()
    if isinstance(default, tuple) and isinstance(value, list) and all(isinstance(part, str) for part in value):
        return tuple(value)
    if type(value) is type(default):
        return value
    wanted = {Path: "a folder", tuple: "a list of texts", int: "a whole number", str: "a text"}
    kind = next(told for kind, told in wanted.items() if isinstance(default, kind))
    raise ParameterError(f"'{name}' must be {kind}.", where=where)


def _without_password(value: Any) -> Any:
    """A URL without its password, whether before the host or among the options."""
    if not isinstance(value, str):
        return value
    hidden = re.sub(r"(?<=://)([^:@/\s]*):\S*@", r"\1:***@", value)
    return re.sub(r"(?i)\b(password|sslpassword)=[^&\s]*", r"\1=***", hidden)
