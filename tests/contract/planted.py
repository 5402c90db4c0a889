"""A register in which every person is a canary, and one person of each role who is at work in it."""

from __future__ import annotations

import csv
import datetime as dt
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bianque.model.authority import Purpose, Role
from bianque.model.emergency import DataSource
from bianque.model.regions import from_file
from bianque.registry import follow_ups, people
from bianque.registry.people import FIELDS
from bianque.services import sessions
from bianque.services.import_people import Transfer, import_people
from tests import readers
from tests.canaries import Canaries, planted
from tests.readers import BASIS, LoggedIn, Staff, now

PERSONS = 3
ROLES: list[Role] = [role for role in Role if role not in (Role.PUBLIC, Role.OPERATOR)]  # those two have no account
SEES: dict[Role | None, set[str]] = {  # the fields shown whole to whoever has the right
    Role.TRACER: {"name", "phone", "id_number", "address", "workplace", "health_note"},
    Role.HOSPITAL: {"name", "phone", "id_number", "address", "workplace", "health_note"},
    Role.COMMUNITY_WORKER: {"name", "phone", "address"},
    Role.LABORATORY: {"id_number"},
}
REGIONS = "code,parent,level,name_zh,name_en\n990000,,province,澄岚省,Chenglan\n990101,990000,county,栖云,Qiyun\n"
SOURCE = DataSource(
    organisation="hospital",
    fields=(*FIELDS, "person.region", "person.list"),
    purposes=(
        Purpose.CLINICAL_CARE,
        Purpose.CONTACT_TRACING,
        Purpose.ISOLATION_FOLLOW_UP,
        Purpose.LABORATORY_TESTING,
    ),
    basis=BASIS,
)


@dataclass(frozen=True)
class Planted:
    """The canaries of all records as one (`RECORD.field`), what each record holds, and a session of every role."""

    staff: Staff
    canaries: Canaries
    records: Mapping[str, Mapping[str, str]]
    sessions: Mapping[Role, LoggedIn]
    receipt: str

    def sees(self, role: Role | None, record: str) -> set[str]:
        """The canaries of a record that a role may see whole: a community worker those of the first alone."""
        may = role is not Role.COMMUNITY_WORKER or record == next(iter(self.records))
        return {f"{record}.{field}" for field in SEES.get(role, ())} if may else set()

    def masks(self, role: Role, record: str) -> set[str]:
        """What a role that sees a record masked is shown in the place of its values."""
        one = self.records[record]
        shown = {
            Role.LABORATORY: {f"{one['name'][0]}＊＊"},
            Role.COMMAND: {f"{one['name'][0]}＊＊", f"199****{one['phone'][-4:]}", f"****{one['id_number'][-4:]}"},
        }
        return shown.get(role, set())


def plant(folder: Path) -> Planted:
    """Take canaries in by the import, as a tracer does; the first record is assigned to the community worker.

    The command body reads under a grant of its own: it sees persons masked, as a laboratory does.
    """
    staff = readers.staff(folder / "register", [SOURCE])
    logged_in: dict[Role, LoggedIn] = {role: staff.log_in(role) for role in ROLES}
    tracer = sessions.authority_of(staff.register, logged_in[Role.TRACER].token, now())
    staff.grant(logged_in[Role.COMMAND].account, Purpose.CONTACT_TRACING)
    command = logged_in[Role.COMMAND].token
    sessions.choose(staff.register, command, readers.EMERGENCY, Purpose.CONTACT_TRACING, now())
    persons = [planted().values for _ in range(PERSONS)]
    file = folder / "elsewhere" / "people.csv"
    file.parent.mkdir()
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, [*persons[0], "region"])
        writer.writeheader()
        writer.writerows({**one, "region": "栖云"} for one in persons)
    (file.parent / "regions.csv").write_text(REGIONS, "utf-8")
    regions = from_file(file.parent / "regions.csv")
    receipt = import_people(staff.register, tracer, file, Transfer("hospital", "tablet-7"), regions=regions)
    assert (receipt.accepted, receipt.refused_values) == (PERSONS, 0)
    file.unlink()
    found = {people.find(staff.register, tracer, "phone", one["phone"])[0]: one for one in persons}
    worker = logged_in[Role.COMMUNITY_WORKER].account
    follow_ups.accept(staff.register, tracer, next(iter(found)), worker, now().date() + dt.timedelta(days=14))
    every = {f"{record}.{field}": text for record, one in found.items() for field, text in one.items()}
    return Planted(staff, Canaries(every), found, logged_in, receipt.id)


@dataclass(frozen=True)
class Served:
    """The address of a command centre that runs as a process of its own, and every folder that it may write to."""

    url: str
    folders: tuple[Path, ...]


@contextmanager
def served(planted: Planted, lake: Path, folder: Path) -> Iterator[Served]:
    """`bianque serve`, what it prints caught in files, its temporary files in a folder of their own."""
    printed, temporary, jobs = folder / "printed", folder / "temporary", folder / "jobs"
    for one in (printed, temporary):
        one.mkdir()
    command = [str(Path(sys.executable).with_name("bianque")), "serve", "--lake", str(lake), "--port", "0"]
    command += ["--register", str(planted.staff.folder), "--jobs", str(jobs)]
    environment = os.environ | {"TMPDIR": str(temporary), "PYTHONUNBUFFERED": "1"}
    with (
        (printed / "stdout").open("wb") as out,
        (printed / "stderr").open("wb") as err,
        subprocess.Popen(command, stdout=out, stderr=err, env=environment) as server,
    ):
        try:
            yield Served(_answering(printed / "stdout"), (printed, temporary, jobs, lake, planted.staff.folder))
        finally:
            server.terminate()
            server.wait(20)


def _answering(stdout: Path) -> str:
    """The address that a starting server prints, once it answers there."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        url = stdout.read_text("utf-8").strip().rpartition(" ")[2]
        try:
            httpx.get(f"{url}/definitions.json")
        except (httpx.TransportError, httpx.UnsupportedProtocol):
            time.sleep(0.1)
        else:
            return url
    raise AssertionError("the command centre did not answer within a minute")
