"""The audit: rows are added and never changed; triggers and rights refuse anything else."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text

from bianque.registry.tables import REGISTER

audit_event = Table(
    "audit_event",
    REGISTER,
    Column("agency", Text, primary_key=True, server_default=""),  # on PostgreSQL whose chain it is; the server fills it
    Column("number", Integer, primary_key=True),  # counts up by one: a gap is a deletion
    Column("at", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("emergency", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("event", LargeBinary, nullable=False),  # canonical JSON, the bytes that were hashed
    Column("hash", LargeBinary, nullable=False),
    info={"rows": "agency", "only_grows": True},
)
Index("audit_event_subject", audit_event.c.subject)
Index("audit_event_account", audit_event.c.account)
