"""Bring a database to the newest schema, from a checkout or an installed wheel, with no alembic.ini."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

from ledger.database import WRITER_LOCK
from ledger.triggers import assert_triggers


def migrate(engine: Engine) -> None:
    """Apply every migration not yet applied, then assert the append-only triggers, in one transaction.

    Safe to run from several processes at once, and again at every start.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        assert_triggers(connection)
