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


@contextmanager
def server(*, durable: bool = False) -> Iterator[str]:
    """Start a server; gives the folder of its socket. Its superuser is `postgres`. `durable`: every commit reaches the disk."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path must be short
    tools = binaries()
    assert tools is not None
    as_account: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, ACCOUNT, ACCOUNT)
        as_account = ["setpriv", f"--reuid={ACCOUNT}", f"--regid={ACCOUNT}", "--clear-groups"]
    data = folder / "data"

    def run(*command: str) -> None:
        subprocess.run([*as_account, *command], check=True, cwd=folder, capture_output=True, timeout=120,
                       env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"})

    try:
        run(f"{tools}/initdb", "--pgdata", str(data), "--username", "postgres", "--auth", "trust",
            "--encoding", "UTF8", "--no-sync")
        options = f"-c listen_addresses= -c unix_socket_directories={folder}"
        options += "" if durable else " -c fsync=off -c full_page_writes=off"
        run(f"{tools}/pg_ctl", "start", "--wait", "--pgdata", str(data), "--log", str(folder / "log"), "-o", options)
        yield str(folder)
    finally:
        if (data / "postmaster.pid").exists():
            run(f"{tools}/pg_ctl", "stop", "--mode", "immediate", "--pgdata", str(data))
        shutil.rmtree(folder)
