"""Every field of every table is registered with its category, and none that has gone is."""

from __future__ import annotations

import importlib
import pkgutil

from bianque.lake.facts import SCHEMAS
from bianque.model.fields import Category, Class, of_table, registered, tables
from bianque.registry import tables as registry_tables
from bianque.registry.tables import DOOR, KEYS, REGISTER

CALLED = {  # tables and columns that decisions and pages call otherwise
    "case_record": "case",  # `case` is a word of SQL
    "directory.sealed": "directory.value",
}


def standing() -> set[str]:
    """`table.field` of every table there is, in the register's stores and in the lake."""
    for module in pkgutil.iter_modules(registry_tables.__path__, f"{registry_tables.__name__}."):
        importlib.import_module(module.name)
    rows = {
        CALLED.get(f"{table.name}.{column.name}", f"{CALLED.get(table.name, table.name)}.{column.name}")
        for store in (REGISTER, KEYS, DOOR)
        for table in store.tables.values()
        for column in table.columns
    }
    return rows | {f"{table}.{name}" for table, schema in SCHEMAS.items() for name in schema.names}


def test_every_field_of_every_table_is_registered() -> None:
    missing = sorted(standing() - registered().keys())
    assert missing == [], "register each in src/bianque/model/fields: category, class of GB/T 35273, art9"


def test_no_field_is_registered_that_is_in_no_table() -> None:
    assert sorted(registered().keys() - standing()) == []


def test_what_reaches_or_names_a_person_is_personal_and_health_is_special() -> None:
    for name, field in registered().items():
        of_nobody = field.category in (Category.PUBLIC, Category.TECHNICAL)
        assert of_nobody == (field.gb is Class.NONE), name
        if field.category in (Category.HEALTH, Category.BIOMETRIC):
            assert (field.gb, field.art_9) == (Class.SENSITIVE, True), name


def test_a_table_is_found_with_its_fields_in_order() -> None:
    assert list(of_table("counts"))[:2] == ["counts.feed", "counts.kind"]
    assert of_table("no_such_table") == {}
    assert {"counts", "flows", "audit_event"} <= set(tables())
