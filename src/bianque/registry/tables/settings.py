"""What holds for a register as a whole, written when it is made."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from bianque.registry.tables import REGISTER

setting = Table("setting", REGISTER, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))
