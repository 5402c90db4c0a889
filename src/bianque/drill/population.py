"""The folder of an exercise's people: a file to import, who of them is protected, and the emergency's terms."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np

from bianque.drill.authority import ORGANISATIONS, authority_toml
from bianque.drill.folder import FORMAT, MARKER, write_folder
from bianque.drill.people import COLUMNS, LISTS, draw_people
from bianque.drill.province import Province, draw_province
from bianque.drill.tables import csv_text, regions_csv
from bianque.model.errors import BadInput

LAND = 0  # the stream of a seed that draws the province


def province_of(seed: int) -> Province:
    """The province that the exercise of a seed has."""
    if seed < 0:
        raise BadInput(f"seed {seed} is negative", remedy="give a whole number from 0 up")
    return draw_province(np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(LAND,)))))


def population_files(*, seed: int, count: int, start: dt.date) -> dict[str, str]:
    """Path in the folder → content, the marker last: the same seed, count and start give the same bytes."""
    province = province_of(seed)
    people = list(draw_people(province, seed=seed, count=count, start=start))
    content = {
        "authority.toml": authority_toml(start),
        "organisations.csv": csv_text(
            ("id", "kind", "name_zh", "name_en"), ((id_, kind, name.zh, name.en) for id_, kind, name in ORGANISATIONS)
        ),
        "lists.csv": csv_text(
            ("id", "name_zh", "name_en"), ((listed.id, listed.name.zh, listed.name.en) for listed in LISTS)
        ),
        "regions.csv": regions_csv(province.regions),
        "people.csv": csv_text(COLUMNS, (tuple(map(str, person[: len(COLUMNS)])) for person in people)),
        "protected.csv": csv_text(
            ("id_number", "because"), ((person.id_number, person.protected) for person in people if person.protected)
        ),
    }
    marker = {"format": FORMAT, "seed": seed, "people": count, "start": start.isoformat(), "files": [*content, MARKER]}
    return {**content, MARKER: json.dumps(marker, indent=1) + "\n"}


def write_population(folder: Path, *, seed: int, count: int, start: dt.date) -> list[Path]:
    """Writes the people of a seed into a folder that is new, empty, or of an exercise already, which is replaced.

    returns  the files written
    raises   BadInput  when the folder holds a file that no exercise wrote, or count, seed or start are out of range
    """
    return write_folder(population_files(seed=seed, count=count, start=start), folder)
