"""The desk of the data-protection officer: what is due, and what was refused, on each engine."""

from __future__ import annotations

import datetime as dt

import pytest

from bianque.model.authority import Purpose, Role
from bianque.model.errors import BadInput, PolicyRefusal
from bianque.model.rights import IdentityCheck, Right
from bianque.registry.register import Register
from bianque.services import oversight, paper_forms, rights
from bianque.services.paper_forms import FormIssue
from bianque.services.rights import NewRequest
from bianque.services.show_person import show_person

from .desk import AT, after, officer, take_in

DPO = officer(Role.DPO, purpose=Purpose.OVERSIGHT)
TRACER, WORKER = officer(Role.TRACER), officer(Role.COMMUNITY_WORKER, "another")


def test_what_is_due_first_is_first_and_what_is_done_last(register: Register) -> None:
    person = take_in(register, 1)[0]
    for days, right in ((1, Right.CORRECTION), (0, Right.COPY)):
        rights.receive(register, after(TRACER, days=days), NewRequest(person, right, IdentityCheck.ID_CARD))
    batches = {}
    for form, due in (("done", 1), ("late", 9), ("soon", 3)):
        issue = FormIssue(form, 1, 5, WORKER.account, "tablet 7", AT.date() + dt.timedelta(days=due))
        batches[form] = paper_forms.issue_forms(register, WORKER, issue)
    paper_forms.book_back(register, WORKER, batches["done"].id, returned=4, destroyed=1)
    desk = oversight.desk(register, DPO)
    assert [one.right for one in desk.rights] == [Right.COPY, Right.CORRECTION]
    assert [one.form for one in desk.forms] == ["soon", "late", "done"]


def test_refusals_of_one_kind_are_one_line_and_another_rule_is_another(register: Register) -> None:
    person = take_in(register, 1)[0]
    epidemiologist = officer(Role.EPIDEMIOLOGIST)
    for minutes in range(3):
        with pytest.raises(PolicyRefusal):
            show_person(register, after(WORKER, minutes=minutes), person)
    with pytest.raises(PolicyRefusal):
        show_person(register, after(epidemiologist, minutes=5), person)
    now = after(DPO, hours=1)
    newest, older = oversight.desk(register, now).refused
    assert (newest.last.event.account, newest.count) == (epidemiologist.account, 1)
    assert (older.last.event.account, older.last.event.rule, older.count) == ("another", "not-assigned", 3)
    assert older.first < older.last.event.at
    attempts = oversight.refused(register, now, "another", "read_person", "not-assigned")
    assert [one.event.at for one in attempts] == sorted((one.event.at for one in attempts), reverse=True)
    assert (len(attempts), attempts[0].number) == (3, older.last.number)
    with pytest.raises(BadInput, match="no such attempt"):
        oversight.refused(register, now, "another", "read_person", "duty")
    with pytest.raises(PolicyRefusal):
        oversight.refused(register, WORKER, "another", "read_person", "not-assigned")
