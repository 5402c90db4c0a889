"""An open page hears of every feed that is taken in."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import httpx

from bianque.model.authority import Role
from tests.readers import Staff

Serving = Callable[[Path], AbstractContextManager[str]]


def test_a_reader_hears_of_an_ingest_and_of_its_undoing(
    exercise_lake: Path, exercise_folder: Path, serving: Serving, staff: Staff, tmp_path: Path
) -> None:
    lake, late = tmp_path / "lake", tmp_path / "cases.csv"
    shutil.copytree(exercise_lake, lake)
    lines = (exercise_folder / "cases.csv").read_text("utf-8").splitlines()
    correction = lines[-1].split(",")
    correction[2] = str(int(correction[2]) + 1000)
    late.write_text("\n".join([lines[0], ",".join(correction)]) + "\n", "utf-8")

    def bianque(*words: str) -> str:
        command = [str(Path(sys.executable).with_name("bianque")), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    cookies = staff.log_in(Role.EPIDEMIOLOGIST).cookies
    with serving(lake) as url, httpx.Client(base_url=url, timeout=20, cookies=cookies) as client:
        total = client.get("/situation.json").json()["whole"]["total"]
        with client.stream("GET", "/events") as stream:
            states = (line.removeprefix("data: ") for line in stream.iter_lines() if line.startswith("data: "))
            first = next(states)
            assert first == client.get("/wall.json").json()["lake_state"]
            said = bianque("ingest", str(late), "--lake", str(lake), "--known-at", "2021-03-03")
            second = next(states)
            assert second != first
            now = client.get("/situation.json").json()
            assert now["lake_state"] == second
            assert now["as_of"] == dt.date(2021, 3, 3).isoformat()
            assert now["whole"]["total"] == total + 1000
            receipt = said.strip().splitlines()[-1].split()[-1]
            bianque("lake", "undo", receipt, "--lake", str(lake))
            assert next(states) == first
            assert client.get("/situation.json").json()["whole"]["total"] == total
