"""What tests need beside Python and `tests/system_packages.sh` or the locked requirements install: may it be missing?"""

from __future__ import annotations

import os

import pytest


def needed(missing: str) -> None:
    """Skip the test for the reason `missing`, when there is one; fail where CI is set, which has to bring all that is needed."""
    if not missing:
        return
    if os.environ.get("CI"):
        pytest.fail(f"CI is set, so this may not be: {missing}", pytrace=False)
    pytest.skip(missing)
