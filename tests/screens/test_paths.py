"""No path of a request, however it is written, reaches a file that is not served or ends in a trace."""

from __future__ import annotations

import asyncio
import gzip
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request

from screens import files, server

ROOT = Path(__file__).resolve().parents[2]
UP = ("../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..\\", "..%5c", "....//", "%252e%252e%252f", "%c0%ae%c0%ae/", ".%00./")
TARGETS = ("settings.py", "etc/passwd", "scoping.db", "audit.key")
PREFIXES = ("/static/", "/static/js/", "/component/streamlit_folium.st_folium/static/", "/assets/vendor/",
            "/assets/vendor/leaflet-1.9.4/", "/assets/map/",
            "/basemap/demo/", "/basemap/own/", "/basemap/own/x/")
LONG = "9" * 5_000


def asked(paths: list[str], method: str = "GET", takes: bytes = b"") -> list[tuple[int, bytes]]:
    """Status and body of the server's own routes and files, asked as the web server asks them; what they raise is raised."""
    app = Starlette(routes=server.routes(), middleware=[Middleware(files.FilesFirst, folders=server.folders())])

    async def one(path: str) -> tuple[int, bytes]:
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b""}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await app({"type": "http", "method": method, "path": unquote(path), "raw_path": path.encode(), "query_string": b"",
                   "headers": [(b"host", b"localhost"), (b"accept-encoding", takes)],
                   "http_version": "1.1", "scheme": "http", "root_path": "",
                   "server": ("localhost", 80), "client": ("127.0.0.1", 1)}, receive, send)
        return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])

    async def each() -> list[tuple[int, bytes]]:
        return [await one(path) for path in paths]

    with ThreadPoolExecutor(1) as thread:  # a browser test may have left its own loop in this one
        return thread.submit(asyncio.run, each()).result()


@pytest.mark.parametrize("prefix", PREFIXES)
def test_no_path_climbs_out_of_its_folder(prefix: str, empty: Path) -> None:
    secret = (ROOT / "settings.py").read_bytes()[:60]
    paths = [prefix + up * times + target + ending
             for up in UP for times in (1, 2, 3, 6) for target in TARGETS for ending in ("", ".pmtiles", "%00.pmtiles")]
    for path, (status, body) in zip(paths, asked(paths), strict=True):
        assert status in (400, 404), path
        assert secret not in body and b"root:" not in body


@pytest.mark.parametrize("path", [
    f"/basemap/texture/dark/{LONG}/1/1.png", f"/basemap/own/x/{LONG}/0/0", f"/basemap/own/x/1/{LONG}/0", "/basemap/own/x/-1/0/0",
    "/basemap/own/x/1/0/%D9%A3", "/basemap/texture/dark/10/99999999/1.png", "/basemap/texture/dark/17/0/0.png",
    "/basemap/demo/" + "a" * 300 + ".pmtiles", "/basemap/own/" + "a" * 300 + ".pmtiles", "/basemap/own/" + "a" * 300 + "/1/0/0",
    "/basemap/own/a%00b.pmtiles", "/basemap/own/a%00b/1/0/0", "/basemap/demo/a%00b.pmtiles", "/assets/map/" + "a" * 5_000,
    "/assets/vendor/" + "a" * 5_000, "/assets/vendor/%00", "/basemap/own/%ff.pmtiles"])
def test_odd_names_and_numbers_are_not_there(path: str, empty: Path) -> None:
    assert asked([path])[0][0] in (204, 400, 404)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_routes_are_for_reading(method: str, empty: Path) -> None:
    paths = ["/healthz", "/readyz", "/basemap/labels.json", "/assets/map/map.js"]
    assert [status for status, _ in asked(paths, method)] == [405] * 4
    assert [status for status, _ in asked(["/assets/vendor/leaflet-1.9.4/leaflet.js"], method)] == [404]


def test_files_of_code_come_whole_packed_or_not() -> None:
    for begins, folder in server.folders().items():
        lying = next(path for path in sorted(folder.rglob("*.js")))
        path = begins + lying.relative_to(folder).as_posix()
        (_, plain), (_, packed) = asked([path])[0], asked([path], takes=b"br, gzip")[0]
        assert plain == lying.read_bytes() == gzip.decompress(packed)
        assert len(packed) < len(plain)
    assert asked([path], "HEAD") == [(200, b"")]


def test_the_first_page_is_found_by_its_name_too() -> None:
    assert [status for status, _ in asked(["/hotspots"])] == [307]
    for query, leads in ((b"", "/"), (b"q=2", "/?q=2")):
        asks = Request({"type": "http", "path": "/hotspots", "query_string": query, "headers": [(b"host", b"localhost")],
                        "scheme": "http", "server": ("localhost", 80)})
        assert server._first_page(asks).headers["location"] == leads
