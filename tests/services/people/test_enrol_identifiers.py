"""A source's pairs of phone and ID number at the door."""

from __future__ import annotations

import pytest

from bianque.model.errors import PolicyRefusal
from bianque.registry.register import Register
from bianque.services.door import at_door
from bianque.services.enrol_identifiers import enrol_identifiers
from tests.services.people.office import at_work, ceremony, furnish

pytestmark = pytest.mark.parametrize("register", ["sqlite"], indirect=True)
FAMILY = [("13800138000", "11010519491231002X"), ("13800138000", "110105194912310038")]


@pytest.fixture(autouse=True)
def furnished(register: Register) -> None:
    furnish(register)


def test_a_family_phone_makes_nobody_another_person(register: Register) -> None:
    with at_door(register.at_rest) as door:
        ceremony(door)
        given = enrol_identifiers(register, door, at_work(), "street", FAMILY)
        assert len(set(given.pseudonyms)) == 2
        assert given.unlinked == 1
        assert enrol_identifiers(register, door, at_work(), "street", FAMILY[::-1]).pseudonyms == given.pseudonyms[::-1]
        new = ("13800138001", FAMILY[1][1])
        alone = enrol_identifiers(register, door, at_work(), "street", [new])
        assert (alone.pseudonyms, alone.unlinked) == (given.pseudonyms[1:], 0)


def test_pairs_of_who_is_no_source_do_not_come_in(register: Register) -> None:
    with at_door(register.at_rest) as door:
        ceremony(door)
        with pytest.raises(PolicyRefusal):
            enrol_identifiers(register, door, at_work(), "rail", FAMILY)
        assert door.count(at_work().emergency_id) == 0
