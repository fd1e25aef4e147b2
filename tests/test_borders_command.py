"""`scoping borders`: flows always; whom to tell and an agency's extract once something was released, and no more than that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from tests.test_cli import home, run  # noqa: F401 - fixtures
from tests.test_snapshot_command import store  # noqa: F401 - fixture


def test_flows_whom_to_tell_and_an_extract(run: Any, store: str, tmp_path: Path) -> None:  # noqa: F811
    code, flows = run("borders", "flows", "--store", store)
    assert code == 0 and flows["flows"] and "SYNTHETIC" in flows["marking"]
    assert all(row["children"] is None or row["children"] >= 3 for row in flows["flows"])
    code, refused = run("borders", "tell", "--tier", "rmg", "--store", store)
    assert code == 5 and "No such period was released" in refused["error"]["what"]
    assert run("snapshot", "--period", "2024-Q2", "--tier", "rmg", "--store", store, "--out", str(tmp_path), "--format", "csv",
               "--purpose", "the meeting")[0] == 0
    code, told = run("borders", "tell", "--tier", "rmg", "--store", store)
    assert code == 0 and told["period"] == "2024-Q2" and told["tell"]
    assert all(row["name"] and row["name"] != row["place"] for row in told["tell"])
    agency, out = told["tell"][0]["agency"], tmp_path / "extract.csv"
    ask = ("borders", "extract", "--tier", "rmg", "--agency", agency, "--out", str(out), "--store", store)
    assert run(*ask, "--author-role", "rmg_member")[0] == 5 and not out.exists()
    code, made = run(*ask)
    written = pd.read_csv(out)
    assert code == 0 and made["places"] == len(written) - 1 == sum(row["agency"] == agency for row in told["tell"])
    assert agency in str(written.iloc[-1, 0]) and "Audit anchor" in str(written.iloc[-1, 0])
    assert run("borders", "extract", "--tier", "rmg", "--agency", "Nowhere", "--out", str(out), "--store", store)[0] == 5
