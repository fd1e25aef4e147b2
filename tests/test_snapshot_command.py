"""`scoping snapshot` and `scoping releases`: from the demonstration to files that are known again."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from geo_data.errors import InputError
from geo_data.keeping.interviews import Interviews
from geo_data.keeping.store import Store
from scoping.showing.periods import Period
from tests.test_cli import home, run  # noqa: F401 - fixtures

PERIOD = ("snapshot", "--period", "2024-06", "--tier", "rmg")


@pytest.fixture
def store(home: Path, tmp_path: Path) -> str:  # noqa: F811 - the fixture
    return f"sqlite:///{shutil.copy(home / 'scoping.db', tmp_path / 'a.db')}"


def test_from_a_dry_run_to_a_file_that_is_known_and_recalled(run: Any, store: str, tmp_path: Path) -> None:  # noqa: F811
    code, dry = run(*PERIOD, "--store", store)
    assert code == 0 and not dry["released"] and dry["places"]
    assert run("releases", "list", "--store", store)[1] == {"releases": []}
    code, made = run(*PERIOD, "--store", store, "--out", str(tmp_path), "--format", "csv,html", "--purpose", "the meeting")
    assert code == 0 and made["places"] == dry["places"]
    files = [each["file"] for each in made["files"]]
    assert all("OFFICIAL-SENSITIVE-SYNTHETIC-DATA_2024-06_S-" in file for file in files)
    assert run("releases", "verify", files[0], "--store", store)[1]["release"]["purpose"] == "the meeting"
    Path(files[1]).write_text("changed", encoding="utf-8")
    code, unknown = run("releases", "verify", files[1], "--store", store)
    assert code == 5 and not unknown["known"]
    number = str(run("releases", "verify", files[0], "--store", store)[1]["release"]["id"])
    assert run("releases", "recall", number, "--reason", "sent to the wrong list", "--store", store)[0] == 0
    code, recalled = run("releases", "verify", files[0], "--store", store)
    assert code == 5 and recalled["recalled"]
    code, again = run(*PERIOD, "--store", store, "--out", str(tmp_path), "--format", "csv", "--purpose", "the meeting")
    assert code == 5 and "called back on" in again["error"]["what"]
    assert run(*PERIOD, "--store", store, "--out", str(tmp_path), "--format", "csv", "--purpose", "the next meeting")[0] == 0
    assert run("audit", "export", "--out", str(tmp_path / "audit.csv"), "--store", store)[0] == 0
    assert (tmp_path / "audit.csv").read_text("utf-8-sig").count('"policy"') == 1  # once: it did not change meanwhile


def test_interviews_entered_by_hand_are_counted(run: Any, store: str) -> None:  # noqa: F811
    asked, month = "Episodes with a return interview completed", Period.parse("2024-06")
    before = run(*PERIOD, "--store", store)[1]["figures"][asked]
    with Store(store) as kept:
        rows = kept.episodes("demo").dropna(subset=["found_at"])
        day = rows["found_at"].dt.tz_convert("Europe/London").dt.date
        unheard = rows[(day >= month.start) & (day < month.end) & rows["rhi_completed_at"].isna()]
        assert len(unheard) > 5
        for ref, found in zip(unheard["episode_ref"], unheard["found_at"], strict=True):
            Interviews(kept).enter("ann", "demo", ref, offered="Y", accepted="Y", completed_at=found + timedelta(hours=20))
    told = run(*PERIOD, "--store", store)[1]["figures"]
    assert int(told[asked].split()[-1]) > int(before.split()[-1]) and told["Without return interview"] == "about 0 %"


def test_a_release_that_would_disclose_by_difference_is_refused_with_the_reason(run: Any, store: str,  # noqa: F811
                                                                                 tmp_path: Path) -> None:
    done = ("--store", store, "--out", str(tmp_path), "--format", "csv", "--purpose", "the meeting")
    assert run("snapshot", "--period", "2024-Q2", "--tier", "briefing", *done)[0] == 0
    code, refused = run(*PERIOD, *done)
    assert code == 5 and "could be subtracted" in refused["error"]["what"]


def test_what_cannot_be_written_is_not_released(run: Any, store: str, tmp_path: Path,  # noqa: F811
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes, option: str) -> None:
        path.write_bytes(data[:10])
        raise InputError("The file cannot be written (No space left on device).", where=option)

    monkeypatch.setattr("commands.base.save", full)
    code, told = run(*PERIOD, "--store", store, "--out", str(tmp_path), "--format", "csv", "--purpose", "the meeting")
    assert code == 2 and "No space" in told["error"]["what"]
    assert not list(tmp_path.glob("*.csv")) and run("releases", "list", "--store", store)[1] == {"releases": []}


def test_a_pack_on_a_full_disk_releases_nothing(run: Any, store: str, tmp_path: Path,  # noqa: F811
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    left = iter((False, True))

    def full(path: Path, data: bytes, option: str) -> None:
        path.write_bytes(data[:10])
        if next(left):
            raise InputError("The file cannot be written (No space left on device).", where=option)

    monkeypatch.setattr("commands.base.save", full)
    code, told = run("pack", "--month", "2024-06", "--store", store, "--out", str(tmp_path), "--format", "html,pptx")
    assert code == 2 and "No space" in told["error"]["what"]
    assert not list(tmp_path.glob("OFFICIAL*")) and run("releases", "list", "--store", store)[1] == {"releases": []}


@pytest.mark.parametrize(("more", "says"), [
    (("--out", "."), "needs its purpose"), (("--author-role", "partner_viewer"), "may not release"),
    (("--role", "found,pickup"), "one role"),
    (("--period", "2024-13"), "not a calendar period"), (("--period", "2010-01"), "not whole"),
    (("--period", "2099-01"), "not over")])
def test_what_is_wrong_is_said(run: Any, store: str, more: tuple[str, ...], says: str) -> None:  # noqa: F811
    code, told = run(*PERIOD, "--store", store, *more)
    assert code in (2, 5) and says in told["error"]["what"]


@pytest.mark.parametrize("command", [PERIOD, ("pack", "--month", "2024-06")])
@pytest.mark.parametrize("days", [-1_000, 0])
def test_a_file_is_to_be_reviewed_after_today(run: Any, store: str, tmp_path: Path,  # noqa: F811
                                              command: tuple[str, ...], days: int) -> None:
    day = date.today() + timedelta(days=days)
    code, told = run(*command, "--store", store, "--out", str(tmp_path), "--purpose", "the meeting", "--review-by", day.isoformat())
    assert code == 2 and "a day after today" in told["error"]["what"] and not list(tmp_path.glob("OFFICIAL*"))


def test_without_a_marking_nothing_is_released(run: Any, store: str, tmp_path: Path,  # noqa: F811
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text('[marking]\ntext = " "\n', encoding="utf-8")
    monkeypatch.setenv("SCOPING_POLICY", str(policy))
    code, told = run(*PERIOD, "--store", store)
    assert code == 5 and "protective marking" in told["error"]["what"]
