"""The review queue: texts about places that gave no fine point, grouped so that one decision serves them all."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from geo_data.placing.decisions import text_key
from geo_data.placing.parse import read

COARSE, LOST, NO_PLACE = "coarse", "lost", "no_place"
KINDS = {COARSE: "Only roughly placed", LOST: "Not placed", NO_PLACE: "Names no place"}
COLUMNS = ["key", "text", "spellings", "kind", "rows", "children", "unlocks", "unlocks_children", "roles", "authorities",
           "authority", "reason"]


def groups(texts: pd.DataFrame) -> pd.DataFrame:
    """Texts grouped by `text_key`, those that would unlock the most children first.

    `texts`: an OPEN_TEXT frame. Columns: `COLUMNS`; `text` and `reason` are the commonest ones, `unlocks` the rows that could
    enter counting once placed (a child's own address never does), `authorities` how many responsible authorities use the text
    (more than one: it may mean several places) and `authority` the one that uses it most.
    """
    said = texts.assign(key=_by_value(texts["text"], text_key))
    said = said[said["key"].ne("")]
    if said.empty:
        return pd.DataFrame({name: pd.Series(dtype="int64" if name in ("spellings", "rows", "children", "unlocks", "unlocks_children",
                                                                      "authorities") else "str") for name in COLUMNS})
    by = said.groupby("key", sort=True)
    free = said[~said["own_address"]].groupby("key")
    found = pd.DataFrame({
        "text": _commonest(said, "text"), "spellings": by["text"].nunique(),
        "rows": by.size(), "children": by["person_ref"].nunique(), "unlocks": free.size(), "unlocks_children": free["person_ref"].nunique(),
        "roles": by["role"].agg(lambda role: "|".join(sorted(set(role)))), "authorities": by["responsible_la"].nunique(),
        "authority": _commonest(said, "responsible_la"), "reason": _commonest(said, "reason"), "coarse": by["tier"].agg(lambda tier: bool((tier == "P4").any())),
    }).reset_index()
    for name in ("unlocks", "unlocks_children"):
        found[name] = found[name].fillna(0).astype("int64")
    empty = found["text"].map(lambda text: bool(read(text).null)).to_numpy(dtype=bool)
    found["kind"] = [COARSE if coarse else NO_PLACE if null else LOST for coarse, null in zip(found["coarse"], empty, strict=True)]
    order = found.sort_values(["unlocks_children", "unlocks", "rows", "key"], ascending=[False, False, False, True], kind="stable")
    return order[COLUMNS].reset_index(drop=True)


def _by_value(column: pd.Series, rule: Callable[[str], str]) -> pd.Series:
    """`rule` of each text, worked out once for each distinct one."""
    code, distinct = pd.factorize(column)
    answers = pd.Series([rule(text) for text in distinct], dtype="object")
    return pd.Series(answers.to_numpy()[code], index=column.index, dtype="str")


def _commonest(said: pd.DataFrame, name: str) -> pd.Series:
    """The commonest value of each key; of equals the first in the alphabet."""
    counted = said.groupby(["key", name]).size().rename("n").reset_index().sort_values(["n", name], ascending=[False, True], kind="stable")
    return counted.drop_duplicates("key").set_index("key")[name]
