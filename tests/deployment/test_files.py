"""What deploy/ and docs/DEPLOYMENT.md say, without a server: settings, commands, units, what the image is made of."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import cli
from tests.deployment.files import DEPLOY, ROOT, unit


def test_the_settings_of_the_example_are_known() -> None:
    from settings import load

    found = load(DEPLOY / "scoping.toml", {})
    assert found.sign_in == "oidc" and len(found.role_names) == 6
    assert set(tomllib.loads((DEPLOY / "secrets.toml").read_text("utf-8"))["auth"]) == {
        "redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url"}


def test_every_command_of_the_page_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "docs" / "DEPLOYMENT.md").read_text("utf-8")
    blocks = re.findall(r"```\n(.*?)```", text, re.S)
    commands = [shlex.split(line, comments=True) for block in blocks for line in block.splitlines()
                if re.search(r"(^|/)scoping [a-z]", line)]
    assert len(commands) >= 8
    for words in commands:
        at = next(i for i, word in enumerate(words) if word.endswith("scoping"))
        cli._parser().parse_args(words[at + 1:])
    for named in re.findall(r"deploy/[\w.@-]+", text):
        assert (ROOT / named).is_file(), named


def test_the_units_are_well_formed() -> None:
    services = sorted(path.name for path in DEPLOY.glob("*.service"))
    assert services == ["scoping-daily.service", "scoping-feed.service", "scoping@.service"]
    names = services + [path.name for path in DEPLOY.glob("*.timer")]
    assert all((DEPLOY / name).read_text("utf-8").startswith(f"# /etc/systemd/system/{name}") for name in names)
    own = {"ExecStart", "Type", "Restart", "Description", "After", "WantedBy", "MemoryMax", "ReadWritePaths"}
    confined = [{key: value for key, value in unit(name).items() if key not in own} for name in services]
    assert confined[0] == confined[1] == confined[2]  # what keeps the server in keeps what runs beside it in
    commands = re.findall(r"bin/scoping ([^$'\n]*)", "\n".join(line for name in services for line in unit(name)["ExecStart"]))
    assert len(commands) == 4
    for command in commands:
        cli._parser().parse_args(command.split())
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not here; the units were only read")
    done = subprocess.run(["systemd-analyze", "verify", *(str(DEPLOY / name) for name in names)], capture_output=True, text=True,
                          check=False)
    complaints = [line for line in done.stderr.splitlines() if "deploy/" in line and "not executable" not in line
                  and "No such file" not in line]
    assert complaints == []
    graded = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=15", "--no-pager",
                             *(str(DEPLOY / name) for name in services)], capture_output=True, text=True, check=False)
    if "unrecognized option" not in graded.stderr:  # older than 250
        assert graded.returncode == 0, graded.stdout


def test_the_container_file_gives_away_nothing() -> None:
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    steps = re.findall(r"^([A-Z]+) ", text, re.M)
    assert steps[0] == "FROM" and {"USER", "HEALTHCHECK", "CMD", "VOLUME"} <= set(steps)
    assert re.search(r"^USER scoping$", text, re.M) and "--require-hashes" in text
    assert not re.search(r"(?i)password|secret|token", text)


def test_the_image_holds_what_runs_and_nothing_that_may_lie_beside_it(tmp_path: Path) -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if not line.startswith("#")]
    assert lines[0] == "*"  # all is left out but what is named: nobody can foresee what lies in a checkout
    taken = [line[1:] for line in lines if line.startswith("!")]
    assert set(lines[1:]) - {f"!{name}" for name in taken} == {"**/__pycache__", "**/*.pyc"}
    assert not {name for name in taken if re.search(r"^(var|\.git|\.venv|\.streamlit|scoping\.toml|tests|deploy)$|secret|\*", name)}
    for name in taken:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(ROOT / name, tmp_path / name)
    script = """
import importlib, pathlib, pkgutil, sys
sys.path.insert(0, ".")
import cli, settings
from geo_data.reading.profiles import PROFILES
from scoping.showing import maps
from screens import server
for package in ("commands", "geo_data", "scoping"):
    for found in pkgutil.walk_packages([package], package + "."):
        if ".migrations." not in found.name:  # these run in a migration alone
            importlib.import_module(found.name)
assert PROFILES and maps.served() and all(folder.is_dir() for folder in server.folders().values())
for name in ("cli", "settings", "commands", "geo_data", "scoping", "screens"):
    assert pathlib.Path(sys.modules[name].__file__).is_relative_to(pathlib.Path.cwd()), name
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False,
                          env=os.environ | {"SCOPING_HOME": str(tmp_path / "home")})
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "start.py").is_file() and (tmp_path / ".streamlit" / "config.toml").is_file()
