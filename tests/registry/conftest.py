"""A new register for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bianque.registry import register as registers
from bianque.registry.register import Register


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    opened = registers.create(tmp_path / "register")
    yield opened
    opened.close()
