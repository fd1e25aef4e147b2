"""What all tests share: no test may reach outside this machine; one national gazetteer for the whole run."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0")  # noqa: S104 - a name to compare with, nothing is bound


@pytest.fixture(autouse=True, scope="session")
def no_outside_sockets() -> Iterator[None]:
    """Refuse every connection to an address that is not this machine's own."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def allowed(address: Any) -> bool:
        return not isinstance(address, tuple) or str(address[0]).startswith(LOOPBACK)

    def guarded(real: Any) -> Any:
        def call(self: socket.socket, address: Any) -> Any:
            if not allowed(address):
                raise AssertionError("a test tried to reach outside this machine")
            return real(self, address)

        return call

    socket.socket.connect, socket.socket.connect_ex = guarded(connect), guarded(connect_ex)  # type: ignore[method-assign]
    yield
    socket.socket.connect, socket.socket.connect_ex = connect, connect_ex  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def gazetteer_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The national gazetteer, built once from the installed packages.

    SCOPING_TEST_GAZETTEER names a folder to keep it in between runs.
    """
    from geo_data.setup import ensure_gazetteer

    folder = Path(os.environ.get("SCOPING_TEST_GAZETTEER") or tmp_path_factory.mktemp("gazetteer"))
    ensure_gazetteer(folder)
    return folder
