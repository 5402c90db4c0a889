"""The wall: no code path writes who somebody is and what is known of them under a pseudonym to one place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import bianque
import bianque.registry.register  # all tables are known once a register can be opened
from bianque.lake.facts import SCHEMAS
from bianque.model.fields import Category, Class, registered
from bianque.registry.tables import DOOR, KEYS, REGISTER

SOURCE = Path(bianque.__file__).parent
WHO = (Category.DIRECT_IDENTIFIER, Category.CONTACT, Category.BIOMETRIC)
PSEUDONYMS = ("pseudonym", "subject")  # columns that hold one, by name
# Columns that name who acted, not whom it is about; `event` is the audit's record of that.
OFFICERS = {
    "account",
    "asked_by",
    "decided_by",
    "event",
    "given_by",
    "lifted_by",
    "locked_by",
    "requester",
    "reviewed_by",
    "seen_by",
}


def tables() -> Iterator[tuple[str, set[str]]]:
    for store in (REGISTER, KEYS, DOOR):
        for table in store.sorted_tables:
            yield table.name, {column.name for column in table.columns}
    for name, schema in SCHEMAS.items():
        yield name, {*schema.names}


def identifies(table: str, column: str) -> bool:
    """Whether a column says who a data subject is, in clear text or sealed."""
    field = registered().get(f"{table}.{column}")
    return bool(field and field.category in WHO and field.gb is not Class.NONE and column not in OFFICERS)


def test_no_table_holds_a_pseudonym_beside_an_identity() -> None:
    """The directory itself holds identities under numbers, from which only the door's key makes pseudonyms."""
    both = [
        name
        for name, columns in tables()
        if columns & {*PSEUDONYMS} and any(identifies(name, column) for column in columns)
    ]
    assert both == []
    assert identifies("directory", "value")
    assert identifies("opened_target", "sealed")
    assert {name for name, columns in tables() if "pseudonym" in columns} == {
        "locked_target",
        "target_lock",
        "release_target",
    }


def test_no_table_of_the_lake_has_a_column_that_identifies() -> None:
    found = [
        f"{name}.{column}" for name, schema in SCHEMAS.items() for column in schema.names if identifies(name, column)
    ]
    assert found == []


def writers(of: str) -> set[str]:
    """Modules that write to one of the stores: they execute an insert on a table, or add rows to a lake."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        names = {node.id for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Name)}
        module = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
        if (of == "rows" and "insert" in names) or (of == "facts" and module.startswith("lake.")):
            found.add(module)
    return found


def imports(module: str) -> set[str]:
    path = SOURCE.joinpath(*module.split(".")).with_suffix(".py")
    return {
        f"{node.module}.{name.name}".removeprefix("bianque.")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module
        for name in node.names
    }


def test_nobody_who_writes_rows_of_people_reaches_the_lake_and_the_other_way_round() -> None:
    rows, facts = writers("rows"), writers("facts")
    assert {"registry.cases", "registry.directory", "registry.releases"} <= rows
    assert {"lake.ingest", "lake.store"} <= facts
    assert all(module.startswith("registry.") for module in rows)
    assert not [module for module in rows if any(name.startswith("lake.") for name in imports(module))]
    assert not [module for module in facts if any(name.startswith("registry.") for name in imports(module))]


def test_no_module_holds_the_people_and_the_facts_in_its_hands_at_once() -> None:
    """A service may show figures or work on people: whoever imports the writers of both could put them together."""
    people = {"registry.people", "registry.directory"}
    facts = {"lake.ingest", "lake.store", "lake.facts"}
    both = []
    for path in SOURCE.rglob("*.py"):
        module = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
        names = imports(module)
        reached = [{name for name in names if any(name.startswith(one) for one in of)} for of in (people, facts)]
        if all(reached):
            both.append(module)
    assert both == []


def test_one_module_alone_joins_a_number_to_an_identifier_and_a_pseudonym() -> None:
    """In the door's process, in memory: it imports both the directory's protocol and the maker of pseudonyms."""
    joined = set()
    for path in SOURCE.rglob("*.py"):
        module = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
        names = imports(module)
        if "safeguard.pseudonym.raw" in names or "safeguard.pseudonym.pseudonym" in names:
            joined.add(module)
    assert joined == {"safeguard.door_room"}
