"""No path of a request, however it is written, reaches a file that is not served or ends in a trace."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from screens import server

ROOT = Path(__file__).resolve().parents[2]
UP = ("../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..\\", "..%5c", "....//", "%252e%252e%252f", "%c0%ae%c0%ae/", ".%00./")
TARGETS = ("settings.py", "etc/passwd", "scoping.db", "audit.key")
PREFIXES = ("/assets/vendor/", "/assets/vendor/leaflet-1.9.4/", "/assets/map/",
            "/basemap/demo/", "/basemap/own/", "/basemap/own/x/")
LONG = "9" * 5_000


@pytest.fixture(scope="module")
def client() -> TestClient:
    """The server's own routes, told to raise what they would log as a failure."""
    return TestClient(Starlette(routes=server.routes()), raise_server_exceptions=True)


@pytest.mark.parametrize("prefix", PREFIXES)
def test_no_path_climbs_out_of_its_folder(prefix: str, client: TestClient, empty: Path) -> None:
    secret = (ROOT / "settings.py").read_text("utf-8")[:60]
    for up in UP:
        for times in (1, 2, 3, 6):
            for target in TARGETS:
                for ending in ("", ".pmtiles", "%00.pmtiles"):
                    answer = client.get(prefix + up * times + target + ending)
                    assert answer.status_code in (400, 404), answer.url
                    assert secret not in answer.text and "root:" not in answer.text


@pytest.mark.parametrize("path", [
    f"/basemap/texture/dark/{LONG}/1/1.png", f"/basemap/own/x/{LONG}/0/0", f"/basemap/own/x/1/{LONG}/0", "/basemap/own/x/-1/0/0",
    "/basemap/own/x/1/0/%D9%A3", "/basemap/texture/dark/10/99999999/1.png", "/basemap/texture/dark/17/0/0.png",
    "/basemap/demo/" + "a" * 300 + ".pmtiles", "/basemap/own/" + "a" * 300 + ".pmtiles", "/basemap/own/" + "a" * 300 + "/1/0/0",
    "/basemap/own/a%00b.pmtiles", "/basemap/own/a%00b/1/0/0", "/basemap/demo/a%00b.pmtiles", "/assets/map/" + "a" * 5_000,
    "/assets/vendor/" + "a" * 5_000, "/assets/vendor/%00", "/basemap/own/%ff.pmtiles"])
def test_odd_names_and_numbers_are_not_there(path: str, client: TestClient, empty: Path) -> None:
    assert client.get(path).status_code in (204, 400, 404)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_routes_are_for_reading(method: str, client: TestClient, empty: Path) -> None:
    for path in ("/healthz", "/readyz", "/basemap/labels.json", "/assets/map/map.css", "/assets/vendor/leaflet-1.9.4/leaflet.js"):
        assert client.request(method, path).status_code == 405
