"""Who may fetch a file that lies ready: the sign-in whose page made it, and no other, whatever addresses it knows.

Streamlit keeps the files of all pages in one memory, under names made from their content. It makes them in a page's thread, where
the sign-in is known, and gives them out in another, where only the request is.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import streamlit as st
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.runtime.scriptrunner import get_script_run_ctx

from geo_data.keeping.sign_ins import sign_in_id

MEDIA = "/media/"
_MAKERS: dict[str, set[str]] = {}  # of each file in memory the sign-ins whose pages made it


def may_fetch(sign_in: str, path: str) -> bool:
    """Whether a page of `sign_in` made the file at `path`."""
    return bool(sign_in) and sign_in in _MAKERS.get(PurePosixPath(path).stem, ())


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
