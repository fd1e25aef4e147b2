"""What all tests share: no way out to a network, and one national gazetteer for the whole run."""

from __future__ import annotations

import gc
import ipaddress
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from geo_data.placing.gazetteer import Gazetteer, add_layer, open_gazetteer
from tests.geo_data.national import the_gazetteer


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Any attempt to reach a machine other than this one, or to look up a name, fails the test."""
    connect, connect_ex, look_up = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded(real: Any) -> Any:
        def call(self: socket.socket, address: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6):
                host = str(address[0])
                if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
                    raise AssertionError("a connection to another machine was attempted")
            return real(self, address)

        return call

    def no_lookup(*args: Any, **kwargs: Any) -> Any:
        if args and args[0] in (None, "localhost", "127.0.0.1", "::1"):
            return look_up(*args, **kwargs)
        raise AssertionError("a name was looked up on the network")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded(connect))
        patch.setattr(socket.socket, "connect_ex", guarded(connect_ex))
        patch.setattr(socket, "getaddrinfo", no_lookup)
        yield


_MAIN = sys.modules["__main__"]


@pytest.fixture(autouse=True)
def own_main() -> None:
    """Give back the main module, whose place a page takes that a test runs: a process started after it would begin with it."""
    sys.modules["__main__"] = _MAIN


@pytest.fixture(scope="session")
def gazetteer_folder() -> Path:
    return the_gazetteer()


@pytest.fixture(scope="session")
def gazetteer(gazetteer_folder: Path) -> Gazetteer:
    """The national gazetteer, without a layer."""
    return open_gazetteer(gazetteer_folder)


@pytest.fixture(scope="session")
def layered(gazetteer_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Gazetteer:
    """The national gazetteer with a layer of an invented county in the North Sea."""
    folder = shutil.copytree(gazetteer_folder, tmp_path_factory.mktemp("layered"), dirs_exist_ok=True)
    add_layer(
        folder,
        "invented",
        pd.DataFrame({"postcode": ["QX1 1AA", "QX1 1AB", "QX1 2AA"], "easting": [480_000.0, 480_100.0, 481_000.0],
                      "northing": [600_000.0, 600_000.0, 600_500.0]}),
        pd.DataFrame({"name": ["Saltmarrow"], "easting": [480_050.0], "northing": [600_000.0], "population": [40_000]}),
        "invented county",
    )
    return open_gazetteer(folder)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """In processes side by side a file's tests stay in one; the browser's in one too, but for files with servers of their own."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return "browser" if _browser(nodeid) and not _own_servers(nodeid) else nodeid.partition("::")[0]

    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser last, as what is wrong in the core shall show first. In processes side by side the longest files are first, and
    those of many short ones last: nobody waits at the end while the other process has a long one."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: (not _browser(item.nodeid) or _own_servers(item.nodeid), "/attack/" not in item.nodeid,
                                     not _browser(item.nodeid), "/browser/" in item.nodeid,
                                     item.nodeid.startswith("tests/geo_data/"), item.nodeid.startswith("tests/scoping/")))
    else:
        items.sort(key=lambda item: (_browser(item.nodeid), "/browser/" in item.nodeid))


def pytest_collection_finish() -> None:
    """What 3,000 tests loaded stays: no collection need look through it again, as in the server."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _own_servers(nodeid: str) -> bool:
    return nodeid.startswith(("tests/browser/test_sign_in.py", "tests/deployment/"))


def _browser(nodeid: str) -> bool:
    return nodeid.startswith(("tests/browser/", "tests/deployment/"))
