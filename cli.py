"""The `scoping` command: the same core calls as the screens, exit codes, `--json` everywhere.

Exit codes: 0 done; 2 a file, a text or a setting cannot be used; 3 gazetteer; 4 store; 5 disclosure; 6 access.
Heavy packages are imported inside the commands, so that `scoping --help` answers at once.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from commands import (
    audit,
    backtest,
    base,
    basemap,
    borders,
    changes,
    feed,
    files,
    grid,
    hotspots,
    keeping,
    near_repeat,
    pack,
    people,
    places,
    ready,
    retention,
    scan,
    snapshot,
)
from commands.answers import as_json, as_text
from geo_data.errors import InputError, ScopingError
from settings import Settings, load

ROOMS = (  # in the order of the help
    ready, files, places, hotspots, pack, scan, keeping, people,
    borders, retention, audit, near_repeat, feed, changes, basemap, grid, backtest, snapshot,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    argv = sys.argv[1:] if argv is None else argv
    try:
        arguments = _parser().parse_args(argv)
        answer = arguments.run(arguments, load())
    except ScopingError as error:
        if "--json" in argv:
            base.write(json.dumps({"error": base.told(error)}, indent=2))
        return base.complain(error)
    except BrokenPipeError:
        return 0
    if answer is not None:
        base.write(json.dumps(as_json(answer), indent=2) if arguments.json else as_text(answer))
    return int(arguments.exit_code)


class _Parser(argparse.ArgumentParser):
    """Refuses a wrong call as everything else is refused, so that it too can be answered as JSON."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message[:1].upper()}{message[1:]}.", fix=f"See '{self.prog} --help'.")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="scoping", description="Changing hotspots of missing children's episodes, offline.")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="answer as JSON")
    common.add_argument("--store", metavar="URL", help="database, e.g. sqlite:///file.db or postgresql+psycopg://host/name "
                                                       "(default: the embedded file)")
    subs = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Callable[[argparse.Namespace, Settings], Any], summary: str) -> argparse.ArgumentParser:
        sub = subs.add_parser(name, help=summary, description=summary, parents=[common])
        sub.set_defaults(run=run, exit_code=0)
        return sub

    for room in ROOMS:
        room.register(add)
    return parser


if __name__ == "__main__":
    sys.exit(main())
