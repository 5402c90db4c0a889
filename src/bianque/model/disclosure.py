"""The rule for small counts, as pure functions: which table hides which cell?

A cell of 1 to 4 persons in a small place can point at one of them. In places with fewer than 100,000 residents, or
with an unknown number, daily counts of 1 to 4 are hidden, sums of 1 to 4 too, and running totals are shown for the
last day alone, since the difference of two totals is a daily count again. Zero is shown.
Threshold of 5: the rule of most statistical offices for counts of persons (e.g. UK Office for National Statistics,
Policy on protecting confidentiality in tables of birth and death statistics).
"""

from __future__ import annotations

from bianque.model import catalogue
from bianque.model.emergency import Text
from bianque.model.situation import RegionPicture, Series, Signal, Situation

SMALL_BELOW = 5  # persons
SMALL_PLACE_BELOW = 100_000  # residents


def rule() -> Text:
    """The rule in words, to be stated with each table it may touch."""
    return catalogue.both("disclosure_rule", small=SMALL_BELOW - 1, residents=f"{SMALL_PLACE_BELOW:,}")


def is_small_place(population: int | None) -> bool:
    """Whether the rule applies here; an unknown population counts as small."""
    return population is None or population < SMALL_PLACE_BELOW


def hides(value: float | None, population: int | None) -> bool:
    """Whether this count of persons is hidden in this place."""
    return value is not None and 0 < value < SMALL_BELOW and is_small_place(population)


def mask(situation: Situation) -> Situation:
    """The situation as it may be shown. The whole area is never a small place."""
    population = {region.code: region.population for region in (*situation.regions, situation.whole)}
    of_persons = {feed.id for feed in situation.feeds if feed.kind in ("case_counts", "visits")}

    def mask_signal(signal: Signal) -> Signal:
        hidden = signal.feed in of_persons and signal.region != situation.whole.code
        if hidden and hides(signal.observed, population.get(signal.region)):
            return signal.model_copy(update={"observed": None, "excess": None})
        return signal

    return situation.model_copy(
        update={
            "regions": [_mask_region(region, situation) for region in situation.regions],
            "signals": [mask_signal(signal) for signal in situation.signals],
        }
    )


def _mask_region(region: RegionPicture, situation: Situation) -> RegionPicture:
    if not is_small_place(region.population):
        return region
    hidden_days = [hides(value, region.population) for value in region.new]
    figures: dict[str, float | None] = {
        name: getattr(region, name) for name in ("total", "deaths_total", "new_last", "new_7_days")
    }
    hidden = [name for name, value in figures.items() if hides(value, region.population)]
    shown: dict[str, object] = dict.fromkeys(hidden)
    if "new_7_days" in hidden:
        shown["incidence_7_days_per_100k"] = None
        hidden.append("incidence_7_days_per_100k")
    return region.model_copy(
        update={
            **shown,
            "new": [None if hide else value for value, hide in zip(region.new, hidden_days, strict=True)],
            "cumulative": _last_only(region.cumulative, region.population),
            "deaths_cumulative": _last_only(region.deaths_cumulative, region.population),
            "hidden": hidden,
            "hidden_dates": [day for day, hide in zip(situation.dates, hidden_days, strict=True) if hide],
        }
    )


def _last_only(series: Series, population: int | None) -> Series:
    if not series:
        return []
    earlier: Series = [None] * (len(series) - 1)
    return [*earlier, None if hides(series[-1], population) else series[-1]]
