"""The page of licences and the bill of materials say what the locks say."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def supply() -> ModuleType:
    made = importlib.util.spec_from_file_location("supply", ROOT / "docs" / "supply.py")
    assert made
    assert made.loader
    module = importlib.util.module_from_spec(made)
    made.loader.exec_module(module)
    return module


def test_the_page_of_licences_is_up_to_date(supply: ModuleType) -> None:
    assert (ROOT / "docs" / "LICENCES.md").read_text("utf-8") == supply.page(), "run: python docs/supply.py"


def test_every_locked_package_has_a_licence_and_no_other_is_listed(supply: ModuleType) -> None:
    assert supply.licences().keys() == supply.locked().keys()
    assert all(supply.licences().values())


def test_installed_packages_state_the_licence_that_the_page_states(supply: ModuleType) -> None:
    stated = {}
    for name in supply.locked():
        try:
            expression = importlib.metadata.metadata(name).get("License-Expression")
        except importlib.metadata.PackageNotFoundError:
            continue  # of another platform, or on request
        if expression:
            stated[name] = expression
    assert len(stated) > 40
    assert {name: supply.licences()[name] for name in stated} == stated


def test_the_bill_of_materials_holds_every_package_with_its_hashes_and_dependencies(supply: ModuleType) -> None:
    bill = supply.sbom()
    assert json.dumps(bill) == json.dumps(supply.sbom())
    parts = {part["bom-ref"]: part for part in bill["components"]}
    assert len(parts) == len(bill["components"])
    assert {part["name"]: part["version"] for part in parts.values() if part["purl"].startswith("pkg:pypi/")} == {
        name: pin.version for name, (_, pin) in supply.locked().items()
    }
    assert all(part["hashes"] for part in parts.values() if part["purl"].startswith("pkg:pypi/"))
    known = {*parts, bill["metadata"]["component"]["bom-ref"]}
    needs = {row["ref"]: row["dependsOn"] for row in bill["dependencies"]}
    assert needs.keys() == known
    assert {need for row in needs.values() for need in row} == parts.keys(), "something is in the product that nothing asks for"


def test_a_lock_is_read_with_markers_hashes_and_who_asks(supply: ModuleType) -> None:
    lock = (
        "a==1.0 ; python_full_version < '3.12' \\\n    --hash=sha256:" + "0" * 64 + "\n    # via -r requirements.in\n"
        "b-c==2 \\\n    --hash=sha256:"
        + "1" * 64
        + " \\\n    --hash=sha256:"
        + "2" * 64
        + "\n    # via\n    #   -r x.in\n    #   a\n"
    )
    first, second = supply.pins(lock)
    assert (first.name, first.version, first.markers, first.asked_by) == (
        "a",
        "1.0",
        ("python_full_version < '3.12'",),
        ("-r requirements.in",),
    )
    assert (second.name, len(second.hashes), second.asked_by) == ("b-c", 2, ("-r x.in", "a"))


def test_every_line_of_a_lock_is_hashed(supply: ModuleType) -> None:
    for file in supply.LOCKS:
        assert all(pin.hashes for pin in supply.pins((ROOT / file).read_text("utf-8"))), file


def test_a_vendored_licence_that_is_not_known_is_refused(supply: ModuleType) -> None:
    with pytest.raises(ValueError, match="does not know"):
        supply.licence_of("All rights reserved")
