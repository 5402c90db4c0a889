"""The exercise's people in its register: taken in from three sources, on lists, ill, followed up, protected."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bianque.drill.people import COLUMNS, LISTS, SyntheticPerson, draw_people
from bianque.drill.population import province_of
from bianque.drill.tables import csv_text, regions_csv
from bianque.model.authority import Authority, Purpose
from bianque.model.case import Status
from bianque.model.protection import Because
from bianque.model.regions import from_file
from bianque.registry import people
from bianque.registry.collections import Receipt
from bianque.registry.lists import PersonList
from bianque.registry.register import Register
from bianque.services import people_lists
from bianque.services.cases import NewCase, report_case
from bianque.services.exercise_actors import Actors
from bianque.services.follow_ups import assign_follow_up
from bianque.services.import_people import Transfer, import_people
from bianque.services.protect import protect

CASES, FOLLOWED, FOLLOW_UP_DAYS, PROTECTED = 6, 12, 14, 3
ONSET_DAYS = 4  # before the report


@dataclass(frozen=True, slots=True)
class Source:
    """Whose data: who takes them in for which purpose, the list whose people come from it, and what it gives."""

    organisation: str
    login: str
    purpose: Purpose
    device: str
    of_list: str  # "" for everybody who is on no other source's list
    columns: tuple[str, ...]


SOURCES = (
    Source("community", "community-worker", Purpose.ISOLATION_FOLLOW_UP, "community tablet 7", "", COLUMNS),
    Source(
        "rail-police",
        "tracer",
        Purpose.CONTACT_TRACING,
        "sealed disc 3",
        "same-train",
        ("name", "id_number", "phone", "region", "list"),
    ),
    Source(
        "hospital",
        "hospital",
        Purpose.CLINICAL_CARE,
        "ward computer 2",
        "fever-clinic",
        ("name", "id_number", "phone", "birth_date", "sex", "region"),
    ),
)


@dataclass(frozen=True, slots=True)
class Population:
    """The people as they were drawn, by source, and the receipts of taking them in."""

    by_source: dict[str, list[SyntheticPerson]]
    receipts: tuple[Receipt, ...]

    @property
    def community(self) -> list[SyntheticPerson]:
        return self.by_source["community"]


def take_in(actors: Actors, *, seed: int, count: int, at: dt.datetime) -> Population:
    """Each source's file, by the account whose duty it is."""
    register, province = actors.register, province_of(seed)
    drawn = list(draw_people(province, seed=seed, count=count, start=at.date()))
    own = {source.of_list for source in SOURCES}
    by_source = {
        source.organisation: [one for one in drawn if (one.list if one.list in own else "") == source.of_list]
        for source in SOURCES
    }
    names = {listed.id: listed.name for listed in LISTS}
    for source, of_list in ((SOURCES[0], "returned"), (SOURCES[1], "same-train")):
        listed = PersonList(of_list, names[of_list], source.organisation, frozenset({"health"}))
        people_lists.add_list(register, actors.acting(source.login, source.purpose, at), listed)
    receipts = []
    with tempfile.TemporaryDirectory() as folder:
        places = Path(folder) / "regions.csv"
        places.write_text(regions_csv(province.regions), "utf-8")
        regions = from_file(places)
        for source in SOURCES:
            rows = ([getattr(one, name) for name in source.columns] for one in by_source[source.organisation])
            file = Path(folder) / f"{source.organisation}.csv"
            file.write_text(csv_text(source.columns, rows), "utf-8")
            transfer = Transfer(source.organisation, source.device, anew=source.organisation == "community")
            authority = actors.acting(source.login, source.purpose, at)
            receipts.append(import_people(register, authority, file, transfer, regions=regions))
    return Population(by_source, tuple(receipts))


def report_cases(actors: Actors, population: Population, at: dt.datetime) -> int:
    """Patients of the hospital become cases."""
    hospital = actors.acting("hospital", Purpose.CLINICAL_CARE, at)
    patients = records(actors.register, hospital, population.by_source["hospital"], CASES)
    onset = at.date() - dt.timedelta(days=ONSET_DAYS)
    for number, record in enumerate(patients):
        status = Status.CONFIRMED if number % 2 == 0 else Status.SUSPECTED
        report_case(actors.register, hospital, record, NewCase(status, at.date(), onset))
    return len(patients)


def assign(actors: Actors, population: Population, at: dt.datetime) -> list[str]:
    """People who returned from where the disease is are given to the community worker; their records."""
    tracer = actors.acting("tracer", Purpose.ISOLATION_FOLLOW_UP, at)
    returned = [one for one in population.community if one.list == "returned"]
    until = at.date() + dt.timedelta(days=FOLLOW_UP_DAYS)
    followed = records(actors.register, tracer, returned, FOLLOWED)
    for record in followed:
        assign_follow_up(actors.register, tracer, record, "community-worker", until)
    return followed


def protect_some(actors: Actors, population: Population, at: dt.datetime) -> list[str]:
    """The officer protects people who are in danger when their record is read; their records."""
    officer = actors.acting("officer", Purpose.OVERSIGHT, at)
    drawn = [one for one in population.community if one.protected and not one.list]
    protected = records(actors.register, officer, drawn or population.community[-1:], PROTECTED)
    for record, one in zip(protected, drawn or population.community[-1:], strict=False):
        protect(actors.register, officer, record, Because(one.protected or Because.WITNESS))
    return protected


def records(register: Register, authority: Authority, drawn: Sequence[SyntheticPerson], at_most: int) -> list[str]:
    """Ids of the records of people of the exercise, who are known by their ID numbers."""
    return list(_records(register, authority, drawn[:at_most]))


def _records(register: Register, authority: Authority, drawn: Sequence[SyntheticPerson]) -> Iterator[str]:
    for one in drawn:
        yield from people.find(register, authority, "id_number", one.id_number)
