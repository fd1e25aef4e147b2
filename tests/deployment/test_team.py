"""The team's installation on one machine: the files of deploy/ as they stand, with PostgreSQL, a sign-in provider, nginx and TLS.

Only names, paths and ports are replaced; what a browser then walks through is what docs/DEPLOYMENT.md installs.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from geo_data.errors import StoreError
from geo_data.keeping.audit import seal
from geo_data.keeping.store import Store
from tests.browser.conftest import FLAGS, free_port, launched, no_browser
from tests.browser.provider import Provider, lying_provider
from tests.deployment.files import DEPLOY, ROOT, unit
from tests.geo_data import postgres
from tests.geo_data.made import episodes, import_into
from tests.needed import needed

NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or ""  # where Debian has it, off the path of who is not root
NAME = "scoping.force.example"
pytestmark = pytest.mark.browser


def replaced(name: str, changes: dict[str, str]) -> str:
    """A file of deploy/ with names and ports of this machine; every change must find what it replaces."""
    text = (DEPLOY / name).read_text("utf-8")
    for old, new in changes.items():
        assert old in text, (name, old)
        text = text.replace(old, new)
    return text


class Team:
    """Where everything is."""

    def __init__(self, folder: Path, store: str, provider: Provider) -> None:
        self.folder, self.store, self.provider = folder, store, provider
        self.app, self.second, self.https, self.http = free_port(), free_port(), free_port(), free_port()
        self.url = f"https://{NAME}:{self.https}"
        self.home = folder / "home"
        self.home.mkdir()
        self.server = ""

    def environment(self) -> dict[str, str]:
        said = dict(line.split("=", 1) for line in unit("scoping@.service")["Environment"])
        assert set(said) == {"SCOPING_CONFIG", "NUMBA_CACHE_DIR", "TMPDIR"}
        (self.folder / "tmp").mkdir(exist_ok=True)
        return os.environ | {"SCOPING_CONFIG": str(self.folder / "scoping.toml"), "TMPDIR": str(self.folder / "tmp"),
                             "AUTHLIB_INSECURE_TRANSPORT": "1"}  # the loops are compiled beside the checkout already

    def configure(self) -> None:
        (self.folder / "scoping.toml").write_text(replaced("scoping.toml", {
            "/var/lib/scoping": str(self.home), "postgresql://scoping@/scoping": self.store}), "utf-8")
        (self.folder / "secrets.toml").write_text(replaced("secrets.toml", {
            f"https://{NAME}/": f"{self.url}/", "REPLACE: openssl rand -hex 32": "c" * 64,
            'client_id = "REPLACE: from the provider"': 'client_id = "scoping"', "REPLACE: from the provider": "s" * 40,
            "https://login.force.example": self.provider.url}), "utf-8")
        for name in ("scoping.toml", "secrets.toml"):
            (self.folder / name).chmod(0o600)

    @contextmanager
    def serving(self, port: int) -> Iterator[None]:
        """One process of the service; the proxy knows of `app` and `second`."""
        line = unit("scoping@.service")["ExecStart"][0].split()
        assert line[0] == "/opt/scoping/.venv/bin/streamlit"
        swapped = {"%i": str(port), "/etc/scoping/secrets.toml": str(self.folder / "secrets.toml")}
        log = (self.folder / "server.log").open("ab")
        process = subprocess.Popen([sys.executable, "-m", "streamlit", *(swapped.get(part, part) for part in line[1:])], cwd=ROOT,
                                   env=self.environment(), stdout=log, stderr=subprocess.STDOUT)
        try:
            until(lambda: fetch(f"http://127.0.0.1:{port}/healthz")[0] == 200, process)
            yield
        finally:
            process.terminate()
            process.wait(20)
            log.close()

    @contextmanager
    def proxying(self) -> Iterator[None]:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}",
                        "-keyout", f"{self.folder}/key.pem", "-out", f"{self.folder}/fullchain.pem",
                        "-addext", f"subjectAltName=DNS:{NAME}"], check=True, capture_output=True)
        site = replaced("nginx.conf", {
            "listen 80;": f"listen 127.0.0.1:{self.http};", "listen 443 ssl;": f"listen 127.0.0.1:{self.https} ssl;",
            "https://$host$request_uri": f"https://$host:{self.https}$request_uri",
            "/etc/ssl/scoping": str(self.folder), "/var/log/nginx/scoping.log": f"{self.folder}/nginx.log",
            "server 127.0.0.1:8501;": f"server 127.0.0.1:{self.app}; server 127.0.0.1:{self.second};"})
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        spare = "".join(f"{kind}_temp_path {self.folder}/{kind};\n" for kind in kinds)
        (self.folder / "nginx.conf").write_text(
            f"daemon off; worker_processes 1; pid {self.folder}/nginx.pid; error_log {self.folder}/nginx-error.log;\n"
            f"events {{}}\nhttp {{\naccess_log off;\n{spare}{site}\n}}\n", "utf-8")
        command = [NGINX, "-c", f"{self.folder}/nginx.conf", "-p", str(self.folder)]
        if os.geteuid() == 0:  # its workers must reach the folder as the user of this test
            command += ["-g", "user root;"]
        subprocess.run([*command, "-t"], check=True, capture_output=True)
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            until(lambda: fetch(f"https://127.0.0.1:{self.https}/healthz", {"host": f"{NAME}:{self.https}"})[0] == 200, process)
            yield
        finally:
            process.terminate()
            process.wait(20)


def fetch(url: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: Any) -> None:
            return None

    open_ = urllib.request.build_opener(Stay, urllib.request.HTTPSHandler(context=ssl._create_unverified_context())).open  # noqa: S323
    try:
        with open_(urllib.request.Request(url, headers=headers or {}), timeout=5) as answer:  # noqa: S310 - this machine
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read()
    except OSError:
        return 0, {}, b""


def until(holds: Any, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 240
    while not holds():
        assert process.poll() is None and time.monotonic() < deadline, "it does not start"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory, gazetteer_folder: Path) -> Iterator[Team]:
    reason = postgres.why_not() or ("" if NGINX else "nginx is not installed (Debian: apt-get install nginx-light)")
    needed(reason or no_browser())
    with postgres.server() as socket, lying_provider() as provider:
        with psycopg.connect(host=socket, user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute("CREATE ROLE scoping LOGIN")
            connection.execute("CREATE DATABASE scoping OWNER scoping")
        folder = tmp_path_factory.mktemp("team")
        port, authority = postgres.secured(socket, "db.force.example", "p" * 32)
        (folder / "pgpass").write_text(f"*:*:*:scoping:{'p' * 32}\n", "utf-8")
        (folder / "pgpass").chmod(0o600)
        made = Team(folder, f"postgresql://scoping@db.force.example:{port}/scoping?hostaddr=127.0.0.1&sslmode=verify-full"
                            f"&sslrootcert={authority}&passfile={folder}/pgpass", provider)
        made.server = socket
        made.configure()
        shutil.copytree(gazetteer_folder, made.home / "gazetteer")
        provider.claims |= {"roles": ["Scoping.Analyst"], "agency": "police", "areas": ["*"]}
        with made.serving(made.app), made.proxying():
            yield made


@pytest.fixture
def page(team: Team) -> Iterator[Any]:
    with launched(*FLAGS, f"--host-resolver-rules=MAP {NAME} 127.0.0.1") as browser:
        context = browser.new_context(ignore_https_errors=True, locale="en-GB", viewport={"width": 1400, "height": 900})
        context.set_default_timeout(120_000)  # the first page waits for a program that is just starting
        yield context.new_page()


def brought(page: Any, ref: str) -> None:
    """Import one row on the page that is open."""
    head = ("episode_ref,person_ref,source_system,extracted_at,recording_force,responsible_la,age_at_episode,care_status,"
            "episode_type,missing_from_type,reported_at,risk_level_initial,rhi_offered,sharing_restriction,found_easting,found_northing")
    row = (f"{ref},c1,manual,2026-01-02T10:00:00Z,Test force,E06000057,14,not_looked_after,missing,home,"
           "2026-01-01T20:00:00Z,medium,NK,none,420000,580000")
    page.locator("input[type=file]").set_input_files(
        {"name": f"{ref}.csv", "mimeType": "text/csv", "buffer": f"{head}\n{row}".encode()})
    page.get_by_role("button", name="Import 1 row").click(timeout=180_000)
    page.get_by_role("button", name="See the hotspots").wait_for(timeout=180_000)


def test_an_analyst_walks_through_it(team: Team, page: Any) -> None:
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    page.goto(team.url)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("Signed in as ann@force.example").wait_for(timeout=180_000)
    cookies = [cookie for cookie in page.context.cookies() if cookie["name"].startswith("_streamlit_user")]
    assert cookies and all(c["secure"] and c["httpOnly"] and c["expires"] == -1 for c in cookies)
    page.goto(f"{team.url}/import")
    brought(page, "AB-0001")
    with Store(team.store) as store:
        assert store.episodes("episodes")["episode_ref"].tolist() == ["AB-0001"]
        entries = store.entries()
    assert entries.loc[entries["action"] == "import", "actor"].tolist() == ["ann@force.example"]
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name=re.compile("Sign in")).wait_for()
    assert not [url for url in asked if not re.match(rf"(https://{NAME}:|http://127\.0\.0\.1:|blob:|data:)", url)]


def test_sign_ins_uploads_and_files_hold_whichever_process_answers(team: Team, page: Any) -> None:
    own = {"host": f"{NAME}:{team.https}"}

    def logged() -> list[str]:
        return [line for line in (team.folder / "nginx.log").read_text("utf-8").splitlines() if " /healthz " in line]

    def answered(browser: str) -> str:
        before = len(logged())
        assert fetch(f"https://127.0.0.1:{team.https}/healthz", own | {"cookie": f"scoping_process={browser}"})[0] == 200
        deadline = time.monotonic() + 30
        while len(logged()) == before:  # nginx writes the line once the answer has left
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return logged()[-1].split()[-1]

    def signed_in(there: Any, path: str) -> None:
        there.goto(f"{team.url}/{path}")
        there.get_by_text("Signed in as ann@force.example").wait_for(timeout=180_000)

    def denied(there: Any) -> None:
        there.goto(team.url)
        there.get_by_role("button", name=re.compile("Sign in")).wait_for(timeout=180_000)

    here, context = f"127.0.0.1:{team.app}", page.context
    with team.serving(team.second):
        both, deadline = {here, f"127.0.0.1:{team.second}"}, time.monotonic() + 60
        while {answered(f"b{k}") for k in range(12)} != both:
            assert time.monotonic() < deadline  # nginx leaves one that was not there alone for ten seconds
        # not those of that round: the ten seconds may have ended within it
        of = {f"b{k}": answered(f"b{k}") for k in range(12)}
        assert {browser: answered(browser) for browser in of} == of
        by_process = {process: browser for browser, process in of.items()}

        def at(process: str) -> None:
            context.add_cookies([{"name": "scoping_process", "value": by_process[process], "domain": NAME, "path": "/"}])

        at(here)
        page.goto(team.url)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_text("Signed in as ann@force.example").wait_for(timeout=180_000)
        for process, ref in ((here, "AB-1001"), (f"127.0.0.1:{team.second}", "AB-1002")):
            at(process)
            signed_in(page, "import")
            with page.expect_download() as download:
                page.get_by_role("button", name="CSV", exact=True).click()
            assert "episode_ref" in Path(download.value.path()).read_text("utf-8-sig")
            brought(page, ref)
        with Store(team.store, seal(team.home)) as store:
            assert {"AB-1001", "AB-1002"} <= set(store.episodes("episodes")["episode_ref"])
            assert store.verify().whole
        other = context.new_page()
        signed_in(other, "about")
        at(here)
        page.goto(f"{team.url}/about")
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("button", name=re.compile("Sign in")).wait_for()
        at(f"127.0.0.1:{team.second}")
        denied(other)
        other.get_by_role("button", name="Sign in").click()
        other.get_by_text("Signed in as ann@force.example").wait_for(timeout=180_000)
    signed_in(other, "about")  # its process is gone: the other one knows the sign-in
    done = subprocess.run([sys.executable, "-m", "cli", "people", "end", "ann@force.example"], cwd=ROOT, env=team.environment(),
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    denied(other)


def test_the_edge_says_what_it_should(team: Team) -> None:
    status, headers, _ = fetch(f"http://127.0.0.1:{team.http}/import", {"host": NAME})
    assert (status, headers["location"]) == (301, f"https://{NAME}:{team.https}/import")
    own = {"host": f"{NAME}:{team.https}"}
    status, headers, _ = fetch(f"https://127.0.0.1:{team.https}/", own)
    assert status == 200 and "max-age" in headers["strict-transport-security"]
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "nginx/" not in headers.get("server", "")
    assert fetch(f"https://127.0.0.1:{team.https}/media/x.csv", own)[0] == 401
    assert fetch(f"https://127.0.0.1:{team.https}/_stcore/metrics", own)[0] == 403
    assert fetch(f"https://127.0.0.1:{team.https}/", {"host": f"evil.test:{team.https}"})[0] == 403
    for path, said in (("/healthz", {"alive": True}), ("/readyz", {"database": True, "gazetteer": True})):
        status, _, body = fetch(f"https://127.0.0.1:{team.https}{path}", own)
        assert (status, json.loads(body)) == (200, said)


def test_logs_name_nobody(team: Team, page: Any) -> None:
    page.goto(team.url)
    page.get_by_role("button", name=re.compile("Sign in")).wait_for()
    proxy = (team.folder / "nginx.log").read_text("utf-8")
    assert proxy and all(re.match(r"\S+ \d{3} [A-Z]+ \S+ [\d.]+ [\d.:, -]+$", line) for line in proxy.splitlines())
    assert not re.search(r"/_stcore/upload_file/[^-\s]", proxy)
    server = (team.folder / "server.log").read_text("utf-8")
    for secret in ("ann@force.example", "AB-0001", "420000", "c" * 64, "s" * 40):
        assert secret not in proxy + server


def test_the_daily_jobs_run(team: Team, tmp_path: Path) -> None:
    lines = [line.replace("/bin/sh -c '", "").rstrip("'") for line in unit("scoping-daily.service")["ExecStart"]]
    swapped = {"/opt/scoping/.venv/bin/scoping": f"{sys.executable} -m cli", "/var/backups/scoping": str(tmp_path), "%%": "%"}
    for line in lines:
        here = line
        for old, new in swapped.items():
            here = here.replace(old, new)
        done = subprocess.run(["sh", "-c", here], cwd=ROOT, env=team.environment(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    kept = tmp_path / f"scoping-{datetime.now(UTC):%Y-%m-%d}.db"
    again = f"sqlite:///{tmp_path}/again.db"
    done = subprocess.run([sys.executable, "-m", "cli", "restore", str(kept), "--store", again, "--json"], cwd=ROOT,
                          env=team.environment(), capture_output=True, text=True, check=False)
    assert json.loads(done.stdout)["audit_whole"] is True, done.stdout


def test_the_database_is_reached_over_tls_alone(team: Team) -> None:
    with Store(team.store) as store, store.reading() as connection:
        used = connection.execute(text("SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()")).one()
    assert used.ssl and used.version.startswith("TLSv1.")
    for old, new in (("sslmode=verify-full", "sslmode=disable"), ("@db.force.example", "@other.force.example"),
                     (r"sslrootcert=[^&]+", f"sslrootcert={team.folder}/fullchain.pem"), ("passfile=[^&]+", "passfile=/none")):
        with pytest.raises(StoreError, match="does not answer or refuses"):
            Store(re.sub(old, new, team.store))


def test_a_database_that_is_gone_is_told_in_the_page_and_comes_back(team: Team, page: Any) -> None:
    with Store(team.store, seal(team.home)) as store:
        import_into(store, "before", episodes(["R-1"]))
    page.goto(team.url)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("Signed in as ann@force.example").wait_for(timeout=180_000)
    postgres.stop(team.server)
    try:
        page.goto(f"{team.url}/about")
        page.get_by_text("The database cannot be used at the moment").wait_for(timeout=60_000)
        page.get_by_text("Nothing is half done").wait_for()
        status, _, body = fetch(f"http://127.0.0.1:{team.app}/readyz")
        assert (status, json.loads(body)["database"]) == (503, False)
        assert fetch(f"http://127.0.0.1:{team.app}/healthz")[0] == 200
    finally:
        postgres.start(team.server)
    page.get_by_role("button", name="Try again").click()
    page.get_by_text("Signed in as ann@force.example").wait_for(timeout=60_000)
    page.get_by_text("The database cannot be used").first.wait_for(state="detached")
    assert fetch(f"http://127.0.0.1:{team.app}/readyz")[0] == 200
