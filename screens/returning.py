"""The way back from the sign-in provider: a sign-in that came to nothing says so, in place of asking again without a word.

Streamlit answers every failure (the provider refused, its token is not right, the way back is an old one) by its first page, and
says why in the server's log alone.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs, urlencode

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]

PATH = "/oauth2callback"
ASKED, FAILED = "sign_in", "failed"  # the parameter of the page, and its value
_COOKIE, _ENDED = re.compile(rb'_streamlit_user=(?!"")[^;]'), re.compile(rb"(?i);\s*max-age=0\b")


def returning(send: Send, scope: MutableMapping[str, Any]) -> Send:
    """`send`, which leads from a sign-in that let nobody in to a page that says so. Signing out comes back by the same path."""
    told = parse_qs(scope.get("query_string", b"").decode("latin-1")) if scope["path"] == PATH else {}
    if not {"code", "error"} & set(told):
        return send

    async def led(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = message.get("headers", [])
            if not any(_lets_in(value) for name, value in headers if name.lower() == b"set-cookie"):
                message["headers"] = [(name, _failed(value) if name.lower() == b"location" else value) for name, value in headers]
        await send(message)

    return led


def _lets_in(cookie: bytes) -> bool:
    return bool(_COOKIE.match(cookie)) and not _ENDED.search(cookie)


def _failed(location: bytes) -> bytes:
    return location + (b"&" if b"?" in location else b"?") + urlencode({ASKED: FAILED}).encode()
