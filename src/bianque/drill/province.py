"""The province: who lives where?  Forty counties with a shape, a name, a code and a population."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bianque.drill import names
from bianque.drill.shapes import Floats, Ints, Shapes, draw_shapes
from bianque.model.regions import Region

COUNTIES = 40
RESIDENTS = 12_000_000  # persons
CAPITAL_SHARE = 0.16  # of all residents
# Sizes of places below the largest are close to lognormal (Eeckhout 2004, Am Econ Rev 94:1429). The spread is chosen
# so that a few counties fall below the 100,000 residents at which small counts are hidden.
LOG_SIZE_SD = 0.60
CITIES = 8  # the largest counties after the capital are called 市, the others 县

# The middle of the map lies in the open Pacific, where there is no land.
MIDDLE_LONGITUDE, MIDDLE_LATITUDE = 155.0, 32.0
KM_PER_DEGREE = 111.195  # of a great circle on a sphere of 6,371 km
DECIMALS = 4  # of a degree: about 10 m


@dataclass(frozen=True, slots=True)
class Province:
    """The counties in code order; the first is the capital.

    regions     40 regions of level "county"
    population  persons;  distances: counties × counties, km between seats
    rings       outlines in degrees east and north, closed, rounded to what is written
    """

    regions: tuple[Region, ...]
    population: Ints
    distances: Floats
    rings: tuple[Floats, ...]


def draw_province(rng: np.random.Generator) -> Province:
    """A province of 40 counties: outlines, seats, populations, names."""
    shapes, rings = _draw_outlines(rng)
    north_to_south = 1 + np.argsort(-shapes.seats[1:, 1], kind="stable")
    order = np.concatenate([[0], north_to_south])
    population = _population(rng)
    named = [names.COUNTIES[i] for i in rng.permutation(len(names.COUNTIES))]
    threshold = np.sort(population[1:])[-CITIES]
    regions = [_region(0, names.CAPITAL_ZH, names.CAPITAL_EN, "市", int(population[0]))]
    for number, (zh, en) in enumerate(named, start=1):
        residents = int(population[number])
        regions.append(_region(number, zh, en, "市" if residents >= threshold else "县", residents))
    seats = shapes.seats[order]
    return Province(
        regions=tuple(regions),
        population=population,
        distances=np.hypot(*(seats[:, None, :] - seats[None, :, :]).transpose(2, 0, 1)),
        rings=tuple(rings[i] for i in order),
    )


def _draw_outlines(rng: np.random.Generator) -> tuple[Shapes, list[Floats]]:
    """Shapes, and their rings in degrees; drawn again where rounding lets a ring touch itself."""
    while True:
        shapes = draw_shapes(COUNTIES, rng)
        rings = [_degrees(ring) for ring in shapes.rings]
        if all(len(np.unique(ring, axis=0)) == len(ring) - 1 for ring in rings):
            return shapes, rings


def _population(rng: np.random.Generator) -> Ints:
    size = np.exp(rng.normal(0, LOG_SIZE_SD, COUNTIES - 1))
    others = np.round(size / size.sum() * (1 - CAPITAL_SHARE) * RESIDENTS).astype(np.int64)
    return np.concatenate([[RESIDENTS - others.sum()], others])


def _region(number: int, zh: str, en: str, kind: str, residents: int) -> Region:
    # GB/T 2260 puts 90 in the third and fourth place for counties directly under a province.
    return Region(
        code=f"9990{number + 1:02d}",
        name_zh=zh + kind,
        short_zh=zh,
        name_en=en,
        level="county",
        parent=names.PROVINCE_CODE,
        population=residents,
    )


def _degrees(ring: Floats) -> Floats:
    east = KM_PER_DEGREE * np.cos(np.radians(MIDDLE_LATITUDE))
    degrees = np.round(ring / (east, KM_PER_DEGREE) + (MIDDLE_LONGITUDE, MIDDLE_LATITUDE), DECIMALS)
    moved = np.any(degrees[1:] != degrees[:-1], axis=1)
    return np.asarray(degrees[np.concatenate([[True], moved])])
