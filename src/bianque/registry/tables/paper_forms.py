"""Batches of paper forms, and what came back of them."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, Integer, Table, Text

from bianque.registry.tables import REGISTER
from bianque.registry.tables.moment import Moment

form_batch = Table(
    "form_batch",
    REGISTER,
    Column("id", Text, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("emergency", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("first_number", Integer, nullable=False),
    Column("issued", Integer, nullable=False),
    Column("responsible", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("issued_by", Text, nullable=False),
    Column("issued_at", Moment, nullable=False),
    Column("due", Date, nullable=False),
)
form_return = Table(
    "form_return",
    REGISTER,
    Column("id", Text, primary_key=True),
    Column("batch", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("emergency", Text, nullable=False),
    Column("returned", Integer, nullable=False),
    Column("destroyed", Integer, nullable=False),
    Column("booked_by", Text, nullable=False),
    Column("booked_at", Moment, nullable=False),
)
Index("form_return_batch", form_return.c.batch)
