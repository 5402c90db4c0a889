"""The audit's chain holds, whoever writes at the same time, and whenever one of them is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from bianque.model.audit import first_break
from bianque.registry import audit
from bianque.registry.register import Register
from bianque.registry.tables.audit import audit_event
from tests.conftest import ROOT

from .authorities import authority
from .events import an_event

WRITER = """
import sys
from pathlib import Path
from bianque.registry import audit, register
from tests.registry.events import an_event

opened = register.open_register(Path(sys.argv[1]))
for number in range(int(sys.argv[2])):
    with opened.system() as connection:
        audit.append(connection, [an_event(sys.argv[3]), an_event(sys.argv[3])])
    print(number, flush=True)
opened.close()
"""


def chain(register: Register) -> list[tuple[int, str, bytes, bytes]]:
    columns = audit_event.c
    with register.reading(authority()) as connection:
        found = connection.execute(
            select(columns.number, columns.account, columns.event, columns.hash).order_by(columns.number)
        )
        return [tuple(row) for row in found]


def writer(register: Register, times: int, name: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(register.at_rest), str(times), name],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def test_threads_and_processes_write_one_chain(register: Register) -> None:
    def write(name: str) -> None:
        for _ in range(20):
            with register.system() as connection:
                audit.append(connection, [an_event(name)])

    with writer(register, 20, "process one") as one, writer(register, 20, "process two") as two:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(write, ("thread one", "thread two")))
        one.communicate(timeout=60)
        two.communicate(timeout=60)
    found = chain(register)
    assert [number for number, *_ in found] == list(range(1, 121))
    assert first_break((number, event, digest) for number, _, event, digest in found) is None
    accounts = [account for _, account, *_ in found]
    assert {name: accounts.count(name) for name in sorted(set(accounts))} == {
        "process one": 40,
        "process two": 40,
        "thread one": 20,
        "thread two": 20,
    }


@pytest.mark.slow
def test_a_writer_that_is_killed_leaves_whole_transactions_and_everything_it_reported(register: Register) -> None:
    with writer(register, 10_000, "somebody") as process:
        assert process.stdout is not None
        for _ in range(20):
            process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
        reported = 20 + len(process.stdout.readlines())
    found = chain(register)
    assert len(found) >= 2 * reported
    with register.system() as connection:
        audit.append(connection, [an_event("afterwards")])
    found = chain(register)
    assert found[-1][1] == "afterwards"
    assert len(found) % 2 == 1
    assert first_break((number, event, digest) for number, _, event, digest in found) is None
