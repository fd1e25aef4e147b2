"""Which browser may come in: at one's own computer by the launch token, in a team by a living sign-in.

At one's own computer other users of it can reach 127.0.0.1 as well. The address that the start prints carries a token; the
first visit trades it for a cookie. It is asked for as soon as the store holds anything but invented or published data.

In a team the pages themselves ask for the sign-in (`screens.signin`); what they hand out beside the websocket, files to
download and uploads, is asked for here: a file is given to nobody but the sign-in whose page made it, and taken (or dropped)
only from the one whose page is open.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, RedirectResponse

from geo_data.errors import ScopingError
from geo_data.keeping.sign_ins import SignIns, sign_in_id
from screens import handed_out, session
from screens.guard import ASGI, Door, Receive, Scope, Send, refuse

TOKEN_FILE = "launch.token"  # noqa: S105 - a file's name
TOKEN_VARIABLE = "SCOPING_TOKEN"  # noqa: S105 - given by what starts the server; else the server makes one
FREE = ("/assets/", "/static/", "/component/", "/basemap/", "/_stcore/health", "/_stcore/host-config", "/healthz", "/readyz",
        "/favicon")  # code and base maps: the same for everybody, nothing of the data
THEIRS = {handed_out.MEDIA: handed_out.may_fetch, handed_out.UPLOADS: handed_out.may_put}  # asked with the sign-in and the path

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Scoping</title>
<style>body{font:17px/1.6 system-ui,sans-serif;max-width:38rem;margin:12vh auto;padding:0 1.5rem;color:#1d2530}
code{background:#f0f2f4;padding:.1rem .35rem;border-radius:4px}h1{font-size:1.4rem}
@media(prefers-color-scheme:dark){body{background:#14181f;color:#e8ebf0}code{background:#262d37}}</style>
<h1>This address needs its token</h1>
<p>Scoping holds records of missing episodes on this computer, so it opens only for the person who started it.</p>
<p>Open the whole address that the start printed: it ends in <code>?token=</code> and a long word. Or ask for it again, as the
same user of this computer:</p><p><code>scoping address</code></p></html>"""


def make() -> Door:
    """The door that the settings ask for."""
    if session.settings().sign_in == "oidc":
        handed_out.watch()
        return TeamDoor(lambda sign_in: SignIns(session.opened()).alive(sign_in, session.now()))
    return LocalDoor(token(), _holds_records)


class LocalDoor:
    """Asks for the launch token once `asks()`, from then on always; trades it for a cookie that page script cannot read."""

    def __init__(self, token: str, asks: Callable[[], bool]) -> None:
        self.token, self.asks, self.asked = token, asks, False

    async def __call__(self, request: HTTPConnection) -> ASGI | None:
        path, cookie = request.url.path, f"scoping_{request.url.port or 80}"
        if path.startswith(FREE):
            return None
        given = request.query_params.get("token", "")
        if given and request.scope["type"] == "http" and _same(given, self.token):
            rest = request.url.remove_query_params("token").query
            answer = RedirectResponse("/" + path.lstrip("/") + (f"?{rest}" if rest else ""), 303)
            answer.set_cookie(cookie, self.token, httponly=True, samesite="strict", path="/")
            return answer
        if _same(request.cookies.get(cookie, ""), self.token):
            return None
        self.asked = self.asked or await run_in_threadpool(self.asks)
        if not self.asked:
            return None
        is_page = request.scope["type"] == "http" and "text/html" in request.headers.get("accept", "")
        return HTMLResponse(_PAGE, 403) if is_page else refuse


class TeamDoor:
    """Hands files out, and takes them, only for a browser whose sign-in lives; each only for the sign-in whose page it is."""

    def __init__(self, alive: Callable[[str], bool]) -> None:
        self.alive = alive

    async def __call__(self, request: HTTPConnection) -> ASGI | None:
        path = str(request.scope["path"])
        theirs = next((theirs for begin, theirs in THEIRS.items() if path.startswith(begin)), None)
        if theirs is None:
            return None
        sign_in = sign_in_id(request.cookies)
        if not sign_in or not await run_in_threadpool(self.alive, sign_in):
            return _unknown
        return None if theirs(sign_in, path) else _absent


async def _absent(scope: Scope, receive: Receive, send: Send) -> None:
    await refuse(scope, receive, send, 404)


async def _unknown(scope: Scope, receive: Receive, send: Send) -> None:
    await refuse(scope, receive, send, 401)


def _same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode(), token.encode())


@lru_cache(maxsize=1)
def token() -> str:
    """This server's launch token, from what started it or made now; kept where its user alone can read it."""
    made = os.environ.get(TOKEN_VARIABLE) or secrets.token_urlsafe(24)
    path = session.settings().home / TOKEN_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{TOKEN_FILE}.{os.getpid()}")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as kept:
        kept.write(f"{st.get_option('server.port')} {made}\n")
    Path(unfinished).replace(path)
    return made



def _holds_records() -> bool:
    try:
        return session.holds_records()
    except ScopingError:  # what cannot be read may hold anything
        return True
