"""Exports of people: asked for by one person, given by another."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table, Text

from bianque.registry.tables import REGISTER

export_request = Table(
    "export_request",
    REGISTER,
    Column("id", Text, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("emergency", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("recipient", Text, nullable=False),  # organisation it goes to
    Column("list", Text, nullable=False),
    Column("fields", Text, nullable=False),  # `person.field`, with spaces between
    Column("reason", Text, nullable=False),
    Column("requested_at", Text, nullable=False),
    Column("given_by", Text, nullable=False),  # '' while it waits
    Column("given_at", Text, nullable=False),
    Column("records", Integer, nullable=False),
)
