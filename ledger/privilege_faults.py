"""Who can do more on PostgreSQL than the rule says: read from the server's catalogues, for the doctor.

What counts is what a role can do, not what was granted to it: memberships, PUBLIC, grants on columns and the
server's own roles such as pg_write_all_data are all in it. Superusers and the tables' owner can do anything;
that the application should be neither is said as a warning. The rule itself is in privileges.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import Engine

from ledger.database import Session, reading
from ledger.privileges import READER_RIGHTS, THINGS, WRITER_RIGHTS, Roles, roles_of
from policies.errors import Finding

_HELD = f"""
    WITH thing AS ({THINGS}),
    people AS (
        SELECT oid, rolname::text AS role,
               coalesce(pg_has_role(oid, to_regrole(quote_ident(?)), 'MEMBER'), false) AS writes,
               coalesce(pg_has_role(oid, to_regrole(quote_ident(?)), 'MEMBER'), false) AS reads
          FROM pg_roles WHERE NOT rolsuper AND rolname !~ '^pg_'
    )
    SELECT 'PUBLIC', false, false, kind, name, privilege_type FROM thing, aclexplode(acl)
     WHERE grantee = 0 AND privilege_type NOT IN ('CONNECT', 'USAGE', 'EXECUTE')
    UNION
    SELECT role, writes, reads, kind, thing.name, p.privilege_type
      FROM people, thing, aclexplode(acldefault('r', thing.owner)) p
     WHERE kind = 'TABLE' AND NOT pg_has_role(people.oid, thing.owner, 'MEMBER')
       AND (has_table_privilege(people.oid, thing.oid, p.privilege_type)
            OR p.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
               AND has_any_column_privilege(people.oid, thing.oid, p.privilege_type))
    UNION
    SELECT role, writes, reads, kind, thing.name, 'CREATE' FROM people, thing
     WHERE kind = 'SCHEMA' AND NOT pg_has_role(people.oid, thing.owner, 'MEMBER')
       AND has_schema_privilege(people.oid, thing.oid, 'CREATE')
    UNION
    SELECT role, writes, reads, kind, thing.name, p FROM people, thing, unnest(ARRAY['CREATE', 'TEMPORARY']) p
     WHERE kind = 'DATABASE' AND NOT pg_has_role(people.oid, thing.owner, 'MEMBER')
       AND has_database_privilege(people.oid, thing.oid, p)
"""  # noqa: S608 -- a query of our own
"""What PUBLIC and all but superusers and owners can do: role, is a writer, is a reader, on what, right."""

_POWERS = """
    SELECT current_user::text, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user),
           pg_has_role(current_user, c.relowner, 'MEMBER'), c.relowner
      FROM pg_class c WHERE c.oid = to_regclass('entry')
"""

_ATTRIBUTES = """
    SELECT rolname, concat_ws(', ',
               CASE WHEN rolcanlogin THEN 'LOGIN' END, CASE WHEN rolsuper THEN 'SUPERUSER' END,
               CASE WHEN rolcreatedb THEN 'CREATEDB' END, CASE WHEN rolcreaterole THEN 'CREATEROLE' END,
               CASE WHEN rolreplication THEN 'REPLICATION' END, CASE WHEN rolbypassrls THEN 'BYPASSRLS' END,
               CASE WHEN pg_has_role(oid, ?, 'MEMBER') THEN 'membership of the tables'' owner' END)
      FROM pg_roles WHERE rolname IN (?, ?) ORDER BY rolname
"""

_SILENCED = """
    SELECT coalesce(nullif(d.datname, ''), 'every database') || ', ' || coalesce(r.rolname, 'every role'), c
      FROM pg_db_role_setting s LEFT JOIN pg_database d ON d.oid = s.setdatabase
      LEFT JOIN pg_roles r ON r.oid = s.setrole, unnest(s.setconfig) c
     WHERE c LIKE 'session_replication_role=%' AND c <> 'session_replication_role=origin'
       AND (s.setdatabase = 0 OR d.datname = current_database())
"""

_PARAMETERS = """
    SELECT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END
      FROM pg_parameter_acl, aclexplode(paracl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
     WHERE parname = 'session_replication_role' AND a.privilege_type = 'SET'
       AND NOT coalesce(r.rolsuper, false)
"""

_DEFINERS = """
    SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
      JOIN pg_roles r ON r.oid = p.proowner
     WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema')
       AND (r.rolsuper OR pg_has_role(r.oid, ?, 'MEMBER')) ORDER BY 1
"""


def examine_privileges(engine: Engine) -> list[Finding]:
    """Return who can do more than the rule says, and which rights are missing; none on SQLite.

    An error is what lets somebody change or hide what the log holds; a warning is what the operator should
    know. Nothing is said of a database that was never migrated.
    """
    if engine.dialect.name != "postgresql":
        return []
    with reading(engine) as session:
        power = session.rows(_POWERS)
        if not power:
            return []
        who, superuser, owns, owner = power[0]
        roles = roles_of(session.rows("SELECT current_database()")[0][0])
        standing: dict[str, str] = dict(session.rows(_ATTRIBUTES, (owner, roles.writer, roles.reader)))
        return [
            *_of_the_application(who, superuser, owns, roles),
            *_of_the_roles(standing, roles),
            *_of_everybody(session, standing, roles),
            *_ways_round(session, owner),
        ]


def _of_the_application(who: str, superuser: bool, owns: bool, roles: Roles) -> Iterator[Finding]:  # noqa: FBT001
    if superuser or owns:
        why = "is a superuser" if superuser else "owns the tables"
        yield _finding(
            "privilege.application",
            "warning",
            f"role {who}",
            f"the application connects as {who}, who {why} and can get round every trigger; let it connect as"
            f" a login in the role {roles.writer}",
        )


def _of_the_roles(standing: dict[str, str], roles: Roles) -> Iterator[Finding]:
    for role in (roles.writer, roles.reader):
        if role not in standing:
            yield _finding(
                "privilege.missing",
                "warning",
                f"role {role}",
                f'there is no such role, and who migrated may make none; as one who may: CREATE ROLE "{role}"'
                " NOLOGIN, then migrate again",
            )
        elif standing[role]:
            yield _finding(
                "privilege.excess",
                "error",
                f"role {role}",
                f"it has {standing[role]}, and should be a group without powers of its own; take them away",
            )


def _of_everybody(session: Session, standing: dict[str, str], roles: Roles) -> Iterator[Finding]:
    held: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    groups: dict[str, tuple[bool, bool]] = {}
    for role, writes, reads, kind, name, privilege in session.rows(_HELD, (roles.writer, roles.reader)):
        held[role, kind, name].add(privilege)
        groups[role] = (writes, reads)
    for (role, kind, name), rights in sorted(held.items()):
        writes, reads = groups[role]
        allowed = (WRITER_RIGHTS.get(name, frozenset()) if writes else frozenset()) | (
            READER_RIGHTS.get(name, frozenset()) if reads else frozenset()
        )
        public = held.get(("PUBLIC", kind, name), set()) if role != "PUBLIC" else set()
        excess = rights - public - (allowed if kind == "TABLE" else frozenset())
        if not excess or (kind == "TABLE" and name not in WRITER_RIGHTS):
            continue
        worded = ", ".join(sorted(excess))
        yield _finding(
            "privilege.excess",
            "warning" if excess <= {"SELECT", "TEMPORARY"} and role != "PUBLIC" else "error",
            f"{kind.lower()} {name}",
            f"{role} can {worded} beyond what the rule gives; revoke it, or end the membership it comes from",
        )
    yield from _lacking(held, roles, standing)


def _lacking(
    held: dict[tuple[str, str, str], set[str]], roles: Roles, standing: dict[str, str]
) -> Iterator[Finding]:
    for role, rights in ((roles.writer, WRITER_RIGHTS), (roles.reader, READER_RIGHTS)):
        for table, wanted in rights.items() if role in standing else ():
            lacking = wanted - held.get((role, "TABLE", table), set())
            if lacking:
                yield _finding(
                    "privilege.missing",
                    "warning",
                    f"table {table}",
                    f"{role} lacks {', '.join(sorted(lacking))}; migrate as the owner to grant it",
                )


def _ways_round(session: Session, owner: int) -> Iterator[Finding]:
    for place, setting in session.rows(_SILENCED):
        yield _finding(
            "privilege.excess", "error", place, f"{setting} keeps every trigger from firing there; reset it"
        )
    if int(session.rows("SHOW server_version_num")[0][0]) >= 150_000:
        for (role,) in session.rows(_PARAMETERS):
            message = f"{role} may set session_replication_role, which keeps triggers from firing; revoke it"
            yield _finding("privilege.excess", "error", f"role {role}", message)
    for (function,) in session.rows(_DEFINERS, (owner,)):
        yield _finding(
            "privilege.excess",
            "warning",
            f"function {function}",
            "it runs with the rights of one who can change the log, whoever calls it; drop it or look at it",
        )


def _finding(code: str, severity: str, path: str, message: str) -> Finding:
    assert severity in {"error", "warning"}
    return Finding(code, "error" if severity == "error" else "warning", message, path=path)
