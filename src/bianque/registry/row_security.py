"""Whose rows are whose, kept by PostgreSQL itself: grants, policies, and what the server checks before it starts.

A role logs in for one agency and one store, and its name says which: `DATABASE_STORE_AGENCY`; only the owner makes
roles. A transaction names its agency in a setting of its own, `bianque.agency`; the function `access.agency()` answers
with it only when it is the agency of the role that logged in (SET ROLE does not change that), and raises otherwise. A
statement outside our transactions is therefore an error in the server's log rather than an empty answer, and a forged
setting opens nothing.

Every table is under a policy, forced on its owner too; what a table says of itself in `info` makes it another:

- by default a row is seen and written by its agency, and within the emergency of the transaction where the table
  has columns `agency` and `emergency` and the transaction works under one;
- `info={"rows": "agency"}`: by its agency in every emergency (the audit);
- `info={"rows": "shared"}`: read by every agency, written by its own (organisations, emergencies).

A table without a column `agency` (sessions, passkeys) gets one here, `of_agency`, that the server fills: no statement
of ours names it, and its primary key counts within an agency. `info={"only_grows": True}` leaves SELECT and INSERT.
The policies call `access.agency()` in a subquery, so that it is evaluated once a statement and not once a row; it is
evaluated with the first row that an index finds, so a statement that finds none of anybody's is empty, not an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, LargeBinary, MetaData, Table
from sqlalchemy import text as statement

ACCESS = "access"
OF_AGENCY = "of_agency"
EMERGENCY = "(SELECT coalesce(current_setting('bianque.emergency', true), ''))"
WITHIN = f"({EMERGENCY} = '' OR emergency = {EMERGENCY})"
REFUSED = "bianque: "  # how the messages of access.agency() begin

FUNCTIONS = (
    f"CREATE SCHEMA IF NOT EXISTS {ACCESS}",
    f"""
CREATE OR REPLACE FUNCTION access.agency() RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
  named text := current_setting('bianque.agency', true);
BEGIN
  IF coalesce(named, '') = '' THEN
    RAISE EXCEPTION '{REFUSED}the transaction names no agency' USING ERRCODE = 'insufficient_privilege';
  ELSIF session_user <> current_database() || '_register_' || named
    AND session_user <> current_database() || '_keys_' || named
    AND session_user <> current_database() || '_door_' || named THEN
    RAISE EXCEPTION '{REFUSED}the transaction names another agency' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN named;
END $$""",
    "REVOKE ALL ON FUNCTION access.agency() FROM PUBLIC",
)

# Primary keys of a schema's tables that the column is no part of.
KEYS = """
SELECT c.relname, k.conname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE k.contype = 'p' AND k.connamespace = to_regnamespace(:schema)
  AND NOT EXISTS (SELECT FROM pg_attribute a
                  WHERE a.attrelid = c.oid AND a.attnum = ANY(k.conkey) AND a.attname = :column)
"""

# What the role that is logged in could do that it must not: one sentence a row.
WEAKNESSES = """
WITH me AS (SELECT * FROM pg_roles WHERE rolname = session_user),
tables AS (SELECT c.oid, c.relname, c.relowner, c.relrowsecurity AND c.relforcerowsecurity AS forced,
                  (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid AND polname = 'own_rows') AS policies
           FROM pg_class c WHERE c.relnamespace = to_regnamespace(:schema) AND c.relkind IN ('r', 'p')
             AND c.relname <> 'alembic_version')
SELECT 'the role is a superuser' FROM me WHERE rolsuper
UNION ALL SELECT 'the role has BYPASSRLS' FROM me WHERE rolbypassrls
UNION ALL SELECT 'the role may make roles, databases or replicas' FROM me
          WHERE rolcreaterole OR rolcreatedb OR rolreplication
UNION ALL SELECT 'the role owns table ' || relname FROM tables, me WHERE relowner = me.oid
UNION ALL SELECT 'the role is a member of ' || other.rolname FROM pg_roles other, me
          WHERE NOT me.rolsuper AND other.rolname NOT IN (me.rolname, :member_of)
            AND pg_has_role(me.oid, other.oid, 'MEMBER')
UNION ALL SELECT 'the role may create in schema ' || nspname FROM pg_namespace
          WHERE has_schema_privilege(oid, 'CREATE')
UNION ALL SELECT 'the role may create schemas or temporary objects' WHERE
          has_database_privilege(current_database(), 'CREATE, TEMPORARY')
UNION ALL SELECT 'row-level security is not forced on table ' || relname FROM tables WHERE NOT forced
UNION ALL SELECT 'table ' || relname || ' has no policy' FROM tables WHERE policies = 0
UNION ALL SELECT 'table ' || tablename || ' has a policy that is not ours: ' || policyname FROM pg_policies
          WHERE schemaname = :schema AND policyname NOT IN ('own_rows', 'all_read')
UNION ALL SELECT 'the role may truncate, refer to or put triggers on table ' || relname FROM tables
          WHERE has_table_privilege(oid, 'TRUNCATE, REFERENCES, TRIGGER')
UNION ALL SELECT 'the role may change or delete rows of table ' || relname FROM tables
          WHERE relname = ANY(:only_grow)
            AND (has_table_privilege(oid, 'UPDATE, DELETE') OR has_any_column_privilege(oid, 'UPDATE'))
"""


def secure(connection: Connection, schema: str, tables: MetaData, group: str) -> None:
    """Grants and policies of one store for the roles that act on it, as they ought to be, whatever they were.

    connection   the owner's, in a transaction, with the store's schema first in its search path
    group        the role that every agency's role of this store is a member of
    """
    role = connection.dialect.identifier_preparer.quote(group)
    found = connection.execute(statement(KEYS), {"schema": schema, "column": OF_AGENCY})
    keys: dict[str, str] = {row.relname: row.conname for row in found}
    commands = [
        f"GRANT USAGE ON SCHEMA {schema}, {ACCESS} TO {role}",
        f"GRANT EXECUTE ON FUNCTION access.agency() TO {role}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM PUBLIC, {role}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
        f"GRANT SELECT ON alembic_version TO {role}",
    ]
    for table in tables.sorted_tables:
        rights = "SELECT, INSERT" if only_grows(table) else "SELECT, INSERT, UPDATE, DELETE"
        commands.append(f'GRANT {rights} ON "{table.name}" TO {role}')
        commands += _policies(table, keys.get(table.name, ""))
    connection.exec_driver_sql(";\n".join(commands))


def only_grows(table: Table) -> bool:
    """Whether rows of a table are added and never changed."""
    return bool(table.info.get("only_grows"))


def weaknesses(connection: Connection, schema: str, tables: MetaData, group: str) -> list[str]:
    """What the role that is logged in could do although it must not, one sentence each; empty when all is well."""
    only_grow = [table.name for table in tables.sorted_tables if only_grows(table)]
    found = connection.execute(statement(WEAKNESSES), {"schema": schema, "member_of": group, "only_grow": only_grow})
    return sorted(sentence for (sentence,) in found)


@contextmanager
def lifted(connection: Connection, *tables: str) -> Iterator[None]:
    """For an upgrade that rewrites rows of every agency: the owner sees them all until the block ends.

    The tables are locked from the first statement on and the change is part of the upgrade's transaction: nobody else
    ever meets a table without its policies.
    """
    for table in tables:
        connection.exec_driver_sql(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY')
    yield
    for table in tables:
        connection.exec_driver_sql(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')


def _policies(table: Table, key: str) -> Iterator[str]:
    """key: name of the primary key, where it does not count within an agency"""
    name, columns = f'"{table.name}"', table.columns
    for column in columns:
        if isinstance(column.type, LargeBinary):
            # Sampled values would stay in the planner's statistics after the row is erased.
            yield f'ALTER TABLE {name} ALTER COLUMN "{column.name}" SET STATISTICS 0'
    owner = "agency" if "agency" in columns else OF_AGENCY
    if owner == OF_AGENCY:
        yield f"ALTER TABLE {name} ADD COLUMN IF NOT EXISTS {OF_AGENCY} text"
        yield from _key_within_agency(table, key)
    if owner == OF_AGENCY or columns["agency"].server_default is not None:
        yield f"ALTER TABLE {name} ALTER COLUMN {owner} SET DEFAULT access.agency(), ALTER COLUMN {owner} SET NOT NULL"
    rows = table.info.get("rows", "emergency" if owner == "agency" and "emergency" in columns else "agency")
    own = f"{owner} = (SELECT access.agency())" + (f" AND {WITHIN}" if rows == "emergency" else "")
    yield f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"
    yield f"DROP POLICY IF EXISTS own_rows ON {name}"
    yield f"DROP POLICY IF EXISTS all_read ON {name}"
    yield f"CREATE POLICY own_rows ON {name} USING ({own}) WITH CHECK ({own})"
    if rows == "shared":
        yield f"CREATE POLICY all_read ON {name} FOR SELECT USING ((SELECT access.agency()) IS NOT NULL)"


def _key_within_agency(table: Table, key: str) -> Iterator[str]:
    """Two agencies may have a setting, or a counter, of the same name."""
    referred_to = any(one.column.table is table for other in table.metadata.sorted_tables for one in other.foreign_keys)
    if key and not referred_to:
        columns = ", ".join(f'"{column.name}"' for column in table.primary_key)
        yield f'ALTER TABLE "{table.name}" DROP CONSTRAINT "{key}", ADD PRIMARY KEY ({OF_AGENCY}, {columns})'
