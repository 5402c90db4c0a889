"""`bianque drill make`, as a person types it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from typer.testing import CliRunner

from bianque.cli.drill import app
from bianque.model.errors import BadInput


def test_make_writes_a_folder_and_says_what_it_is_and_what_comes_next(tmp_path: Path) -> None:
    out = tmp_path / "exercise"
    result = CliRunner().invoke(
        app, ["make", "--seed", "3", "--days", "30", "--start", "2024-02-28", "--out", str(out)]
    )
    assert result.exit_code == 0, result.output
    assert "40 counties, 30 days" in result.output
    assert f"bianque assess {out} --out out/" in result.output
    marker = json.loads((out / "drill.json").read_text("utf-8"))
    assert (marker["seed"], marker["days"], marker["start"]) == (3, 30, "2024-02-28")
    assert all((out / name).is_file() for name in marker["files"])


def test_make_refuses_a_start_that_is_no_date(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["make", "--seed", "3", "--start", "1/2/2025", "--out", str(tmp_path / "x")])
    assert isinstance(result.exception, BadInput)
    assert "YYYY-MM-DD" in result.exception.remedy
    assert not (tmp_path / "x").exists()


def test_make_refuses_an_exercise_that_would_reach_into_the_future(tmp_path: Path) -> None:
    start = (dt.datetime.now(tz=dt.UTC).date() - dt.timedelta(days=20)).isoformat()
    args = ["make", "--seed", "3", "--days", "30", "--start", start, "--out", str(tmp_path / "x")]
    result = CliRunner().invoke(app, args)
    assert isinstance(result.exception, BadInput)
    assert "fewer --days" in result.exception.remedy
    assert not (tmp_path / "x").exists()
