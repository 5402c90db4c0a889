"""Outreach, refusals to cooperate, and requests for assistance.  Persons are record ids; free text names nobody."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, PrimaryKeyConstraint, Table, Text

from bianque.registry.tables import REGISTER
from bianque.registry.tables.moment import Moment

outreach = Table(
    "outreach",
    REGISTER,
    Column("id", Text, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("emergency", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("wording_zh", Text, nullable=False),
    Column("wording_en", Text, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_organisation", Text, nullable=False),
    Column("proposed_at", Moment, nullable=False),
    Column("decided_by", Text, nullable=False, default=""),
    Column("decided_organisation", Text, nullable=False, default=""),
    Column("decided_at", Moment),
    Column("granted", Boolean),
    Column("decided_reason", Text, nullable=False, default=""),
    Column("until", Moment),
)
outreach_person = Table(
    "outreach_person",
    REGISTER,
    Column("outreach", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("emergency", Text, nullable=False),
    Column("contact", Text, nullable=False),
    Column("contacted_by", Text, nullable=False, default=""),
    Column("contacted_at", Moment),
    PrimaryKeyConstraint("outreach", "person"),
)
refusal = Table(
    "refusal",
    REGISTER,
    Column("id", Text, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("emergency", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("outreach", Text, nullable=False),  # '' when it was not under one
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", Moment, nullable=False),
)
Index("refusal_person", refusal.c.person)
assistance = Table(
    "assistance",
    REGISTER,
    Column("id", Text, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("emergency", Text, nullable=False),
    Column("refusal", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("police", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_organisation", Text, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("decided_by", Text, nullable=False, default=""),
    Column("decided_organisation", Text, nullable=False, default=""),
    Column("decided_at", Moment),
    Column("granted", Boolean),
    Column("decided_reason", Text, nullable=False, default=""),
)
