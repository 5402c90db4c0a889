"""People and what is known of them. What names, reaches or describes a person is sealed; the rest is plain."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, Table, Text

from bianque.registry.tables import REGISTER

SEALED = ("name", "id_number", "phone", "address", "birth_date", "sex", "workplace", "health_note")

person = Table(
    "person",
    REGISTER,
    Column("id", Text, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("emergency", Text, nullable=False),
    Column("region", Text, nullable=False),  # '' is unknown
    Column("within", Text, nullable=False),  # the region and those that contain it, with spaces between
    Column("list", Text, nullable=False),
    Column("retention", Text, nullable=False),
    Column("collection", Text, nullable=False),
    Column("protected", Boolean, nullable=False),
    Column("under_14", Boolean, nullable=False),  # when it was taken in: a context that raises sensitivity
    Column("version", Integer, nullable=False),
    Column("key", Integer, nullable=False),  # generation of the data key that sealed it
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
    Column("phone_index", LargeBinary),
    Column("id_number_index", LargeBinary),
    *(Column(name, LargeBinary) for name in SEALED),
    Column("mark", LargeBinary, nullable=False),  # of what is plain: registry/marks.py
    info={"sealed": SEALED},
)
Index("person_phone", person.c.phone_index)
Index("person_id_number", person.c.id_number_index)

person_list = Table(
    "person_list",
    REGISTER,
    Column("id", Text, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("emergency", Text, nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("implies", Text, nullable=False),  # facts that follow from standing in it, with spaces between
    Column("created_at", Text, nullable=False),
    Column("mark", LargeBinary, nullable=False),
    info={"sealed": ()},
)

case_record = Table(
    "case_record",
    REGISTER,
    Column("id", Text, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("emergency", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("onset", Text, nullable=False),  # a date; '' is unknown
    Column("reported", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("key", Integer, nullable=False),
    Column("note", LargeBinary),
    Column("mark", LargeBinary, nullable=False),
    info={"sealed": ("note",)},
)
Index("case_record_person", case_record.c.person)

follow_up = Table(
    "follow_up",
    REGISTER,
    Column("id", Text, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("emergency", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("officer", Text, nullable=False),  # account it is assigned to
    Column("accepted_at", Text, nullable=False),
    Column("until", Text, nullable=False),  # last day
    Column("closed_at", Text, nullable=False),  # '' while it is open
    Column("outcome", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("key", Integer, nullable=False),
    Column("note", LargeBinary),
    Column("mark", LargeBinary, nullable=False),
    info={"sealed": ("note",)},
)
Index("follow_up_person", follow_up.c.person)
Index("follow_up_officer", follow_up.c.officer, follow_up.c.closed_at)
