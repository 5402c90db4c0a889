"""How many synthetic people a second does the exercise draw, one million of them, and is each number given once?"""

from __future__ import annotations

import datetime as dt

from cost import measured, verdict

from bianque.drill.people import draw_people
from bianque.drill.population import province_of
from bianque.model.identifiers import fault

PEOPLE = 1_000_000
A_SECOND = 50_000


def main() -> None:
    province = province_of(7)
    with measured() as cost:
        drawn = sum(1 for _ in draw_people(province, seed=7, count=PEOPLE, start=dt.date(2021, 1, 1)))
    rate = drawn / cost.wall
    print(f"{drawn:,} people: {cost}; {rate:,.0f} a second")
    numbers, wrong = set(), 0
    for person in draw_people(province, seed=7, count=PEOPLE, start=dt.date(2021, 1, 1)):
        numbers.add(person.id_number)
        wrong += bool(fault("id_number", person.id_number) or fault("phone", person.phone))
    print(f"{len(numbers):,} different ID numbers, {wrong} that are not well formed")
    verdict(
        f"at least {A_SECOND:,} people a second, each ID number once and well formed",
        rate >= A_SECOND and len(numbers) == PEOPLE and wrong == 0,
    )


if __name__ == "__main__":
    main()
