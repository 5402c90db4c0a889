"""Lakes of the worked examples."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from bianque.lake.store import Lake
from bianque.model.situation import Situation
from bianque.services import lakes, picture
from tests.readers import OPERATOR

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
TODAY = dt.date(2026, 1, 1)


@pytest.fixture(scope="session")
def china(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The example china-2020 over the real files."""
    path = tmp_path_factory.mktemp("china") / "lake"
    intake = lakes.ingest_example(EXAMPLES / "china-2020", shared / "surveillance", path, TODAY)
    assert intake.absent == []
    return lakes.open_lake(path)


@pytest.fixture(scope="session")
def bulletins(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The example that ships with its facts."""
    path = tmp_path_factory.mktemp("bulletins") / "lake"
    lakes.ingest_example(EXAMPLES / "china-2020-bulletins", EXAMPLES, path, TODAY)
    return lakes.open_lake(path)


PROVINCE = """
[situation]
id = "small-province"
name = { zh = "小省", en = "A small province" }
disease = { zh = "某病", en = "a disease" }
start = 2025-03-01
regions = "regions.csv"
level = "county"
shapes = "shapes.geojson"

[situation.whole]
code = "P"
name = { zh = "全省", en = "The province" }
population = 1_000_000

[situation.serial_interval]
mean = 5.0
sd = 2.0
source = "a test"

[[situation.published]]
name = { zh = "累计确诊", en = "Confirmed" }
date = 2025-03-20
total = 1
measure = "confirmed"
source = "a bulletin that is wrong"

[[feed]]
id = "cases"
kind = "case_counts"
file = "cases.csv"
name = { zh = "病例<b>", en = "Cases <b>of the day</b>" }
source = "a test & nobody"
form = "daily"
date = { column = "date" }
region = { column = "county" }
measures = { confirmed = "confirmed", deaths = "deaths" }

[[feed]]
id = "travel"
kind = "flows"
file = "travel.csv"
name = { zh = "出行", en = "Travel" }
source = "a test"
date = { column = "date" }
origin = { column = "from" }
destination = { column = "to" }
volume = { column = "trips", unit = "persons" }
"""
COUNTIES = """code,parent,level,name_zh,name_en,population
A,P,county,甲县,Alpha,500000
B,P,county,乙县<script>alert(1)</script>,Beta<script>alert(1)</script>,50000
C,P,county,丙县,Gamma,80000
D,P,county,丁县,Delta,370000
"""
FIRST, DAYS = dt.date(2025, 3, 1), 30
# Alpha grows; Beta and Gamma are small places with a case here and there; Delta has none.
DAILY = {
    "A": [round(4 * 1.12**n) for n in range(DAYS)],
    "B": [2 if n in (20, 27) else 0 for n in range(DAYS)],
    "C": [3 if n in (20, 27) else 6 if n == 25 else 0 for n in range(DAYS)],
    "D": [0] * DAYS,
}


def write_province(folder: Path) -> None:
    """An example folder of four counties, two of them small, with their own shapes."""
    folder.mkdir(parents=True, exist_ok=True)
    days = [FIRST + dt.timedelta(days=n) for n in range(DAYS)]
    cases = [f"{day},{code},{counts[n]},{int(code == 'A' and n == 10)}" for code, counts in DAILY.items()
             for n, day in enumerate(days)]  # fmt: skip
    travel = [f"{day},A,{to},{trips}" for day in days for to, trips in (("B", 200), ("C", 100), ("D", 800))]
    squares = [
        {"type": "Feature", "properties": {"code": code, "name": code},
         "geometry": {"type": "Polygon", "coordinates": [[[x, 0], [x + 1, 0], [x + 1, 1], [x, 1], [x, 0]]]}}
        for x, code in enumerate(DAILY)
    ]  # fmt: skip
    (folder / "emergency.toml").write_text(PROVINCE, "utf-8")
    (folder / "regions.csv").write_text(COUNTIES, "utf-8")
    (folder / "cases.csv").write_text("\n".join(["date,county,confirmed,deaths", *cases, ""]), "utf-8")
    (folder / "travel.csv").write_text("\n".join(["date,from,to,trips", *travel, ""]), "utf-8")
    shapes = {"type": "FeatureCollection", "features": squares}
    (folder / "shapes.geojson").write_text(json.dumps(shapes), "utf-8")


@pytest.fixture(scope="session")
def province(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Four counties, two of them small places."""
    folder = tmp_path_factory.mktemp("province")
    write_province(folder / "example")
    lakes.ingest_example(folder / "example", folder / "example", folder / "lake", TODAY)
    return lakes.open_lake(folder / "lake")


@pytest.fixture(scope="session")
def today(province: Lake) -> Situation:
    """The small province on its last day, as it may be shown."""
    return picture.read(OPERATOR, province)


@pytest.fixture(scope="session")
def china_24_january(china: Lake) -> Situation:
    return picture.read(OPERATOR, china, dt.date(2020, 1, 24))


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The small province's folder, for a test to change at will."""
    write_province(tmp_path / "example")
    return tmp_path / "example"


@pytest.fixture
def own(example: Path, tmp_path: Path) -> Lake:
    """A lake of the small province, for a test to change at will."""
    lakes.ingest_example(example, example, tmp_path / "lake", TODAY)
    return lakes.open_lake(tmp_path / "lake")
