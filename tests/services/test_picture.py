"""The picture a reader gets is that of the lake as it is now."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

from bianque.lake.store import Lake
from bianque.services import lakes, picture
from tests.readers import OPERATOR


def test_a_correction_taken_out_and_in_again_on_another_day_is_known_from_that_day(own: Lake, example: Path) -> None:
    before = picture.read(OPERATOR, own, dt.date(2025, 4, 5))
    file = example / "cases.csv"
    file.write_text(file.read_text("utf-8").replace("2025-03-30,A,", "2025-03-30,A,9"), "utf-8")
    late = lakes.ingest_file(file, own.path, feed=None, today=dt.date(2025, 4, 10))
    assert picture.read(OPERATOR, own, dt.date(2025, 4, 5)).whole.total == before.whole.total
    lakes.undo(own, late.id)
    early = lakes.ingest_file(file, own.path, feed=None, today=dt.date(2025, 4, 5))
    assert early.id == late.id
    assert picture.read(OPERATOR, own, dt.date(2025, 4, 5)).whole.total != before.whole.total


def test_a_picture_is_shown_though_the_lake_cannot_keep_it(own: Lake) -> None:
    """As on a medium that is read-only: here the folder of pictures is not there."""
    (own.path / "situations").rmdir()
    assert picture.read(OPERATOR, own) == picture.read(OPERATOR, own)
    assert not (own.path / "situations").exists()


def test_pictures_of_earlier_states_are_dropped_but_for_the_newest(own: Lake) -> None:
    now = picture.read(OPERATOR, own)
    (kept,) = (own.path / "situations").iterdir()
    earlier = [
        kept.with_name(kept.name.replace(now.lake_state, f"{n:016x}")) for n in range(picture.OTHER_STATES_KEPT + 2)
    ]
    for n, path in enumerate(earlier):
        path.write_text("{}", "utf-8")
        os.utime(path, (n, n))
    at_work = kept.with_name(f".{kept.name}-0123456789abcdef")
    at_work.write_text("{", "utf-8")
    before = picture.read(OPERATOR, own, now.as_of - dt.timedelta(days=1))
    assert before.lake_state == now.lake_state
    yesterday = kept.with_name(kept.name.replace(str(now.as_of), str(before.as_of)))
    assert set((own.path / "situations").iterdir()) == {kept, yesterday, at_work, *earlier[2:]}
