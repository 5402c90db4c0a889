"""Paper forms: issued = returned + destroyed, or the batch is open and shown."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from bianque.model.authority import Role
from bianque.model.errors import BadInput, PolicyRefusal
from bianque.registry.register import Register
from bianque.services import paper_forms
from bianque.services.paper_forms import FormIssue

from .desk import after, officer

WORKER = officer(Role.COMMUNITY_WORKER)
ISSUE = FormIssue("household register", 101, 50, WORKER.account, "tablet 7", dt.date(2027, 2, 8))


def test_a_batch_is_open_until_every_form_is_back_or_destroyed(register: Register) -> None:
    batch = paper_forms.issue_forms(register, WORKER, ISSUE)
    assert (batch.open, batch.responsible, batch.device) == (50, WORKER.account, "tablet 7")
    assert paper_forms.book_back(register, WORKER, batch.id, returned=40, destroyed=3).open == 7
    done = paper_forms.book_back(register, WORKER, batch.id, returned=7, destroyed=0)
    assert (done.issued, done.returned, done.destroyed, done.open) == (50, 47, 3, 0)


def test_more_than_are_out_cannot_come_back(register: Register) -> None:
    batch = paper_forms.issue_forms(register, WORKER, ISSUE)
    paper_forms.book_back(register, WORKER, batch.id, returned=49, destroyed=0)
    with pytest.raises(BadInput, match="only 1 are out"):
        paper_forms.book_back(register, WORKER, batch.id, returned=1, destroyed=1)
    for returned, destroyed in ((0, 0), (-1, 1)):
        with pytest.raises(BadInput, match="nothing to book"):
            paper_forms.book_back(register, WORKER, batch.id, returned=returned, destroyed=destroyed)
    assert paper_forms.list_forms(register, WORKER)[0].open == 1


def test_forms_still_out_after_their_day_are_overdue(register: Register) -> None:
    batch = paper_forms.issue_forms(register, WORKER, ISSUE)
    assert not batch.overdue(ISSUE.due)
    assert batch.overdue(ISSUE.due + dt.timedelta(days=1))
    done = paper_forms.book_back(register, after(WORKER, days=9), batch.id, returned=50, destroyed=0)
    assert not done.overdue(dt.date(2027, 3, 1))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"count": 0}, "0 forms"),
        ({"responsible": " "}, "responsible person"),
        ({"device": ""}, "device"),
        ({"due": dt.date(2027, 1, 31)}, "past"),
        ({"first_number": -1}, "number"),
    ],
)
def test_a_batch_that_nobody_answers_for_is_not_booked_out(
    register: Register, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(BadInput, match=message):
        paper_forms.issue_forms(register, WORKER, replace(ISSUE, **changes))  # type: ignore[arg-type]
    assert paper_forms.list_forms(register, WORKER) == []


def test_another_role_books_no_forms(register: Register) -> None:
    with pytest.raises(PolicyRefusal):
        paper_forms.issue_forms(register, officer(Role.LABORATORY), ISSUE)


def test_a_batch_that_is_not_there_is_refused(register: Register) -> None:
    with pytest.raises(PolicyRefusal, match="not-there"):
        paper_forms.book_back(register, WORKER, "unknown", returned=1, destroyed=0)
