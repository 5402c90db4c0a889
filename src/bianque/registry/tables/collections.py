"""Where people came from: each collection or transfer, and the rows of it that could not be taken."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text

from bianque.registry.tables import REGISTER

collection = Table(
    "collection",
    REGISTER,
    Column("id", Text, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("emergency", Text, nullable=False),
    Column("organisation", Text, nullable=False),  # whose data it is
    Column("account", Text, nullable=False),  # who is responsible
    Column("device", Text, nullable=False),  # on which it was collected or came
    Column("purposes", Text, nullable=False),  # with spaces between
    Column("basis", Text, nullable=False),
    Column("fields", Text, nullable=False),  # that were taken, with spaces between
    Column("source", LargeBinary, nullable=False),  # keyed hash of the file
    Column("read", Integer, nullable=False),  # rows; read = accepted + quarantined, after every batch
    Column("accepted", Integer, nullable=False),
    Column("quarantined", Integer, nullable=False),
    Column("refused_values", Integer, nullable=False),  # of fields the source may not give: counted, not kept
    Column("started_at", Text, nullable=False),
    Column("finished_at", Text, nullable=False),  # '' while it runs, or when it was cut off
    Column("mark", LargeBinary, nullable=False),  # registry/marks.py
    info={"sealed": ()},
)
Index("collection_source", collection.c.source)

quarantined_row = Table(
    "quarantined_row",
    REGISTER,
    Column("id", Text, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("emergency", Text, nullable=False),
    Column("collection", Text, nullable=False),
    Column("row", Integer, nullable=False),  # of the file, the header being row 1
    Column("field", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),  # sealed: the row as it was
)
Index("quarantined_row_collection", quarantined_row.c.collection)
