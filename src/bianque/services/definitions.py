"""The figures the pages show, in the order in which their definitions are listed; the report has the picture's."""

from __future__ import annotations

from bianque.model import catalogue
from bianque.model.text import Text

OF_PICTURE = (
    "dates",
    "total",
    "new",
    "new_7_days",
    "incidence",
    "deaths",
    "growth",
    "doubling",
    "trend",
    "reproduction",
    "forecast",
    "signal",
    "change_point",
    "importation",
    "published",
    "receipt",
    "late",
    "small_counts",
)
OF_STRUCTURES = ("folding_energy", "pair_probability")
FIGURES = OF_PICTURE + OF_STRUCTURES
PARTS = ("what", "formula", "denominator", "source")


def name(figure: str) -> Text:
    return catalogue.both(f"definition_{figure}_name")


def parts(figure: str) -> dict[str, Text]:
    """What it means, how it is computed, what it is divided by, where it comes from."""
    return {part: catalogue.both(f"definition_{figure}_{part}") for part in PARTS}


def all_as_json() -> list[dict[str, object]]:
    return [
        {"figure": figure, "name": name(figure).model_dump()}
        | {part: text.model_dump() for part, text in parts(figure).items()}
        for figure in FIGURES
    ]
