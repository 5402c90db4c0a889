"""Disposals: what was there when one began, how far it is, and its certificate."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table, Text

from bianque.registry.tables import REGISTER
from bianque.registry.tables.moment import Moment

disposal = Table(
    "disposal",
    REGISTER,
    Column("emergency", Text, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("planned", Text, nullable=False),  # JSON: kind of record → how many there were
    Column("planned_by", Text, nullable=False),
    Column("planned_at", Moment, nullable=False),
    Column("identifiers", Integer),  # at the door; NULL until its key is destroyed
    Column("certificate", Text, nullable=False, default=""),  # JSON
    Column("finished_at", Moment),
)
