"""Code that never changes under its address, handed out from memory: the map's, Streamlit's and the map component's."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response

from screens.guard import ASGI, Receive, Scope, Send

FOREVER = "public, max-age=31536000, immutable"  # the paths carry a version or a fingerprint
PACKED = {".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".svg": "image/svg+xml"}
AS_THEY_ARE = {".woff2": "font/woff2", ".png": "image/png", ".txt": "text/plain"}


class Files:
    """The files of one folder, as they lay there at the start: read and packed once, when first asked for.

    A page begins with sixty of them and needs ninety more; opening each in a thread, as Streamlit does, costs five times as much.
    """

    def __init__(self, folder: Path) -> None:
        self._there = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
        self._read: dict[str, tuple[bytes, bytes | None]] = {}

    async def answer(self, name: str, packs: bool) -> Response:
        """The file of that name, packed where the browser takes it (`packs`); 404 for any other name."""
        path = self._there.get(name)
        if path is None:
            return PlainTextResponse("not found", 404)
        if name not in self._read:
            self._read[name] = await run_in_threadpool(_read, path)
        plain, packed = self._read[name]
        headers = {"cache-control": FOREVER, "vary": "accept-encoding"}
        kind = PACKED.get(path.suffix) or AS_THEY_ARE.get(path.suffix, "application/octet-stream")
        if packed and packs:
            return Response(packed, headers=headers | {"content-encoding": "gzip"}, media_type=kind)
        return Response(plain, headers=headers, media_type=kind)


class FilesFirst:
    """Hands out the files of `folders` (how their paths begin -> where they lie); the rest is for the application within.

    Not routes of the application: Streamlit lets nobody have a route that begins like one of its own.
    """

    def __init__(self, inner: ASGI, folders: Mapping[str, Path]) -> None:
        self.inner = inner
        self.folders = [(begins, Files(folder)) for begins, folder in folders.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            path = str(scope["path"])
            for begins, files in self.folders:
                if path.startswith(begins):
                    packs = any(name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"])
                    answer = await files.answer(path.removeprefix(begins), packs)
                    if scope["method"] == "HEAD":
                        answer.body = b""
                    return await answer(scope, receive, send)
        await self.inner(scope, receive, send)


def _read(path: Path) -> tuple[bytes, bytes | None]:
    body = path.read_bytes()
    return body, gzip.compress(body, 6, mtime=0) if path.suffix in PACKED else None
