"""What does row-level security cost a query over one million follow-ups of contacts on PostgreSQL?

Two agencies with two emergencies each; every query names agency and emergency itself, as ours do. The same rows in a
table without policies, with the same indexes, are asked the same in turns by the same role, so that a slow moment of
the machine meets both. A plan that left an index because of the policy would show in the plans' nodes, which are
compared.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psycopg
from cost import verdict
from sqlalchemy import Connection, make_url
from sqlalchemy import text as statement

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests import postgres

from bianque.registry import register as registers
from bianque.registry.postgres import Scope, begins

ROWS = 1_000_000
TURNS = {"the open follow-ups of one officer": 400, "all of one person": 400, "overdue by day, over all": 15}
QUERIES = {
    "the open follow-ups of one officer": "SELECT * FROM {table} WHERE officer = 'officer 76' AND closed_at = '' "
    "AND agency = 'cdc' AND emergency = 'e0' ORDER BY until, id",
    "all of one person": "SELECT * FROM {table} WHERE person = 'person 4444' AND agency = 'cdc' AND emergency = 'e0'",
    "overdue by day, over all": "SELECT until, count(*) FROM {table} WHERE closed_at = '' AND until < '2020-03-01' "
    "AND agency = 'cdc' AND emergency = 'e0' GROUP BY until ORDER BY until",
}
ROWS_OF_BOTH = f"""
INSERT INTO register.follow_up (id, agency, emergency, person, officer, accepted_at, until, closed_at, outcome, version,
                                key)
SELECT md5(n::text), CASE n % 2 WHEN 0 THEN 'cdc' ELSE 'police' END, 'e' || n / 2 % 2, 'person ' || n % 300000,
       'officer ' || n % 2000, '2020-02-01T08:00:00.000+00:00', to_char(date '2020-02-01' + n % 97, 'YYYY-MM-DD'),
       CASE WHEN n % 7 < 4 THEN '' ELSE '2020-02-20T08:00:00.000+00:00' END, '', 1, 1
FROM generate_series(1, {ROWS}) n"""


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres.server() as server,
        server.database() as owner,
        server.connect(dbname=make_url(owner).database) as superuser,
    ):
        register = registers.create_on_postgresql(Path(folder) / "cdc", owner, "cdc")
        superuser.execute(ROWS_OF_BOTH)  # a superuser alone is under no policy
        superuser.execute("CREATE TABLE register.plain (LIKE register.follow_up INCLUDING ALL)")
        superuser.execute("INSERT INTO register.plain SELECT * FROM register.follow_up")
        superuser.execute("GRANT SELECT ON register.plain TO PUBLIC")
        superuser.execute("VACUUM (ANALYZE) register.follow_up, register.plain")
        engine = register.engine.execution_options(**begins(Scope("cdc", "e0"), write=False))
        ratios = []
        with engine.connect() as connection:
            print(f"{ROWS:,} follow-ups; PostgreSQL {server_version(superuser)}; medians of turns")
            for question, query in QUERIES.items():
                ratios.append(compare(connection, question, query))
        register.close()
    verdict(f"row-level security costs at most 20 % (most: {max(ratios) * 100 - 100:+.1f} %)", max(ratios) <= 1.2)


def compare(connection: Connection, question: str, query: str) -> float:
    """The time with policies over the time without, in turns; the middle of what each took."""
    secured, plain = (query.format(table=table) for table in ("follow_up", "plain"))
    same_plan = nodes(connection, secured) == nodes(connection, plain)
    taken: dict[str, list[float]] = {secured: [], plain: []}
    answers = {}
    for turn in range(TURNS[question] + 3):
        for one in (secured, plain) if turn % 2 else (plain, secured):
            start = time.perf_counter()
            answers[one] = connection.exec_driver_sql(one).all()
            taken[one].append(time.perf_counter() - start)
    assert answers[secured] == answers[plain] != []
    with_policies, without = (statistics.median(taken[one][3:]) for one in (secured, plain))
    print(
        f"{question}: {len(answers[secured]):,} rows, {with_policies * 1000:.2f} ms with policies, "
        f"{without * 1000:.2f} ms without: {with_policies / without * 100 - 100:+.1f} %; "
        f"{'the same plan' if same_plan else 'ANOTHER PLAN'}"
    )
    return with_policies / without


def nodes(connection: Connection, query: str) -> list[str]:
    """The nodes of a plan that read or arrange rows, from the top; the policies' subqueries and gates are none."""
    plan = connection.execute(statement(f"EXPLAIN (FORMAT JSON) {query}")).scalar_one()
    found: list[str] = []

    def walk(node: dict[str, object]) -> None:
        if node.get("Parent Relationship") == "InitPlan":
            return
        if node["Node Type"] != "Result":
            found.append(str(node["Node Type"]))
        for below in node.get("Plans", []):  # type: ignore[attr-defined]
            walk(below)

    walk((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])
    return found


def server_version(connection: psycopg.Connection) -> str:
    return str(connection.info.parameter_status("server_version"))


if __name__ == "__main__":
    main()
