"""The doors that take what others wrote, each with a maker of hostile cases: `TARGETS[name].make(chance) -> bytes`, `.feed(bytes)`.

`feed` answers True when the case was taken and False when it was refused with a `ScopingError`; whatever else it raises is
a finding, and so is a law that what was taken breaks.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import random
import signal
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from geo_data.errors import ScopingError
from geo_data.placing.gazetteer import Gazetteer, open_gazetteer
from tests.fuzz import bases
from tests.fuzz.mutate import mutated, rezipped

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
TEXTS = 500  # texts of places are fed together, as a file's are


class Target(NamedTuple):
    make: Callable[[random.Random], bytes]
    feed: Callable[[bytes], bool]
    short: int  # cases of the short form
    cpu_s: float = 2.0  # the most that one case may take
    each: int = 1  # inputs in a case


@cache
def gazetteer() -> Gazetteer:
    return open_gazetteer(folder())


@cache
def folder() -> Path:
    """A gazetteer with invented streets, in SCOPING_FUZZ_GAZETTEER."""
    return Path(os.environ["SCOPING_FUZZ_GAZETTEER"])


def _taken(feed: Callable[[bytes], object]) -> Callable[[bytes], bool]:
    def call(data: bytes) -> bool:
        try:
            feed(data)
        except ScopingError as error:
            assert error.what, "an error that says nothing"
            return False
        return True

    return call


# ------------------------------------------------------------------ uploads


def _csv(chance: random.Random) -> bytes:
    text = chance.choice(bases.csvs() if chance.random() < 0.2 else bases.narrow())  # wide ones take ten times as long
    if chance.random() < 0.15:
        text = text.decode("utf-8", "replace").encode(chance.choice(["utf-16", "utf-16-le", "cp1252", "utf-8-sig"]), "replace")
    made = mutated(chance, text)
    return gzip.compress(made, 1) if chance.random() < 0.05 else made


def _read(data: bytes) -> None:
    from geo_data.reading.read import read_table

    table = read_table(data, "case.csv")
    assert table.frame.index.is_unique
    assert table.frame.dtypes.eq("str").all()
    assert not set(table.frame.index) & set(table.rejects["row"])


def _upload(data: bytes) -> None:
    from geo_data.reading.intake import prepare

    ready = prepare(data, "case.csv", gazetteer=gazetteer(), now=NOW)
    assert not set(ready.rejects["row"]) & set(ready.episodes.index), "a row both taken and refused"
    assert len(ready.episodes) <= ready.rows


def _workbook(chance: random.Random) -> bytes:
    return rezipped(chance, chance.choice(bases.workbooks()))


# ------------------------------------------------------------------ texts of places


def _texts(chance: random.Random) -> bytes:
    return "\x1e".join(_text(chance) for _ in range(TEXTS)).encode("utf-8", "surrogatepass")


def _text(chance: random.Random) -> str:
    if chance.random() < 0.1:
        return "".join(chr(chance.randrange(0x110000)) for _ in range(chance.randrange(30)))
    words = [chance.choice(bases.WORDS) for _ in range(chance.randint(1, 7))]
    text = chance.choice([" ", ", ", " ", "", " - "]).join(words)
    if chance.random() < 0.5:
        text = mutated(chance, text.encode(), 3).decode("utf-8", "replace")
    return text[:4000]


def _geocode(data: bytes) -> None:
    from geo_data.placing.geocode import geocode

    texts = data.decode("utf-8", "surrogatepass").split("\x1e")
    found = geocode(texts, gazetteer())
    assert found["text"].tolist() == texts
    located = found["tier"].ne("P5")
    assert found["tier"].isin(["P1", "P2", "P3", "P4", "P5"]).all()
    assert np.isfinite(found.loc[located, ["easting", "northing", "precision_m"]].to_numpy()).all()
    assert found.loc[located, "precision_m"].gt(0).all()
    assert found["confidence"].between(0, 1).all()
    assert found["reason"].str.len().gt(0).all()


# ------------------------------------------------------------------ small texts: profiles, policy, settings, views, the map's words


def _toml(good: str) -> Callable[[random.Random], bytes]:
    pieces = [
        b"[",
        b"]",
        b"[[",
        b"=",
        b'"""',
        b"'''",
        b"= {",
        b"}",
        b"= nan",
        b"= inf",
        b"= 1e400",
        b"= -1",
        b"= []",
        b"= [[]]",
        b"= true",
        b"= 1979-05-27",
        b"= 99999999999999999999",
        b"= " + b"9" * 5000,
        b"a.b.c = 1",
        b"[" * 5000,
        b"a = " + b"[" * 3000,
        b"= ''",
    ]

    def make(chance: random.Random) -> bytes:
        data = bytearray(good.encode())
        for _ in range(chance.randint(0, 2)):
            at = chance.randint(0, len(data))
            data[at:at] = chance.choice(pieces)
        lines = bytes(data).split(b"\n")
        for _ in range(chance.randint(0, 2)):
            k = chance.randrange(len(lines))
            lines[k] = lines[k].partition(b"=")[0] + chance.choice(pieces)
        return mutated(chance, b"\n".join(lines), 2) if chance.random() < 0.4 else b"\n".join(lines)

    return make


def _profile(data: bytes) -> None:
    import pandas as pd

    from geo_data.reading.profiles import own_profile

    with tempfile.TemporaryDirectory() as kept:
        path = Path(kept) / "theirs.toml"
        path.write_bytes(data)
        made = own_profile(path)
    rows = pd.DataFrame(
        {name: pd.Series(["A1", None, "2025-04-03 14:30", "x" * 50], dtype="str") for name in bases.OWN_COLUMNS}
    )
    with contextlib.suppress(ScopingError):  # a profile may ask for columns that this file has not
        made.apply(rows, {})


def _policy(data: bytes) -> None:
    from scoping.showing.rules import FLOORS, parse

    rules = parse(data.decode("utf-8", "replace"), "OFFICIAL")
    assert rules.operational >= FLOORS["operational"]
    assert rules.rmg >= FLOORS["rmg"]
    assert rules.briefing >= FLOORS["briefing"]
    assert 0 < rules.dominance <= 0.5
    for tier in ("operational", "rmg", "briefing"):
        rules.sentence(tier), rules.handling(tier), rules.may("analyst", tier), rules.bands(tier)


def _settings(data: bytes) -> None:
    from settings import load

    with tempfile.TemporaryDirectory() as kept:
        path = Path(kept) / "scoping.toml"
        path.write_bytes(data)
        repr(load(path, {}))


def _json(chance: random.Random) -> bytes:
    odd = [
        None,
        True,
        -1,
        1e308,
        "",
        "x" * 300,
        [],
        {},
        [[]],
        [None],
        {"a": 1},
        "found",
        "rolling:91d:28d",
        "days:0",
        "month",
        250,
        ["care"],
        "2025-01-01",
        "\ud800",
        10**30,
        [[1, 52], [2, 53], [1, 54]],
        [[float("inf"), 1]] * 3,
        float("nan"),
    ]
    names = [
        "role",
        "window",
        "strand",
        "age",
        "place",
        "crime",
        "eps",
        "least",
        "count",
        "leftout",
        "from",
        "to",
        "layers",
        "event",
        "hotspot",
        "start",
        "area",
        "find",
        "q",
        "at",
        "spot",
        "question",
    ]
    made = json.dumps({chance.choice(names): chance.choice(odd) for _ in range(chance.randint(0, 8))}).encode()
    return mutated(chance, made, 2) if chance.random() < 0.3 else made


def _view(data: bytes) -> None:
    """A kept view, and the map's words, as text from the database or the browser."""
    from geo_data.keeping.saved_views import read
    from scoping.parameters import Parameters
    from screens import controls, spot

    view = read(data.decode("utf-8", "replace"))
    spot._corners(view.get("area"))
    spot._text(view.get("hotspot"))
    controls.days(view)
    controls.parameters_of(view, Parameters())


# ------------------------------------------------------------------ files of an operator


def _of(kind: str, name: str) -> Callable[[bytes], None]:
    def feed(data: bytes) -> None:
        from geo_data.placing.importers import known

        with tempfile.TemporaryDirectory() as kept:
            path = Path(kept) / name
            path.write_bytes(data)
            product = known(kind).read(path, folder(), lambda _fraction, _text: None)
            if product.scratch is not None:
                product.scratch.cleanup()

    return feed


_IMPORTS = {
    "local_names": "names.csv",
    "open_names": "opname_csv_gb.zip",
    "naptan": "Stops.csv",
    "code_point": "codepo_gb.zip",
    "postcode_directory": "ONSPD.csv",
    "open_uprn": "osopenuprn.csv",
    "addressbase": "AddressBasePlus.csv",
    "police_streets": "2025-01-northumbria-street.csv",
}


def _import(chance: random.Random) -> bytes:
    kind = chance.choice(list(_IMPORTS))
    good = bases.imports()[kind]
    made = rezipped(chance, good) if good.startswith(b"PK") and chance.random() < 0.8 else mutated(chance, good)
    return kind.encode() + b"\n" + made


def _imported(data: bytes) -> None:
    kind, _, body = data.partition(b"\n")
    _of(kind.decode(), _IMPORTS[kind.decode()])(body)


def _layer(chance: random.Random) -> bytes:
    kind = chance.choice(list(bases.layers()))
    return kind.encode() + b"\n" + mutated(chance, bases.layers()[kind])


def _layered(data: bytes) -> None:
    from geo_data.ground import own

    kind, _, body = data.partition(b"\n")
    with tempfile.TemporaryDirectory() as kept:
        path, target = Path(kept) / f"roads.{kind.decode()}", Path(kept) / "own"
        path.write_bytes(body)
        try:
            own.import_layer(path, target, style="roads")
        except ScopingError:
            assert own.layers(target) == [], "a refused layer was left behind"
            raise
        assert len(own.layers(target)) == 1
        own.tile(target, "roads", 1, 0, 0)


def _decided(data: bytes) -> None:
    from geo_data.keeping import decision_file, referrals

    if b"agency" in data[:200]:
        referrals.read(data, "case.csv", NOW)
    else:
        decision_file.read(data, "case.csv", gazetteer())


def _lists(chance: random.Random) -> bytes:
    return mutated(chance, chance.choice(bases.lists()), 4)


TARGETS = {
    "csv": Target(_csv, _taken(_read), 300),
    "upload": Target(_csv, _taken(_upload), 10),
    "workbook": Target(_workbook, _taken(_read), 30),
    "text": Target(_texts, _taken(_geocode), 1, cpu_s=20.0, each=TEXTS),
    "profile": Target(_toml(bases.PROFILE), _taken(_profile), 100),
    "policy": Target(_toml(bases.policy()), _taken(_policy), 200),
    "settings": Target(_toml(bases.SETTINGS), _taken(_settings), 60),
    "view": Target(_json, _taken(_view), 200),
    "import": Target(_import, _taken(_imported), 30),
    "layer": Target(_layer, _taken(_layered), 40),
    "list": Target(_lists, _taken(_decided), 20),
}


def _planted(data: bytes) -> bool:
    """What the harness itself must survive and tell."""
    if data == b"kill":
        os.kill(os.getpid(), signal.SIGKILL)
    while data == b"hang":
        pass
    return len(bytes(10**9)) > 0 if data == b"swell" else True


if os.environ.get("SCOPING_FUZZ_PLANTED"):
    TARGETS["planted"] = Target(lambda _chance: b"well", _planted, 1, cpu_s=0.2)
