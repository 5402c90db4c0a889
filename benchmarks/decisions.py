"""How many decisions a second, and how long does one take?

Reads of ten thousand records by a hundred officers in a hundred counties, each with grants of their own: remembered
decisions, as when a page or a list of follow-ups is opened again, and decisions that nobody has asked for before, which
Cedar evaluates. Each includes the preparation of its facts. Of five rounds the least disturbed counts: what other work
on the machine takes is not the cost of a decision.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from cost import measured, verdict

from bianque.model.authority import Action, Authority, Grant, Purpose, Resource, Role
from bianque.model.emergency import Emergency, Retention, State, Terms
from bianque.model.organisation import HolderKind
from bianque.model.text import Text
from bianque.safeguard import decide as decisions
from bianque.safeguard.decide import decide

AT = dt.datetime(2027, 2, 1, 9, tzinfo=dt.UTC)
BASIS = "cn-infectious-diseases-2013-12"
FIELDS = tuple(f"person.{name}" for name in ("name", "id_number", "phone", "address", "birth_date", "health_note"))
OFFICERS, PERSONS, ROUNDS, UNSEEN = 100, 10_000, 5, 1_000
LEAST_A_SECOND, LONGEST_MS = 10_000, 1.0


def main() -> None:
    emergency = an_emergency()
    officers = [officer(emergency, number) for number in range(OFFICERS)]
    attempts = [(officers[number % OFFICERS], person(number)) for number in range(PERSONS)]
    for who, on in attempts:
        decide(who, Action.READ_PERSON, on)
    rounds = [timed(read, attempts) for _ in range(ROUNDS)]
    a_second, slow = report("remembered", min(rounds, key=lambda taken: sum(taken[0])))
    unseen = [(who, replace(on, assigned=f"officer-{n}")) for n, (who, on) in enumerate(attempts[:UNSEEN])]
    decisions._decided.cache_clear()
    report("not asked for before", timed(read, unseen))
    verdict(f"at least {LEAST_A_SECOND:,} remembered decisions a second", a_second >= LEAST_A_SECOND)
    verdict(f"99 of 100 remembered decisions within {LONGEST_MS:g} ms", slow <= LONGEST_MS)


def read(who: Authority, on: Resource) -> object:
    return decide(who, Action.READ_PERSON, on)


def timed(
    one: Callable[[Authority, Resource], object], attempts: Sequence[tuple[Authority, Resource]]
) -> tuple[list[float], str]:
    """Seconds of each, and the cost of all."""
    seconds = []
    with measured() as cost:
        for who, on in attempts:
            start = time.perf_counter()
            one(who, on)
            seconds.append(time.perf_counter() - start)
    return sorted(seconds), str(cost)


def report(what: str, taken: tuple[list[float], str]) -> tuple[float, float]:
    """Decisions a second, and milliseconds that 99 of 100 stay within."""
    seconds, cost = taken
    a_second, middle, slow = len(seconds) / sum(seconds), seconds[len(seconds) // 2], seconds[len(seconds) * 99 // 100]
    print(
        f"{what}: {len(seconds):,} decisions, {a_second:,.0f} a second;"
        f" half within {middle * 1000:.3f} ms, 99 of 100 within {slow * 1000:.3f} ms; {cost}"
    )
    return a_second, slow * 1000


def an_emergency() -> Emergency:
    both = Text(zh="演练", en="exercise")
    terms = Terms(
        name=both,
        command_body="command",
        executing_bodies=("cdc",),
        start_condition=both,
        legal_bases=(BASIS,),
        purposes=(Purpose.CONTACT_TRACING, Purpose.ISOLATION_FOLLOW_UP),
        regions=("420000",),
        starts=dt.date(2027, 1, 1),
        review=dt.date(2027, 2, 15),
        ends=dt.date(2027, 3, 1),
        retention=Retention(identified_days=30, pseudonymous_days=365, audit_days=365),
        disposal=both,
        disposal_by="command",
    )
    return Emergency("exercise", "hubei", terms, State.DECLARED)


def officer(emergency: Emergency, number: int) -> Authority:
    day = dt.timedelta(days=1)
    grants = tuple(
        Grant(f"{number}-{purpose}", emergency.id, purpose, BASIS, (f"42{number:04}",), AT - day, AT + day, "exercise")
        for purpose in emergency.terms.purposes
    )
    return Authority(
        account=f"officer-{number}",
        organisation="cdc",
        agency="hubei",
        role=Role.TRACER,
        kind=HolderKind.COMMAND,
        at=AT,
        emergency=emergency,
        purpose=Purpose.CONTACT_TRACING,
        basis=BASIS,
        grants=grants,
        strong=True,
    )


def person(number: int) -> Resource:
    region = f"42{number % OFFICERS:04}"
    within = (region, f"{region[:4]}00", "420000")
    return Resource("person", str(number), "hubei", "exercise", within, FIELDS, named=True)


if __name__ == "__main__":
    main()
