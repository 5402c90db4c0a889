"""A register with its first three people, on both engines."""

from __future__ import annotations

import pytest

from bianque.registry.register import Register

from .people import Person, first_people


@pytest.fixture
def begun(register: Register) -> tuple[Register, dict[str, Person]]:
    return register, first_people(register)


@pytest.fixture
def entered(begun: tuple[Register, dict[str, Person]]) -> tuple[Register, dict[str, Person]]:
    """The three first people, logged in."""
    for one in begun[1].values():
        one.enter()
    return begun
