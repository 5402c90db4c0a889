"""Accounts, what they prove themselves with, their sessions, their grants, and the guesses made at them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, Table, Text

from bianque.registry.tables import REGISTER
from bianque.registry.tables.moment import Moment

ROWS = {"rows": "agency"}  # in every emergency: an account is of an agency


def _agency() -> Column[str]:
    """On PostgreSQL whose row it is; the server fills it."""
    return Column("agency", Text, nullable=False, server_default="")


account = Table(
    "account",
    REGISTER,
    Column("id", Text, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("password", Text, nullable=False),  # argon2id, with its parameters
    Column("one_time_until", Moment),  # set: the password was given out and must be changed by then
    Column("totp", LargeBinary),  # sealed secret
    Column("totp_step", Integer, nullable=False, default=0),  # last time step a code was taken of
    Column("created_at", Moment, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("opened_by", Text, nullable=False, default=""),  # "": an office whose second person has not consented yet
    Column("disabled_at", Moment),
    info=ROWS,
)
passkey = Table(
    "passkey",
    REGISTER,
    Column("id", Text, primary_key=True),  # WebAuthn credential id, base64url
    Column("account", Text, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    _agency(),
    info=ROWS,
)
ticket = Table(
    "ticket",  # the right password was given; the second factor is still to come
    REGISTER,
    Column("digest", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("strong", Boolean, nullable=False),
    Column("expires", Moment, nullable=False),
    _agency(),
    info=ROWS,
)
ceremony = Table(
    "ceremony",  # an enrolment or a challenge under way, of a ticket or a session
    REGISTER,
    Column("bearer", Text, primary_key=True),  # digest of the ticket or session
    Column("kind", Text, primary_key=True),
    Column("secret", LargeBinary, nullable=False),  # sealed
    Column("expires", Moment, nullable=False),
    _agency(),
    info=ROWS,
)
session = Table(
    "session",
    REGISTER,
    Column("digest", Text, primary_key=True),  # SHA-256 of the token; the token itself is nowhere
    Column("account", Text, nullable=False),
    Column("started", Moment, nullable=False),
    Column("seen", Moment, nullable=False),
    Column("proved", Moment, nullable=False),
    Column("emergency", Text, nullable=False, default=""),
    Column("purpose", Text, nullable=False, default=""),
    Column("basis", Text, nullable=False, default=""),
    _agency(),
    info=ROWS,
)
guess = Table(
    "guess",  # failures at one account, from one address, or both together
    REGISTER,
    Column("scope", Text, primary_key=True),  # keyed digest: an address is nobody's business here
    Column("failures", Integer, nullable=False),
    Column("last", Moment, nullable=False),
    _agency(),
    info=ROWS,
)
known_source = Table(
    "known_source",  # addresses an account has logged in from
    REGISTER,
    Column("scope", Text, primary_key=True),
    Column("last", Moment, nullable=False),
    _agency(),
    info=ROWS,
)
account_grant = Table(
    "account_grant",
    REGISTER,
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("emergency", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("regions", Text, nullable=False),  # JSON list of codes
    Column("starts", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("protected", Boolean, nullable=False),
    Column("given_by", Text, nullable=False),
    Column("given_by_organisation", Text, nullable=False),
    Column("given_at", Moment, nullable=False),
    Column("confirmed_by", Text, nullable=False, default=""),
    Column("revoked_at", Moment),
    Column("revoked_by", Text, nullable=False, default=""),
    _agency(),
    info=ROWS,
)
factor_reset = Table(
    "factor_reset",  # a lost second factor: asked for by one, done by another
    REGISTER,
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_by_organisation", Text, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("done_by", Text, nullable=False, default=""),
    Column("done_at", Moment),
    _agency(),
    info=ROWS,
)
Index("session_account", session.c.account)
Index("passkey_account", passkey.c.account)
Index("account_grant_account", account_grant.c.account)
