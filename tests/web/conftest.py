"""A reader of the command centre."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest


@pytest.fixture(scope="session")
def reader(command_centre: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=command_centre, timeout=30) as client:
        yield client
