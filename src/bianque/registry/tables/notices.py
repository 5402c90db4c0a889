"""Notices: what the data-protection officer is told at once."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text

from bianque.registry.tables import REGISTER
from bianque.registry.tables.moment import Moment

notice = Table(
    "notice",
    REGISTER,
    Column("id", Text, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("emergency", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("about", Text, nullable=False),  # id of the leave, request, … it is about
    Column("account", Text, nullable=False),  # who did it
    Column("at", Moment, nullable=False),
    Column("seen_by", Text, nullable=False, default=""),
    Column("seen_at", Moment),
    info={"rows": "agency"},  # the data-protection officer looks after every emergency of the agency
)
Index("notice_unseen", notice.c.seen_at, notice.c.at)
