"""Protected persons: by record id, with the two persons who took the protection off."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text

from bianque.registry.tables import REGISTER
from bianque.registry.tables.moment import Moment

protection = Table(
    "protection",
    REGISTER,
    Column("id", Text, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("emergency", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("because", Text, nullable=False),
    Column("put_on_by", Text, nullable=False),
    Column("put_on_at", Moment, nullable=False),
    Column("off_asked_by", Text, nullable=False, default=""),
    Column("off_asked_at", Moment),
    Column("off_reason", Text, nullable=False, default=""),
    Column("off_by", Text, nullable=False, default=""),
    Column("off_at", Moment),
)
Index("protection_person", protection.c.person)
