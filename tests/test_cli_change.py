"""The commands on change: scan, grid and near-repeat, as JSON and when they refuse."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from tests.test_cli import home, run

__all__ = ["home", "run"]


def test_scan_looks_at_a_day_and_says_what_chance_would_give(run: Any) -> None:
    code, answer = run("scan", "--runs", "99", "--at", "2024-11-30", "--weeks", "2")
    assert code == 0 and answer["status"] == "ok" and answer["at"] == "2024-11-30"
    assert answer["expected_by_chance_a_year"] == {"watch_or_alert": 3.6, "alert": 1.0}
    assert answer["marking"].endswith("SYNTHETIC DATA")
    _, every = run("scan", "--runs", "99", "--at", "2024-11-30", "--all")
    assert all({"place", "says", "recurrence_days", "children"} <= set(alert) for alert in every["alerts"])
    assert all(alert["children"] >= 3 and alert["cell_e"] % 500 == 250 for alert in every["alerts"])
    _, early = run("scan", "--runs", "99", "--at", "2024-02-01")
    assert early["status"] == "not_enough_data" and "reach back" in early["statements"][-1]


@pytest.mark.parametrize("wrong", [("--at", "soon"), ("--weeks", "0"), ("--runs", "3"), ("--seed", "-1"), ("--role", "left")])
def test_scan_refuses(run: Any, wrong: tuple[str, str]) -> None:
    assert run("scan", *wrong)[0] == 2


def test_grid_tells_squares_in_words(run: Any) -> None:
    code, answer = run("grid", "--window", "days:28")
    assert code == 0 and answer["windows"] >= 10
    assert all(square["cell_e"] % 500 == 0 for square in answer["squares"])
    assert set(answer["categories"]) <= set(answer["meaning"])
    assert run("grid", "--window", "days:28", "--variant", "esri3")[0] == 0
    assert run("grid", "--window", "days:91", "--variant", "esri3")[0] == 2
    assert run("grid", "--at", "1999-01-01")[0] == 2
    assert run("grid", "--variant", "esri4")[0] == 2


def test_near_repeat_reads_files_with_and_without_a_header(run: Any, tmp_path: Path) -> None:
    rows = [(400_000 + k % 7 * 50, 300_000, f"2024-01-{1 + k % 28:02d}", f"c{k % 9}") for k in range(60)]
    plain = tmp_path / "plain.csv"
    plain.write_text("\n".join(",".join(map(str, row)) for row in rows))
    named = tmp_path / "named.csv.gz"
    named.write_bytes(gzip.compress(("e;n;day;child\n" + "\n".join(";".join(map(str, row)) for row in rows)).encode()))
    columns = ("--bands", "100,200", "--days", "7", "--runs", "9")
    _, first = run("near-repeat", str(plain), "--x", "1", "--y", "2", "--date", "3", "--child", "4", *columns)
    code, second = run("near-repeat", str(named), "--x", "e", "--y", "n", "--date", "day", "--child", "child", *columns)
    assert code == 0 and first == second and first["events"] == 60
    assert sum(cell["pairs"] for cell in first["table"]) < 60 * 59 / 2  # pairs of one child are not counted
    _, held = run("near-repeat", "--runs", "9")
    assert held["collection"] == "demo" and len(held["table"]) == 30
    for wrong in (("--x", "1", "--y", "2"), ("--x", "9", "--y", "2", "--date", "3"), ("--x", "4", "--y", "2", "--date", "3"),
                  ("--x", "1", "--y", "2", "--date", "3", "--bands", "a")):
        code, refused = run("near-repeat", str(plain), *wrong)
        assert code == 2 and "c1" not in str(refused)


def test_backtest_and_detection_bench(run: Any, tmp_path: Path) -> None:
    lines = ["Longitude,Latitude,Month,kind"]
    for k in range(1_400):
        month = f"20{22 + k % 14 // 12}-{k % 14 % 12 + 1:02d}"
        lines.append(f"{-1.6 + (k % 23) * 0.003:.4f},{54.9 + (k % 7) * 0.002:.4f},{month},{'ab'[k % 2]}")
    file = tmp_path / "points.csv"
    file.write_text("\n".join(lines))
    code, answer = run("backtest", str(file))
    assert code == 0 and answer["periods"] == 14 and answer["records"] == 1_400
    assert {row["method"] for row in answer["results"]} == {"clusters", "KDE", "plain count"}
    _, half = run("backtest", str(file), "--only", "kind=a")
    assert half["records"] == 700
    code, answer = run("detect-bench", str(file), "--worlds", "1", "--null-worlds", "10", "--rates", "12", "--per-month", "40")
    assert code == 0 and {row["rate"] for row in answer["results"]} == {12.0}
    assert all(row["false_alarms_a_year"] <= 4 for row in answer["results"])
    for wrong in (("backtest", str(file), "--only", "kind"), ("backtest", str(file), "--min", "1"),
                  ("backtest", "--collection", "demo"), ("detect-bench", str(file), "--rates", "x"),
                  ("detect-bench", str(file), "--worlds", "0")):
        assert run(*wrong)[0] == 2
