"""The HTTP edge behind the guard: the app's own files, the base map, health, and redacted errors.

Everything here is plain ASGI and Starlette. The routes serve public assets only: nothing under them knows an episode.
"""

from __future__ import annotations

import gc
import logging
import re
import sys
import threading
import time
import uuid
from asyncio import base_events
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from streamlit import net_util
from streamlit.env_util import is_repl

from geo_data.errors import ParameterError, ScopingError
from geo_data.ground import own
from scoping.showing import maps
from screens import door, logs, look, session
from screens.files import FOREVER, FilesFirst
from screens.guard import LOCAL_HOSTS, Guard

ROOT = Path(__file__).resolve().parent.parent
LOG = logging.getLogger("scoping.server")
LOOPS = ("dbscan", "strips", "tallies", "arcs", "visitors")  # modules of compiled ones, which are slow to load
LATER_S = 20  # from the first results to what later pages ask for


def _of(package: str) -> Path:
    """Where a package lies, without loading it: a component that is loaded outside a page is not known to the server."""
    found = find_spec(package)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(f"{package} is not installed")
    return Path(found.origin).parent


def folders() -> dict[str, Path]:
    """What is handed out from memory, by how its paths begin."""
    return {"/assets/vendor/": ROOT / "static" / "vendor", "/static/": _of("streamlit") / "static" / "static",
            "/component/streamlit_folium.st_folium/static/": _of("streamlit_folium") / "frontend" / "build" / "static"}


class _Tile(IntegerConvertor):
    """A number of a tile: longer ones are no path of ours, and beyond what Python reads as a number."""

    regex = "[0-9]{1,8}"


register_url_convertor("tile", _Tile())


async def _script(_: Request) -> Response:
    """The map's own script and look, which live beside the Python that names them."""
    return Response(maps.served(), media_type="text/javascript", headers={"cache-control": FOREVER})


def _pmtiles(request: Request) -> Response:
    """The invented county's vector tiles; FileResponse answers Range by itself."""
    name = request.path_params["name"]
    if not re.fullmatch(r"[a-z0-9_-]{1,40}\.pmtiles", name):
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


def _health(_request: Request) -> Response:
    """The process answers."""
    return JSONResponse({"alive": True})


async def _ready(_request: Request) -> Response:
    """Whether the app can work: the database answers and the gazetteer is there. Says which, and nothing else."""
    found = await run_in_threadpool(session.ready)
    return JSONResponse(found, 200 if all(found.values()) else 503)


def _first_page(request: Request) -> Response:
    """The first page lies at the root; by its name, which people try, Streamlit knows it not."""
    return RedirectResponse(f"/?{request.url.query}" if request.url.query else "/")


async def _own_file(request: Request) -> Response:
    """The operator's vector tiles; FileResponse answers Range by itself."""
    name = request.path_params["name"]
    path = session.settings().basemap_folder / f"{name}.pmtiles"
    if not own.NAME.fullmatch(name) or not path.is_file():
        return PlainTextResponse("not found", 404)
    return FileResponse(path, media_type="application/octet-stream", headers={"cache-control": "no-cache"})


async def _own_tile(request: Request) -> Response:
    """One tile of the operator's MBTiles."""
    name, z, x, y = (request.path_params[part] for part in ("name", "z", "x", "y"))
    if not (0 <= z <= 22 and 0 <= x < 2**z and 0 <= y < 2**z):
        return Response(status_code=404)
    found = await run_in_threadpool(own.tile, session.settings().basemap_folder, name, z, x, y)
    if found is None:
        return Response(status_code=204)
    return Response(found[0], headers=found[1] | {"cache-control": "private, max-age=86400"})


def routes() -> list[BaseRoute]:
    return [
        Route("/healthz", _health),
        Route("/readyz", _ready),
        Route("/hotspots", _first_page),
        Route(maps.OWN + maps.SCRIPT, _script),
        Route("/basemap/demo/{name}", _pmtiles),
        Route("/basemap/texture/{theme}/{z:tile}/{x:tile}/{y:tile}.png", _texture),
        Route("/basemap/own/{name}.pmtiles", _own_file),
        Route("/basemap/own/{name}/{z:tile}/{x:tile}/{y:tile}", _own_tile),
        Route("/basemap/labels.json", _labels),
        Route("/basemap/outlines.json", _outlines),
    ]


SWITCH_S = 0.0005  # a thread that counts gives way to one that answers after half a millisecond


TCP, NODELAY = 6, 1  # the same everywhere; the module that names them opens connections, and nothing here does


def answer_at_once() -> None:
    """Let no answer wait for the browser's word that it got the last (Nagle's algorithm): some 40 ms for every file and step.

    asyncio sees to it for sockets that say they are TCP. Streamlit binds its own without saying so, and what it accepts says
    nothing either (uvicorn issue 3149): so asyncio's function is replaced before the first connection.
    """
    base_events._set_nodelay = _set_nodelay  # type: ignore[attr-defined] # private to asyncio, and the one place for all protocols


def _set_nodelay(sock: Any) -> None:
    if sock.family.name in ("AF_INET", "AF_INET6") and sock.type.name == "SOCK_STREAM":
        sock.setsockopt(TCP, NODELAY, 1)


def ask_nobody() -> None:
    """Let Streamlit ask no machine of the internet which address this one has there.

    It does so (checkip.amazonaws.com) to greet who starts it, and at each request whose Origin it does not know, which behind a
    proxy is every one. The guard has compared Origin with Host by then, and no other is let in.
    """
    net_util.get_external_ip = net_util.get_internal_ip = lambda: None


def warm() -> None:
    """Make ready beside the start: first what the first page would wait for, its modules, loops and results, then the rest."""
    sys.setswitchinterval(SWITCH_S)
    threading.Thread(target=_warm, name="scoping-warm", daemon=True).start()


def _warm() -> None:
    with _loading():
        for name in ("screens.hotspots", *(f"scoping.clustering.{loops}" for loops in LOOPS)):
            import_module(name)
    is_repl()  # asked at the first element of all; Python then looks through every module for a second
    _prepared(session.prepare)
    with _loading():
        for page in sorted((ROOT / "screens").glob("*.py")):  # every other page, with what it needs
            if page.stem != "main":  # runs when imported
                import_module(f"screens.{page.stem}")
    time.sleep(LATER_S)  # the first pages come first
    _prepared(session.prepare_rest)
    _prepared(import_module("screens.reviewed").prepare)


@contextmanager
def _loading() -> Iterator[None]:
    """No garbage is looked for meanwhile, as since `app.py` began; what is there at the end stays: no need to look through it."""
    gc.disable()
    try:
        yield
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


def _prepared(make: Callable[[], None]) -> None:
    if not session.ready()["gazetteer"]:
        return
    session.gazetteer()
    try:
        make()
    except ScopingError as error:  # told on the page, to whoever comes
        LOG.warning("%s while making ready at %s", type(error).__name__, _where(error))


def middleware() -> list[Middleware]:
    if st.get_option("server.baseUrlPath"):  # guard and door know paths as they are at the root
        raise ParameterError("Scoping is served at the root of a host of its own.", fix="Take away server.baseUrlPath.")
    logs.start(session.settings().logs)
    quiet_logs()
    return [Middleware(Guard, hosts=(*LOCAL_HOSTS, *session.allowed_hosts()), door=door.make(),
                       pictures=own.origin(session.intranet())),
            Middleware(FilesFirst, folders=folders())]


def redacted(error: Exception) -> bool:
    """Show a reference and log where it happened; the message may hold a child's data and goes nowhere."""
    if isinstance(error, ScopingError):  # said in words for whoever reads it, never with a value
        LOG.warning("%s at %s", type(error).__name__, _where(error))
        st.error(look.words(error))
        return True
    reference = uuid.uuid4().hex[:8]
    LOG.error("reference %s: %s at %s", reference, type(error).__name__, _where(error))
    st.error(f"Something went wrong on this screen. Your data are unchanged. Reference {reference}: give it to "
             "whoever looks after the program. Reload the page to go on.")
    return True


def _where(error: BaseException) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "unknown"


class _Withheld(logging.Filter):
    """An exception's text may carry a row: keep its type alone."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info:
            kind = record.exc_info[0]
            record.msg, record.args = f"{kind.__name__ if kind else 'error'}: details withheld", ()
            record.exc_info = record.exc_text = None
        return True


def _thread_failed(failed: threading.ExceptHookArgs) -> None:
    """What Python would print of an error beside the pages carries its text: say its type and place."""
    if failed.exc_value is not None and failed.exc_type is not SystemExit:
        LOG.error("%s at %s", failed.exc_type.__name__, _where(failed.exc_value))


def quiet_logs() -> None:
    threading.excepthook = _thread_failed
    for name in ("streamlit.error_util", "streamlit.runtime.scriptrunner.script_runner",
                 "streamlit.runtime.scriptrunner.exec_code", "streamlit.runtime.caching.cache_utils",
                 "streamlit.runtime.app_session", "streamlit.elements.exception"):
        logger = logging.getLogger(name)
        if not any(isinstance(f, _Withheld) for f in logger.filters):
            logger.addFilter(_Withheld())
