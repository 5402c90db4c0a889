"""The worked example on real data: the published figures, and nothing known too early."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import shutil
from importlib.resources import files
from pathlib import Path

import pytest
from scipy.stats import poisson

from bianque.lake.store import Lake
from bianque.model.errors import NothingUsable
from bianque.model.situation import Situation
from bianque.services import lakes, picture
from tests.readers import OPERATOR

from .conftest import EXAMPLES, TODAY

FEB_11, FEB_12 = dt.date(2020, 2, 11), dt.date(2020, 2, 12)


def bulletin_rows() -> list[dict[str, str]]:
    return list(
        csv.DictReader(files("bianque.model").joinpath("bulletins", "china-2020.csv").read_text("utf-8").splitlines())
    )


@pytest.mark.parametrize("which", ["china", "bulletins"])
def test_as_of_11_february_the_mainland_has_44653_confirmed_and_1113_deaths(
    which: str, request: pytest.FixtureRequest
) -> None:
    """National Health Commission bulletin of 12 February 2020."""
    situation = picture.read(OPERATOR, request.getfixturevalue(which), FEB_11)
    assert (situation.whole.total, situation.whole.deaths_total) == (44653, 1113)


@pytest.mark.parametrize("which", ["china", "bulletins"])
def test_the_23_days_of_the_published_curve_are_drawn(which: str, request: pytest.FixtureRequest) -> None:
    """National Health Commission bulletins, 20 January to 11 February 2020."""
    situation = picture.read(OPERATOR, request.getfixturevalue(which), FEB_11)
    curve = {
        day.isoformat(): (confirmed, dead)
        for day, confirmed, dead in zip(
            situation.dates, situation.whole.cumulative, situation.whole.deaths_cumulative, strict=True
        )
    }
    published = bulletin_rows()
    assert len(published) == 23
    for row in published:
        assert curve[row["date"]] == (float(row["confirmed"]), float(row["deaths"]))


def test_the_bulletin_of_11_february_adds_up_and_agrees_with_the_data(china: Lake) -> None:
    """44,653 = 38,800 under treatment + 4,740 cured + 1,113 dead; 44,730 is explained in the notes."""
    confirmed, deaths, suspected, contacts = picture.read(OPERATOR, china, FEB_11).published
    assert (confirmed.parts_sum, confirmed.adds_up, confirmed.agrees) == (44653, True, True)
    assert confirmed.note is not None
    assert "44,730" in confirmed.note.en
    assert "77" in confirmed.note.en
    assert (deaths.total, deaths.agrees) == (1113, True)
    assert (suspected.total, contacts.total) == (16067, 451462)
    assert confirmed.of_which[0].value == 8204
    assert contacts.of_which[0].value == 185037


def test_the_definition_change_is_flagged_on_its_day_and_not_read_as_growth(china: Lake) -> None:
    """12 February 2020: Hubei +13,797 in the file, most of them clinically diagnosed; announced on the 13th."""
    before, on_the_day = picture.read(OPERATOR, china, FEB_11), picture.read(OPERATOR, china, FEB_12)
    flagged = {point.region: point for point in on_the_day.change_points if point.date == FEB_12}
    assert flagged["420000"].observed == 13797
    assert flagged["420000"].kind == flagged["CN"].kind == "detected"
    after = picture.read(OPERATOR, china, dt.date(2020, 2, 13))
    assert {p.region: p.kind for p in after.change_points if p.date == FEB_12} == {
        "420000": "declared",
        "CN": "declared",
    }
    assert reproduction(on_the_day) == pytest.approx(reproduction(before), rel=0.15)
    assert median_in_a_week(on_the_day) < 2 * median_in_a_week(before)
    assert on_the_day.whole.trend != "growing"


def test_on_24_january_no_single_reproduction_number_describes_the_country(china: Lake) -> None:
    """The backlog of the first days: EpiEstim's rule would say 10.6 (10.0-11.2)."""
    whole = picture.read(OPERATOR, china, dt.date(2020, 1, 24)).whole
    assert (whole.reproduction.value, whole.reproduction.reason) == (None, "no_single_r")
    reasons = {fan.model: fan.reason for fan in whole.forecasts}
    assert reasons == {"forecast_renewal": "no_single_r", "forecast_baseline": None}


@pytest.mark.parametrize("day", range(12, 19))
def test_the_level_after_the_definition_change_is_not_read_as_growth_of_hubei(china: Lake, day: int) -> None:
    """Hubei went on counting clinical diagnoses: its counts were higher after the 12th, and falling."""
    seen = picture.read(OPERATOR, china, dt.date(2020, 2, day))
    hubei = next(region for region in seen.regions if region.code == "420000")
    assert hubei.trend != "growing"
    assert hubei.growth.value is not None
    assert hubei.growth.value < 0


def reproduction(situation: Situation) -> float:
    value = situation.whole.reproduction.value
    assert value is not None
    return value


def median_in_a_week(situation: Situation) -> float:
    (renewal,) = (fan for fan in situation.whole.forecasts if fan.model == "forecast_renewal")
    return renewal.quantiles["0.5"][6]


def test_a_picture_of_a_day_is_the_same_whether_or_not_the_future_is_in_the_lake(
    china: Lake, shared: Path, tmp_path: Path
) -> None:
    """As of 24 January: once from the whole files, once from files that end on that day."""
    day, data = dt.date(2020, 1, 24), tmp_path / "data"
    data.mkdir()
    for name in ("cn_national_daily.csv", "cn_covid_province_daily.csv.gz", "baidu_wuhan_outflow_province_daily.csv.gz",
                 "cn_city_panel_outflow_search_to_20200205.csv.gz"):  # fmt: skip
        source = shared / "surveillance" / name
        text = (gzip.decompress(source.read_bytes()) if name.endswith("gz") else source.read_bytes()).decode()
        header, *rows = text.splitlines()
        at = header.split(",").index("date")
        kept = [row for row in rows if row.split(",")[at] <= day.isoformat()]
        content = "\n".join([header, *kept, ""]).encode()
        (data / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    folder = tmp_path / "example"
    shutil.copytree(EXAMPLES / "china-2020", folder)
    toml = (
        (folder / "emergency.toml")
        .read_text("utf-8")
        .replace('file = "bulletins:china-2020"', 'file = "bulletins.csv"')
    )
    (folder / "emergency.toml").write_text(toml, "utf-8")
    rows = [f"{r['date']},{r['confirmed']},{r['deaths']}" for r in bulletin_rows() if r["date"] <= day.isoformat()]
    (data / "bulletins.csv").write_text("\n".join(["date,confirmed,deaths", *rows, ""]))
    lakes.ingest_example(folder, data, tmp_path / "lake", TODAY)

    def without_receipts(situation: Situation) -> dict[str, object]:
        return situation.model_dump(exclude={"lake_state", "feeds"})

    truncated = picture.full(lakes.open_lake(tmp_path / "lake"), day).shown
    assert without_receipts(picture.full(china, day).shown) == without_receipts(truncated)


def test_the_same_lake_and_day_give_the_same_picture_kept_or_computed(china: Lake) -> None:
    computed = picture.full(china, FEB_11).shown
    assert picture.read(OPERATOR, china, FEB_11) == computed
    assert picture.read(OPERATOR, china, FEB_11) == computed


def test_provinces_without_data_are_unknown_and_not_zero(bulletins: Lake) -> None:
    situation = picture.read(OPERATOR, bulletins, FEB_11)
    assert len(situation.regions) == 31
    assert all(region.total is None and region.trend == "unknown" for region in situation.regions)
    assert all(region.growth.reason == "too_few_days" for region in situation.regions)


def test_cities_are_ranked_by_expected_arrivals_with_an_interval(china: Lake) -> None:
    rows = [row for row in picture.read(OPERATOR, china, dt.date(2020, 1, 24)).importation if row.level == "prefecture"]
    assert rows[0].name.en == "Xiaogan"
    assert [row.expected for row in rows] == sorted((row.expected for row in rows), reverse=True)
    # The interval is of whole travellers and never surer than chance alone: a Poisson number around the expectation.
    for row in rows:
        assert row.lower.is_integer()
        assert row.upper.is_integer()
        assert row.lower <= poisson.ppf(0.025, row.expected)
        assert row.upper >= poisson.ppf(0.975, row.expected)
    assert all(row.lower <= row.expected <= row.upper for row in rows if row.expected >= 1)
    assert "Imai" in rows[0].prevalence_source


def test_the_interval_of_a_migration_index_is_not_that_of_whole_persons(china_24_january: Situation) -> None:
    rows = [row for row in china_24_january.importation if row.unit == "index"]
    assert rows
    assert all(0 < row.lower < row.expected < row.upper for row in rows)


def test_the_first_day_offered_has_a_picture_and_the_day_before_has_none(china: Lake, bulletins: Lake) -> None:
    for lake in (china, bulletins):
        first, _ = picture.span(lake)
        assert picture.read(OPERATOR, lake, first).as_of == first
        with pytest.raises(NothingUsable):
            picture.full(lake, first - dt.timedelta(days=1))


def test_a_place_outside_the_whole_is_not_among_the_signals_of_its_regions(china: Lake) -> None:
    """Hong Kong, Macao and Taiwan are in the file of the provinces, and not in the picture of the mainland."""
    found = picture.full(china, dt.date(2020, 1, 30))
    judged = {signal.region for signal in found.signals} | {c.region for c in found.shown.change_points}
    judged |= {code for cells in found.shown.not_assessed for code in cells.regions}
    assert "440000" in judged
    assert judged.isdisjoint({"710000", "810000", "820000"})
