"""Counts of referrals by agency, month and area: what each agency signalled. No persons, no cases.

A CSV or XLSX with the columns agency, month (2025-03), area (GSS code or name) and referrals. A count for an agency, month and area
that is there already takes its place.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pandas as pd
from sqlalchemy import delete, insert, select

from geo_data.errors import InputError
from geo_data.keeping.moments import microseconds
from geo_data.keeping.tables import columns
from geo_data.keeping.work_tables import REFERRAL, REFERRALS
from geo_data.reading.personal import refused_columns
from geo_data.reading.read import read_table

if TYPE_CHECKING:
    from geo_data.keeping.store import Store

COLUMNS = ("agency", "month", "area", "referrals")
MOST_ROWS = 100_000


def read(data: bytes, filename: str, now: datetime) -> pd.DataFrame:
    """The counts of a file: `COLUMNS`. The whole file is refused when one row is wrong: `InputError` with its line."""
    table = read_table(data, filename)
    frame = table.frame.rename(columns=lambda name: name.strip().lower())
    personal = refused_columns(frame.columns)
    if personal:
        raise InputError("A file of referral counts holds no persons.", where=filename,
                         fix="Give counts by agency, month and area only; leave every other column out.")
    if not set(COLUMNS) <= set(frame) or len(frame) > MOST_ROWS:
        raise InputError("This is no file of referral counts.", where=filename, fix=f"Give the columns {', '.join(COLUMNS)}.")
    table.must_be_whole(filename)
    frame = pd.DataFrame({name: frame[name].fillna("").str.strip() for name in COLUMNS})
    this = now.strftime("%Y-%m")
    for bad, rule, fix in (
        (~frame["agency"].str.len().between(1, 80), "the agency is blank or too long", "Name the agency."),
        (~frame["area"].str.len().between(1, 80), "the area is blank or too long", "Give a GSS code or a name."),
        (~frame["month"].str.fullmatch(REFERRAL["month"].pattern) | (frame["month"] > this), "the month is none, or in the future",
         "Write it as 2025-03."),
        (~frame["referrals"].str.fullmatch(r"\d{1,5}"), "the count is no whole number", "Write digits only."),
        (frame.duplicated(list(COLUMNS[:3])), "agency, month and area are there twice", "Give one count for each."),
    ):
        if bad.any():
            raise InputError(f"{rule.capitalize()}.", fix=fix, where=f"{filename}, row {bad.idxmax()}")
    return frame.assign(referrals=frame["referrals"].astype("int64")).reset_index(drop=True)


def keep(store: Store, counts: pd.DataFrame, now: datetime, actor: str, *, synthetic: bool) -> None:
    """Store counts, in place of those of the same agency, month and area."""
    with store.acting(actor, "import referral counts", {"rows": len(counts), "synthetic": synthetic}) as connection:
        for row in counts[list(COLUMNS)].to_dict("records"):
            key = (REFERRALS.c.synthetic == synthetic, *(REFERRALS.c[name] == row[name] for name in COLUMNS[:3]))
            connection.execute(delete(REFERRALS).where(*key))
            connection.execute(insert(REFERRALS).values(**{str(name): value for name, value in row.items()}, synthetic=synthetic,
                                                        received_at=microseconds(now)))


def counts(store: Store, *, synthetic: bool) -> pd.DataFrame:
    """Every count, by agency, month and area: a REFERRAL frame."""
    chosen = select(*columns(REFERRALS, REFERRAL)).where(REFERRALS.c.synthetic == synthetic)
    return store.frame(REFERRAL, chosen.order_by(REFERRALS.c.agency, REFERRALS.c.month, REFERRALS.c.area))
