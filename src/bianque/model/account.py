"""Accounts: who may log in, for which organisation, as what; and what a person does with an account."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum

from bianque.model.authority import Grant, Purpose, Role
from bianque.model.errors import BadInput

PROFESSIONAL = tuple(role for role in Role if role not in (Role.PUBLIC, Role.OPERATOR))  # roles that log in
OFFICES = (Role.COMMAND, Role.DPO, Role.ADMINISTRATOR)  # who could give themselves others' rights alone
LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}")


class Step(StrEnum):
    """What a person who gave the right password does next."""

    CODE = "code"  # give the second factor
    PASSWORD = "password"  # put a password of one's own in place of the one-time password
    ENROL = "enrol"  # set up a second factor


class Act(StrEnum):
    """What is done with an account by its person: on record, but not decided on by a rule."""

    LOG_IN = "log_in"
    LOG_OUT = "log_out"
    PROVE = "prove"  # second factor given again
    CHOOSE = "choose"  # the emergency and purpose of the session
    CHANGE_PASSWORD = "change_password"
    ENROL = "enrol"
    END_SESSION = "end_session"


@dataclass(frozen=True, slots=True)
class Account:
    """One login. `id` is what is typed to log in; it is never given to a second person."""

    id: str
    agency: str
    organisation: str
    role: Role
    created_at: dt.datetime
    one_time: bool  # its password was given out and must be changed
    enrolled: bool  # it has a second factor
    made_by: str = ""  # account; empty: the first steps
    opened: bool = True  # False: an office that waits for a second person's consent
    disabled_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class OneTime:
    """What is told once about an account that was made or reset."""

    account: str
    role: Role
    password: str
    until: dt.datetime
    key_lost: bool = False  # it had a key pair, which went with the former password


@dataclass(frozen=True, slots=True)
class FactorReset:
    """A lost second factor: asked for by one person, done by another."""

    id: str
    account: str
    asked_by: str
    asked_by_organisation: str
    asked_at: dt.datetime
    reason: str
    done_by: str = ""
    done_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class GivenGrant:
    """A grant with its history. It is in force once `confirmed_by` is set, where it needs a second person."""

    grant: Grant
    account: str
    given_by: str
    given_at: dt.datetime
    given_by_organisation: str
    confirmed_by: str = ""
    revoked_at: dt.datetime | None = None
    revoked_by: str = ""

    @property
    def pending(self) -> bool:
        return self.grant.protected and not self.confirmed_by and self.revoked_at is None

    @property
    def counts(self) -> bool:
        """Whether the authority of its account holds it; its days are looked at when something is decided."""
        return self.revoked_at is None and not self.pending


@dataclass(frozen=True, slots=True)
class Choice:
    """An emergency and a purpose that a session may work under; the basis is that of the grant, where one gave it."""

    emergency: str
    purpose: Purpose
    basis: str
    until: dt.datetime | None = None


def is_login(text: str) -> bool:
    """Whether a text can be a login at all."""
    return LOGIN.fullmatch(text) is not None


def login_name(text: str) -> str:
    """A login as it is kept.

    raises  BadInput  when it has other characters than a to z, 0 to 9, dot, dash and underscore
    """
    if not is_login(text):
        raise BadInput(
            "a login has 2 to 63 of the characters a-z, 0-9, '.', '_' and '-'",
            kept="nothing was changed",
            remedy="choose another login",
        )
    return text
