"""The guard before every request: who may address this server, and what every answer carries.

Plain ASGI. Host must be on the allow-list (a page elsewhere cannot reach the app by re-pointing its name at 127.0.0.1);
Origin, if sent, must equal Host, and a websocket must send one; the metrics and agent doors stay shut. Then the door
(`screens.door`) is asked whether this browser may come in; of what it says then, `screens.messages` lets on what a page needs.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

from starlette.requests import HTTPConnection

from screens.messages import listening
from screens.returning import returning

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGI = Callable[[Scope, Receive, Send], Awaitable[None]]

LOCAL_HOSTS = ("127.0.0.1", "localhost", "[::1]")
REFUSED_PATHS = ("/_stcore/metrics", "/_stcore/agent")
SIGN_IN_COOKIES = re.compile(r"_streamlit_user\w*=")

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


class Door(Protocol):
    """Lets a browser in, by None, or gives the answer that it gets instead."""

    async def __call__(self, request: HTTPConnection) -> ASGI | None: ...


async def open_door(request: HTTPConnection) -> ASGI | None:
    """Lets everybody in whom the guard lets through."""
    return None


class Guard:
    """Lets in only requests meant for this server, and signs every answer with the security headers."""

    def __init__(self, inner: ASGI, hosts: tuple[str, ...] = LOCAL_HOSTS, door: Door = open_door,
                 pictures: str = "") -> None:
        """`pictures`: the one other origin from which the map may load tiles; empty for none."""
        self.inner, self.hosts, self.door = inner, {host.lower() for host in hosts}, door
        self.pictures = pictures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self.inner(scope, receive, send)
        if self._refuse(scope):
            return await refuse(scope, receive, _signing(send, scope, ""))
        answer = await self.door(HTTPConnection(scope)) or self.inner
        if scope["type"] == "websocket":
            receive = listening(receive)
        return await answer(scope, receive, returning(_signing(send, scope, scope["path"], self.pictures), scope))

    def _refuse(self, scope: Scope) -> bool:
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


async def refuse(scope: Scope, receive: Receive, send: Send, status: int = 403) -> None:
    """The answer to what may not come in."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
    else:
        await send({"type": "http.response.start", "status": status,
                    "headers": [(b"content-type", b"text/plain; charset=utf-8")]})
        await send({"type": "http.response.body", "body": b"forbidden"})


def _signing(send: Send, scope: Scope, path: str, pictures: str = "") -> Send:
    csp = COMPONENT_CSP if path.startswith("/component/") else PAGE_CSP
    if pictures and path.startswith("/component/"):
        csp = csp.replace("img-src 'self'", f"img-src 'self' {pictures}")
    added = {**HEADERS, "content-security-policy": csp}
    if path.startswith("/media/"):
        added["cache-control"] = "no-store"
    secure = _is_https(scope)
    if secure:
        added["strict-transport-security"] = "max-age=63072000"

    async def signed(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [(name, _cookie(value, secure) if name.lower() == b"set-cookie" else value)
                    for name, value in message.get("headers", [])
                    if name.lower() != b"server" and name.decode("latin-1").lower() not in added]
            message["headers"] = kept + [(name.encode(), value.encode()) for name, value in added.items()]
        await send(message)

    return signed


def _is_https(scope: Scope) -> bool:
    forwarded = [value for name, value in scope["headers"] if name.lower() == b"x-forwarded-proto"]
    return scope.get("scheme") in ("https", "wss") or forwarded == [b"https"]


def _cookie(value: bytes, secure: bool) -> bytes:
    """A cookie as it should be set: a sign-in ends with the browser, and on https none travels without it."""
    text = value.decode("latin-1")
    if SIGN_IN_COOKIES.match(text) and not re.search(r"(?i);\s*max-age=0\b", text):
        text = re.sub(r"(?i);\s*(max-age|expires)=[^;]*", "", text)
    if secure and not re.search(r"(?i);\s*secure\b", text):
        text += "; Secure"
    return text.encode("latin-1")
