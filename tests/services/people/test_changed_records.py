"""Somebody who may write to the database, but holds no key, changes what a record says in clear: nobody is shown it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, insert, select, update

from bianque.model.audit import Event
from bianque.model.authority import Purpose, Role
from bianque.model.case import Status
from bianque.model.errors import BadRegister, ChangedRecord
from bianque.model.protection import Because
from bianque.registry import audit, collections, condition, lists
from bianque.registry import follow_ups as registry_follow_ups
from bianque.registry.condition import Finding, State
from bianque.registry.register import Register
from bianque.registry.tables.collections import collection
from bianque.registry.tables.people import case_record, follow_up, person, person_list
from bianque.services import cases, follow_ups, oversight, protect
from bianque.services.correct_person import correct_person
from bianque.services.export_people import give_export, request_export
from bianque.services.find_person import find_person
from bianque.services.import_people import import_people
from bianque.services.show_person import show_person
from tests.safeguard.authorities import AT
from tests.services.people.office import EMERGENCY, STREET, ZHANG, at_work, furnish, written

PHONE = ("phone", "13800138000")
OTHER = {  # what each column is changed to; id, agency, emergency and the indexes apart
    "region": "420000",
    "within": "420000",
    "list": "",
    "retention": "long",
    "collection": "0" * 32,
    "protected": True,
    "under_14": True,
    "version": 2,
    "key": 2,
    "created_at": "2020-01-01T00:00:00.000Z",
    "updated_at": "2020-01-01T00:00:00.000Z",
    "health_note": b"somebody else's",
    "address": None,
    "mark": b"another",
}


@pytest.fixture
def zhang(register: Register, tmp_path: Path) -> str:
    furnish(register)
    import_people(register, at_work(), written(tmp_path, ZHANG), STREET)
    (found,) = find_person(register, at_work(), *PHONE)
    return found.id


def change(register: Register, table: Table, **values: Any) -> None:
    """Every row of a table, by direct SQL."""
    with register.writing(at_work()) as connection:
        connection.execute(update(table).values(values))


def last(register: Register) -> tuple[int, Event]:
    with register.system() as connection:
        link = audit.page(connection, audit.Asked(), 1)[0]
    return link.number, link.event


def test_a_record_with_any_other_column_is_not_read_found_or_exported_and_each_attempt_is_on_record(
    register: Register, zhang: str
) -> None:
    asked = request_export(
        register, at_work(), of_list="returned", fields=("person.phone",), recipient="clinic", reason="beds"
    )
    attempts: dict[str, Callable[[], object]] = {
        "read_person": lambda: show_person(register, at_work(), zhang),
        "find_person": lambda: find_person(register, at_work(), *PHONE),
        "export_people": lambda: give_export(register, at_work(Role.DPO), asked.id),
    }
    with register.reading(at_work()) as connection:
        before = connection.execute(select(person)).mappings().one()
    for column, other in OTHER.items():
        assert before[column] != other
        change(register, person, **{column: other})
        for action, attempt in attempts.items():
            if (action, column) == ("export_people", "list"):
                continue  # it is in no list, and in no export
            with pytest.raises(ChangedRecord, match=f"^(person {zhang}|collection): what it says in clear") as refused:
                attempt()
            assert "13800138000" not in refused.value.diagnostics()
            event = last(register)[1]
            assert (event.action, event.outcome, event.rule) == (action, "deny", "record-changed")
            assert event.subject == register.subject(zhang)
        change(register, person, **{column: before[column]})
    assert show_person(register, at_work(), zhang).view["person.phone"] == "13800138000"


def test_the_officer_is_told_what_the_refusal_means(register: Register, zhang: str) -> None:
    change(register, person, within="420000")
    with pytest.raises(ChangedRecord):
        show_person(register, at_work(), zhang)
    explained = oversight.explain(register, at_work(Role.DPO), last(register)[0]).why
    assert explained is not None
    assert "changed by somebody without the key" in explained.en


def test_a_record_under_anothers_phone_is_not_shown_as_theirs(register: Register, zhang: str, tmp_path: Path) -> None:
    other = ZHANG.replace("13800138000", "13700137000").replace("11010519491231002X", "")
    import_people(register, at_work(), written(tmp_path, other), STREET)
    with register.writing(at_work()) as connection:
        index = connection.execute(select(person.c.phone_index).where(person.c.id != zhang)).scalar_one()
        connection.execute(update(person).where(person.c.id == zhang).values(phone_index=index))
    with pytest.raises(ChangedRecord):
        find_person(register, at_work(), "phone", "13700137000")


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (person_list, {"implies": ""}),
        (collection, {"purposes": " ".join(Purpose)}),
        (collection, {"organisation": "clinic"}),
        (follow_up, {"officer": "zhao"}),
        (follow_up, {"until": "2999-01-01"}),
    ],
    ids=lambda what: what.name if isinstance(what, Table) else next(iter(what)),
)
@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
def test_nor_does_its_list_its_collection_or_its_follow_up_say_otherwise(
    register: Register, zhang: str, table: Table, values: dict[str, str]
) -> None:
    registry_follow_ups.accept(register, at_work(), zhang, "sun", at_work().at.date())
    change(register, table, **values)
    with pytest.raises(ChangedRecord, match=f"^{table.name} "):
        show_person(register, at_work(), zhang)


@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
def test_nobody_assigns_a_person_to_themselves_or_opens_a_closed_follow_up_by_sql(
    register: Register, zhang: str
) -> None:
    closed = registry_follow_ups.accept(register, at_work(), zhang, "sun", at_work().at.date())
    registry_follow_ups.close(register, at_work(), closed, "completed")
    with register.reading(at_work()) as connection:
        row = dict(connection.execute(select(follow_up)).mappings().one())
    change(register, follow_up, closed_at="")
    with pytest.raises(ChangedRecord):
        show_person(register, at_work(), zhang)
    with pytest.raises(BadRegister, match="follow_up"):
        follow_ups.show_follow_ups(register, at_work(), zhang)
    change(register, follow_up, closed_at=row["closed_at"])
    with register.writing(at_work()) as connection:
        connection.execute(insert(follow_up), [{**row, "id": "forged", "officer": "zhao", "closed_at": ""}])
    with pytest.raises(ChangedRecord, match="follow_up forged"):
        show_person(register, at_work(), zhang)


@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
def test_what_is_written_next_does_not_make_a_change_good(register: Register, zhang: str) -> None:
    case = cases.report_case(
        register, at_work(), zhang, cases.NewCase(Status.SUSPECTED, reported=at_work().at.date(), note="cough")
    )
    change(register, case_record, status="confirmed")
    with pytest.raises(BadRegister, match=f"case_record {case}"):
        cases.show_cases(register, at_work(), zhang)
    with pytest.raises(BadRegister, match=f"case_record {case}"):
        cases.reclassify_case(register, at_work(), case, Status.CONFIRMED)
    change(register, person, protected=True)
    with pytest.raises(BadRegister):
        correct_person(register, at_work(), zhang, {"person.phone": ""})
    with pytest.raises(BadRegister):
        protect.protect(register, at_work(Role.DPO), zhang, Because.WITNESS)
    change(register, person_list, organisation="clinic")
    with pytest.raises(BadRegister, match="person_list returned"):
        lists.lists(register, at_work())
    change(register, collection, accepted=9)
    (receipt,) = collections.collections(register, at_work())
    with pytest.raises(BadRegister, match=f"collection {receipt}"):
        collections.receipt(register, at_work(), receipt)


@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
def test_a_record_moved_to_another_emergency_is_not_believed_there(register: Register, zhang: str) -> None:
    other = at_work(emergency=replace(EMERGENCY, id="e2"))
    change(register, person, emergency="e2")
    with pytest.raises(ChangedRecord):
        show_person(register, other, zhang)


def test_the_look_over_of_a_register_finds_every_row_that_was_changed(register: Register, zhang: str) -> None:
    def found() -> Finding:
        return next(one for one in condition.findings(register, AT) if one.name == "columns in clear")

    assert found().state is State.GOOD
    change(register, person, region="420000")
    change(register, collection, basis="consent")
    wrong = found()
    assert wrong.state is State.WRONG
    assert "1 of collection, 1 of person" in wrong.found
    assert zhang not in wrong.found
