"""The door as its clients meet it: a process of its own, a real socket, a real store."""

from __future__ import annotations

import ast
import datetime as dt
import itertools
import json
import os
import random
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

import bianque
from bianque.model.errors import BadInput, BadRegister
from bianque.registry import register as registers
from bianque.safeguard import door_wire, hpke
from bianque.safeguard.door import Door, Erased, Linked
from bianque.safeguard.pseudonym import is_pseudonym
from bianque.safeguard.release_key import Holder
from bianque.services.door import at_door

NOW = dt.datetime(2028, 2, 1, 9, tzinfo=dt.UTC)
PHONES = [f"154{number:08d}" for number in range(300)]
SOURCE = Path(bianque.__file__).parent


def holders() -> list[Holder]:
    return [
        Holder("wang", "health-commission", hpke.public_of(hpke.new_private())),
        Holder("zhao", "police", hpke.public_of(hpke.new_private())),
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register with two emergencies whose keys are drawn."""
    made = tmp_path_factory.mktemp("door") / "register"
    prepare(made)
    return made


def prepare(folder: Path) -> None:
    registers.create(folder).close()
    with at_door(folder) as door:
        for emergency in ("flood", "outbreak"):
            door.open_emergency(emergency, holders(), NOW)


@contextmanager
def a_door(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """`bianque door`, until the block ends."""
    command = [str(Path(sys.executable).with_name("bianque")), "door", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert "is open" in line, process.stderr.read() if process.stderr else line
            yield process
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture(scope="module")
def door(folder: Path) -> Iterator[Door]:
    with at_door(folder) as found:
        yield found


def test_an_identifier_has_one_pseudonym_in_an_emergency_and_another_in_the_next(door: Door) -> None:
    first = door.enrol("outbreak", "phone", PHONES)
    again = door.enrol("outbreak", "phone", PHONES[::-1])
    other = door.enrol("flood", "phone", PHONES)
    assert all(map(is_pseudonym, first.pseudonyms))
    assert first.pseudonyms == again.pseudonyms[::-1]
    assert (first.opened, again.opened, other.opened) == (300, 0, 300)
    assert len({*first.pseudonyms, *other.pseudonyms}) == 600


def test_a_value_twice_in_one_batch_is_one_person_and_another_kind_is_another_number(door: Door) -> None:
    twice = door.enrol("outbreak", "card", ["6217000000000001", "6217000000000002", "6217000000000001"])
    assert twice.opened == 2
    assert twice.pseudonyms[0] == twice.pseudonyms[2] != twice.pseudonyms[1]
    (account,) = door.enrol("outbreak", "account", ["6217000000000001"]).pseudonyms
    assert account not in twice.pseudonyms


def test_looking_up_opens_no_number(door: Door) -> None:
    assert door.find("outbreak", "passport", ["E00000001"]) == [""]
    (given,) = door.enrol("outbreak", "passport", ["E00000001"]).pseudonyms
    assert door.find("outbreak", "passport", ["E00000001", "E00000002"]) == [given, ""]


def test_a_link_found_later_is_honoured_by_every_lookup(door: Door) -> None:
    phones, numbers = ["15499000001", "15499000002"], ["11010519491231002X", "110105194912310038"]
    before = door.enrol("outbreak", "phone", phones).pseudonyms
    after = door.enrol("outbreak", "id_number", numbers).pseudonyms
    assert door.link("outbreak", ("phone", phones), ("id_number", numbers)) == Linked(fewer=2, apart=0)
    assert door.link("outbreak", ("id_number", numbers), ("phone", phones)) == Linked(fewer=0, apart=0)
    assert door.enrol("outbreak", "id_number", numbers).pseudonyms == before
    assert door.find("outbreak", "phone", phones) == before
    aliases = door.aliases("outbreak")
    assert [aliases[pseudonym] for pseudonym in after] == before
    with at_door(door.folder) as another:  # and by a door that read it from the store
        assert another.find("outbreak", "id_number", numbers) == before


def test_a_link_to_somebody_unknown_is_refused_and_changes_nothing(door: Door) -> None:
    before = door.aliases("outbreak")
    with pytest.raises(BadInput, match="1 of 1 links"):
        door.link("outbreak", ("phone", ["15498000001"]), ("phone", ["15498000002"]))
    assert door.aliases("outbreak") == before


def test_an_error_never_repeats_a_value(door: Door) -> None:
    with pytest.raises(BadInput) as error:
        door.enrol("outbreak", "phone", ["15497000001", ""])
    assert "15497" not in error.value.diagnostics()
    assert door.find("outbreak", "phone", ["15497000001"]) == [""]


def test_without_a_ceremony_nothing_goes_in(door: Door) -> None:
    with pytest.raises(BadRegister, match="has no keys yet"):
        door.enrol("earthquake", "phone", PHONES)
    with pytest.raises(BadInput, match="its keys already"):
        door.open_emergency("outbreak", holders(), NOW)
    with pytest.raises(BadInput, match="two organisations"):
        door.open_emergency("earthquake", holders()[:1], NOW)


def test_an_erased_identifier_is_gone_and_its_number_is_not_given_again(tmp_path: Path) -> None:
    prepare(tmp_path / "register")
    with at_door(tmp_path / "register") as door:
        old = door.enrol("outbreak", "phone", PHONES[:3]).pseudonyms
        assert door.erase("outbreak", "phone", PHONES[1:3]) == Erased(2, [])
        assert door.find("outbreak", "phone", PHONES[:3]) == [old[0], "", ""]
    with at_door(tmp_path / "register") as door:
        assert not {*door.enrol("outbreak", "phone", PHONES[1:3]).pseudonyms} & {*old}


def test_after_the_disposal_there_is_no_key_and_no_directory(tmp_path: Path) -> None:
    prepare(tmp_path / "register")
    with at_door(tmp_path / "register") as door:
        door.enrol("outbreak", "phone", PHONES)
        kept = door.enrol("flood", "phone", PHONES).pseudonyms
        with closing(sqlite3.connect(tmp_path / "register" / "door.sqlite")) as store:
            (key,) = store.execute("SELECT wrapped_key FROM door_emergency WHERE emergency = 'outbreak'").fetchone()
            values = [row[0] for row in store.execute("SELECT value FROM directory WHERE emergency = 'outbreak'")]
        assert key in at_the_door(tmp_path / "register")
        assert door.dispose("outbreak")
        assert (door.count("outbreak"), door.count("flood")) == (0, 300)
        assert not [one for one in (key, *values) if one in at_the_door(tmp_path / "register")]
        assert door.dispose("outbreak")
        assert not door.dispose("never-opened")
        with pytest.raises(BadRegister, match="its key is destroyed"):
            door.enrol("outbreak", "phone", PHONES)
        assert door.find("flood", "phone", PHONES) == kept


def at_the_door(folder: Path) -> bytes:
    """Every byte of the files of the store behind the door."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob("door.sqlite*")))


def test_it_stands_in_the_folder_for_its_owner_alone(door: Door) -> None:
    for name in ("door.socket", "door.key", "door.lock", "door.sqlite"):
        assert stat.S_IMODE((door.folder / name).stat().st_mode) == 0o600, name


def test_there_is_one_door_to_a_register_and_many_may_stand_at_it(tmp_path: Path) -> None:
    prepare(tmp_path / "register")
    found: list[list[str]] = []
    processes: set[int] = set()

    def stand() -> None:
        with at_door(tmp_path / "register") as door:
            processes.add(door.pid)
            found.append(door.enrol("outbreak", "phone", PHONES).pseudonyms)

    with a_door(tmp_path / "register") as process:
        clients = [threading.Thread(target=stand) for _ in range(6)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        assert processes == {process.pid}
        second = subprocess.run(
            [*process.args],
            capture_output=True,
            text=True,
            check=False,  # type: ignore[misc]
        )
    assert second.returncode == 2
    assert "another process is the door" in second.stderr
    assert len(found) == 6
    assert all(pseudonyms == found[0] for pseudonyms in found)
    assert len(set(found[0])) == 300


def test_it_ends_with_the_process_that_opened_it(tmp_path: Path) -> None:
    prepare(tmp_path / "register")
    script = (
        "import pathlib, sys, time\n"
        "from bianque.services.door import at_door\n"
        "with at_door(pathlib.Path(sys.argv[1])) as door:\n"
        "    print(door.pid, flush=True)\n"
        "    time.sleep(60)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "register")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdout is not None
        process = int(client.stdout.readline())
        client.kill()
    until = time.monotonic() + 10
    while Path(f"/proc/{process}").exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert not Path(f"/proc/{process}").exists()


def test_it_does_not_shut_in_the_face_of_others_when_its_opener_ends(tmp_path: Path) -> None:
    prepare(tmp_path / "register")
    script = (
        "import pathlib, sys\n"
        "from bianque.services.door import at_door\n"
        "with at_door(pathlib.Path(sys.argv[1])) as door:\n"
        "    print(door.pid, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "register")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as opener:
        assert opener.stdout is not None
        process = int(opener.stdout.readline())
        with at_door(tmp_path / "register") as other:
            opener.communicate("done\n", timeout=10)  # it does not wait for us either
            time.sleep(0.3)
            with at_door(tmp_path / "register") as third:
                assert third.pid == other.pid == process
    until = time.monotonic() + 10
    while Path(f"/proc/{process}").exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert not Path(f"/proc/{process}").exists()


def test_a_frame_that_does_not_add_up_ends_the_conversation_and_not_the_door(door: Door) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as rude, door_address(door.folder) as address:
        rude.connect(address)
        rude.sendall(door_wire.LENGTHS.pack(1 << 31, 0))
        head, _ = door_wire.receive(rude)
        assert head["error"] == "input"
        assert rude.recv(1) == b""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as odd, door_address(door.folder) as address:
        odd.connect(address)
        for question in ({"ask": "nothing"}, {"ask": "enrol"}, {"ask": "release", "emergency": "outbreak"}, {}):
            door_wire.send(odd, question, [b""])
            assert "error" in door_wire.receive(odd)[0]
    assert door.find("outbreak", "phone", ["15496000001"]) == [""]


def test_a_length_that_is_only_said_takes_no_memory(door: Door) -> None:
    """Twenty conversations announce the longest question there is, and send nothing of it."""
    before, head = resident(door.pid), json.dumps({"columns": [door_wire.MOST_ASKED]}).encode()
    with ExitStack() as open_:
        for _ in range(20):
            rude = open_.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            rude.connect(open_.enter_context(door_address(door.folder)))
            rude.sendall(door_wire.LENGTHS.pack(len(head), door_wire.MOST_ASKED) + head)
        time.sleep(0.3)  # until they are all waiting for the rest
        more = door_wire.LENGTHS.pack(2, door_wire.MOST_ASKED + 1)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as rude, door_address(door.folder) as address:
            rude.connect(address)
            rude.sendall(more)
            assert "longer than the door takes" in door_wire.receive(rude)[0]["what"]
        assert resident(door.pid) - before < 20 << 20


def resident(process: int) -> int:
    """Bytes of memory that a process has (proc(5), statm)."""
    pages = int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def test_a_question_as_long_as_they_come_is_answered(door: Door) -> None:
    accounts = [f"{number:05}".ljust(128, "账") for number in range(door_wire.BATCH)]
    assert door.find("outbreak", "account", accounts) == [""] * door_wire.BATCH


@pytest.mark.parametrize(
    "head", [b"", b"null", b"[", b"\xff", b"[" * 100_000, b'{"columns":["a"]}', b'{"columns":[-1,1]}']
)
def test_a_head_that_is_none_is_told_so(door: Door, head: bytes) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as rude, door_address(door.folder) as address:
        rude.connect(address)
        rude.sendall(door_wire.LENGTHS.pack(len(head), 0) + head)
        assert door_wire.receive(rude)[0]["what"] == "a frame's head is none that the door knows"
        assert rude.recv(1) == b""


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_question_whose_values_are_of_another_kind_is_answered_and_the_next_one_too(door: Door) -> None:
    odd = (None, 3, "", [], {}, "\ud800", 10**30, 1e308, [["a"]], "15496000001")
    asks = ("open", "enrol", "find", "link", "erase", "lock", "unlock", "share", "handed", "release", "forget")
    names = ("kind", "count", "kinds", "targets", "rule", "organisation", "release", "until", "at", "holders")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as rude, door_address(door.folder) as address:
        rude.connect(address)
        for ask, value, columns in itertools.product(asks, odd, ([], [b"15496000001"])):
            for emergency in ("nowhere", value):
                door_wire.send(rude, {"ask": ask, "emergency": emergency} | dict.fromkeys(names, value), columns)
                said = str(door_wire.receive(rude)[0])
                assert "15496000001" not in said.replace("emergency 15496000001", "")
    assert door.find("outbreak", "phone", ["15496000001"]) == [""]


@contextmanager
def door_address(folder: Path) -> Iterator[str]:
    from bianque.safeguard.door_socket import reachable

    with reachable(folder) as address:
        yield address


def test_another_key_opens_nothing_and_a_missing_one_is_not_made_anew(tmp_path: Path) -> None:
    prepare(tmp_path / "register")
    key = tmp_path / "register" / "door.key"
    key.rename(tmp_path / "kept.key")
    with pytest.raises(BadRegister, match="cannot be read"), at_door(tmp_path / "register"):
        pass
    assert not key.exists()
    key.write_bytes(os.urandom(32))
    key.chmod(0o600)
    with at_door(tmp_path / "register") as door, pytest.raises(BadRegister, match="does not open"):
        door.enrol("outbreak", "phone", PHONES)
    key.chmod(0o644)
    with pytest.raises(BadRegister, match="others than the owner"), at_door(tmp_path / "register"):
        pass


ENROLS = """
import pathlib, sys
from bianque.services.door import at_door
with at_door(pathlib.Path(sys.argv[1])) as door:
    for start in range(int(sys.argv[2]), 10**7, 500):
        values = [f"154{n:08d}" for n in range(start, start + 500)]
        for value, pseudonym in zip(values, door.enrol("outbreak", "phone", values).pseudonyms):
            print(value, pseudonym)
        sys.stdout.flush()
"""


@pytest.mark.slow
def test_what_a_door_killed_in_the_middle_had_acknowledged_is_not_lost_and_no_number_is_given_twice(
    tmp_path: Path,
) -> None:
    prepare(tmp_path / "register")
    moments, acknowledged = random.Random(7), dict[str, str]()
    for round_ in range(6):
        with a_door(tmp_path / "register") as process:
            command = [sys.executable, "-c", ENROLS, str(tmp_path / "register"), str(round_ * 100_000)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as client:
                assert client.stdout is not None
                lines = [client.stdout.readline()]  # it has begun
                time.sleep(moments.uniform(0, 0.15))
                os.kill(process.pid, signal.SIGKILL)
                lines += client.stdout.readlines()
        acknowledged.update(line.split() for line in lines if line.endswith("\n"))  # type: ignore[misc]
    assert len(acknowledged) > 3000
    with at_door(tmp_path / "register") as door:
        assert door.find("outbreak", "phone", list(acknowledged)) == list(acknowledged.values())
        later = door.enrol("outbreak", "phone", [f"155{n:08d}" for n in range(500)]).pseudonyms
    assert len({*acknowledged.values(), *later}) == len(acknowledged) + 500
    with sqlite3.connect(tmp_path / "register" / "door.sqlite") as store:
        (numbers, different, following) = store.execute(
            "SELECT count(number), count(DISTINCT number), (SELECT max(next_number) FROM door_emergency) FROM directory"
        ).fetchone()
        (highest,) = store.execute("SELECT max(number) FROM directory").fetchone()
    store.close()
    assert numbers == different
    assert highest < following


def test_nobody_but_the_door_can_read_its_key() -> None:
    """Every module that imports its reader is part of the door's process; escrow alone seals it besides, unused."""
    imports = {module_of(path): imported(path) for path in SOURCE.rglob("*.py")}
    reader = "bianque.safeguard.door_key"
    assert reader in imports
    direct = {module for module, names in imports.items() if reader in names}
    assert direct == {f"bianque.safeguard.{name}" for name in ("door_process", "door_desk", "door_room")}
    served = {module for module, names in imports.items() if "bianque.safeguard.door_process" in names}
    assert served == {"bianque.services.door"}
    mentions = {module_of(path) for path in SOURCE.rglob("*.py") if "door.key" in strings(path)}
    assert mentions == {reader, "bianque.registry.root"}
    named = {module for module, names in imports.items() if "bianque.registry.root.DOOR_FILE" in names}
    assert named == {"bianque.registry.escrow", "bianque.registry.restore"}


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts).removesuffix(".__init__")


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.update((node.module, *(f"{node.module}.{name.name}" for name in node.names)))
    return found


def strings(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_a_client_never_holds_a_key_of_the_emergency(folder: Path) -> None:
    """Every object of a client's process is looked at, after it has used the door."""
    script = (
        "import gc, pathlib, sys\n"
        "from bianque.services.door import at_door\n"
        "with at_door(pathlib.Path(sys.argv[1])) as door:\n"
        "    door.enrol('outbreak', 'phone', ['15495000001'])\n"
        "    maps = [m.split() for m in open('/proc/self/maps')]\n"
        "    areas = [m[0].split('-') for m in maps if m[1].startswith('rw')]\n"
        "    memory = open('/proc/self/mem', 'rb', 0)\n"
        "    print(door.pid, flush=True)\n"
        "    held = sys.stdin.buffer.read(64)\n"
        "    for start, end in areas:\n"
        "        memory.seek(int(start, 16))\n"
        "        sys.stdout.buffer.write(memory.read(int(end, 16) - int(start, 16)))\n"
    )
    key = (folder / "door.key").read_bytes()
    command = [sys.executable, "-c", script, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as client:
        assert client.stdin is not None
        assert client.stdout is not None
        client.stdout.readline()
        client.stdin.close()
        memory = client.stdout.read()
    assert b"15495000001" in memory  # what the client itself has said is found there
    assert key not in memory
    keys = derived_keys(folder)
    assert len(keys) == 2
    assert not [one for one in keys if one in memory]


def derived_keys(folder: Path) -> list[bytes]:
    """The emergencies' keys, unwrapped as the door does."""
    from bianque.safeguard import door_key
    from bianque.safeguard.door_desk import key_use

    opened = door_key.read(folder, create=False)
    with sqlite3.connect(folder / "door.sqlite") as store:
        rows = store.execute("SELECT emergency, wrapped_key, release_key FROM door_emergency").fetchall()
    store.close()
    return [opened.unwrap(wrapped, key_use(emergency, public)) for emergency, wrapped, public in rows]
