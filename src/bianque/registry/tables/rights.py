"""Requests of data subjects. What they said in their own words is sealed under their data key."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, Integer, LargeBinary, Table, Text

from bianque.registry.tables import REGISTER
from bianque.registry.tables.moment import Moment

rights_request = Table(
    "rights_request",
    REGISTER,
    Column("id", Text, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("emergency", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("right", Text, nullable=False),
    Column("identity", Text, nullable=False),  # how it was checked
    Column("received_by", Text, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("due", Date, nullable=False),
    Column("law", Text, nullable=False),
    Column("event", Integer, nullable=False),  # number of the contested decision in the audit; 0: none
    Column("first", Text, nullable=False),  # who took it
    Column("answered_by", Text, nullable=False, default=""),
    Column("answered_organisation", Text, nullable=False, default=""),
    Column("answered_at", Moment),
    Column("answer", Text, nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
    Column("version", Integer, nullable=False),
    Column("key", Integer, nullable=False),  # generation of the data key that sealed the note
    Column("note", LargeBinary),  # what they said
)
Index("rights_request_person", rights_request.c.person)
Index("rights_request_due", rights_request.c.answered_at, rights_request.c.due)
