"""Figures on their way to the public: proposed by one person of the command body, decided on by another."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, Table, Text

from bianque.registry.tables import REGISTER

publication = Table(
    "publication",
    REGISTER,
    Column("id", Text, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("emergency", Text, nullable=False),
    Column("as_of", Text, nullable=False),  # ISO day
    Column("figures", LargeBinary, nullable=False),  # JSON, the bytes two persons saw
    Column("state", Text, nullable=False),  # proposed, released, declined
    Column("proposed_by", Text, nullable=False),
    Column("proposed_organisation", Text, nullable=False),
    Column("proposed_at", Text, nullable=False),  # ISO 8601, UTC
    Column("decided_by", Text, nullable=False),
    Column("decided_organisation", Text, nullable=False),
    Column("decided_at", Text, nullable=False),
)
Index("publication_state", publication.c.state, publication.c.decided_at)
