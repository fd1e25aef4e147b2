"""A set of arrays on disk that is replaced as a whole, opened memory-mapped, and checked before use.

`<root>/<kind>.json` names the folder of the current generation, its files, their sizes and
SHA-256 sums, and what the set is about. A new generation is written beside the old one and becomes
current by replacing that one small file: a crash at any moment leaves the former set in place.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from geo_data.errors import GazetteerError

FORMAT = 2  # raise when the arrays change their meaning: older sets are then built again
Arrays = dict[str, npt.NDArray[Any]]
_ABANDONED_AFTER_S = 6 * 3600
_FIX = "Build it with `scoping gazetteer build`."
_FIX_LAYER = "Make that layer again (the demo county: `scoping demo`; a file: `scoping gazetteer import`)."


def write(root: Path, kind: str, arrays: Mapping[str, npt.NDArray[Any]], about: Mapping[str, Any]) -> None:
    """Make `arrays` the current generation of `kind`; the former one is removed afterwards."""
    root.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".building-", dir=root))
    try:
        files = {}
        for name, array in arrays.items():
            path = work / f"{name}.npy"
            with path.open("wb") as out:
                np.save(out, np.ascontiguousarray(array), allow_pickle=False)
                out.flush()
                os.fsync(out.fileno())
            files[path.name] = {"size": path.stat().st_size, "sha256": _sha256(path)}
        digest = hashlib.sha256(json.dumps([FORMAT, files], sort_keys=True).encode()).hexdigest()
        target = root / f"{kind}-{digest[:16]}"
        if target.exists():  # the same content is there already, perhaps damaged: take the fresh one
            shutil.rmtree(target, ignore_errors=True)
        if target.exists():  # still mapped by another process (Windows): keep both under their own names
            target = root / f"{kind}-{digest[:16]}-{time.time_ns():x}"
        work.rename(target)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    target.chmod(0o755)  # public data: the service may run as another user than the one who built it
    manifest = {"format": FORMAT, "folder": target.name, "files": files, "about": dict(about)}
    draft = root / f".{kind}.json.{os.getpid()}"
    with draft.open("w", encoding="utf-8") as out:
        json.dump(manifest, out, indent=1, ensure_ascii=False)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(root / f"{kind}.json")
    _sweep(root, kind, target.name)


def _sweep(root: Path, kind: str, current: str) -> None:
    """Remove former generations, and work folders that a crash left behind."""
    for path in root.glob(f"{kind}-*"):
        if path.is_dir() and path.name != current and path.name.removeprefix(f"{kind}-").split("-")[0].isalnum():
            shutil.rmtree(path, ignore_errors=True)  # a file still mapped elsewhere stays until the next build
    for path in root.glob(".building-*"):
        with contextlib.suppress(FileNotFoundError):  # another build may tidy up at the same time
            if time.time() - path.stat().st_mtime > _ABANDONED_AFTER_S:
                shutil.rmtree(path, ignore_errors=True)


def manifest(root: Path, kind: str) -> dict[str, Any] | None:
    """The manifest of the current generation, or None when there is none; raises when it is not readable."""
    path = root / f"{kind}.json"
    fix = _fix(kind)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found["files"], dict) or not isinstance(found["about"], dict):
            raise TypeError("files and about are objects")
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GazetteerError("The gazetteer's list of files is not readable.", fix=fix, where=path.name) from error
    return dict(found)


def read(root: Path, kind: str, *, check: bool = False) -> tuple[Arrays, dict[str, Any]]:
    """The arrays of `kind`, memory-mapped and read-only, and what they are about.

    Sizes are always compared with the manifest (a shortened file would otherwise end the process
    when it is touched); with `check` the SHA-256 sums are compared too. Raises `GazetteerError`.
    """
    found, fix = manifest(root, kind), _fix(kind)
    if found is None:
        raise GazetteerError("The gazetteer has not been built.", fix=fix, where=kind)
    if found.get("format") != FORMAT:
        raise GazetteerError("The gazetteer was built by another version of the program.", fix=fix, where=kind)
    arrays: Arrays = {}
    for file, wanted in found["files"].items():
        path = root / str(found["folder"]) / file
        try:
            if path.stat().st_size != wanted["size"] or (check and _sha256(path) != wanted["sha256"]):
                raise GazetteerError("A file of the gazetteer is damaged.", fix=fix, where=file)
            arrays[path.stem] = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError) as error:
            raise GazetteerError("A file of the gazetteer is missing or not readable.", fix=fix, where=file) from error
    return arrays, found["about"]


def _fix(kind: str) -> str:
    return _FIX if kind == "base" else _FIX_LAYER


def _sha256(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
