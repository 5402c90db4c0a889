"""The tables of an exercise as text: lines end with a line feed, numbers have a fixed format."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bianque.drill import scenario
from bianque.drill.exercise import Exercise
from bianque.drill.shapes import Floats, Ints
from bianque.model import regions
from bianque.model.regions import Region

TOP_PARTNERS = 15  # a pair is in the flows feed when it is among this many of its origin or of its destination


def csv_text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that need no quotes."""
    return "\n".join([",".join(header), *(",".join(row) for row in rows), ""])


def dates(exercise: Exercise) -> list[str]:
    return [exercise.calendar.date(day).isoformat() for day in range(exercise.calendar.days)]


def codes(exercise: Exercise) -> list[str]:
    return [region.code for region in exercise.province.regions]


def county_days(exercise: Exercise, columns: Mapping[str, Ints | Floats]) -> str:
    """A row a day and county: date, code, then the columns (each days × counties)."""
    texts = [_texts(values) for values in columns.values()]
    rows = (
        (date, code, *(column[day][number] for column in texts))
        for day, date in enumerate(dates(exercise))
        for number, code in enumerate(codes(exercise))
    )
    return csv_text(("date", "code", *columns), rows)


def province_days(exercise: Exercise, columns: Mapping[str, Ints | Floats]) -> str:
    """A row a day: date, then the columns (each of length days)."""
    texts = [_texts(values[:, None]) for values in columns.values()]
    rows = ((date, *(column[day][0] for column in texts)) for day, date in enumerate(dates(exercise)))
    return csv_text(("date", *columns), rows)


def _texts(values: Ints | Floats) -> list[list[str]]:
    """Whole numbers as they are, others with four decimals, unknown ones empty."""
    if values.dtype.kind == "i":
        return [[str(value) for value in row] for row in values.tolist()]
    return [["" if value != value else f"{value:.4f}" for value in row] for row in values.tolist()]


def regions_csv(listed: Iterable[Region]) -> str:
    """The region file that emergency.toml names."""
    rows = (
        (r.code, r.parent, r.level, r.name_zh, r.short_zh, r.name_en, r.iso_3166_2, str(r.population)) for r in listed
    )
    return csv_text(regions.COLUMNS, rows)


def regions_geojson(exercise: Exercise) -> str:
    """A FeatureCollection (RFC 7946), one polygon a county, written with four decimals of a degree."""
    features = []
    for region, ring in zip(exercise.province.regions, exercise.province.rings, strict=True):
        points = ",".join(f"[{east:.4f},{north:.4f}]" for east, north in ring.tolist())
        labels = {"code": region.code, "name_zh": region.name_zh, "name_en": region.name_en}
        features.append(
            f'{{"type":"Feature","id":"{region.code}","properties":{json.dumps(labels, ensure_ascii=False)},'
            f'"geometry":{{"type":"Polygon","coordinates":[[{points}]]}}}}'
        )
    return '{"type":"FeatureCollection","features":[\n' + ",\n".join(features) + "\n]}\n"


def flows_csv(exercise: Exercise) -> str:
    """Persons from origin to destination a day; pairs of little travel are not in it, as in operators' tables."""
    code = codes(exercise)
    origins, destinations = np.nonzero(listed_pairs(exercise.flows))
    pairs = [(code[i], code[j]) for i, j in zip(origins.tolist(), destinations.tolist(), strict=True)]
    rows = (
        (date, *pair, str(persons))
        for date, flows in zip(dates(exercise), exercise.flows, strict=True)
        for pair, persons in zip(pairs, flows[origins, destinations].tolist(), strict=True)
    )
    return csv_text(("date", "origin", "destination", "persons"), rows)


def listed_pairs(flows: Ints) -> NDArray[np.bool_]:
    """Which pairs the flows feed has, origin × destination.

    Ranked on the first three weeks, so that the list does not depend on the length of the exercise.
    """
    total = flows[: scenario.DAYS_MIN].sum(axis=0)
    of_origin = np.argsort(np.argsort(-total, axis=1, kind="stable"), axis=1) < TOP_PARTNERS
    of_destination = np.argsort(np.argsort(-total, axis=0, kind="stable"), axis=0) < TOP_PARTNERS
    return np.asarray((of_origin | of_destination) & (total > 0))
