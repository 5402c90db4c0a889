"""Many rows at once, in one statement that is prepared once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Table, insert

AT_ONCE = 500  # values in one IN (…): SQLite and PostgreSQL take some thousand


def insert_all(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows of the same columns, whose values the driver takes as they are: texts, numbers, bytes, None.

    The statement is SQLAlchemy's, compiled for the engine; its conversion of every single value, which costs as much
    as all the sealing, is passed by.
    """
    if not rows:
        return
    compiled = insert(table).compile(dialect=connection.dialect, column_keys=list(rows[0]))
    if compiled.positiontup is None:
        connection.exec_driver_sql(str(compiled), [dict(row) for row in rows])
    else:
        order = compiled.positiontup
        connection.exec_driver_sql(str(compiled), [tuple([row[name] for name in order]) for row in rows])
