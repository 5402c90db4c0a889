"""PostgreSQL: after an erasure and its compaction no byte of the person's key or data is in any file of the server."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url, select

from bianque.model.errors import BadRegister
from bianque.registry import erasure, maintenance, people
from bianque.registry.compaction import compact
from bianque.registry.register import Register
from bianque.registry.tables.keys import data_key
from bianque.registry.tables.people import SEALED, person
from tests.postgres import Server

from .sample import LI, ZHANG, files_with, take_in, tracer

ON_POSTGRESQL = pytest.mark.parametrize("register", ["postgresql"], indirect=True)


@ON_POSTGRESQL
@pytest.mark.slow
def test_nothing_of_an_erased_person_is_left_in_tables_or_log(
    register: Register, owner: str, at_rest: Callable[[], Path]
) -> None:
    take_in(register, ZHANG, LI)
    (zhang,) = people.find(register, tracer(), "phone", ZHANG["phone"])
    (li,) = people.find(register, tracer(), "phone", LI["phone"])
    gone, stays = sealed_bytes(register, zhang), sealed_bytes(register, li)
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("ANALYZE")  # what the planner samples is kept in a table of its own
    assert files_with(at_rest(), gone) != []
    erasure.erase(register, tracer(), [zhang])
    compaction = compact(owner)
    assert compaction.left == ()
    assert files_with(at_rest(), gone) == []
    assert files_with(at_rest(), stays) != []  # the search finds what is there
    assert people.read(register, tracer(), li, ["person.name"]) == {"person.name": LI["name"]}


def sealed_bytes(register: Register, of: str) -> list[bytes]:
    """The wrapped key, the ciphertexts and the index values of a person, as they stand in the tables."""
    with register.keys_reading(tracer()) as keys, register.reading(tracer()) as connection:
        wrapped = list(keys.execute(select(data_key.c.wrapped).where(data_key.c.subject == of)).scalars())
        row = connection.execute(select(person).where(person.c.id == of)).mappings().one()
    values = [row[name] for name in (*SEALED, "phone_index", "id_number_index") if row[name]]
    assert wrapped
    return [*wrapped, *values]


@ON_POSTGRESQL
def test_what_is_erased_while_a_compaction_runs_stays_due(register: Register, owner: str) -> None:
    take_in(register, ZHANG, LI)
    zhang, li = (people.find(register, tracer(), "phone", one["phone"])[0] for one in (ZHANG, LI))
    erasure.erase(register, tracer(), [zhang])
    assert maintenance.due(register, tracer())
    with ThreadPoolExecutor() as pool, psycopg.connect(owner) as held:
        held.execute("LOCK TABLE door.locked_target IN ACCESS SHARE MODE")  # the last store: it is waited for
        compacting = pool.submit(compact, owner)
        while held.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone() != (1,):
            time.sleep(0.02)
        erasure.erase(register, tracer(), [li])
        held.rollback()
        compacting.result()
    assert maintenance.due(register, tracer())
    compact(owner)
    assert not maintenance.due(register, tracer())


@ON_POSTGRESQL
def test_a_compaction_that_is_broken_off_says_so_loses_nothing_and_is_run_again(
    register: Register, owner: str, postgresql: Server
) -> None:
    take_in(register, ZHANG, LI)
    zhang, li = (people.find(register, tracer(), "phone", one["phone"])[0] for one in (ZHANG, LI))
    erasure.erase(register, tracer(), [zhang])
    cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE 'VACUUM (FULL)%%' AND datname = %s"
    with ThreadPoolExecutor() as pool, psycopg.connect(owner) as held, postgresql.connect() as superuser:
        held.execute("LOCK TABLE register.person IN ACCESS SHARE MODE")
        compacting = pool.submit(compact, owner)
        while not superuser.execute(cancel, [make_url(owner).database]).rowcount:
            time.sleep(0.05)
        with pytest.raises(BadRegister, match=r"register\.\w+ was broken off: canceling statement") as refused:
            compacting.result()
    assert "compact` again" in refused.value.remedy
    assert maintenance.due(register, tracer())
    assert people.read(register, tracer(), li, ["person.name"]) == {"person.name": LI["name"]}
    compact(owner)
    assert not maintenance.due(register, tracer())


@ON_POSTGRESQL
def test_an_owner_that_may_not_cut_the_log_is_told_what_to_grant(
    register: Register, owner: str, postgresql: Server
) -> None:
    del register
    with postgresql.connect() as connection:
        connection.execute(
            sql.SQL("REVOKE pg_checkpoint FROM {}").format(sql.Identifier(make_url(owner).username or ""))
        )
    with pytest.raises(BadRegister, match="may not cut the log") as refused:
        compact(owner)
    assert "GRANT pg_checkpoint" in refused.value.remedy
