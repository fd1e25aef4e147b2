"""A PostgreSQL server of the tests' own: from Debian's (or any installed) binaries, in a temporary folder.

It listens on a Unix socket only. Its data is thrown away, so it need not survive a power cut (fsync off).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ACCOUNT = "postgres"  # a server refuses to run as root


def binaries() -> Path | None:
    """The folder of the newest installed initdb and pg_ctl, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    return Path(on_path).resolve().parent if on_path else None


def why_not() -> str:
    """Why no server can be started here; empty when one can."""
    if os.name != "posix":
        return "the tests start PostgreSQL on Unix only"
    if binaries() is None:
        return "PostgreSQL is not installed (Debian: apt-get install postgresql)"
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            return "setpriv is needed to start PostgreSQL from root (Debian: util-linux)"
        if subprocess.run(["id", ACCOUNT], capture_output=True, check=False).returncode:
            return f"there is no account '{ACCOUNT}' to run PostgreSQL as"
    return ""


def _run(folder: Path, *command: str) -> None:
    """As the account that may run a server."""
    before = ["setpriv", f"--reuid={ACCOUNT}", f"--regid={ACCOUNT}", "--clear-groups"] if os.geteuid() == 0 else []
    subprocess.run([*before, *command], check=True, cwd=folder, capture_output=True, timeout=120,
                   env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"})


def start(folder: str | Path, options: str = "") -> None:
    """Start the server of a folder, again with the options it was first started with when none are given."""
    data, kept = Path(folder) / "data", Path(folder) / "options"
    if options:
        kept.write_text(options, "utf-8")
    _run(Path(folder), f"{binaries()}/pg_ctl", "start", "--wait", "--pgdata", str(data), "--log", str(Path(folder) / "log"),
         "-o", kept.read_text("utf-8"))


def stop(folder: str | Path) -> None:
    """Stop it at once, as a power cut does."""
    _run(Path(folder), f"{binaries()}/pg_ctl", "stop", "--mode", "immediate", "--pgdata", str(Path(folder) / "data"))


@contextmanager
def server(*, durable: bool = False) -> Iterator[str]:
    """Start a server; gives the folder of its socket. Its superuser is `postgres`. `durable`: every commit reaches the disk."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path must be short
    if os.geteuid() == 0:
        shutil.chown(folder, ACCOUNT, ACCOUNT)
    try:
        _run(folder, f"{binaries()}/initdb", "--pgdata", str(folder / "data"), "--username", "postgres", "--auth", "trust",
             "--encoding", "UTF8", "--no-sync")
        options = f"-c listen_addresses= -c unix_socket_directories={folder}"
        start(folder, options + ("" if durable else " -c fsync=off -c full_page_writes=off"))
        yield str(folder)
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            stop(folder)
        shutil.rmtree(folder)
