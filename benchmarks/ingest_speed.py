"""How many rows a second does the lake take in, and what does the same file cost a second time?

The flows of the exercise of seed 7 and, where it is present, the real file of the provinces, against pyarrow's CSV
reader on the same bytes in the same run: it reads and types, but neither checks, sets aside nor keeps versions.
"""

from __future__ import annotations

import datetime as dt
import io
import tempfile
from pathlib import Path

import pyarrow.csv
from cost import measured
from real_data import EXAMPLE, SURVEILLANCE

from bianque.drill import draw_exercise, write_exercise
from bianque.lake import ingest
from bianque.lake.decode import read_table
from bianque.lake.store import Lake
from bianque.model.emergency_file import read_emergency, region_system

TODAY = dt.date(2028, 1, 1)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        exercise = Path(folder) / "exercise"
        write_exercise(draw_exercise(seed=7, days=60, start=dt.date(2027, 1, 1)), exercise)
        feeds = [(exercise, exercise, "flows"), (exercise, exercise, "cases")]
        if SURVEILLANCE.is_dir():
            feeds += [(EXAMPLE, SURVEILLANCE, "province-cases"), (EXAMPLE, SURVEILLANCE, "baidu-search")]
        else:
            print("absent: no real data here; the exercise alone")
        for description, data, name in feeds:
            take_in(description, data, name, Path(folder) / f"lake-{name}")


def take_in(description: Path, data: Path, name: str, lake_path: Path) -> None:
    emergency = read_emergency(description)
    feed = next(feed for feed in emergency.feed if name in (feed.id, Path(feed.file).stem))
    content = (data / feed.file).read_bytes()
    regions = region_system(emergency.situation, description)
    lake = Lake.create(lake_path)
    with measured() as first:
        receipt = ingest.ingest(lake, feed, content, feed.file, regions, today=TODAY)
    with measured() as second:
        ingest.ingest(lake, feed, content, feed.file, regions, today=TODAY)
    table = read_table(data / feed.file, feed.columns())
    plain = "\n".join(",".join(row) for row in [table.header, *table.records]).encode()
    with measured() as peer:
        pyarrow.csv.read_csv(io.BytesIO(plain))
    print(
        f"{feed.file}: {receipt.read:,} rows, {receipt.facts:,} facts\n"
        f"  taken in: {first}; {receipt.read / first.wall:,.0f} rows a second\n"
        f"  a second time: {second}\n"
        f"  pyarrow reads the rows alone: {peer}; {first.wall / peer.wall:.0f} times as fast"
    )


if __name__ == "__main__":
    main()
