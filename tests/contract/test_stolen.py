"""A stolen register: what its stores say to somebody who has no root key."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary

from bianque.model.errors import BadRegister
from bianque.model.fields import Class, registered
from bianque.registry import people
from bianque.registry.register import create, open_register
from bianque.registry.tables import DOOR, KEYS, REGISTER
from tests.canaries import planted
from tests.contract.test_fields import CALLED, standing
from tests.registry.sample import take_in, tracer

# What stands in the clear beside the random number of a record: where and in which list somebody is, under which
# protection, and how their case and follow-up went. No name, number, address, note, nor any hash of one without a key.
OF_PERSONS = {
    "person": {"id", "region", "within", "list", "protected", "under_14"},
    "case": {"person", "status", "onset", "reported"},
    "follow_up": {"person", "officer", "accepted_at", "until", "closed_at", "outcome"},
    "protection": {"person", "because", "off_reason", "put_on_by", "put_on_at", "off_asked_by", "off_asked_at"}
    | {"off_by", "off_at"},
    "outreach_person": {"person", "contacted_by", "contacted_at"},
    "refusal": {"person", "what", "recorded_by"},
    "assistance": {"person", "reason", "asked_by", "decided_by", "decided_reason"},
    "rights_request": {"person", "identity", "received_by", "first", "answered_by", "answer", "reason"},
    "release_target": {"pseudonym"},
    "target_lock": {"pseudonym", "rule", "evidence", "locked_by", "lifted_by"},
    "locked_target": {"pseudonym", "rule"},
    "directory": {"number"},
    "directory_alias": {"number", "same_as"},
    "data_key": {"subject"},
    "quarantined_row": set[str](),
    "opened_target": set[str](),
}


def test_what_is_readable_of_persons_without_a_key_is_what_is_written_here() -> None:
    """A column that is added in the clear changes this on purpose, or fails here."""
    standing()  # every table is imported by it
    readable: dict[str, set[str]] = {}
    for store in (REGISTER, KEYS, DOOR):
        for table in store.tables.values():
            name = CALLED.get(table.name, table.name)
            for column in table.columns:
                called = CALLED.get(f"{table.name}.{column.name}", f"{name}.{column.name}")
                if registered()[called].gb is not Class.NONE and not isinstance(column.type, LargeBinary):
                    readable.setdefault(name, set()).add(column.name)
    assert {name: readable.get(name, set()) for name in OF_PERSONS} == OF_PERSONS


def test_a_stolen_folder_without_its_root_key_opens_for_nobody_and_names_nobody(tmp_path: Path) -> None:
    canaries, folder, stolen = planted(), tmp_path / "register", tmp_path / "stolen"
    register = create(folder)
    take_in(register, canaries.values)
    (record,) = people.find(register, tracer(), "phone", canaries.values["phone"])
    register.close()
    shutil.copytree(folder, stolen, ignore=shutil.ignore_patterns("*.key"))
    assert canaries.found_under(stolen) == {}
    with sqlite3.connect(stolen / "register.sqlite") as store:
        (row,) = store.execute("SELECT id FROM person").fetchall()
    assert row == (record,)
    with pytest.raises(BadRegister, match="root key cannot be read"):
        open_register(stolen)
    (stolen / "root.key").write_bytes(os.urandom(32))
    (stolen / "root.key").chmod(0o600)
    another = open_register(stolen)
    try:
        assert people.find(another, tracer(), "phone", canaries.values["phone"]) == []
        with pytest.raises(BadRegister):
            people.read(another, tracer(), record, ["person.name"])
    finally:
        another.close()
