"""Where the real data is, a command centre over an exercise, and how many tests a bare machine skips."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import TypeAlias

import httpx
import pytest
from pyrage import x25519

from bianque.drill import draw_exercise, write_exercise
from bianque.registry import postgres as on_postgresql
from bianque.registry import register as registers
from bianque.registry.register import Register
from bianque.services import lakes
from tests import postgres, readers
from tests.readers import Staff

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("BIANQUE_SHARED", ROOT / ".." / "shared"))
if not SHARED.is_absolute():
    SHARED = ROOT / SHARED
Serving: TypeAlias = Callable[[Path, Path], AbstractContextManager[str]]  # of a register and a lake: the address
MEMORY = Path("/dev/shm")
ROOM = 4 << 30  # bytes that must be free in memory: a whole run leaves less than 1 GiB


def pytest_configure() -> None:
    """Temporary files lie in memory, unless TMPDIR says where: a register waits for the disk at each commit."""
    if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None  # chosen anew by whoever asks next


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data and published results; a test that needs it is skipped where it is absent."""
    data = SHARED / "data"
    if not data.is_dir():
        pytest.skip("real data is absent: set BIANQUE_SHARED to the folder that holds data/")
    return data


@contextmanager
def _serving(register: Path, lake: Path) -> Iterator[str]:
    """`bianque serve` over a lake, on a free port of loopback, until the block ends."""
    command = [str(Path(sys.executable).with_name("bianque")), "serve", "--lake", str(lake), "--port", "0"]
    command += ["--register", str(register)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().strip().rpartition(" ")[2]
            for _ in range(200):
                try:
                    httpx.get(f"{url}/definitions.json")
                    break
                except httpx.TransportError:
                    time.sleep(0.05)
            yield url
        finally:
            server.terminate()
            server.wait(20)


@pytest.fixture(scope="session")
def staff(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staff]:
    """The people of a register: those of every served centre, so that one log-in opens them all."""
    made = readers.staff(tmp_path_factory.mktemp("staff") / "register")
    yield made
    made.register.close()


@pytest.fixture(scope="session")
def serving(staff: Staff) -> Callable[[Path], AbstractContextManager[str]]:
    """`bianque serve` over a lake."""
    return partial(_serving, staff.folder)


@pytest.fixture(scope="session")
def serving_with() -> Serving:
    """For a centre with a register of its own."""
    return _serving


@pytest.fixture
def identity(tmp_path: Path) -> Path:
    """An age identity, as `age-keygen` writes it."""
    key = x25519.Identity.generate()
    path = tmp_path / "identity.txt"
    path.write_text(f"# public key: {key.to_public()}\n{key}\n")
    return path


@pytest.fixture(scope="session")
def exercise_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exercise of the demo: seed 7, 60 days. Tests only read it."""
    folder = tmp_path_factory.mktemp("exercise") / "exercise"
    write_exercise(draw_exercise(seed=7, days=60, start=dt.date(2021, 1, 1)), folder)
    return folder


@pytest.fixture(scope="session")
def exercise_lake(exercise_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake of the exercise. Tests only read it."""
    path = tmp_path_factory.mktemp("exercise-lake") / "lake"
    lakes.ingest_example(exercise_folder, exercise_folder, path, dt.date(2021, 3, 2))
    return path


@pytest.fixture(scope="session")
def command_centre(exercise_lake: Path, staff: Staff) -> Iterator[str]:
    """The address of a command centre over the exercise."""
    with _serving(staff.folder, exercise_lake) as url:
        yield url


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgres.Server]:
    """A running PostgreSQL."""
    with postgres.server() as server:
        yield server


@pytest.fixture(scope="session")
def tables(postgresql: postgres.Server) -> Iterator[str]:
    """A database with the tables of a register and nothing in them: a copy is there sooner than a new one."""
    with postgresql.template(on_postgresql.create) as name:
        yield name


@pytest.fixture
def owner(postgresql: postgres.Server, tables: str) -> Iterator[str]:
    """The address of the owner of a new database on PostgreSQL that has the tables of a register, and no agency."""
    with postgresql.database(copy_of=tables) as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def register(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Register]:
    """A new, empty register of agency `cdc`, on each engine."""
    folder = tmp_path / "register"
    if request.param == "sqlite":
        made = registers.create(folder)
    else:
        made = registers.create_on_postgresql(folder, request.getfixturevalue("owner"), "cdc")
    yield made
    made.close()


@pytest.fixture
def at_rest(register: Register, request: pytest.FixtureRequest) -> Callable[[], Path]:
    """Called: the folder that holds every file of the register's stores, what is committed written out to them."""

    def folder() -> Path:
        if register.engine.dialect.name == "sqlite":
            return register.at_rest
        server: postgres.Server = request.getfixturevalue("postgresql")
        if server.folder is None:
            pytest.skip("the files of a PostgreSQL that runs elsewhere are not here")
        with server.connect() as connection:
            connection.execute("CHECKPOINT")
        return server.folder

    return folder


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
def pytest_runtest_makereport(item: pytest.Item):  # type: ignore[no-untyped-def]
    """Where the real data is present, a skipped oracle test is a failure."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and item.get_closest_marker("oracle") and (SHARED / "data").is_dir():
        report.outcome = "failed"
        report.longrepr = f"an oracle test was skipped although the real data is at {SHARED}: {report.longrepr}"
