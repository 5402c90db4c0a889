"""First steps: how the first accounts of a register come to exist, before there is anybody who could make them.

Whoever makes the register on its machine makes the agency, the body that commands, an administrator, and two members of
the command body, each with a one-time password that is told once. From then on accounts are made by the administrator,
emergencies declared and grants given by the command body. Nobody can repeat these steps: they end with the first
account.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from bianque.model.account import Account, OneTime, login_name
from bianque.model.audit import Event
from bianque.model.authority import Action, Role
from bianque.model.decision import Outcome
from bianque.model.errors import BadInput
from bianque.model.organisation import Agency, HolderKind, Organisation
from bianque.registry import accounts, audit, organisations
from bianque.registry import register as registers
from bianque.registry.register import Register, Transaction
from bianque.safeguard import passwords, session_rules

FIRST_STEPS = "first-steps"
SECOND_PERSONS = 2  # members of the command body, so that an emergency can be declared


@dataclass(frozen=True, slots=True)
class FirstLogins:
    """The logins that the first steps make."""

    administrator: str
    command: tuple[str, ...]

    def checked(self) -> FirstLogins:
        """The logins, all different.

        raises  BadInput  when two are the same, one cannot be a login, or there are not two of the command body
        """
        logins = [login_name(one) for one in (self.administrator, *self.command)]
        if len(set(logins)) < len(logins) or len(self.command) != SECOND_PERSONS:
            raise BadInput(
                "the first accounts are one administrator and two members of the command body, three different logins",
                kept="nothing was made",
                remedy="name three different logins",
            )
        return self


def create_register(
    folder: Path,
    agency: Agency,
    body: Organisation,
    logins: FirstLogins,
    at: dt.datetime,
    *,
    suite: str = "aes",
    owner: str = "",
) -> tuple[Register, list[OneTime]]:
    """A new register with its first accounts, and their one-time passwords.

    suite    what it seals with: `aes` or `sm`
    owner    address of a database on PostgreSQL, with the role that is to own everything; empty: SQLite
    raises   BadRegister  when the folder holds one; BadInput when the logins or the suite cannot be used
    """
    logins.checked()
    if owner:
        register = registers.create_on_postgresql(folder, owner, agency.id, suite)
    else:
        register = registers.create(folder, suite)
    return register, first_steps(register, agency, body, logins, at)


def first_steps(
    register: Register, agency: Agency, body: Organisation, logins: FirstLogins, at: dt.datetime
) -> list[OneTime]:
    """The first agency, command body and accounts of an empty register, and their one-time passwords.

    raises  BadInput  when the agency took its first steps already, the register is another's, or the body is no command
            body of this agency
    """
    logins.checked()
    if body.kind is not HolderKind.COMMAND or body.agency != agency.id:
        raise BadInput(f"{body.id} is no command body of {agency.id}", kept="nothing was made")
    with register.system() as transaction:
        there = organisations.agencies(transaction)
        if any(one.id != agency.id for one in there) and not register.agency:
            raise BadInput(
                f"this register is that of {there[0].id}: a register on SQLite holds one agency",
                kept="the register as it is",
                remedy="use PostgreSQL for several agencies: it keeps the rows of each apart",
            )
        if any(one.id == agency.id for one in there):
            raise BadInput(
                f"the first steps of {agency.id} were taken: it has accounts",
                kept="the register as it is",
                remedy="the administrator makes further accounts with `bianque account create`",
            )
        organisations.add_agency(transaction, agency)
        organisations.add(transaction, body)
        roles = [(logins.administrator, Role.ADMINISTRATOR), *((one, Role.COMMAND) for one in logins.command)]
        return [issue(transaction, login, body, role, at) for login, role in roles]


def issue(transaction: Transaction, login: str, body: Organisation, role: Role, at: dt.datetime) -> OneTime:
    """A new account with a one-time password."""
    password, until = passwords.one_time(), at + session_rules.ONE_TIME
    new = Account(login, body.agency, body.id, role, at, one_time=True, enrolled=False)
    accounts.add(transaction, new, passwords.hashed(password), until, opened_by=FIRST_STEPS)
    audit.append(transaction, [_made(new, at)])
    return OneTime(login, role, password, until)


def _made(new: Account, at: dt.datetime) -> Event:
    """The event of an account that no account made."""
    return Event(
        at=at.astimezone(dt.UTC).isoformat(timespec="milliseconds"),
        account="",
        role=Role.OPERATOR,
        organisation=new.organisation,
        agency=new.agency,
        emergency="",
        purpose="",
        basis="",
        action=Action.MANAGE_ACCOUNTS,
        kind="account",
        resource=new.id,
        subject="",
        fields=(),
        outcome=Outcome.ALLOW,
        rule=FIRST_STEPS,
        reason=f"role {new.role}",
    )
