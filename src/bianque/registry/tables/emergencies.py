"""Agencies, organisations, and emergencies with the signatures under them."""

from __future__ import annotations

from sqlalchemy import Column, Date, Integer, Table, Text

from bianque.registry.tables import REGISTER
from bianque.registry.tables.moment import Moment

SHARED = {"rows": "shared"}  # read by every agency of the register, written by its own

agency = Table(
    "agency",
    REGISTER,
    Column("agency", Text, primary_key=True),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    info=SHARED,
)
organisation = Table(
    "organisation",
    REGISTER,
    Column("id", Text, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    info=SHARED,
)
emergency = Table(
    "emergency",
    REGISTER,
    Column("id", Text, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("terms", Text, nullable=False),  # JSON, as signed; an extension moves its days
    Column("drafted_by", Text, nullable=False),
    Column("drafted_at", Moment, nullable=False),
    Column("closed_at", Moment),
    info=SHARED,
)
emergency_signature = Table(
    "emergency_signature",
    REGISTER,
    Column("emergency", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("act", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("ends", Date),
    Column("agency", Text, nullable=False, server_default=""),  # on PostgreSQL whose row it is; the server fills it
    info=SHARED,
)
