"""A PostgreSQL server of the tests' own: from Debian's (or any installed) binaries, in a temporary folder.

It listens on a Unix socket only. Its data is thrown away, so it need not survive a power cut (fsync off).
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

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


def secured(folder: str | Path, name: str, password: str) -> tuple[int, Path]:
    """Have the server listen on 127.0.0.1 to TLS alone, as `name`, and ask the role `scoping` for a password.

    Gives its port and the certificate of the authority that signed its own. Its socket moves to that port.
    """
    tls, data = Path(folder) / "tls", Path(folder) / "data"
    tls.mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    (tls / "names").write_text(f"subjectAltName=DNS:{name}\n", "utf-8")
    new = ["openssl", "req", "-newkey", "rsa:2048", "-nodes"]
    for command in (
        [*new, "-x509", "-days", "2", "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem"],
        [*new, "-subj", f"/CN={name}", "-keyout", "server.key", "-out", "server.csr"],
        ["openssl", "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
         "-extfile", "names", "-out", "server.pem"],
    ):
        subprocess.run(command, check=True, cwd=tls, capture_output=True)
    (tls / "server.key").chmod(0o600)
    if os.geteuid() == 0:
        for path in (tls, *tls.iterdir()):
            shutil.chown(path, ACCOUNT, ACCOUNT)
        Path(folder).chmod(0o755)  # the authority's certificate is everybody's
    with psycopg.connect(host=str(folder), user="postgres", dbname="postgres", autocommit=True) as connection:
        connection.execute(sql.SQL("ALTER ROLE scoping PASSWORD {}").format(sql.Literal(password)))
    stop(folder)
    (data / "pg_hba.conf").write_text("local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n", "utf-8")
    start(folder, f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c fsync=off -c ssl=on "
                  f"-c ssl_cert_file={tls}/server.pem -c ssl_key_file={tls}/server.key")
    return port, tls / "ca.pem"
