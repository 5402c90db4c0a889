"""The wrapped keys, in a store of their own: a copy of the register without it can be read by nobody."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text

from bianque.registry.tables import KEYS

key_encryption_key = Table(
    "key_encryption_key",
    KEYS,
    Column("id", Text, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("emergency", Text, nullable=False),
    Column("retention", Text, nullable=False),
    Column("number", Integer, nullable=False),  # counts rotations: the highest wraps what is new
    Column("created_at", Text, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)
Index(
    "key_encryption_key_number",
    *(key_encryption_key.c[name] for name in ("agency", "emergency", "retention", "number")),
    unique=True,
)

data_key = Table(
    "data_key",
    KEYS,
    Column("subject", Text, nullable=False),  # a person, or a collection for its quarantine
    Column("generation", Integer, nullable=False),
    Column("agency", Text, nullable=False),
    Column("kek", Text, ForeignKey("key_encryption_key.id"), nullable=False),
    Column("created_at", Text, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    PrimaryKeyConstraint("subject", "generation"),
)

erased_identifier = Table(  # what was behind the door: its numbers, and nothing of itself
    "erased_identifier",
    KEYS,
    Column("agency", Text, nullable=False, server_default=""),
    Column("emergency", Text, primary_key=True),
    Column("batch", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True),
)
