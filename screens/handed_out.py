"""Who may fetch a file that lies ready, and who may put one into a form: the sign-in whose page it is, and no other.

Whatever addresses another knows. Streamlit keeps the files of all pages in one memory, under names made from their content. It
makes them in a page's thread, where the sign-in is known, and gives them out in another, where only the request is. Uploads it
takes and drops for whoever names the page's session, which is a long word of chance but no proof of who asks.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import streamlit as st
from streamlit import runtime
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.runtime.scriptrunner import get_script_run_ctx

from geo_data.keeping.sign_ins import sign_in_id

MEDIA = "/media/"
UPLOADS = "/_stcore/upload_file/"  # then the session and the file
_MAKERS: dict[str, set[str]] = {}  # of each file in memory the sign-ins whose pages made it


def may_fetch(sign_in: str, path: str) -> bool:
    """Whether a page of `sign_in` made the file at `path`."""
    return bool(sign_in) and sign_in in _MAKERS.get(PurePosixPath(path).stem, ())


def may_put(sign_in: str, path: str) -> bool:
    """Whether the session that the upload's `path` names is an open page of `sign_in`: its websocket came with the same cookie."""
    session_id = path.partition(UPLOADS)[2].partition("/")[0]
    client = runtime.get_instance().get_client(session_id)
    return bool(sign_in) and client is not None and sign_in_id(client.client_context.cookies) == sign_in


def watch() -> None:
    """From now on remember who makes each file, as long as the file is there. Before the server begins."""
    if getattr(MemoryMediaFileStorage, "watched", False):
        return
    load, delete = MemoryMediaFileStorage.load_and_get_id, MemoryMediaFileStorage.delete_file

    def loaded(self: MemoryMediaFileStorage, *told: Any, **named: Any) -> str:
        name = load(self, *told, **named)
        if get_script_run_ctx(suppress_warning=True) is not None:
            _MAKERS.setdefault(name, set()).add(sign_in_id(st.context.cookies))
        return name

    def deleted(self: MemoryMediaFileStorage, file_id: str) -> None:
        _MAKERS.pop(file_id, None)
        delete(self, file_id)

    MemoryMediaFileStorage.load_and_get_id = loaded
    MemoryMediaFileStorage.delete_file = deleted
    MemoryMediaFileStorage.watched = True  # type: ignore[attr-defined]
