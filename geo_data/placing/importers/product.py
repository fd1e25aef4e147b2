"""What every importer hands over, and what is kept of where it came from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from geo_data.placing.array_folder import Arrays

Progress = Callable[[float, str], None]

OGL = "licensed under the Open Government Licence v3.0"
OS = f"Contains OS data © Crown copyright and database right, {OGL}."
POSTCODES = (f"Contains OS data © Crown copyright and database right; contains Royal Mail data © Royal Mail copyright and "
             f"database right; source: Office for National Statistics {OGL}.")


@dataclass(frozen=True)
class Product:
    """Arrays ready for a layer. `counts` says what was read, kept and dropped; `product_date` is ISO, "" if not told."""

    arrays: Arrays
    counts: dict[str, int]
    product_date: str = ""
    notes: list[str] = field(default_factory=list)
    scratch: TemporaryDirectory[str] | None = None  # holds memory-mapped arrays until they are written


@dataclass(frozen=True)
class Importer:
    """One kind of file: what it is, under which licence it stands, what it takes and how it is read.

    `read(path, gazetteer_folder, progress) -> Product` raises `InputError` for a file of another kind.
    """

    title: str
    licence: str
    takes: str
    read: Callable[[Path, Path, Progress], Product]
    find: Callable[[], Path] | None = None  # where an installed package keeps the data

    def about(self, product: Product, files: list[dict[str, Any]]) -> dict[str, Any]:
        """What the layer keeps of its origin."""
        return {"title": self.title, "licence": self.licence, "files": files, "product_date": product.product_date,
                "counts": product.counts, "notes": product.notes}
