"""The way back, as people see it: key pairs, shares, locks, requests, and what was opened for an officer's hours.

Nothing here is in clear text: shares and opened identifiers are sealed to the person they are for. What was opened
stands apart from the pseudonyms, under the number of its place in the request, and is erased when its hours are over.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, Table, Text

from bianque.registry.tables import REGISTER
from bianque.registry.tables.moment import Moment

account_key = Table(
    "account_key",
    REGISTER,
    Column("account", Text, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("private_key_sealed", LargeBinary, nullable=False),  # under the account's password
    Column("made_at", Moment, nullable=False),
    info={"rows": "agency"},
)
release_share = Table(
    "release_share",
    REGISTER,
    Column("emergency", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # to the account's public key
    Column("given_by", Text, nullable=False),
    Column("given_at", Moment, nullable=False),
)
target_lock = Table(
    "target_lock",
    REGISTER,
    Column("id", Text, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("emergency", Text, nullable=False),
    Column("pseudonym", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("evidence", Text, nullable=False),  # where the facts are: a figure, a query, a receipt; no name
    Column("locked_by", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("locked_at", Moment, nullable=False),
    Column("lifted_by", Text, nullable=False, default=""),
    Column("lifted_at", Moment),
)
Index("target_lock_pseudonym", target_lock.c.emergency, target_lock.c.pseudonym)
release_request = Table(
    "release_request",
    REGISTER,
    Column("id", Text, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("emergency", Text, nullable=False),
    Column("requester", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("fields", Text, nullable=False),  # JSON list of kinds of identifiers
    Column("asked_at", Moment, nullable=False),
    Column("hours", Integer, nullable=False),
    Column("officer_key", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("released_at", Moment),
)
release_target = Table(
    "release_target",
    REGISTER,
    Column("release", Text, primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("emergency", Text, nullable=False),
    Column("pseudonym", Text, nullable=False),
)
release_verdict = Table(
    "release_verdict",
    REGISTER,
    Column("release", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("emergency", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("approves", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("said_at", Moment, nullable=False),
)
opened_target = Table(
    "opened_target",
    REGISTER,
    Column("release", Text, primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("emergency", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # to the officer's public key
)
