"""Ingest: receipts add up, versions keep what was known, nothing is lost, a killed ingest leaves no trace."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bianque.lake import check, facts
from bianque.lake.ingest import ingest, unusable
from bianque.lake.receipt import Receipt
from bianque.lake.store import Lake
from bianque.model.errors import BadInput, BadLake
from bianque.model.regions import Region, RegionSystem

from .conftest import TODAY, cases

FIRST = b"date,place,confirmed,dead\n2020-01-23,A1,5,0\n2020-01-24,A1,9,1\n2020-01-24,B2,2,0\n2020-01-24,Same,1,0\n"
CORRECTED = FIRST.replace(b"2020-01-24,A1,9,1", b"2020-01-24,A1,8,1")


def take(lake: Lake, data: bytes, regions: RegionSystem, *, today: dt.date = TODAY, **changes: object) -> Receipt:
    return ingest(lake, cases(**changes), data, "cases.csv", regions, today=today)


def known(lake: Lake, as_of: dt.date, measure: str = "confirmed") -> dict[tuple[str, dt.date], float]:
    rows = facts.counts(lake, as_of, measure=measure).to_pylist()
    return {(row["region"], row["reference_date"]): row["value"] for row in rows}


def test_a_receipt_adds_up_and_names_each_loss(lake: Lake, regions: RegionSystem) -> None:
    receipt = take(lake, FIRST, regions)
    assert (receipt.read, receipt.accepted, receipt.quarantined) == (4, 3, 1)
    assert (receipt.new, receipt.unchanged, receipt.corrected, receipt.facts) == (3, 0, 0, 6)
    assert receipt.known_at == "the file has no vintages: reference date + 0 days"
    rows = list(csv.DictReader(io.StringIO(lake.quarantine(receipt.id).decode())))
    assert [(row["file"], row["line"], row["field"], row["text"]) for row in rows] == [
        ("cases.csv", "5", "place", "2020-01-24,Same,1,0")
    ]


def test_the_same_file_twice_changes_nothing(lake: Lake, regions: RegionSystem) -> None:
    first = take(lake, FIRST, regions)
    state, files = lake.state(), sorted(lake.path.rglob("*"))
    assert take(lake, FIRST, regions, today=TODAY + dt.timedelta(days=9)) == first
    assert (lake.state(), sorted(lake.path.rglob("*"))) == (state, files)


def test_rows_from_the_future_are_taken_in_once_their_day_has_come(lake: Lake, regions: RegionSystem) -> None:
    early = take(lake, FIRST, regions, today=dt.date(2020, 1, 23))
    assert (early.accepted, early.quarantined) == (1, 3)
    later = take(lake, FIRST, regions)
    assert later.id != early.id
    assert (later.accepted, later.new, later.quarantined, later.replaces) == (3, 3, 1, early.id)
    state = lake.state()
    assert take(lake, FIRST, regions).id == later.id
    assert lake.state() == state
    assert len(known(lake, TODAY)) == 3


def test_a_dry_run_tells_the_receipt_and_changes_nothing(lake: Lake, regions: RegionSystem) -> None:
    state = lake.state()
    receipt = ingest(lake, cases(), FIRST, "cases.csv", regions, today=TODAY, dry_run=True)
    assert (receipt.read, receipt.quarantined, lake.state(), lake.receipts()) == (4, 1, state, [])
    assert not (lake.path / ".lock").exists()


def test_a_correction_adds_a_version_and_an_earlier_day_still_sees_what_was_known_then(
    lake: Lake, regions: RegionSystem
) -> None:
    take(lake, FIRST, regions)
    receipt = take(lake, CORRECTED, regions)
    assert (receipt.new, receipt.unchanged, receipt.corrected) == (0, 2, 1)
    cell = ("A1", dt.date(2020, 1, 24))
    assert known(lake, dt.date(2020, 1, 24))[cell] == 9
    assert known(lake, TODAY - dt.timedelta(days=1))[cell] == 9
    assert known(lake, TODAY)[cell] == 8


def test_a_later_file_that_repeats_a_correction_does_not_carry_it_into_the_past(
    lake: Lake, regions: RegionSystem
) -> None:
    take(lake, FIRST, regions)
    take(lake, CORRECTED, regions)
    take(lake, CORRECTED + b"2020-01-25,A1,12,1\n", regions, today=TODAY + dt.timedelta(days=5))
    assert known(lake, dt.date(2020, 1, 31))["A1", dt.date(2020, 1, 24)] == 9


WRONG = {"measures": {"confirmed": "dead"}}  # the column of deaths, read as cases
RIGHT = {"measures": {"confirmed": "confirmed"}}


def test_a_description_that_was_wrong_is_corrected_for_past_days_too(lake: Lake, regions: RegionSystem) -> None:
    wrong = take(lake, FIRST, regions, **WRONG)
    receipt = take(lake, FIRST, regions, today=TODAY + dt.timedelta(days=3), **RIGHT)
    assert (receipt.new, receipt.corrected, receipt.replaces) == (3, 0, wrong.id)
    assert known(lake, dt.date(2020, 1, 23)) == {("A1", dt.date(2020, 1, 23)): 5}
    assert known(lake, TODAY)["A1", dt.date(2020, 1, 24)] == 9
    assert facts.span(lake) == (dt.date(2020, 1, 23), dt.date(2020, 1, 24))
    assert check.check(lake).problems == []


def test_a_delay_declared_afterwards_counts_for_the_facts_already_in(lake: Lake, regions: RegionSystem) -> None:
    take(lake, FIRST, regions)
    receipt = take(lake, FIRST, regions, known_at={"delay_days": 2})
    assert receipt.known_at == "the file has no vintages: reference date + 2 days"
    assert known(lake, dt.date(2020, 1, 24)) == {}
    assert set(known(lake, dt.date(2020, 1, 25))) == {("A1", dt.date(2020, 1, 23))}


def test_going_back_to_an_earlier_description_gives_its_facts_again(lake: Lake, regions: RegionSystem) -> None:
    first = take(lake, FIRST, regions)
    take(lake, FIRST, regions, known_at={"delay_days": 2})
    back = take(lake, FIRST, regions)
    assert back.id not in (first.id, first.replaces)
    assert known(lake, dt.date(2020, 1, 23)) == {("A1", dt.date(2020, 1, 23)): 5}
    state = lake.state()
    assert take(lake, FIRST, regions) == back
    assert lake.state() == state


def test_a_description_that_reads_nothing_does_not_take_facts_out(lake: Lake, regions: RegionSystem) -> None:
    take(lake, FIRST, regions)
    broken = take(lake, FIRST, regions, measures={"confirmed": "cases"})
    assert (broken.accepted, broken.replaces) == (0, "")
    assert len(known(lake, TODAY)) == 3
    take(lake, FIRST, regions, **RIGHT)
    assert known(lake, TODAY, "deaths") == {}


def test_a_later_file_read_anew_keeps_its_place_between_the_others(lake: Lake, regions: RegionSystem) -> None:
    day, cell = TODAY + dt.timedelta(days=1), ("A1", dt.date(2020, 1, 24))
    take(lake, FIRST, regions)
    take(lake, CORRECTED, regions)
    take(lake, FIRST.replace(b"A1,9", b"A1,7"), regions, today=day)
    anew = take(lake, CORRECTED, regions, today=day, **RIGHT)
    assert (anew.new, anew.unchanged, anew.corrected) == (0, 2, 1)
    assert known(lake, TODAY - dt.timedelta(days=1))[cell] == 9
    assert known(lake, TODAY)[cell] == 8
    assert known(lake, day)[cell] == 7


def test_files_read_by_the_description_that_was_wrong_are_named_and_have_to_go_first(
    lake: Lake, regions: RegionSystem
) -> None:
    longer = FIRST + b"2020-01-25,A1,12,1\n"
    first, second = (take(lake, data, regions, **WRONG) for data in (FIRST, longer))
    state = lake.state()
    with pytest.raises(BadInput, match=f"other files were read as it was then: {first.id}") as error:
        take(lake, longer, regions, **RIGHT)
    assert f"take {first.id}, {second.id} out, each with `bianque lake undo RECEIPT`" in error.value.remedy
    assert lake.state() == state
    lake.undo(first.id)
    take(lake, longer, regions, **RIGHT)
    assert known(lake, dt.date(2020, 1, 23)) == {("A1", dt.date(2020, 1, 23)): 5}


def test_a_measure_can_be_added_to_the_description_of_files_already_in(lake: Lake, regions: RegionSystem) -> None:
    longer = FIRST + b"2020-01-25,A1,12,1\n"
    for data in (FIRST, longer):
        take(lake, data, regions, **RIGHT)
    take(lake, longer, regions)
    assert known(lake, dt.date(2020, 1, 25), "deaths")["A1", dt.date(2020, 1, 25)] == 1


def test_a_row_that_comes_late_is_not_seen_before_its_file_came(lake: Lake, regions: RegionSystem) -> None:
    take(lake, FIRST, regions)
    receipt = take(lake, FIRST + b"2020-01-22,A1,3,0\n2020-01-24,P,4,0\n2020-01-25,A1,12,1\n", regions)
    assert receipt.new == 3
    assert receipt.known_at.endswith("reference date + 0 days; for corrected and late values the day the file came")
    late = {("A1", dt.date(2020, 1, 22)), ("P", dt.date(2020, 1, 24))}
    assert late.isdisjoint(known(lake, TODAY - dt.timedelta(days=1)))
    assert ("A1", dt.date(2020, 1, 25)) in known(lake, dt.date(2020, 1, 25))
    assert late <= set(known(lake, TODAY))


def test_nothing_is_seen_before_it_was_known(lake: Lake, regions: RegionSystem) -> None:
    take(lake, FIRST, regions, known_at={"delay_days": 2})
    assert known(lake, dt.date(2020, 1, 24)) == {}
    assert set(known(lake, dt.date(2020, 1, 25))) == {("A1", dt.date(2020, 1, 23))}


def test_a_file_with_vintages_gives_each_day_its_own_version(lake: Lake, regions: RegionSystem) -> None:
    text = (
        b"date,place,confirmed,dead,seen\n"
        b"2020-01-23,A1,5,0,2020-01-24\n2020-01-23,A1,7,0,2020-01-26\n2020-01-23,A1,6,0,2020-01-25\n"
    )
    receipt = take(lake, text, regions, known_at={"column": "seen"})
    assert receipt.vintages
    cell = ("A1", dt.date(2020, 1, 23))
    assert [known(lake, dt.date(2020, 1, day)).get(cell) for day in (23, 24, 25, 26)] == [None, 5, 6, 7]


def test_a_falling_total_is_kept_and_flagged(lake: Lake, regions: RegionSystem) -> None:
    receipt = take(lake, b"date,place,confirmed,dead\n2020-01-23,A1,5,0\n2020-01-24,A1,3,0\n", regions)
    assert (receipt.accepted, receipt.falling) == (2, 1)
    assert receipt.falls == ("line 3: confirmed of A1 falls on 2020-01-24",)
    assert known(lake, TODAY)["A1", dt.date(2020, 1, 24)] == 3


def test_a_total_that_falls_from_one_file_to_the_next_is_flagged(lake: Lake, regions: RegionSystem) -> None:
    header = b"date,place,confirmed,dead\n"
    take(lake, header + b"2020-01-23,A1,50,0\n2020-01-23,B2,50,0\n", regions)
    receipt = take(lake, header + b"2020-01-24,A1,30,0\n2020-01-24,B2,60,0\n", regions)
    assert receipt.falls == ("line 2: confirmed of A1 falls on 2020-01-24",)
    late = take(lake, header + b"2020-01-22,B2,55,0\n", regions)
    assert late.falls == ("line 2: confirmed of B2 falls on 2020-01-23",)


def test_a_file_without_its_column_goes_to_quarantine_as_a_whole(lake: Lake, regions: RegionSystem) -> None:
    receipt = take(lake, b"day,place,confirmed,dead\n2020-01-23,A1,5,0\n", regions)
    assert (receipt.read, receipt.accepted, receipt.quarantined) == (1, 0, 1)
    why = unusable(receipt)
    assert why is not None
    assert "no column 'date'" in why.what
    assert "emergency.toml" in why.remedy


def test_undo_takes_a_feed_out_and_it_can_be_taken_in_again(lake: Lake, regions: RegionSystem) -> None:
    first = take(lake, FIRST, regions)
    second = take(lake, CORRECTED, regions)
    lake.undo(second.id)
    assert known(lake, TODAY)["A1", dt.date(2020, 1, 24)] == 9
    lake.undo(first.id)
    assert known(lake, TODAY) == {}
    assert len(list((lake.path / "undone").glob("*.json"))) == 2
    take(lake, FIRST, regions)
    assert len(known(lake, TODAY)) == 3
    assert check.check(lake).problems == []


def test_undoing_the_first_file_keeps_what_the_second_one_said(lake: Lake, regions: RegionSystem) -> None:
    first = take(lake, FIRST, regions)
    take(lake, CORRECTED, regions)
    lake.undo(first.id)
    assert known(lake, dt.date(2020, 1, 31)) == {("A1", dt.date(2020, 1, 23)): 5, ("B2", dt.date(2020, 1, 24)): 2}
    assert known(lake, TODAY)["A1", dt.date(2020, 1, 24)] == 8


def test_a_file_undone_under_a_later_one_comes_back_to_its_place_with_the_day_it_came(
    lake: Lake, regions: RegionSystem
) -> None:
    """Without that day it is a correction of today, and wins over the later file."""
    cell = ("A1", dt.date(2020, 1, 24))
    came, later = dt.date(2020, 1, 25), dt.date(2020, 2, 1)
    first = take(lake, FIRST, regions, today=came)
    take(lake, CORRECTED, regions, today=later)
    lake.undo(first.id)
    again = take(lake, FIRST, regions, today=came)
    assert (known(lake, came)[cell], known(lake, later)[cell]) == (9, 8)
    lake.undo(again.id)
    take(lake, FIRST, regions, today=TODAY)
    assert (cell in known(lake, came), known(lake, later)[cell], known(lake, TODAY)[cell]) == (False, 8, 9)


def test_files_undone_newest_first_and_taken_in_oldest_first_are_as_if_the_right_file_had_come_first(
    lake: Lake, regions: RegionSystem
) -> None:
    """A later file that is left in would not say again what it only repeated."""
    cell = ("A1", dt.date(2020, 1, 23))
    came, later = dt.date(2020, 1, 25), dt.date(2020, 2, 1)
    right = FIRST.replace(b"2020-01-23,A1,5,0", b"2020-01-23,A1,7,0")
    wrong = take(lake, FIRST, regions, today=came)
    second = take(lake, CORRECTED, regions, today=later)
    lake.undo(wrong.id)
    left_in = take(lake, right, regions, today=came)
    assert (known(lake, came)[cell], known(lake, later)[cell]) == (7, 7)
    for receipt in (left_in, second):
        lake.undo(receipt.id)
    take(lake, right, regions, today=came)
    take(lake, CORRECTED, regions, today=later)
    assert (known(lake, came)[cell], known(lake, later)[cell]) == (7, 5)


def test_undoing_an_unknown_receipt_names_those_there_are(lake: Lake, regions: RegionSystem) -> None:
    receipt = take(lake, FIRST, regions)
    with pytest.raises(BadInput, match="no receipt 'nonsense'") as error:
        lake.undo("nonsense")
    assert receipt.id in error.value.remedy


def test_check_finds_damage_and_strays(lake: Lake, regions: RegionSystem) -> None:
    receipt = take(lake, FIRST, regions)
    (lake.path / "counts" / "orphan.parquet").write_bytes(b"left behind")
    found = check.check(lake)
    assert (found.problems, [p.name for p in found.strays]) == ([], ["orphan.parquet"])
    assert [p.name for p in check.remove_strays(lake)] == ["orphan.parquet"]
    (lake.path / "counts" / f"{receipt.id}.parquet").write_bytes(b"damaged")
    assert "cannot be read" in check.check(lake).problems[0]


@pytest.mark.parametrize("left", ["no folder", "no file", "the first alone"])
def test_facts_whose_receipts_were_deleted_are_a_problem_and_not_strays(
    lake: Lake, regions: RegionSystem, left: str
) -> None:
    first, second = take(lake, FIRST, regions), take(lake, CORRECTED, regions)
    folder = lake.path / "receipts"
    third = take(lake, CORRECTED, regions, id="again")
    gone = [second] if left == "the first alone" else [first, second, third]
    for receipt in gone:
        (folder / f"{receipt.id}.json").unlink()
    if left == "no folder":
        folder.rmdir()
    found = check.check(lake)
    assert any(f"{second.id}.parquet: facts whose receipt is gone" in problem for problem in found.problems)
    assert lake.path / "counts" / f"{second.id}.parquet" not in found.strays
    with pytest.raises(BadLake, match="have lost their receipt") as error:
        check.remove_strays(lake)
    assert "nothing was deleted" in error.value.kept
    assert len(list((lake.path / "counts").glob("*.parquet"))) == 3


def test_what_a_killed_ingest_left_is_no_lost_receipt_also_after_an_undo(lake: Lake, regions: RegionSystem) -> None:
    first, second = take(lake, FIRST, regions), take(lake, CORRECTED, regions)
    facts_of_second = (lake.path / "counts" / f"{second.id}.parquet").read_bytes()
    third = take(lake, CORRECTED, regions, id="again")
    facts_of_third = (lake.path / "counts" / f"{third.id}.parquet").read_bytes()
    for receipt in (third, second, first):
        lake.undo(receipt.id)
    (lake.path / "counts" / "killed.parquet").write_bytes(facts_of_second)
    (lake.path / "counts" / "killed-later.parquet").write_bytes(facts_of_third)
    assert check.check(lake).problems == []
    assert {path.name for path in check.remove_strays(lake)} == {"killed.parquet", "killed-later.parquet"}


def test_a_row_longer_than_the_csv_module_reads_is_set_aside_whole_and_the_lake_is_whole(
    lake: Lake, regions: RegionSystem
) -> None:
    row = f"2020-01-24,{'x' * 200_000},1,0"
    receipt = take(lake, FIRST + row.encode() + b"\n", regions)
    csv.field_size_limit(131_072)  # as in the process that checks and did not read the file
    assert (check.check(lake).problems, receipt.quarantined) == ([], 2)
    assert row in lake.quarantine(receipt.id).decode()
    assert max(len(reason.reason) for reason in receipt.reasons) < 1000


def test_a_row_with_a_carriage_return_in_a_cell_is_one_row_of_the_quarantine(lake: Lake, regions: RegionSystem) -> None:
    take(lake, FIRST.replace(b",", b";") + b'2020-01-25;"No\rwhere";1;0\n', regions)
    assert check.check(lake).problems == []


def test_a_folder_that_is_no_lake_is_refused_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(BadLake, match="no lake"):
        Lake.open(tmp_path)
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(BadLake, match="holds other files"):
        Lake.create(tmp_path)


INGEST_MANY = """
import datetime as dt, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from bianque.lake.ingest import ingest
from bianque.lake.store import Lake
from bianque.model.regions import Region, RegionSystem
from tests.lake.conftest import cases
places = [Region(f"R{{n}}", f"县{{n}}", f"County {{n}}", "county") for n in range(200)]
regions = RegionSystem({{place.code: place for place in places}}, "many")
print("ready", flush=True)
data = Path({file!r}).read_bytes()
ingest(Lake.open(Path({lake!r})), cases(), data, "cases.csv", regions, today=dt.date(2021, 1, 1))
print("done", flush=True)
"""


@pytest.mark.slow
def test_an_ingest_killed_at_any_moment_leaves_the_lake_as_before_or_complete(lake: Lake, tmp_path: Path) -> None:
    """kill -9 at moments spread over the whole ingest, its commit among them."""
    day = [dt.date(2020, 1, 1) + dt.timedelta(days=n) for n in range(60)]
    lines = [f"{d},R{n},{n + i},0" for i, d in enumerate(day) for n in range(200)]
    file = tmp_path / "cases.csv"
    file.write_text("date,place,confirmed,dead\n" + "\n".join(lines) + "\n")
    root = str(Path(__file__).resolve().parents[2])
    code = INGEST_MANY.format(root=root, lake=str(lake.path), file=str(file))
    before, chance = lake.state(), random.Random(1)
    started = time.monotonic()
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, cwd=root).stdout
    whole = time.monotonic() - started
    lake.undo(lake.receipts()[0].id)
    unfinished = 0
    for attempt in range(8):
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=root) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(whole * 0.6 * (attempt + chance.random()) / 8)
            os.kill(process.pid, signal.SIGKILL)
        found = check.check(lake)
        assert found.problems == []
        if found.receipts == 0:
            unfinished += 1
            assert lake.state() == before
            assert facts.counts(lake, dt.date(2021, 1, 1)).num_rows == 0
        else:
            assert facts.counts(lake, dt.date(2021, 1, 1)).num_rows == 2 * len(lines)
            lake.undo(lake.receipts()[0].id)
    assert unfinished > 0
    check.remove_strays(lake)
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, cwd=root)
    assert facts.counts(lake, dt.date(2021, 1, 1)).num_rows == 2 * len(lines)


@pytest.mark.parametrize("moment", ["before the facts", "before the quarantine", "before the receipt"])
def test_an_ingest_that_stops_between_two_writes_is_not_part_of_the_lake(
    lake: Lake, regions: RegionSystem, moment: str
) -> None:
    """The folder a write would need is a file: the write fails exactly there."""
    folder = {"facts": "counts", "quarantine": "quarantine", "receipt": "receipts"}[moment.removeprefix("before the ")]
    (lake.path / folder).rmdir()
    if folder != "receipts":
        (lake.path / folder).write_text("in the way")
    with pytest.raises(OSError, match=folder):
        take(lake, FIRST, regions)
    if folder != "receipts":
        (lake.path / folder).unlink()
    (lake.path / folder).mkdir()
    assert lake.receipts() == []
    assert known(lake, TODAY) == {}
    found = check.check(lake)
    assert (found.problems, found.strays) == ([], [])
    assert take(lake, FIRST, regions).accepted == 3


number = st.sampled_from(["0", "3", "12", "-1", "", "x"])
record = st.tuples(
    st.sampled_from(["2020-01-23", "2020-01-24", "2020-13-01"]), st.sampled_from(["A1", "B2", "Z"]), number, number
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(st.lists(st.lists(record, max_size=12), min_size=1, max_size=4))
def test_receipts_add_up_whatever_the_files_and_the_lake_holds_what_they_say(
    tmp_path_factory: pytest.TempPathFactory, files: list[list[tuple[str, str, str, str]]]
) -> None:
    system = RegionSystem({c: Region(c, c, c, "county") for c in ("A1", "B2")}, "two regions")
    lake = Lake.create(tmp_path_factory.mktemp("lake") / "lake")
    for n, rows in enumerate(files):
        data = "date,place,confirmed,dead\n" + "".join(",".join(row) + "\n" for row in rows)
        receipt = take(lake, data.encode(), system, today=TODAY + dt.timedelta(days=n))
        assert receipt.read == receipt.accepted + receipt.quarantined == len(rows)
        assert sum(reason.rows for reason in receipt.reasons) == receipt.quarantined
        quarantined = lake.quarantine(receipt.id).decode().count("\n") - 1
        assert quarantined == receipt.quarantined
    found = check.check(lake)
    assert found.problems == []
    assert found.facts == sum(receipt.facts for receipt in lake.receipts())


def test_what_lies_in_hand_today_is_known_today(lake: Lake, regions: RegionSystem) -> None:
    """A feed that usually comes two days late can be in time: no picture is of a day that has not come."""
    receipt = take(lake, FIRST, regions, today=dt.date(2020, 1, 25), known_at={"delay_days": 2})
    assert receipt.last_known_at == dt.date(2020, 1, 25)
    assert receipt.known_at == "the file has no vintages: reference date + 2 days"
