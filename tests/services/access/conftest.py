"""A register with its first three people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bianque.registry import register as registers
from bianque.registry.register import Register

from .people import Person, first_people


@pytest.fixture
def begun(tmp_path: Path) -> Iterator[tuple[Register, dict[str, Person]]]:
    register = registers.create(tmp_path / "register")
    yield register, first_people(register)
    register.close()


@pytest.fixture
def entered(begun: tuple[Register, dict[str, Person]]) -> tuple[Register, dict[str, Person]]:
    """The three first people, logged in."""
    for one in begun[1].values():
        one.first_log_in()
    return begun
