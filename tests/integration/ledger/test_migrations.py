"""The migrations build the tables that the code declares, on both databases."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, MetaData

from ledger.tables import SQLITE_ONLY, TABLES


def test_the_migrated_schema_is_the_declared_one(engine: Engine) -> None:
    with engine.connect() as connection:
        opts = {"compare_type": True, "include_name": _is_of_the_ledger}
        if engine.dialect.name == "postgresql":
            opts["include_object"] = _is_of_postgres
        context = MigrationContext.configure(connection, opts=opts)
        declared = MetaData()
        for table in TABLES.values():
            table.to_metadata(declared)
        assert compare_metadata(context, declared) == []


def _is_of_postgres(item: Any, _name: object, kind: str, *_reflected: object) -> bool:
    return kind != "foreign_key_constraint" or item.elements[0].info != SQLITE_ONLY


def _is_of_the_ledger(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or name in TABLES
