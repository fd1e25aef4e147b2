"""Runs cases in child processes, outlives their deaths, keeps what failed."""

from __future__ import annotations

import hashlib
import json
import os
import random
import struct
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).with_name("corpus")
ROOT = Path(__file__).resolve().parents[2]
A_CHILD = {"csv": 20_000, "text": 100}  # cases of one process; 2,000 of the others


@dataclass
class Result:
    """Cases fed and taken (the others were refused as they should), findings, processor seconds of the slowest, memory grown."""

    done: int = 0
    taken: int = 0
    slowest_s: float = 0.0
    grown_mb: float = 0.0
    findings: list[dict[str, Any]] = field(default_factory=list)


def gazetteer(folder: Path, base: Path | None = None) -> Path:
    """A gazetteer with invented streets under `folder`, made unless it is there; on `base` when one is given."""
    from geo_data.placing.gazetteer import build
    from tests.geo_data.streets_layer import layer

    target = folder / "gazetteer"
    if not target.is_dir():
        if base is None:
            base = folder / "base"
            build(base)
        layer(base, target)
    return target


def kept(name: str) -> list[str]:
    """The files of the corpus."""
    return sorted(map(str, (CORPUS / name).glob("*")))


def feed(jobs: list[list[Any]]) -> dict[str, Result]:
    """What each target answered to its jobs (see `child`), all in one process unless it dies."""
    found: defaultdict[str, Result] = defaultdict(Result)
    while jobs:
        died = _child(jobs, found)
        if died is None:
            break
        at, number, how = died
        name, result = jobs[at][0], found[jobs[at][0]]
        files = isinstance(jobs[at][1], list)
        data = Path(jobs[at][1][number]).read_bytes() if files else TARGETS[name].make(random.Random(f"{name}:{number}"))
        result.findings.append({"case": number, "finding": how, "hex": data.hex()})
        first = 0 if files else jobs[at][1]
        result.done += number + 1 - first  # of the job that was cut short, what was taken is not known
        rest = [name, jobs[at][1][number + 1 :]] if files else [name, number + 1, first + jobs[at][2] - number - 1]
        jobs = [rest, *jobs[at + 1 :]]
    return dict(found)


def run(name: str, first: int, count: int, tell: Callable[[Result], None]) -> Result:
    """Cases `first` to `first + count` of a target, a process after another."""
    whole, size = Result(), A_CHILD.get(name, 2_000)
    for at in range(first, first + count, size):
        part = feed([[name, at, min(size, first + count - at)]])[name]
        whole = Result(whole.done + part.done, whole.taken + part.taken, max(whole.slowest_s, part.slowest_s),
                       max(whole.grown_mb, part.grown_mb), whole.findings + part.findings)
        tell(whole)
    return whole


def keep(name: str, findings: list[dict[str, Any]], most: int = 5) -> None:
    """Put the bytes of a few findings into the corpus, one of each kind of failure."""
    kinds: set[str] = set()
    for each in findings:
        kind = "".join(each["finding"].strip().splitlines()[-3:])[:200]
        if kind not in kinds and len(kinds) < most:
            kinds.add(kind)
            data = bytes.fromhex(each["hex"])
            (CORPUS / name).mkdir(parents=True, exist_ok=True)
            (CORPUS / name / hashlib.sha256(data).hexdigest()[:12]).write_bytes(data)


def _child(jobs: list[list[Any]], found: defaultdict[str, Result]) -> tuple[int, int, str] | None:
    """Feed jobs in a process of their own. The job and the case that killed it, and how; None when it ended well."""
    with tempfile.TemporaryDirectory() as home:
        state = Path(home) / "state"
        state.write_bytes(struct.pack("<qq", 0, 0))
        command = [sys.executable, "-m", "tests.fuzz.child", json.dumps(jobs), str(state)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ | {"TMPDIR": home})
        at, number = struct.unpack("<qq", state.read_bytes())
    for line in done.stdout.splitlines():
        said = json.loads(line) if line.startswith("{") else {}
        result = found[said["target"]] if said else Result()
        if "finding" in said:
            result.findings.append(said)
        elif said:
            result.done, result.taken = result.done + said["done"], result.taken + said["taken"]
            result.slowest_s, result.grown_mb = max(result.slowest_s, said["slowest_s"]), max(result.grown_mb, said["grown_mb"])
    return None if done.returncode == 0 else (at, number, f"the process died ({done.returncode}): {done.stderr[-600:]}")
