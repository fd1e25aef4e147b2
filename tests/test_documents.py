"""What documents and docstrings promise is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ASSURANCE = (ROOT / "docs" / "ASSURANCE.md").read_text("utf-8")


def test_every_file_of_the_assurance_table_is_there() -> None:
    named = set(re.findall(r"`((?:tests|benchmarks|docs)/[\w./-]+)`", ASSURANCE))
    assert len(named) > 20
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_command_of_the_assurance_table_can_be_given() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"`make (\w+)`", ASSURANCE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for path in re.findall(r"`(?:pytest|python) ([\w/.-]+(?: [\w/.]+)*)", ASSURANCE):
        assert all((ROOT / part).exists() for part in path.split() if "/" in part), path


def test_the_corpus_is_as_large_as_the_table_says() -> None:
    files = [path for path in (ROOT / "tests" / "fuzz" / "corpus").glob("*/*") if path.is_file()]
    assert f"| {len(files)} files, 0 findings |" in ASSURANCE


@pytest.mark.parametrize("room", ["geo_data", "scoping"])
def test_every_public_function_and_class_says_what_it_does(room: str) -> None:
    silent = []
    for path in (ROOT / room).rglob("*.py"):
        if "versions" in path.parts:
            continue  # a step of the migrations says it once, for its module
        for node in ast.parse(path.read_text("utf-8")).body:
            public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if public and not ast.get_docstring(node):
                silent.append(f"{path.relative_to(ROOT)}: {node.name}")
    assert silent == []
