"""The review queue: texts about places that gave no fine point, grouped so that one decision serves them all."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from geo_data.placing.decisions import text_key
from geo_data.placing.parse import read

COARSE, LOST, TOWN, NO_PLACE = "coarse", "lost", "town", "no_place"
KINDS = {COARSE: "Only roughly placed", LOST: "Not placed", TOWN: "Names a town only", NO_PLACE: "Names no place"}
NUMBERS = ("spellings", "rows", "children", "unlocks", "unlocks_children", "authorities")
COLUMNS = ["key", "text", "spellings", "kind", "rows", "children", "unlocks", "unlocks_children", "roles", "authorities",
           "authority", "reason"]


def groups(texts: pd.DataFrame) -> pd.DataFrame:
    """Texts grouped by `text_key`, those that would unlock the most children first.

    `texts`: an OPEN_TEXT frame (`geo_data.keeping.decided`). Columns: `COLUMNS`; `text` and `reason` are the commonest ones,
    `unlocks` the rows that could enter counting once placed (a child's own address never does, nor a text that is no more than
    a town's name or names no place), `authorities` how many responsible authorities use the text (more than one: it may mean
    several places) and `authority` the one that uses it most.
    """
    said = texts.assign(key=_by_value(texts["text"], text_key), is_town=texts["tier"].eq("P4"))
    said["is_town"] &= _by_value(texts["matched"], text_key).eq(said["key"])
    said = said[said["key"].ne("")]
    if said.empty:
        return pd.DataFrame({name: pd.Series(dtype="int64" if name in NUMBERS else "str") for name in COLUMNS})
    by = said.groupby("key", sort=True)
    free = said[~said["own_address"]].groupby("key")
    coarse = by["tier"].agg(lambda tier: bool((tier == "P4").any()))
    found = pd.DataFrame({
        "text": _commonest(said, "text"), "spellings": by["text"].nunique(),
        "rows": by.size(), "children": by["person_ref"].nunique(),
        "unlocks": free.size(), "unlocks_children": free["person_ref"].nunique(),
        "roles": by["role"].agg(lambda role: "|".join(sorted(set(role)))), "authorities": by["responsible_la"].nunique(),
        "authority": _commonest(said, "responsible_la"), "reason": _commonest(said, "reason"),
    })
    null = found["text"].map(lambda text: bool(read(text).null))
    found["kind"] = np.select([by["is_town"].any(), coarse, null], [TOWN, COARSE, NO_PLACE], LOST)
    for name in ("unlocks", "unlocks_children"):
        found[name] = found[name].where(found["kind"].isin([COARSE, LOST]), 0).fillna(0).astype("int64")
    found = found.reset_index(names="key")
    order = found.sort_values(["unlocks_children", "unlocks", "rows", "key"], ascending=[False, False, False, True], kind="stable")
    return order[COLUMNS].reset_index(drop=True)


def _by_value(column: pd.Series, rule: Callable[[str], str]) -> pd.Series:
    """`rule` of each text, worked out once for each distinct one; empty where there is none."""
    code, distinct = pd.factorize(column)
    answers = np.array([*(rule(text) for text in distinct), ""], dtype=object)  # the code of what is missing is -1
    return pd.Series(answers[code], index=column.index, dtype="str")


def _commonest(said: pd.DataFrame, name: str) -> pd.Series:
    """The commonest value of each key; of equals the first in the alphabet."""
    counted = said.groupby(["key", name]).size().rename("n").reset_index()
    counted = counted.sort_values(["n", name], ascending=[False, True], kind="stable")
    return counted.drop_duplicates("key").set_index("key")[name]
