"""The truth of an exercise, to score against: what happened, and every parameter that made it happen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from types import ModuleType

import numpy as np

from bianque.drill import epidemic, mobility, observe, province, scenario, tables
from bianque.drill.exercise import Exercise
from bianque.drill.scenario import Calendar
from bianque.drill.shapes import Floats
from bianque.model.text import Text

FORMAT = 1  # of truth.json


def counties_csv(exercise: Exercise) -> str:
    """A row a day and county: infections, those of them brought by travel, onsets, R."""
    truth = exercise.epidemic
    return tables.county_days(
        exercise,
        {
            "infections": truth.infections,
            "imported": truth.imported,
            "onsets": truth.onsets,
            "reproduction": truth.reproduction,
        },
    )


def province_csv(exercise: Exercise) -> str:
    """A row a day: infections, onsets, R weighted with infectiousness (empty before the first infection)."""
    truth = exercise.epidemic
    return tables.province_days(
        exercise,
        {
            "infections": truth.infections.sum(axis=1),
            "onsets": truth.onsets.sum(axis=1),
            "reproduction": truth.province_reproduction(),
        },
    )


def truth_json(exercise: Exercise) -> str:
    """Everything that is not a table: seeding, measures, news, the definition change, leads, parameters.

    What lies after the last day is null or left out.
    """
    calendar, truth, feeds = exercise.calendar, exercise.epidemic, exercise.feeds
    content = {
        "format": FORMAT,
        "synthetic": True,
        "seed": exercise.seed,
        "start": calendar.start.isoformat(),
        "days": calendar.days,
        "totals": {
            "infections": int(truth.infections.sum()),
            "onsets": int(truth.onsets.sum()),
            "confirmed": int(feeds.confirmed[-1].sum()),
            "deaths": int(feeds.deaths[-1].sum()),
        },
        "seeded": _by_county(exercise, [_date(calendar, day) for day in truth.seeded.tolist()]),
        "county_measures": _by_county(exercise, [_date(calendar, day) for day in truth.acting.tolist()]),
        "province_measures": [
            {"date": _date(calendar, measure.day), "factor": measure.factor, **_names(measure.name)}
            for measure in scenario.MEASURES
            if measure.day < calendar.days
        ],
        "travel": {
            "cut": _date(calendar, scenario.TRAVEL_CUT_DAY),
            "left_of_capital_travel": scenario.TRAVEL_CUT,
            "holiday_out": _period(calendar, scenario.HOLIDAY_OUT_DAYS),
            "holiday_still": _period(calendar, scenario.HOLIDAY_STILL_DAYS),
            "holiday_back": _period(calendar, scenario.HOLIDAY_BACK_DAYS),
        },
        "definition_change": {
            "date": _date(calendar, scenario.DEFINITION_CHANGE_DAY),
            "cases": int(feeds.backlog.sum()),
            "by_county": _by_county(exercise, feeds.backlog.tolist()),
        }
        if calendar.days > scenario.DEFINITION_CHANGE_DAY
        else None,
        "news": [
            {
                "date": _date(calendar, news.day),
                "about_this_outbreak": news.local,
                "searches_per_100k": news.searches,
                **_names(news.name),
            }
            for news in scenario.NEWS
            if news.day < calendar.days
        ],
        "lead_days": {name: round(days, 2) for name, days in observe.lead_days().items()},
        "distributions": {
            "generation_time": _rounded(epidemic.generation_time()),
            "incubation": _rounded(epidemic.incubation()),
            "onset_to_report": _rounded(observe.report_delay()),
            "report_to_death": _rounded(observe.death_delay()),
            "onset_to_search": _rounded(observe.SEARCH_DELAY),
            "onset_to_fever_clinic": _rounded(observe.visit_delay()),
        },
        "parameters": {
            module.__name__.rpartition(".")[2]: _constants(module) for module in (province, mobility, epidemic, observe)
        },
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _by_county(exercise: Exercise, values: Sequence[object]) -> dict[str, object]:
    return dict(zip(tables.codes(exercise), values, strict=True))


def _date(calendar: Calendar, day: int) -> str | None:
    return calendar.date(day).isoformat() if 0 <= day < calendar.days else None


def _period(calendar: Calendar, days: tuple[int, int]) -> dict[str, str | None] | None:
    first, after = days
    if first >= calendar.days:
        return None
    return {"first": _date(calendar, first), "last": _date(calendar, min(after, calendar.days) - 1)}


def _constants(module: ModuleType) -> dict[str, object]:
    """The parameters of a module, which are its constants; tables of probabilities are under distributions."""
    return {
        name.lower(): value
        for name, value in sorted(vars(module).items())
        if name.isupper() and isinstance(value, int | float | tuple | dict)
    }


def _names(name: Text) -> dict[str, str]:
    return {"name_zh": name.zh, "name_en": name.en}


def _rounded(probabilities: Floats) -> list[float]:
    return [round(float(p), 6) for p in np.trim_zeros(probabilities, "b")]
