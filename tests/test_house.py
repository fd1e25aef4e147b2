"""What no line of the product may do, whatever the linters say."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("commands", "geo_data", "scoping", "screens")
PRODUCT = [*(ROOT / f"{name}.py" for name in ("app", "cli", "settings", "start")),
           *(file for room in ROOMS for file in (ROOT / room).rglob("*.py"))]
CODE_IN_DATA = {"pickle", "joblib", "dill", "cloudpickle", "shelve", "marshal", "yaml"}  # loading runs what a file says
OTHER_PROGRAMS = {"subprocess", "pty", "os.system", "os.popen", "os.startfile", "os.fork", "os.forkpty"}  # with os.exec*, os.spawn*
OTHER_MACHINES = {"socket", "ssl", "requests", "httpx", "httpcore", "urllib3", "aiohttp", "urllib.request", "http.client", "ftplib",
                  "smtplib", "poplib", "imaplib", "telnetlib", "xmlrpc", "webbrowser", "asyncio.open_connection", "websockets"}
FOREIGN_CODE = {  # code by its name, and the modules that may
    "importlib.import_module": {"scoping/showing/maps.py", "screens/main.py", "screens/server.py"}, "runpy": {"start.py"},
    "ctypes": set(), "__import__": set(), "compile": set()}

MARKDOWN = {"error", "warning", "info", "success", "toast", "markdown", "caption", "expander", "button", "checkbox", "toggle"}


class _House(ast.NodeVisitor):
    """Collects (line, rule) of everything forbidden in one module."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.found: list[tuple[int, str]] = []
        self.names: dict[str, str] = {}  # local name -> what it was imported as

    def _tell(self, node: ast.AST, rule: str) -> None:
        self.found.append((getattr(node, "lineno", 0), rule))

    def _full(self, node: ast.AST) -> str:
        """The dotted name of an expression, imports resolved; empty when it is not a name."""
        if isinstance(node, ast.Attribute):
            return f"{self._full(node.value)}.{node.attr}"
        return self.names.get(node.id, node.id) if isinstance(node, ast.Name) else ""

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            top = alias.name.partition(".")[0]
            self.names[alias.asname or top] = alias.name if alias.asname else top
            self._imported(node, alias.name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self._imported(node, node.module or "")
        for alias in node.names:
            self.names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
            self._reached(node, f"{node.module}.{alias.name}")

    def _reached(self, node: ast.AST, name: str) -> None:
        """Tell what starts programs, speaks to machines or runs code by its name; `name` is dotted."""
        prefixes = {name.rsplit(".", dots)[0] for dots in range(name.count(".") + 1)}
        if prefixes & OTHER_PROGRAMS or name.startswith(("os.exec", "os.spawn", "os.posix_spawn")):
            self._tell(node, "other programs")
        if prefixes & OTHER_MACHINES:
            self._tell(node, "other machines")
        if any(self.path not in FOREIGN_CODE[one] for one in prefixes & FOREIGN_CODE.keys()):
            self._tell(node, "foreign code")

    def _imported(self, node: ast.AST, module: str) -> None:
        top = module.partition(".")[0]
        if top in CODE_IN_DATA:
            self._tell(node, "pickle")
        self._reached(node, module)
        if top == "folium" and self.path != "scoping/showing/maps.py":
            self._tell(node, "folium")

    def visit_Call(self, node: ast.Call) -> None:
        name, last = self._full(node.func), node.func.attr if isinstance(node.func, ast.Attribute) else ""
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        self._reached(node, name)
        if given.keys() & {"unsafe_allow_html", "unsafe_allow_javascript"}:
            self._tell(node, "unsafe html")
        if name == "streamlit.components.v1.html":
            self._tell(node, "components html")
        if name in ("eval", "exec", "pandas.eval") or last == "eval":
            self._tell(node, "eval")
        if last == "query" and "tree" not in ast.unparse(node.func).lower():  # a tree's query takes points, no code
            self._tell(node, "query")
        if _is_true(given.get("shell")):
            self._tell(node, "other programs")
        if last in ("read_pickle", "to_pickle") or _is_true(given.get("allow_pickle")) or "persist" in given:
            self._tell(node, "pickle")
        if self.path.startswith("screens/") and name.rpartition(".")[2] == "Rules":  # `session.rules` reads the policy file
            self._tell(node, "own rules")
        if self.path.startswith("screens/") and last in MARKDOWN and any(_bare(each) for each in [*node.args, *given.values()]):
            self._tell(node, "bare error")
        if name == "streamlit.map":
            self._tell(node, "st.map")
        if node.args and _built(node.args[0]) and (
                name == "sqlalchemy.text" or (last in ("exec_driver_sql", "execute") and not _pragma(node.args[0]))):
            self._tell(node, "built sql")
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        cached = any(self._full(mark.func if isinstance(mark, ast.Call) else mark) == "streamlit.cache_data"
                     for mark in node.decorator_list)
        takes = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        if cached and any(argument.arg.startswith("_") for argument in takes):
            self._tell(node, "unhashed argument")
        self.generic_visit(node)


def _is_true(node: ast.expr | None) -> bool:
    return node is not None and not (isinstance(node, ast.Constant) and not node.value)


def _bare(node: ast.expr) -> bool:
    """Whether what an error says, which may name a column or a file, is handed on as it is (see `look.words`)."""
    if isinstance(node, ast.Attribute):
        return node.attr in ("what", "fix", "where")
    escaped = isinstance(node, ast.Call) and ast.unparse(node.func) in ("look.literal", "look.words")
    return not escaped and any(_bare(each) for each in ast.iter_child_nodes(node) if isinstance(each, ast.expr))


def _built(node: ast.expr) -> bool:
    """Whether a text is put together from parts at run time."""
    joined = isinstance(node, ast.JoinedStr | ast.BinOp)
    return joined or (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format")


def _pragma(node: ast.expr) -> bool:
    """SQLite's PRAGMA takes no bound parameters."""
    first = node.values[0] if isinstance(node, ast.JoinedStr) else None
    return isinstance(first, ast.Constant) and str(first.value).startswith("PRAGMA ")


def offences(source: str, path: str = "screens/some.py") -> list[tuple[int, str]]:
    house = _House(path)
    house.visit(ast.parse(source))
    return house.found


def _all() -> Iterator[str]:
    for file in PRODUCT:
        path = file.relative_to(ROOT).as_posix()
        yield from (f"{path}:{line}: {rule}" for line, rule in offences(file.read_text(encoding="utf-8"), path))


def test_the_product_keeps_the_rules() -> None:
    assert list(_all()) == []


@pytest.mark.parametrize(("source", "rule"), [
    ("import streamlit as st\nst.markdown(x, unsafe_allow_html=True)", "unsafe html"),
    ("import streamlit as st\nst.html(x, unsafe_allow_javascript=True)", "unsafe html"),
    ("import streamlit as st\nst.components.v1.html(x)", "components html"),
    ("import streamlit.components.v1 as components\ncomponents.html(x)", "components html"),
    ("from streamlit.components.v1 import html as show\nshow(x)", "components html"),
    ("from streamlit.components import v1\nv1.html(x)", "components html"),
    ("from scoping.showing.disclosure import Rules\nRules(marking=x)", "own rules"),
    ("from scoping.showing import disclosure\ndisclosure.Rules()", "own rules"),
    ("st.error(f'{error.what} {error.fix}')", "bare error"),
    ("left.warning(error.what)", "bare error"),
    ("frame.query(text)", "query"),
    ("frame.eval('a + b')", "eval"),
    ("eval(text)", "eval"),
    ("exec(text)", "eval"),
    ("import pandas as pd\npd.read_pickle(path)", "pickle"),
    ("import pickle", "pickle"),
    ("from joblib import load", "pickle"),
    ("np.load(path, allow_pickle=True)", "pickle"),
    ("import streamlit as st\n@st.cache_data(persist='disk')\ndef f(x): ...", "pickle"),
    ("import yaml\nyaml.load(text)", "pickle"),
    ("import subprocess", "other programs"),
    ("from subprocess import run", "other programs"),
    ("run(text, shell=True)", "other programs"),
    ("import os\nos.system(text)", "other programs"),
    ("from os import execvp", "other programs"),
    ("import os as o\no.spawnl(x)", "other programs"),
    ("import socket", "other machines"),
    ("import urllib.request", "other machines"),
    ("from urllib import request", "other machines"),
    ("from urllib.request import urlopen", "other machines"),
    ("import http.client as h", "other machines"),
    ("import requests\nrequests.get(x)", "other machines"),
    ("import asyncio\nasyncio.open_connection(x)", "other machines"),
    ("import importlib\nimportlib.import_module(x)", "foreign code"),
    ("__import__(x)", "foreign code"),
    ("compile(text, '', 'exec')", "foreign code"),
    ("import runpy", "foreign code"),
    ("from ctypes import CDLL", "foreign code"),
    ("import folium.plugins", "folium"),
    ("from folium import Map", "folium"),
    ("import streamlit as st\nst.map(frame)", "st.map"),
    ("import streamlit as st\n@st.cache_data\ndef f(x, _role): ...", "unhashed argument"),
    ("import streamlit as st\n@st.cache_data(ttl=3)\ndef f(x, *, _role): ...", "unhashed argument"),
    ("from streamlit import cache_data\n@cache_data\ndef f(_role): ...", "unhashed argument"),
    ("from sqlalchemy import text\ntext(f'SELECT {x}')", "built sql"),
    ("import sqlalchemy as sa\nsa.text('SELECT ' + x)", "built sql"),
    ("import sqlalchemy\nsqlalchemy.text('SELECT {}'.format(x))", "built sql"),
    ("connection.exec_driver_sql(f'DELETE FROM {x}')", "built sql"),
    ("cursor.execute('DELETE FROM %s' % x)", "built sql"),
])
def test_each_rule_is_seen_to_be_broken(source: str, rule: str) -> None:
    assert rule in [found for _, found in offences(source)]


@pytest.mark.parametrize("source", [
    "import streamlit as st\nst.text(f'{x}')\nst.html(x)",
    "st.error(look.words(error))\nst.error(f'{look.literal(error.where)}')",
    "import re\nfrom urllib.parse import urlsplit\nre.compile(x)\nframe.compile(x)",
    "import os\nos.replace(a, b)\nos.environ.get(x)",
    "tree.query(points)\nshapely.STRtree(lines).query(points)",
    "np.load(path, allow_pickle=False)",
    "import streamlit as st\n@st.cache_resource\ndef f(_store): ...",
    "from sqlalchemy import text\ntext('SELECT :x')",
    "connection.exec_driver_sql(f'PRAGMA busy_timeout={x}')",
])
def test_what_is_allowed_is_not_refused(source: str) -> None:
    assert offences(source) == []


def test_folium_stays_in_its_one_module() -> None:
    assert offences("import folium", "scoping/showing/maps.py") == []


def test_imports_point_down() -> None:
    tool = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([tool, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
                          env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert done.returncode == 0, done.stdout + done.stderr
