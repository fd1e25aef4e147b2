"""The `scoping` command: the same core calls as the screens, exit codes, `--json` everywhere.

Exit codes: 0 done; 2 a file, a text or a setting cannot be used; 3 gazetteer; 4 store; 5 disclosure.
Heavy packages are imported inside the commands, so that `scoping --help` answers at once.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from answers import as_json, as_text
from geo_data.errors import InputError, ScopingError
from settings import Settings, load

if TYPE_CHECKING:
    import pandas as pd

    from geo_data.intake import ImportReport, Prepared
    from geo_data.store import Store


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    argv = sys.argv[1:] if argv is None else argv
    try:
        arguments = _parser().parse_args(argv)
        answer = arguments.run(arguments, load())
    except ScopingError as error:
        if "--json" in argv:
            _write(json.dumps({"error": _told(error)}, indent=2))
        return _complain(error)
    except BrokenPipeError:
        return 0
    if answer is not None:
        _write(json.dumps(as_json(answer), indent=2) if arguments.json else as_text(answer))
    return int(arguments.exit_code)


class _Parser(argparse.ArgumentParser):
    """Refuses a wrong call as everything else is refused, so that it too can be answered as JSON."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message[:1].upper()}{message[1:]}.", fix=f"See '{self.prog} --help'.")


def _parser() -> argparse.ArgumentParser:  # noqa: PLR0915 - one statement for each option
    parser = _Parser(prog="scoping", description="Changing hotspots of missing children's episodes, offline.")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="answer as JSON")
    common.add_argument("--store", metavar="URL", help="database, e.g. sqlite:///file.db or postgresql+psycopg://host/name "
                                                       "(default: the embedded file)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Callable[[argparse.Namespace, Settings], Any], summary: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=summary, description=summary, parents=[common])
        sub.set_defaults(run=run, exit_code=0)
        return sub

    add("prepare", prepare, "make a fresh installation ready: gazetteer and demo data")

    sub = add("demo", demo, "replace the demo collection by a new invented world (SYNTHETIC)")
    sub.add_argument("--months", type=int, default=24, help="length in months (default 24)")
    sub.add_argument("--seed", type=int, default=1, help="another seed, another world (default 1)")
    sub.add_argument("--null", action="store_true", help="plant no hotspot: all that is then 'new' is chance")
    sub.add_argument("--csv", type=Path, metavar="FILE", help="also write the invented episodes as an import file")

    sub = add("import", import_, "import episode files (CSV, XLSX)")
    sub.add_argument("files", nargs="+", type=Path, metavar="FILE")
    sub.add_argument("--profile", help="how to read the columns (default: recognised; see 'scoping profiles')")
    sub.add_argument("--collection", help="where to keep them (default: episodes, or sample for public sample data)")
    sub.add_argument("--dry-run", action="store_true", help="check only, store nothing")
    sub.add_argument("--rejects", type=Path, metavar="FILE.csv", help="write refused rows: row, column, rule, what to do")

    sub = add("geocode", geocode_, "locate texts offline")
    sub.add_argument("texts", nargs="+", metavar="TEXT")

    sub = add("geocode-file", geocode_file, "locate a column of texts of a file; with known positions, measure the errors")
    sub.add_argument("file", type=Path, metavar="FILE", help="CSV or XLSX")
    sub.add_argument("--text", required=True, metavar="COLUMN")
    sub.add_argument("--lat", metavar="COLUMN", help="known latitude (or northing)")
    sub.add_argument("--lon", metavar="COLUMN", help="known longitude (or easting)")
    sub.add_argument("--postcode", metavar="COLUMN", help="each row's postcode, to find rows that contradict themselves "
                                                          "(default: the one in the text)")
    sub.add_argument("--where", metavar="COLUMN=VALUE", action="append", default=[],
                     help="only rows with this value, or one of several joined by |; may be repeated")
    sub.add_argument("--area", metavar="NAME", help="own area: police force, county or district, or GSS codes; joined by commas")
    sub.add_argument("--out", type=Path, metavar="FILE.csv", help="write the rows with the answers")

    sub = add("hotspots", hotspots, "cluster a role over windows and follow each hotspot")
    sub.add_argument("--role", default="found", help="found, pickup or last_seen; several joined by commas (default found)")
    sub.add_argument("--eps-m", type=float, default=250.0, help="radius in metres (default 250)")
    sub.add_argument("--min-children", type=int, default=5,
                     help="least distinct children, or episodes with --count episodes (default 5)")
    sub.add_argument("--count", choices=("children", "episodes"), default="children")
    sub.add_argument("--window", default="month", help="month, rolling:91d:28d, days:28 or custom:DATE..DATE,... (default month)")
    sub.add_argument("--from", dest="start", metavar="DATE", help="first day, YYYY-MM-DD")
    sub.add_argument("--to", dest="end", metavar="DATE", help="day after the last, YYYY-MM-DD")
    sub.add_argument("--strand", default="", help="home, care, education, other; joined by commas (default all)")
    sub.add_argument("--age-band", default="", help="0-9, 10-11, 12-14, 15-17; joined by commas (default all)")
    sub.add_argument("--place-type", default="", help="codes of the data dictionary, joined by commas (default all)")
    sub.add_argument("--category", action="append", default=[], help="crime type of public sample data (may be repeated)")
    sub.add_argument("--keep-left-out", action="store_true", help="count own addresses, police stations ... too")
    sub.add_argument("--collection", help="episodes, sample or demo (default: the first of these that holds data)")
    sub.add_argument("--chance", type=int, default=0, metavar="RUNS",
                     help="also count what chance alone gives, from RUNS shuffles of the dates")
    sub.add_argument("--out", type=Path, metavar="FILE.geojson", help="write hotspots as unions of 500 m cells")
    sub.add_argument("--labels", type=Path, metavar="FILE.csv",
                     help="write every location's label (true places: handle as the data)")

    sub = add("template", template, "the import template")
    sub.add_argument("--xlsx", action="store_true", help="as a workbook with a guide and drop-downs")
    sub.add_argument("--out", type=Path, metavar="FILE", help="where to write it (default: CSV to standard output)")

    add("profiles", profiles, "the sources whose files can be read")

    sub = add("gazetteer", gazetteer_, "the offline gazetteer: what it holds, build it, import an official file")
    sub.add_argument("action", choices=("status", "build", "import"))
    sub.add_argument("kind", nargs="?", help="of the file: code_point, postcode_directory, open_names, naptan, open_uprn, "
                                             "addressbase, local_names, ukaddresskit")
    sub.add_argument("path", nargs="?", type=Path, help="zip, folder or CSV; not needed for an installed package")
    return parser


# --- commands ------------------------------------------------------------------------------------


def prepare(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """Gazetteer, then demo data when the store holds none."""
    from geo_data import setup

    built = setup.ensure_gazetteer(settings.gazetteer_folder, _progress(arguments))
    with _store(arguments, settings) as store:
        made = not setup.demo_is_ready(store, settings.gazetteer_folder, settings.demo_map_folder)
        if made:
            _make_demo(arguments, settings, store)
        _compile(store.locations("demo"))
    return {"gazetteer": "built" if built else "ready", "demo": "made" if made else "ready"}


def demo(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """Make an invented world; tells what was planted, so that it can be looked for."""
    if not 1 <= arguments.months <= 120:
        raise InputError("The demo covers 1 to 120 months.", where="--months")
    with _store(arguments, settings) as store:
        made = _make_demo(arguments, settings, store, months=arguments.months, seed=arguments.seed, null=arguments.null)
    if arguments.csv:
        _save(arguments.csv, made.episodes_csv, "--csv")
    return {"marking": "SYNTHETIC", **made.report.as_dict(), "planted": made.truth.to_dict("records")}


def import_(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """Import files one by one; each is one transaction, so a fault in one leaves the others whole."""
    import pandas as pd

    from geo_data import intake, template

    gazetteer = _gazetteer(settings)
    reports: list[dict[str, Any]] = []
    rejects: list[pd.DataFrame] = []
    errors: list[ScopingError] = []
    with _store(arguments, settings) as store:
        for path in arguments.files:
            try:
                prepared = intake.prepare(_read(path), path.name, gazetteer=gazetteer, now=datetime.now(UTC),
                                          profile=arguments.profile, progress=_progress(arguments))
                report = _dry_run(prepared) if arguments.dry_run else intake.commit(prepared, store, arguments.collection)
            except ScopingError as error:
                errors.append(error)
                continue
            rejects.append(prepared.rejects)
            reports.append({**report.as_dict(), "refused": intake.refused(prepared.rejects)})
    if not reports and len(errors) == 1:
        raise errors[0]
    if arguments.rejects and rejects:
        try:
            _save(arguments.rejects, template.rejects_csv(pd.concat(rejects)), "--rejects")
        except InputError as error:  # what was imported is imported: the report must still be given
            errors.append(error)
    if any(report["rows"] and report["rejected"] == report["rows"] for report in reports):
        arguments.exit_code = InputError.exit_code  # a file of which nothing could be used
    for error in errors:
        arguments.exit_code = _complain(error)
    totals = {name: sum(report[name] for report in reports) for name in ("rows", "accepted", "amended", "unchanged", "rejected")}
    located: dict[str, dict[str, int]] = {}
    for report in reports:
        for role, tiers in report["located"].items():
            for tier, n in tiers.items():
                located.setdefault(role, {})[tier] = located.get(role, {}).get(tier, 0) + n
    return {"dry_run": arguments.dry_run, **totals, "located": located, "files": reports,
            **({"errors": [_told(error) for error in errors]} if errors else {})}


def geocode_(arguments: argparse.Namespace, settings: Settings) -> list[dict[str, Any]]:
    """Locate each text; a text that cannot be placed is answered with the reason, never with a guess."""
    from geo_data.geocode import geocode
    from geo_data.grid import to_wgs84

    found = geocode(arguments.texts, _gazetteer(settings))
    lat, lon = to_wgs84(found["easting"].to_numpy(), found["northing"].to_numpy())
    found = found.assign(lat=lat.round(5), lon=lon.round(5))
    columns = ["text", "tier", "method", "precision_m", "easting", "northing", "lat", "lon", "matched", "reason", "candidates"]
    return found[columns].to_dict("records")


def geocode_file(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """Locate the texts of a file and say how well that went."""
    from geo_data.evaluate import evaluate
    from geo_data.read import read_table
    from geo_data.template import safe_csv

    frame = read_table(_read(arguments.file), arguments.file.name).frame
    for condition in arguments.where:
        column, _, value = condition.partition("=")
        if column not in frame:
            raise InputError(f"The file has no column '{column}'.", where="--where", fix="Write it as COLUMN=VALUE.")
        frame = frame[frame[column].isin(value.split("|"))]
    found = evaluate(frame, arguments.text, _gazetteer(settings), lat=arguments.lat, lon=arguments.lon,
                     postcode=arguments.postcode, area=_list(arguments.area) if arguments.area else None)
    if arguments.out:
        arguments.out.write_bytes(safe_csv(found.answers.drop(columns="candidates")))
    return {"file": arguments.file.name, **found.figures}


def hotspots(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """The whole method: windows, clusters, identity; through the one door."""
    from geo_data.grid import to_wgs84
    from geo_data.naming import describe
    from scoping import disclosure, report, views
    from scoping.parameters import Parameters, WindowScheme
    from scoping.scope import labels_frame, scope

    parameters = Parameters(
        roles=_list(arguments.role), eps_m=arguments.eps_m, min_children=arguments.min_children, count=arguments.count,
        window=WindowScheme.parse(arguments.window), start=_day(arguments.start, "--from"), end=_day(arguments.end, "--to"),
        strands=_list(arguments.strand), age_bands=_list(arguments.age_band), place_types=_list(arguments.place_type),
        categories=tuple(arguments.category), keep_left_out=arguments.keep_left_out,
    )
    clock = {"start": time.perf_counter()}  # when each stage ended

    def ended(stage: str) -> None:
        clock[stage] = time.perf_counter()

    with _store(arguments, settings) as store:
        collection = _collection(store, arguments.collection)
        locations = store.locations(collection)
    ended("load")
    today = date.today()
    scoped = scope(locations, parameters, today, ended)
    release = disclosure.release(scoped, disclosure.Rules(marking=settings.marking), synthetic=collection == "demo")
    places = report.names(release, partial(describe, _gazetteer(settings)))
    ended("summarise")
    answer = {"collection": collection, **report.report(release, places)}
    if arguments.json:
        answer |= _effort(clock) | {"points": len(scoped.points), "windows": len(scoped.windows)}
    if arguments.chance < 0:
        raise InputError("The number of shuffles cannot be negative.", where="--chance")
    if arguments.chance:
        from scoping import calibrate

        tell = None if arguments.json else lambda done, runs: _bar(done / runs, f"Shuffle {done} of {runs}")
        chance = calibrate.expected_changes(locations, parameters, runs=arguments.chance, today=today, progress=tell)
        answer["expected_by_chance"] = chance.to_dict("records")
    if arguments.out:
        _save(arguments.out, json.dumps(as_json(views.geojson(release, to_wgs84))).encode(), "--out")
    if arguments.labels:
        labels = labels_frame(scoped)
        for edge in ("window_start", "window_end"):  # local time with its offset: a window starts at local midnight
            labels[edge] = labels[edge].dt.tz_convert("Europe/London").astype("str")
        _save(arguments.labels, labels.to_csv(index=False).encode(), "--labels")
    return answer


def template(arguments: argparse.Namespace, _settings: Settings) -> dict[str, Any] | None:
    """The import template, made from the same declaration that checks a file."""
    from geo_data import template as templates
    from geo_data.schema import EPISODES

    data = templates.xlsx_template() if arguments.xlsx else templates.csv_template()
    target = arguments.out or (Path("scoping-template.xlsx") if arguments.xlsx else None)
    if target:
        _save(target, data, "--out")
        return {"written": str(target), "columns": EPISODES.names}
    if arguments.json:
        return {"columns": EPISODES.names}
    sys.stdout.write(data.decode("utf-8-sig"))
    return None


def profiles(_arguments: argparse.Namespace, _settings: Settings) -> list[dict[str, Any]]:
    """Which sources can be read, and how each is recognised."""
    from geo_data.profiles import PROFILES

    return [{"name": name, "title": profile.title, "nature": profile.nature} for name, profile in PROFILES.items()]


def gazetteer_(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """Build the gazetteer, import a file into it, or tell what it holds."""
    from geo_data import gazetteer, importers, setup

    if arguments.action != "import" and arguments.kind:
        raise InputError(f"'{arguments.action}' takes nothing more.", where="gazetteer")
    if arguments.action == "import":
        importers.known(arguments.kind or "")
        setup.ensure_gazetteer(settings.gazetteer_folder, _progress(arguments))
        return importers.run(arguments.kind, arguments.path, settings.gazetteer_folder, _progress(arguments))
    if arguments.action == "build":
        gazetteer.build(settings.gazetteer_folder, progress=_progress(arguments), force=True)
    return gazetteer.status(settings.gazetteer_folder)


# --- helpers -------------------------------------------------------------------------------------


def _make_demo(arguments: argparse.Namespace, settings: Settings, store: Store, **world: Any) -> Any:
    from geo_data import setup

    setup.ensure_gazetteer(settings.gazetteer_folder, _progress(arguments))
    return setup.make_demo(store, settings.gazetteer_folder, settings.demo_map_folder, now=datetime.now(UTC),
                           progress=_progress(arguments), **world)


def _compile(locations: pd.DataFrame) -> None:
    """Run the method once, so that its loops are compiled and on disk before the first user asks."""
    from scoping import disclosure
    from scoping.parameters import Parameters
    from scoping.scope import scope

    disclosure.release(scope(locations, Parameters()))


def _store(arguments: argparse.Namespace, settings: Settings) -> Store:
    from geo_data.store import Store

    return Store(arguments.store or settings.store_url)


def _gazetteer(settings: Settings) -> Any:
    from geo_data import setup
    from geo_data.gazetteer import open_gazetteer

    setup.ensure_gazetteer(settings.gazetteer_folder, _bar)
    return open_gazetteer(settings.gazetteer_folder)


def _dry_run(prepared: Prepared) -> ImportReport:
    """What an import would report if nothing of the file were stored yet."""
    from geo_data.intake import ImportReport

    return ImportReport(
        filename=prepared.filename, profile=prepared.profile, collection="", rows=prepared.rows,
        accepted=len(prepared.episodes), amended=0, unchanged=0, rejected=prepared.rejected, located=prepared.located,
        notes=prepared.notes, already_imported=False)


def _effort(clock: Mapping[str, float]) -> dict[str, Any]:
    """Wall seconds of each stage, from when each ended, and the most memory the process has held."""
    stages = pairwise(clock.items())
    each = {f"{stage}_s": round(until - since, 4) for (_, since), (stage, until) in stages}
    each["total_s"] = round(clock["summarise"] - clock["start"], 4)
    try:
        import resource
    except ImportError:  # Windows does not tell
        return {"timing": each, "peak_mb": None}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS, else KiB
    return {"timing": each, "peak_mb": round(peak / (2**20 if sys.platform == "darwin" else 2**10))}


def _collection(store: Store, named: str | None) -> str:
    """The collection that is asked for; by default the agency's own, else the sample, else the demo."""
    held = list(store.collections()["name"])
    if not held:
        raise InputError("The store holds no episodes yet.",
                         fix="Import a file with 'scoping import FILE', or make demo data with 'scoping demo'.")
    if named and named not in held:
        raise InputError("The store has no such collection.", fix=f"It holds: {', '.join(held)}.", where="--collection")
    return named or next((name for name in ("episodes", "sample", "demo") if name in held), str(held[0]))


def _read(path: Path) -> bytes:
    """A file's bytes, and no more of them than the intake takes; a device or a folder is no file."""
    from geo_data.raw_table import MAX_BYTES
    from geo_data.read import shown_name

    try:
        if path.exists() and not path.is_file():
            raise InputError("This is not a file.", where=shown_name(path.name), fix="Name the CSV or XLSX file itself.")
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # a NUL in a name is a ValueError
        raise InputError(f"The file cannot be read ({getattr(error, 'strerror', None) or 'its name is not one'}).",
                         where=shown_name(path.name), fix="Check the path and the rights.") from None


def _save(path: Path, data: bytes, option: str) -> None:
    """Write a file that only this user may read: most of them hold what a table on screen would not show."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
            stream.write(data)
    except OSError as error:
        raise InputError(f"The file cannot be written ({error.strerror}).", where=option,
                         fix="Check the path, its folder and the rights.") from None


def _told(error: ScopingError) -> dict[str, str]:
    return {"what": error.what, "where": error.where, "fix": error.fix}


def _complain(error: ScopingError) -> int:
    print(f"scoping: {error}", file=sys.stderr)
    return error.exit_code


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _day(text: str | None, option: str) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError("This is not a date.", where=option, fix="Write it as YYYY-MM-DD.") from error


def _progress(arguments: argparse.Namespace) -> Callable[[float, str], None] | None:
    return None if arguments.json else _bar


def _bar(fraction: float, text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{fraction:4.0%} {text:<60.60}", end="\n" if fraction >= 1 else "", file=sys.stderr, flush=True)
    else:
        print(f"{fraction:4.0%} {text}", file=sys.stderr)


def _write(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
