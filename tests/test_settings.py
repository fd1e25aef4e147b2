"""The operator's dials come from a file and the environment, or are refused with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

import settings
from geo_data.errors import ParameterError
from settings import Settings, load

NONE = {"PATH": "/bin", "HOME": "/nowhere"}


@pytest.fixture(autouse=True)
def no_checkout_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An operator's own scoping.toml beside the program does not reach these tests."""
    monkeypatch.setattr(settings, "FILE", "absent.toml")


def write(folder: Path, text: str) -> Path:
    file = folder / "scoping.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_defaults_keep_everything_on_this_computer() -> None:
    found = load(environ=NONE)
    assert found == Settings()
    assert set(found.allowed_hosts) == {"127.0.0.1", "localhost"}
    assert found.store_url == f"sqlite:///{settings.CHECKOUT / 'var' / 'scoping.db'}"


def test_the_file_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    file = write(tmp_path, 'home = "kept"\nmax_upload_mb = 20\nmarking = "OFFICIAL"\nallowed_hosts = ["a", "b"]\n')
    found = load(file, NONE | {"SCOPING_MAX_UPLOAD_MB": "21", "SCOPING_STORE": "postgresql://h/d"})
    assert (found.max_upload_mb, found.marking, found.allowed_hosts) == (21, "OFFICIAL", ("a", "b"))
    assert found.home == tmp_path / "kept"
    assert found.store_url == "postgresql://h/d"
    assert load(environ=NONE | {"SCOPING_CONFIG": str(file)}).max_upload_mb == 20
    assert load(environ=NONE | {"SCOPING_ALLOWED_HOSTS": "x, y"}).allowed_hosts == ("x", "y")


def test_a_home_from_the_environment_holds_the_database(tmp_path: Path) -> None:
    assert load(environ={"SCOPING_HOME": str(tmp_path)}).store_url == f"sqlite:///{tmp_path / 'scoping.db'}"


@pytest.mark.parametrize(("text", "told"), [
    ("prot = 9000", "There is no setting 'prot'"),
    ('max_upload_mb = "20"', "'max_upload_mb' must be a whole number"),
    ("max_upload_mb = true", "'max_upload_mb' must be a whole number"),
    ("max_upload_mb = 70", "'max_upload_mb' must be between 1 and 25"),
    ("max_upload_mb = 0", "'max_upload_mb' must be between"),
    ("home = 3", "'home' must be a folder"),
    ('home = ""', "'home' must be a folder"),
    ("allowed_hosts = [1]", "'allowed_hosts' must be a list of texts"),
    ("allowed_hosts = []", "'allowed_hosts' must name at least one"),
    ("marking = ' '", "'marking' must not be empty"),
    ("max_upload_mb = 1\nmarking = 2 3", "not TOML \\(line 2\\)"),
])
def test_what_is_wrong_in_the_file_is_told(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ParameterError, match=told):
        load(write(tmp_path, text), NONE)


@pytest.mark.parametrize(("variable", "value", "told"), [
    ("SCOPING_PROT", "9000", "environment SCOPING_PROT: There is no setting 'prot'"),
    ("SCOPING_MAX_UPLOAD_MB", "many", "environment SCOPING_MAX_UPLOAD_MB: 'max_upload_mb' must be a whole number"),
    ("SCOPING_MAX_UPLOAD_MB", "0", "'max_upload_mb' must be between"),
    ("SCOPING_HOME", "", "'home' must be a folder"),
    ("SCOPING_CONFIG", "/nowhere/scoping.toml", "cannot be read"),
])
def test_what_is_wrong_in_the_environment_is_told(variable: str, value: str, told: str) -> None:
    with pytest.raises(ParameterError, match=told):
        load(environ=NONE | {variable: value})


@pytest.mark.parametrize("url", [
    "postgresql://someone:hunter2@host/db",
    "postgresql+psycopg://:hunter2@/db?host=/run",
    "postgresql://someone:p@hunter2@host/db",
    "postgresql://host/db?user=x&password=hunter2&sslmode=verify-full",
])
def test_a_password_is_not_shown(url: str) -> None:
    assert "hunter2" not in repr(Settings(store=url))
    assert "host" in repr(Settings(store=url))


def test_a_broken_file_does_not_quote_its_passwords(tmp_path: Path) -> None:
    with pytest.raises(ParameterError) as caught:
        load(write(tmp_path, 'store = "postgresql://x:hunter2@h/d" x'), NONE)
    assert "hunter2" not in str(caught.value)


def test_every_dial_has_help() -> None:
    assert all(help_ and not help_.endswith(".") for _, _, help_ in Settings().rows())
