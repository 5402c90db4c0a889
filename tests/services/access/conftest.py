"""A register with its first three people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bianque.registry.register import Register

from .people import Person, first_people


@pytest.fixture
def begun(tmp_path: Path) -> Iterator[tuple[Register, dict[str, Person]]]:
    register, people = first_people(tmp_path / "register")
    yield register, people
    register.close()
