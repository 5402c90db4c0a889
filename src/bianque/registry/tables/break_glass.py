"""Leaves by break-glass, and what the data-protection officer found when looking at them afterwards."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Table, Text

from bianque.registry.tables import REGISTER
from bianque.registry.tables.moment import Moment

break_glass = Table(
    "break_glass",
    REGISTER,
    Column("id", Text, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("emergency", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("opened", Moment, nullable=False),
    Column("until", Moment, nullable=False),  # moved forward when it is ended early
    Column("reviewed_by", Text, nullable=False, default=""),
    Column("reviewed_at", Moment),
    Column("justified", Boolean),
    Column("finding", Text, nullable=False, default=""),
    info={"rows": "agency"},  # the data-protection officer looks after every emergency of the agency
)
Index("break_glass_account", break_glass.c.account, break_glass.c.until)
