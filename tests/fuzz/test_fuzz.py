"""The short form of `make fuzz`: the corpus of all that ever failed, and a few cases of every target."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from tests.fuzz import campaign, targets
from tests.fuzz.targets import TARGETS

if sys.platform != "linux":
    pytest.skip("the limits of the child process are Linux's", allow_module_level=True)


@pytest.fixture(scope="module")
def fed(gazetteer_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, campaign.Result]:
    with pytest.MonkeyPatch.context() as patch:
        made = campaign.gazetteer(tmp_path_factory.mktemp("fuzz"), gazetteer_folder)
        patch.setenv("SCOPING_FUZZ_GAZETTEER", str(made))
        jobs = [[name, campaign.kept(name)] for name in TARGETS]
        return campaign.feed([*jobs, *([name, 0, target.short] for name, target in TARGETS.items())])


@pytest.mark.parametrize("name", TARGETS)
def test_hostile_input_is_taken_or_refused_with_a_reason_within_time_and_memory(name: str, fed: dict[str, campaign.Result]) -> None:
    result, target = fed[name], TARGETS[name]
    assert not result.findings, "\n".join(f"case {each['case']}\n{each['finding']}" for each in result.findings)
    assert result.done == target.short + len(campaign.kept(name))
    assert result.taken, "no case was taken: the target tests nothing but refusals"
    assert name == "text" or result.taken < result.done, "no case was refused"
    assert result.slowest_s <= target.cpu_s


def test_a_case_is_made_again_from_its_number() -> None:
    for name, target in TARGETS.items():
        first, second = (target.make(random.Random(f"{name}:7")) for _ in range(2))
        assert first == second, name


def _planted(data: bytes) -> bool:
    raise ZeroDivisionError(data)


def test_what_goes_wrong_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from tests.fuzz import child

    assert "ZeroDivisionError" in str(child._feed(_planted, b"x", 0))
    assert child._feed(targets._taken(lambda _data: None), b"x", 0) is True
    found = [{"case": k, "finding": "a\nb\nc", "hex": "00"} for k in range(3)]
    monkeypatch.setattr(campaign, "CORPUS", tmp_path)
    campaign.keep("planted", found)
    assert len(campaign.kept("planted")) == 1


def test_a_process_that_dies_or_hangs_or_swells_is_told_and_the_rest_is_fed(monkeypatch: pytest.MonkeyPatch,
                                                                            tmp_path: Path) -> None:
    (tmp_path / "dies").write_bytes(b"kill")
    (tmp_path / "hangs").write_bytes(b"hang")
    (tmp_path / "swells").write_bytes(b"swell")
    (tmp_path / "well").write_bytes(b"well")
    monkeypatch.setenv("SCOPING_FUZZ_PLANTED", "yes")
    result = campaign.feed([["planted", sorted(map(str, tmp_path.glob("*")))]])["planted"]
    told = [each["finding"].strip().splitlines()[-1] for each in result.findings]
    assert (result.done, len(told)) == (4, 3)
    assert "died (-9)" in told[0] + result.findings[0]["finding"]
    assert {said.rpartition(".")[2].partition(":")[0] for said in told[1:]} == {"TooSlow", "MemoryError"}
