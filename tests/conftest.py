"""Where the real data is, and how many oracle tests its absence skips."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("BIANQUE_SHARED", ROOT / ".." / "shared"))
if not SHARED.is_absolute():
    SHARED = ROOT / SHARED


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data and published results; a test that needs it is skipped where it is absent."""
    data = SHARED / "data"
    if not data.is_dir():
        pytest.skip("real data is absent: set BIANQUE_SHARED to the folder that holds data/")
    return data


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "shared" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.oracle)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    oracles = sum(1 for report in skipped if "real data is absent" in str(report.longrepr))
    browser = sum(1 for report in skipped if "Chromium" in str(report.longrepr))
    if browser:
        terminalreporter.write_line(f"{browser} browser tests were skipped: no Chromium on this machine")
    if oracles:
        terminalreporter.write_line(f"{oracles} oracle tests were skipped: no real data at {SHARED}")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item):  # type: ignore[no-untyped-def]  # noqa: ANN201
    """Where the real data is present, a skipped oracle test is a failure."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and item.get_closest_marker("oracle") and (SHARED / "data").is_dir():
        report.outcome = "failed"
        report.longrepr = f"an oracle test was skipped although the real data is at {SHARED}: {report.longrepr}"
