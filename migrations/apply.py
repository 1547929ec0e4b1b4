"""Bring a database to the newest schema, from a checkout or an installed wheel, with no alembic.ini."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, inspect

from ledger.database import WRITER_LOCK
from ledger.privileges import assert_privileges, pending_grants, require_owner
from ledger.triggers import assert_triggers, trigger_faults

NEWEST = "0011"
"""The newest revision in versions/. A database that stands there is opened without loading Alembic."""


def migrate(engine: Engine) -> None:
    """Apply every migration not yet applied, then assert triggers, roles and rights, in one transaction.

    Safe to run from several processes at once, and again at every start: a database that is as it should be
    is only read, so that opening it waits for no writer. Raises OwnerNeeded where there is something to do
    and the connected role does not own the tables.
    """
    if _stands(engine):
        return
    from alembic import command  # noqa: PLC0415 (half a second that an up-to-date database need not pay)
    from alembic.config import Config  # noqa: PLC0415 (as above)

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")
        require_owner(connection, "bringing the database to this version")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        assert_triggers(connection)
        assert_privileges(connection)


def _stands(engine: Engine) -> bool:
    """Tell whether the newest revision is applied and every trigger and right stands."""
    with engine.connect().execution_options(tallystick_reads=True) as connection, connection.begin():
        if not inspect(connection).has_table("alembic_version"):
            return False
        applied = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all()
        return applied == [NEWEST] and not trigger_faults(connection) and not pending_grants(connection)
