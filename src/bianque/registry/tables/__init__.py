"""The tables, in three stores: the register itself, the wrapped keys, and the directory behind the door.

Each store has its own file, or its own role and schema on PostgreSQL, so that a backup of one holds nothing of another.
"""

from __future__ import annotations

from sqlalchemy import MetaData

REGISTER = MetaData()
KEYS = MetaData()
DOOR = MetaData()
STORES = {"register": REGISTER, "keys": KEYS, "door": DOOR}
