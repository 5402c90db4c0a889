"""The register of the exercise: one login for each role, and the exercise's figures released by two of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

from bianque.lake.store import Lake
from bianque.model.authority import Authority, Purpose, Role
from bianque.model.organisation import HolderKind
from bianque.registry import emergencies, organisations
from bianque.registry.register import Register, create
from bianque.services import released
from bianque.services.exercise_accounts import AGENCY, EMERGENCY, FIRST, ExerciseLogIn, exercise_accounts


def exercise_register(folder: Path, lake: Lake | None, at: dt.datetime) -> list[ExerciseLogIn]:
    """A new register in a folder, its log-ins, and with a lake its newest figures released.

    raises  BadRegister    when the folder holds a register
            NothingUsable  when the lake has no picture
    """
    register = create(folder)
    try:
        told = exercise_accounts(register, at.date(), at)
        if lake is not None:
            _release(register, lake, at)
        return told
    finally:
        register.close()


def _release(register: Register, lake: Lake, at: dt.datetime) -> None:
    """The two persons of the exercise's command body, each doing their part."""
    with register.system() as connection:
        emergency = emergencies.find(connection, EMERGENCY)
        assert emergency is not None, "the exercise has just begun"
        body = organisations.find(connection, emergency.terms.command_body)
        assert body is not None, "and its command body was made before it"
    first = Authority(
        account=FIRST.command[0],
        organisation=body.id,
        agency=AGENCY.id,
        role=Role.COMMAND,
        kind=HolderKind.COMMAND,
        at=at,
        emergency=emergency,
        purpose=Purpose.PUBLICATION,
        strong=True,
        proved=at,
    )
    proposed = released.propose(register, first, lake)
    released.release(register, replace(first, account=FIRST.command[1]), proposed.id)
