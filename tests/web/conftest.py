"""A reader of the command centre."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from bianque.model.authority import Role
from tests.readers import LoggedIn, Staff


@pytest.fixture(scope="session")
def epidemiologist(staff: Staff) -> LoggedIn:
    return staff.log_in(Role.EPIDEMIOLOGIST)


@pytest.fixture(scope="session")
def reader(command_centre: str, epidemiologist: LoggedIn) -> Iterator[httpx.Client]:
    """An epidemiologist in a browser without JavaScript."""
    with httpx.Client(base_url=command_centre, timeout=30, cookies=epidemiologist.cookies) as client:
        yield client
