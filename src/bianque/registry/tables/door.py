"""The store behind the door: emergencies' wrapped keys, the directory of identifiers, locks, shares that wait.

A pseudonym and a sealed identifier never stand in one table: a pseudonym can only be computed, with a key that the
door's process alone can unwrap.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text

from bianque.registry.tables import DOOR


def _agency() -> Column[str]:
    """Whose row it is: filled in by PostgreSQL from the transaction's agency; a store on SQLite holds one agency."""
    return Column("agency", Text, nullable=False, server_default="")


door_emergency = Table(
    "door_emergency",
    DOOR,
    _agency(),
    Column("emergency", Text, primary_key=True),
    Column("wrapped_key", LargeBinary, nullable=False),  # emergency key under door.key; empty once destroyed
    Column("release_key", LargeBinary, nullable=False),  # public
    Column("next_number", BigInteger, nullable=False),  # counts up, so that no number is given twice
    Column("opened", Text, nullable=False),
)
door_organisation = Table(
    "door_organisation",
    DOOR,
    _agency(),
    Column("emergency", Text, primary_key=True),
    Column("organisation", Text, primary_key=True),
    Column("share_index", Integer, nullable=False),
)
directory_batch = Table(
    "directory_batch",
    DOOR,
    _agency(),
    Column("id", Text, primary_key=True),
    Column("emergency", Text, nullable=False),
    Column("kind", Text, nullable=False),  # stays when an identifier goes: a number remains that of an ID number
    Column("first_number", BigInteger, nullable=False),
    Column("sealed_key", LargeBinary, nullable=False),  # the batch's key, sealed to the release key
    Column("code", LargeBinary, nullable=False),  # the door's, over this row
)
directory = Table(
    "directory",
    DOOR,
    _agency(),
    Column("emergency", Text, primary_key=True),
    Column("blind_index", LargeBinary, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("batch", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("value", LargeBinary, nullable=False),  # the identifier, sealed under its batch's key
)
Index("directory_number", directory.c.emergency, directory.c.number)
directory_alias = Table(
    "directory_alias",
    DOOR,
    _agency(),
    Column("emergency", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("same_as", BigInteger, nullable=False),
    Column("code", LargeBinary, nullable=False),  # the door's, over this row
)
locked_target = Table(
    "locked_target",
    DOOR,
    _agency(),
    Column("emergency", Text, primary_key=True),
    Column("pseudonym", Text, primary_key=True),
    Column("rule", Text, nullable=False),
    Column("code", LargeBinary, nullable=False),  # the door's, over this row
)
pending_share = Table(
    "pending_share",
    DOOR,
    _agency(),
    Column("release", Text, primary_key=True),
    Column("organisation", Text, primary_key=True),
    Column("emergency", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),  # of the request that the share was given for
    Column("sealed", LargeBinary, nullable=False),  # under door.key
    Column("until", Text, nullable=False),
)
