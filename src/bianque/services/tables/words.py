"""How does a table name a region, a measure, a reason, a source, and where does it lead?"""

from __future__ import annotations

from collections.abc import Mapping

from bianque.model import catalogue, regions
from bianque.model.regions import RegionSystem
from bianque.model.situation import Situation
from bianque.model.text import Text
from bianque.services import numerals
from bianque.services.tables.table import Behind


def names(situation: Situation, language: str) -> dict[str, str]:
    """The name of every region a figure of the picture may speak of."""
    system = regions.china().regions.values() if situation.region_system == "cn" else ()
    found = {region.code: region.name(language) for region in system}
    for arrival in situation.importation:
        found[arrival.destination] = arrival.name.in_language(language)
    for signal in situation.signals:
        found[signal.region] = signal.name.in_language(language)
    for change in situation.change_points:
        found[change.region] = change.name.in_language(language)
    return found | {r.code: r.name.in_language(language) for r in (situation.whole, *situation.regions)}


def page_of(code: str, situation: Situation) -> Behind:
    """The page of a region; the rows of one that is on another level than the picture."""
    on_page = code == situation.whole.code or any(region.code == code for region in situation.regions)
    return region_page(code) if on_page else rows_behind(code)


def rows_behind(region: str, measure: str = "confirmed") -> Behind:
    return Behind("/rows", {"region": region, "measure": measure})


def region_page(code: str) -> Behind:
    return Behind(f"/regions/{code}")


def reason(key: str, language: str) -> str:
    return catalogue.text(f"reason_{key}", language)


def measure(key: str, language: str) -> str:
    """The name of a measure: a word of ours, or the feed's own column name."""
    return catalogue.text(f"measure_{key}", language) if catalogue.has(f"measure_{key}") else key


def place(code: str, known: RegionSystem, language: str) -> str:
    """The name of a region; the code of one that the lake does not know, or what a mask left of it."""
    return known[code].name(language) if code in known else code


def field_name(field: str, language: str) -> str:
    """What a field of a person is called; the code of a field that no page shows."""
    key = f"person_field_{field.removeprefix('person.')}"
    return catalogue.text(key, language) if field.startswith("person.") and catalogue.has(key) else field


def person_value(field: str, value: str, places: RegionSystem, lists: Mapping[str, Text], language: str) -> str:
    """What stands in a field of a person, a code by its name; what a mask left of it as it is."""
    if field == "person.region":
        return place(value, places, language)
    if field == "person.list":
        names = [lists[one].in_language(language) if one in lists else one for one in value.split()]
        return numerals.listing(names, language)
    key = f"person_sex_{value}"
    return catalogue.text(key, language) if field == "person.sex" and catalogue.has(key) else value


def article(law: Text, article: str, language: str) -> str:
    """An article of a law, as it is cited."""
    return catalogue.text("law_article", language, law=law.in_language(language), article=article)


def source_of(source: str, language: str) -> str:
    if source == "reported_cases":
        return catalogue.text("reported_cases", language)
    return catalogue.text(f"method_{source}", language) if catalogue.has(f"method_{source}") else source
