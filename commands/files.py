"""`scoping import`, `template` and `profiles`: files of episodes."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commands import base
from commands.base import Add
from geo_data.errors import InputError, ScopingError
from settings import Settings

if TYPE_CHECKING:
    import pandas as pd

    from geo_data.reading.intake import ImportReport, Prepared


def register(add: Add) -> None:
    sub = add("import", import_, "import episode files (CSV, XLSX)")
    sub.add_argument("files", nargs="+", type=Path, metavar="FILE")
    sub.add_argument("--profile", help="how to read the columns (default: recognised; see 'scoping profiles')")
    sub.add_argument("--collection", help=(
        "where to keep them (default: episodes, or sample for public sample data); demo is for invented records alone: it is "
        "stamped SYNTHETIC, and 'scoping demo' replaces it"))
    sub.add_argument("--dry-run", action="store_true", help="check only, store nothing")
    sub.add_argument("--rejects", type=Path, metavar="FILE.csv", help="write refused rows: row, column, rule, what to do")

    sub = add("template", template, "the import template")
    sub.add_argument("--xlsx", action="store_true", help="as a workbook with a guide and drop-downs")
    sub.add_argument("--out", type=Path, metavar="FILE", help="where to write it (default: CSV to standard output)")

    add("profiles", profiles, "the sources whose files can be read")


def import_(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """Import files one by one, each in one transaction, so that a fault in one leaves the others whole."""
    import pandas as pd

    from geo_data.keeping.decided import SYNTHETIC, Decided
    from geo_data.reading import intake, template
    from geo_data.reading.profiles import adopt

    adopt(settings.profiles_folder)
    gazetteer = base.gazetteer(settings)
    reports: list[dict[str, Any]] = []
    rejects: list[pd.DataFrame] = []
    errors: list[ScopingError] = []
    with base.open_store(arguments, settings, new=True) as store:
        taught = Decided(store).taught(synthetic=arguments.collection == SYNTHETIC)

        def ready(path: Path) -> Prepared:
            return intake.prepare(base.read(path), path.name, gazetteer=gazetteer, now=datetime.now(UTC),
                                  profile=arguments.profile, decisions=taught, progress=base.progress(arguments))

        for made in intake.ahead(partial(ready, path) for path in arguments.files):
            try:
                prepared = made()
                report = _dry_run(prepared) if arguments.dry_run else intake.commit(
                    prepared, store, arguments.collection, base.actor())
            except ScopingError as error:
                errors.append(error)
                continue
            rejects.append(prepared.rejects)
            reports.append({**report.as_dict(), "refused": intake.refused(prepared.rejects)})
    if not reports and len(errors) == 1:
        raise errors[0]
    if arguments.rejects and rejects:
        try:
            base.save(arguments.rejects, template.rejects_csv(pd.concat(rejects)), "--rejects")
        except InputError as error:  # what was imported is imported: the report must still be given
            errors.append(error)
    if any(report["rows"] and report["rejected"] == report["rows"] for report in reports):
        arguments.exit_code = InputError.exit_code  # a file of which nothing could be used
    for each in errors:
        arguments.exit_code = base.complain(each)
    totals = {name: sum(report[name] for report in reports) for name in ("rows", "accepted", "amended", "unchanged", "rejected")}
    located: dict[str, dict[str, int]] = {}
    for report in reports:
        for role, tiers in report["located"].items():
            for tier, n in tiers.items():
                located.setdefault(role, {})[tier] = located.get(role, {}).get(tier, 0) + n
    return {"dry_run": arguments.dry_run, **totals, "located": located, "files": reports,
            **({"errors": [base.told(error) for error in errors]} if errors else {})}


def template(arguments: argparse.Namespace, _settings: Settings) -> dict[str, Any] | None:
    """The import template, made from the same declaration that checks a file."""
    from geo_data.reading import template as templates
    from geo_data.schema import EPISODES

    data = templates.xlsx_template() if arguments.xlsx else templates.csv_template()
    target = arguments.out or (Path("scoping-template.xlsx") if arguments.xlsx else None)
    if target:
        base.save(target, data, "--out")
        return {"written": str(target), "columns": EPISODES.names}
    if arguments.json:
        return {"columns": EPISODES.names}
    sys.stdout.write(data.decode("utf-8-sig"))
    return None


def profiles(_arguments: argparse.Namespace, settings: Settings) -> list[dict[str, Any]]:
    """Which sources can be read, and how each is recognised."""
    from geo_data.reading.profiles import PROFILES, adopt

    adopt(settings.profiles_folder)
    return [{"name": name, "title": profile.title, "nature": profile.nature} for name, profile in PROFILES.items()]


def _dry_run(prepared: Prepared) -> ImportReport:
    """What an import would report if nothing of the file were stored yet."""
    from geo_data.reading.intake import ImportReport

    return ImportReport(
        filename=prepared.filename, profile=prepared.profile, collection="", rows=prepared.rows,
        accepted=len(prepared.episodes), amended=0, unchanged=0, rejected=prepared.rejected, located=prepared.located,
        notes=prepared.notes, already_imported=False)
