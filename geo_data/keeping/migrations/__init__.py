"""The database's versions and how it gets from one to the next (Alembic, run by the store).

`HEAD` is the version this program needs. A database already there is opened without
Alembic, which takes longer to import than the database to open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

HEAD = "0014"
VERSION_TABLE = "scoping_version"


def known(version: str) -> bool:
    """Whether this program has the step that leads to `version`."""
    from alembic.script import ScriptDirectory

    return any(step.revision == version for step in ScriptDirectory.from_config(_config()).walk_revisions())


def upgrade(connection: Connection, version: str = "head") -> None:
    """Bring the database to `version` inside the connection's transaction."""
    from alembic import command

    command.upgrade(_config(connection), version)


def downgrade(connection: Connection, version: str) -> None:
    """Take the database back to `version` ("base": empty) inside the connection's transaction."""
    from alembic import command

    command.downgrade(_config(connection), version)


def _config(connection: Connection | None = None) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "geo_data.keeping:migrations")
    config.attributes["connection"] = connection
    return config
