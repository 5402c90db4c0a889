"""A register with its first three people, on each engine."""

from __future__ import annotations

import pytest

from bianque.registry.register import Register

from .people import Person, first_people


@pytest.fixture
def begun(register: Register) -> tuple[Register, dict[str, Person]]:
    return register, first_people(register)
