"""A person is found by a number, seen as far as one's duty goes, and nobody else finds anything."""

from __future__ import annotations

import datetime as dt
import hashlib
import re

import httpx
import pytest

from bianque.model.authority import Purpose, Role
from bianque.model.follow_up import Outcome
from bianque.registry import collections, oversight, people
from bianque.registry.collections import Source
from bianque.registry.people import NewPerson
from bianque.registry.tables.people import SEALED
from bianque.services import follow_ups, numerals, sessions
from tests.readers import BASIS, Staff, now

from .browsing import send

PHONE, NAME, ID_NUMBER = "13900990099", "欧阳试验", "99000019800101001X"


@pytest.fixture(scope="module")
def person(staff: Staff) -> str:
    """Somebody in the register of the served centres; their id."""
    tracer = sessions.authority_of(staff.register, staff.log_in(Role.TRACER).token, now())
    values = dict.fromkeys(SEALED, "") | {"name": NAME, "phone": PHONE, "id_number": ID_NUMBER}
    digest = hashlib.sha256(b"one person").digest()
    source = Source(
        "command", "tablet 7", (Purpose.CONTACT_TRACING, Purpose.ISOLATION_FOLLOW_UP), BASIS, tuple(SEALED), digest
    )
    begun = collections.begin(staff.register, tracer, source)
    collections.import_people(staff.register, tracer, begun, [NewPerson(values, ("999012", "990000"))])
    return NAME


def test_a_tracer_finds_a_person_by_phone_and_the_number_stands_in_no_address(
    command_centre: str, staff: Staff, person: str
) -> None:
    who = staff.log_in(Role.TRACER)
    with httpx.Client(base_url=command_centre, timeout=30, cookies=who.cookies, params={"lang": "en"}) as client:
        found = send(client, client.get("/people"), "/people", kind="phone", value="139 0099 0099")
        assert "One person was found" in found.text
        assert person in found.text
        assert PHONE not in str(found.url)
        (record,) = re.findall(r'href="/people/([0-9a-f]+)', found.text)
        page = client.get(f"/people/{record}")
        assert ID_NUMBER in page.text
        assert client.get(f"/people/{record}.json").json()["fields"]["person.name"] == person
        assert (
            "nobody with this number"
            in send(client, client.get("/people"), "/people", kind="phone", value="13900990000").text
        )
    with staff.register.system() as connection:
        read = oversight.events(connection, account=who.account, refused=False)
    assert [one.event.action for one in read[:2]] == ["find_person", "read_person"]
    assert PHONE not in "".join(one.event.canonical().decode() for one in read)


@pytest.mark.parametrize("role", [Role.EPIDEMIOLOGIST, Role.COMMAND, Role.ADMINISTRATOR])
def test_who_has_no_such_duty_finds_nobody_and_the_answer_says_nothing_of_the_person(
    command_centre: str, staff: Staff, person: str, role: Role
) -> None:
    who = staff.log_in(role)
    with httpx.Client(base_url=command_centre, timeout=30, cookies=who.cookies) as client:
        answer = client.post("/people", data=who.form | {"kind": "phone", "value": PHONE})
        assert answer.status_code == 403
        assert person not in answer.text
        assert PHONE not in answer.text
        assert client.get("/people/" + "0" * 32).status_code == 403


def test_a_laboratory_sees_the_first_character_of_a_name(command_centre: str, staff: Staff, person: str) -> None:
    who = staff.log_in(Role.LABORATORY)
    data = who.form | {"kind": "id_number", "value": ID_NUMBER}
    answer = httpx.post(f"{command_centre}/people", data=data, cookies=who.cookies, timeout=30)
    assert answer.status_code == 200
    assert person not in answer.text
    assert PHONE not in answer.text


def test_a_community_worker_finds_on_the_page_whom_they_follow_up(
    command_centre: str, staff: Staff, person: str
) -> None:
    who = staff.log_in(Role.COMMUNITY_WORKER)
    with httpx.Client(base_url=command_centre, timeout=30, cookies=who.cookies, params={"lang": "en"}) as client:
        assert "Nobody is assigned to you" in client.get("/people").text
        tracer = sessions.authority_of(staff.register, staff.log_in(Role.TRACER).token, now())
        (record,) = people.find(staff.register, tracer, "phone", PHONE)
        until = now().date() + dt.timedelta(days=14)
        assigned = follow_ups.assign_follow_up(staff.register, tracer, record, who.account, until)
        page = client.get("/people").text
        assert person in page
        assert PHONE in page
        assert f"until {numerals.day(until, 'en')}" in page
        assert "One person is assigned to you" in page
        assert ID_NUMBER not in client.get(f"/people/{record}").text
        follow_ups.close_follow_up(staff.register, tracer, assigned, Outcome.COMPLETED)
        assert person not in client.get("/people").text
