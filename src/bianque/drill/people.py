"""The people of the exercise: who lives in which household, under which number, on which list?

ID numbers are well formed by GB 11643-1999 and belong to nobody: their first six digits are counties of the exercise,
and GB/T 2260 gives no code that starts with 99. Phone numbers start with 154, which no operator has.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from bianque.drill import names, person_names
from bianque.drill.province import Province
from bianque.drill.shapes import Ints
from bianque.model.errors import BadInput
from bianque.model.identifiers import CHECKS, EXERCISE_PREFIX, WEIGHTS
from bianque.model.text import Text

STREAM = 4  # the seed's streams 0 to 3 draw land, travel, disease and surveillance
BATCH = 10_000  # persons drawn together; a larger population begins with the smaller one
FIRST_START = dt.date(1999, 7, 1)  # GB 11643-1999 in force: before, ID numbers had fifteen digits
PEOPLE_MAX = 5_000_000  # far below the 100 million phone numbers there are

# Shares of household sizes 1 to 6, chosen near the mean of China's census of 2020, 2.62 persons.
HOUSEHOLD_SIZES = (0.25, 0.29, 0.22, 0.13, 0.07, 0.04)
AGE_OLDEST = 100
OWN_PHONE_AGE = 14  # younger ones are reached by the phone of the household's first person
AWAY_SHARE = 0.15  # whose ID number was given in another county than the one they live in
PROTECTED_SHARE = 0.002
PHONES = 10**8
PHONE_STEP = 38_710_301  # coprime to the number of phones, so that each number is given once


@dataclass(frozen=True, slots=True)
class PersonList:
    """A list people are on, and what follows about whoever is on it. `share` is of households."""

    id: str
    name: Text
    share: float


LISTS = (
    PersonList("returned", Text(zh=f"{names.CAPITAL_ZH}返乡人员", en=f"returned from {names.CAPITAL_EN}"), 0.04),
    PersonList("same-train", Text(zh="同乘列车人员", en="on the same train as a case"), 0.01),
    PersonList("fever-clinic", Text(zh="发热门诊就诊人员", en="seen at a fever clinic"), 0.01),
)
PROTECTED_BECAUSE = ("witness", "shelter")


class SyntheticPerson(NamedTuple):
    """A person in the columns of people.csv, which are those of an import, and what an import does not carry."""

    name: str
    id_number: str
    phone: str
    address: str
    birth_date: str
    sex: str
    workplace: str
    region: str
    list: str
    household: int
    protected: str  # why, or empty


COLUMNS = SyntheticPerson._fields[:9]


class _Drawing:
    """What batches share: the province, the days back from the calendar's first, and the numbers that are taken."""

    def __init__(self, province: Province, start: dt.date) -> None:
        days = [start - dt.timedelta(days=n) for n in range(1, (AGE_OLDEST + 2) * 366)]
        self.province = province
        self.days = [day.isoformat() for day in days]
        self.digits = np.array([day.year * 10_000 + day.month * 100 + day.day for day in days])
        self.taken: set[int] = set()
        self.households = 0


def draw_people(province: Province, *, seed: int, count: int, start: dt.date) -> Iterator[SyntheticPerson]:
    """The people of a seed, one after the other: the same seed, start and province give the same people.

    start    the first day of the exercise, on which ages are counted
    raises   BadInput  when the number of people or the first day is out of range
    """
    if not 1 <= count <= PEOPLE_MAX:
        raise BadInput(f"a population of {count} people cannot be made", remedy=f"give a number from 1 to {PEOPLE_MAX}")
    if start < FIRST_START:
        raise BadInput(f"people of {start} cannot be made", remedy=f"give a first day from {FIRST_START} on")
    drawing = _Drawing(province, start)
    for batch in range(-(-count // BATCH)):
        stream = np.random.SeedSequence(seed, spawn_key=(STREAM, batch))
        people = _batch(drawing, np.random.Generator(np.random.PCG64(stream)), batch * BATCH)
        yield from people[: count - batch * BATCH]


def _batch(drawing: _Drawing, rng: np.random.Generator, first: int) -> list[SyntheticPerson]:
    """BATCH people in whole households, the last of which may be cut."""
    sizes = 1 + rng.choice(len(HOUSEHOLD_SIZES), BATCH, p=HOUSEHOLD_SIZES)
    household = np.repeat(np.arange(BATCH), sizes)[:BATCH]
    heads = np.concatenate([[0], 1 + np.flatnonzero(np.diff(household))])
    place = np.arange(BATCH) - heads[household]
    shares = drawing.province.population / drawing.province.population.sum()
    county = rng.choice(len(shares), BATCH, p=shares)[household]
    male = _men(place, household, rng)
    age = _ages(place, household, rng)
    born = np.minimum(age * 365 + age // 4 + rng.integers(0, 365, BATCH), len(drawing.days) - 1)
    id_numbers = _id_numbers(drawing, county, born, male, rng)
    phone = np.where(age < OWN_PHONE_AGE, heads[household], np.arange(BATCH)) + first
    addresses = _addresses(drawing.province, county, household, rng)
    workplaces = _workplaces(drawing.province, county, age, rng)
    codes = [region.code for region in drawing.province.regions]
    households = household + drawing.households
    drawing.households = int(households[-1]) + 1
    columns = (
        _names(place, household, rng),
        id_numbers,
        [f"{EXERCISE_PREFIX}{number:08d}" for number in ((phone * PHONE_STEP) % PHONES).tolist()],
        addresses,
        [drawing.days[day] for day in born.tolist()],
        ["male" if man else "female" for man in male.tolist()],
        workplaces,
        [codes[where] for where in county.tolist()],
        _lists(household, rng),
        households.tolist(),
        _protected(rng),
    )
    return list(map(SyntheticPerson._make, zip(*columns, strict=True)))


def _men(place: Ints, household: Ints, rng: np.random.Generator) -> np.typing.NDArray[np.bool_]:
    """Half are men; the second of a household is of the other sex than the first."""
    male = rng.random(len(place)) < 0.5
    first = male[place == 0][household]
    return np.where(place == 1, ~first, male)


def _ages(place: Ints, household: Ints, rng: np.random.Generator) -> Ints:
    """Years: the first of a household is grown up, the second near in age, the others a generation apart."""
    first = rng.triangular(20, 42, 90, len(place)).astype(np.int64)[household]
    near = np.clip(first + rng.integers(-5, 6, len(place)), 20, AGE_OLDEST)
    generation = rng.integers(22, 38, len(place))
    child = np.where(first >= generation, first - generation, np.minimum(first + generation, AGE_OLDEST))
    return np.where(place == 0, first, np.where(place == 1, near, child))


def _id_numbers(
    drawing: _Drawing, county: Ints, born: Ints, male: np.typing.NDArray[np.bool_], rng: np.random.Generator
) -> list[str]:
    """Numbers of 18 characters, each of them once in a population (GB 11643-1999)."""
    elsewhere = rng.integers(0, len(drawing.province.regions), len(county))
    home = np.where(rng.random(len(county)) < AWAY_SHARE, elsewhere, county)
    regions = np.array([int(region.code) for region in drawing.province.regions])[home]
    order = 2 * rng.integers(0, 500, len(county)) + male
    first = (regions * 10**8 + drawing.digits[born]) * 1000 + order
    given = first.tolist()
    for i, number in enumerate(given):
        while number in drawing.taken:  # the next order of the same sex
            number = number - number % 1000 + (number + 2) % 1000
        drawing.taken.add(number)
        given[i] = number
    unique = np.array(given)
    digits = unique[:, None] // 10 ** np.arange(16, -1, -1, dtype=np.int64) % 10
    checks = (digits @ np.array(WEIGHTS)) % 11
    return [f"{number}{CHECKS[check]}" for number, check in zip(given, checks.tolist(), strict=True)]


def _addresses(province: Province, county: Ints, household: Ints, rng: np.random.Generator) -> list[str]:
    """One a household; street, house, building, floor and flat."""
    streets, n = len(person_names.STREETS), len(county)
    drawn = (rng.integers(low, high, n) for low, high in ((0, streets), (1, 200), (1, 13), (1, 19), (1, 5)))
    parts = [part[household].tolist() for part in drawn]
    places = [names.PROVINCE_ZH + region.name_zh for region in province.regions]
    return [
        f"{places[where]}{person_names.STREETS[street]}{house}号{building}栋{floor}{flat:02d}室"
        for where, street, house, building, floor, flat in zip(county.tolist(), *parts, strict=True)
    ]


def _workplaces(province: Province, county: Ints, age: Ints, rng: np.random.Generator) -> list[str]:
    """Most people of working age have one, pupils have a school; others none."""
    chosen = rng.integers(0, len(person_names.EMPLOYERS), len(county))
    middle, primary = person_names.EMPLOYERS.index("中学"), person_names.EMPLOYERS.index("小学")
    chosen = np.where(age < 18, np.where(age < 12, primary, middle), chosen)
    at_work = (rng.random(len(county)) < 0.7) & (age >= 18) & (age < 60)
    employer = np.where(at_work | ((age >= 6) & (age < 18)), chosen, -1).tolist()
    places = [region.name_zh for region in province.regions]
    return [
        places[where] + person_names.EMPLOYERS[what] if what >= 0 else ""
        for where, what in zip(county.tolist(), employer, strict=True)
    ]


def _names(place: Ints, household: Ints, rng: np.random.Generator) -> list[str]:
    """The first's surname is that of the household, but for the second, who has an own one."""
    drawn = rng.integers(0, len(person_names.SURNAMES), (2, len(place)))
    surname = np.where(place == 1, drawn[1], drawn[0][household]).tolist()
    given = rng.integers(0, len(person_names.GIVEN_NAMES), len(place)).tolist()
    return [person_names.SURNAMES[one] + person_names.GIVEN_NAMES[two] for one, two in zip(surname, given, strict=True)]


def _lists(household: Ints, rng: np.random.Generator) -> list[str]:
    """A household is on a list together, or on none."""
    edges = np.cumsum([listed.share for listed in LISTS])
    names_of = [*(listed.id for listed in LISTS), ""]
    return [names_of[i] for i in np.searchsorted(edges, rng.random(len(household))[household], side="right").tolist()]


def _protected(rng: np.random.Generator) -> list[str]:
    reason = rng.integers(0, len(PROTECTED_BECAUSE), BATCH).tolist()
    protected = (rng.random(BATCH) < PROTECTED_SHARE).tolist()
    return [PROTECTED_BECAUSE[why] if yes else "" for why, yes in zip(reason, protected, strict=True)]
