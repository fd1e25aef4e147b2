"""The HTTP edge: the guard, the security headers, the app's own files, the base map, and redacted errors.

Everything here is plain ASGI and Starlette. The routes serve public assets only: nothing under them knows an episode.
"""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from scoping.showing import maps
from screens import session

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGI = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

ROOT = Path(__file__).resolve().parent.parent
LOCAL_HOSTS = ("127.0.0.1", "localhost", "[::1]")
REFUSED_PATHS = ("/_stcore/metrics", "/_stcore/agent")
FOREVER = "public, max-age=31536000, immutable"  # the paths carry a version
LOG = logging.getLogger("scoping.server")

_CSP = ("default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'self'; "
        "connect-src 'self'; img-src 'self' data: blob:; font-src 'self' data:; style-src 'self' 'unsafe-inline'; "
        "worker-src 'self' blob:; script-src 'self' ")
PAGE_CSP = _CSP + "'unsafe-eval' 'wasm-unsafe-eval'"
COMPONENT_CSP = _CSP + "'unsafe-inline' 'unsafe-eval'"  # folium's map script is inline
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "geolocation=(), camera=(), microphone=()",
}


class Guard:
    """Lets in only requests meant for this server, and signs every answer with the security headers.

    Host must be on the allow-list (a page elsewhere cannot reach the app by re-pointing its name at 127.0.0.1);
    Origin, if sent, must equal Host, and a websocket must send one; the metrics and agent doors stay shut.
    """

    def __init__(self, inner: ASGI, hosts: tuple[str, ...] = LOCAL_HOSTS) -> None:
        self.inner, self.hosts = inner, {host.lower() for host in hosts}

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self.inner(scope, receive, send)
        if self._refuse(scope):
            return await _forbid(scope, receive, send)
        return await self.inner(scope, receive, _signing(send, scope["path"]))

    def _refuse(self, scope: MutableMapping[str, Any]) -> bool:
        given: dict[str, list[str]] = {}
        for name, value in scope["headers"]:
            given.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1").lower())
        hosts, origins = given.get("host", []), given.get("origin", [])
        if len(hosts) != 1 or re.sub(r":\d+$", "", hosts[0]) not in self.hosts:
            return True
        if any(origin.partition("://")[2] != hosts[0] for origin in origins):
            return True
        if scope["type"] == "websocket" and not origins:
            return True
        return str(scope["path"]).startswith(REFUSED_PATHS)


async def _forbid(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
    else:
        await _signing(send, "")({"type": "http.response.start", "status": 403,
                                  "headers": [(b"content-type", b"text/plain; charset=utf-8")]})
        await send({"type": "http.response.body", "body": b"forbidden"})


def _signing(send: Send, path: str) -> Send:
    csp = COMPONENT_CSP if path.startswith("/component/") else PAGE_CSP
    added = {**HEADERS, "content-security-policy": csp}
    if path.startswith("/media/"):
        added["cache-control"] = "no-store"

    async def signed(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [(name, value) for name, value in message.get("headers", [])
                    if name.lower() != b"server" and name.decode("latin-1").lower() not in added]
            message["headers"] = kept + [(name.encode(), value.encode()) for name, value in added.items()]
        await send(message)

    return signed


class _Forever(StaticFiles):
    """Files under a versioned path: a browser may keep them."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["cache-control"] = FOREVER
        return response


def _script(request: Request) -> Response:
    """The map's own scripts and style sheet, which live beside the Python that names them."""
    name = request.path_params["name"]
    if name not in maps.FILES:
        return PlainTextResponse("not found", 404)
    return FileResponse(ROOT / "scoping" / "showing" / name, headers={"cache-control": FOREVER})


def _pmtiles(request: Request) -> Response:
    """The invented county's vector tiles; FileResponse answers Range by itself."""
    name = request.path_params["name"]
    if not re.fullmatch(r"[a-z0-9_-]+\.pmtiles", name):
        return PlainTextResponse("not found", 404)
    path = session.demo_map_folder() / name
    if not path.is_file():
        return PlainTextResponse("not found", 404)
    return FileResponse(path, media_type="application/octet-stream", headers={"cache-control": "no-cache"})


async def _texture(request: Request) -> Response:
    z, x, y = (int(request.path_params[name]) for name in "zxy")
    if not 5 <= z <= 16 or not (0 <= x < 2**z and 0 <= y < 2**z):
        return Response(status_code=404)
    png = await run_in_threadpool(_texture_tile, z, x, y, request.path_params["theme"] == "dark")
    return Response(png, media_type="image/png", headers={"cache-control": "private, max-age=86400"})


@lru_cache(maxsize=2048)
def _texture_tile(z: int, x: int, y: int, dark: bool) -> bytes:
    return session.texture_tile(z, x, y, dark)


async def _labels(request: Request) -> Response:
    body = await run_in_threadpool(session.labels)
    return Response(body, media_type="application/json", headers={"cache-control": "private, max-age=86400"})


async def _outlines(request: Request) -> Response:
    body = await run_in_threadpool(session.outlines)
    return Response(body, media_type="application/json", headers={"cache-control": "private, max-age=86400"})


def routes() -> list[BaseRoute]:
    return [
        Mount("/assets/vendor", _Forever(directory=ROOT / "static" / "vendor")),
        Route("/assets/map/{name}", _script),
        Route("/basemap/demo/{name}", _pmtiles),
        Route("/basemap/texture/{theme}/{z:int}/{x:int}/{y:int}.png", _texture),
        Route("/basemap/labels.json", _labels),
        Route("/basemap/outlines.json", _outlines),
    ]


def middleware() -> list[Middleware]:
    quiet_logs()
    return [Middleware(Guard, hosts=(*LOCAL_HOSTS, *session.allowed_hosts()))]


def redacted(error: Exception) -> bool:
    """Show a reference and log where it happened; the message may hold a child's data and goes nowhere."""
    reference = uuid.uuid4().hex[:8]
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "unknown"
    LOG.error("reference %s: %s at %s", reference, type(error).__name__, where)
    st.error(f"Something went wrong on this screen. Your data are unchanged. Reference {reference}: give it to "
             "whoever looks after the program. Reload the page to go on.")
    return True


class _Withheld(logging.Filter):
    """An exception's text may carry a row: keep its type alone."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info:
            kind = record.exc_info[0]
            record.msg, record.args = f"{kind.__name__ if kind else 'error'}: details withheld", ()
            record.exc_info = record.exc_text = None
        return True


def quiet_logs() -> None:
    for name in ("streamlit.error_util", "streamlit.runtime.scriptrunner.script_runner",
                 "streamlit.runtime.scriptrunner.exec_code", "streamlit.runtime.caching.cache_utils",
                 "streamlit.runtime.app_session", "streamlit.elements.exception"):
        logger = logging.getLogger(name)
        if not any(isinstance(f, _Withheld) for f in logger.filters):
            logger.addFilter(_Withheld())
