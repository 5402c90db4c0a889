"""An answer that takes its time ends with what permitted it."""

from __future__ import annotations

import asyncio
import random
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import Response

from bianque.model.authority import Role
from bianque.services import accounts, sessions
from bianque.web.app import create_app
from bianque.web.guard import OwnAccess
from bianque.web.leaving import ASKED_EVERY_SECONDS, PIECE
from tests.readers import LoggedIn, Staff, now

SMALL = 8_192  # bytes a machine holds for a connection: what it holds has left the server and cannot be taken back


@pytest.fixture(scope="module")
def port(exercise_lake: Path, staff: Staff, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The pages over the exercise on a socket that holds little."""
    app = create_app(exercise_lake, tmp_path_factory.mktemp("jobs") / "jobs", staff.folder)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        running = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        running.start()
        yield listening.getsockname()[1]
        server.should_exit = True
        running.join()
    app.state.register.close()


@pytest.mark.parametrize(("language", "said"), [("en", "nothing of it was sent"), ("zh-CN", "没有发出任何内容")])
def test_who_is_shut_out_before_the_first_byte_is_told_why(
    exercise_lake: Path, staff: Staff, tmp_path: Path, language: str, said: str
) -> None:
    app = create_app(exercise_lake, tmp_path / "jobs", staff.folder)
    reader = staff.log_in(Role.EPIDEMIOLOGIST)

    def long_answer(authority: OwnAccess) -> Response:
        del authority  # permitted, and logged out while the answer was put together
        sessions.log_out(staff.register, reader.token, now())
        return Response(random.Random(7).randbytes(4 * PIECE))  # no compression makes it one piece

    app.add_api_route("/long", long_answer)

    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1", cookies=reader.cookies
        ) as client:
            return await client.get("/long", params={"lang": language})

    answer = asyncio.run(asked())
    app.state.register.close()
    assert answer.status_code == 403
    assert said in answer.text
    assert len(answer.content) < PIECE


def begun(port: int, who: LoggedIn) -> tuple[socket.socket, int, int]:
    """A download of every row of which little has been taken: the connection, what came, and how much it is."""
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
    reader.settimeout(30)
    reader.connect(("127.0.0.1", port))
    asked = ("GET /tables/rows.csv HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Cookie: bianque-session={who.token}")
    reader.sendall("\r\n".join((*asked, "Connection: close", "", "")).encode())
    head, _, body = reader.recv(SMALL).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    return reader, len(body), int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])


def rest(reader: socket.socket) -> int:
    came = 0
    with reader:
        while piece := reader.recv(PIECE):
            came += len(piece)
    return came


def test_a_download_is_cut_when_its_reader_is_shut_out_in_the_middle(port: int, staff: Staff) -> None:
    """One is logged out, one's account is disabled, and one who may go on gets it whole."""
    out, disabled, stays = (staff.log_in(Role.EPIDEMIOLOGIST) for _ in range(3))
    downloads = {who: begun(port, who) for who in (out, disabled, stays)}
    sessions.log_out(staff.register, out.token, now())
    administrator = sessions.authority_of(staff.register, staff.log_in(Role.ADMINISTRATOR).token, now())
    accounts.disable(staff.register, administrator, disabled.account, reason="left the service")
    time.sleep(ASKED_EVERY_SECONDS)
    for who, (reader, came, length) in downloads.items():
        came += rest(reader)
        assert length > 8 * PIECE
        assert came == length if who is stays else came < 4 * PIECE, (came, length)
