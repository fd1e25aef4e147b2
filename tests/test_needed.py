"""What is missing is told on a developer's machine, and fails where it has to be there."""

from __future__ import annotations

import pytest

from tests.needed import needed


def test_what_is_missing_skips_with_the_reason_and_fails_where_ci_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no browser"):
        needed("no browser is installed")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no browser"):
        needed("no browser is installed")
    needed("")
