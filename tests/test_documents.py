"""What documents and docstrings promise is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
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


@pytest.mark.parametrize("room", ["geo_data", "scoping", "screens", "commands"])
def test_every_module_is_named_in_the_architecture(room: str) -> None:
    text = (ROOT / "docs" / "ARCHITECTURE.md").read_text("utf-8")
    named = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`\n]+)`", text))))
    modules = [path for path in (ROOT / room).rglob("*.py") if path.stem != "__init__" and "versions" not in path.parts]
    assert len(modules) > 15
    assert [str(path.relative_to(ROOT)) for path in modules if path.stem not in named] == []


def test_decisions_have_a_number_each_and_every_one_referred_to_is_there() -> None:
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "docs" / "adr").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
    files = [*DOCUMENTS, *(file for room in ("geo_data", "scoping", "screens") for file in (ROOT / room).rglob("*.py"))]
    referred = {int(number) for file in files for number in re.findall(r"\bADR (\d+)", file.read_text("utf-8"))}
    assert len(referred) > 3 and referred <= set(numbers)


def test_every_link_of_a_document_leads_to_a_file() -> None:
    links = [(path, link) for path in DOCUMENTS for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text("utf-8"))
             if "://" not in link]
    assert len(links) > 20
    assert [(path.name, link) for path, link in links if not (path.parent / link).exists()] == []


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
