"""A street office and a centre for disease control at work on the same register."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bianque.model.authority import Authority, Purpose, Role
from bianque.model.emergency import DataSource
from bianque.model.organisation import HolderKind, Organisation
from bianque.model.text import Text
from bianque.registry import lists, organisations
from bianque.registry.lists import PersonList
from bianque.registry.register import Register
from bianque.safeguard import hpke
from bianque.safeguard.door import Door
from bianque.safeguard.release_key import Holder
from bianque.services.import_people import Transfer
from tests.safeguard import authorities

FIELDS = ("name", "id_number", "phone", "address", "birth_date", "sex", "region", "list")
SOURCE = DataSource(
    organisation="street",
    fields=FIELDS,
    purposes=(Purpose.CONTACT_TRACING, Purpose.ISOLATION_FOLLOW_UP),
    basis=authorities.BASIS,
)
EMERGENCY = replace(
    authorities.EMERGENCY, agency="cdc", terms=authorities.TERMS.model_copy(update={"sources": (SOURCE,)})
)
BODIES = {"street": HolderKind.GRASSROOTS, "rail": HolderKind.POLICE, "clinic": HolderKind.HOSPITAL}
STREET = Transfer("street", "tablet 7", anew=True)
HEADING = ",".join((*FIELDS, "workplace"))
ZHANG = "张澄岚,11010519491231002X,13800138000,落霞路七号,1949-12-31,女,420100,returned,茶坞"
LI = "李栖云,440524188001010014,139-0013-9000,,1880-01-01,male,武汉市,,"


def at_work(role: Role = Role.TRACER, **changes: Any) -> Authority:
    return replace(authorities.authority(role), **{"agency": "cdc", "emergency": EMERGENCY, **changes})


def furnish(register: Register) -> None:
    """The organisations and the list that the tests speak of."""
    with register.system() as connection:
        for name, kind in (
            ("street", HolderKind.GRASSROOTS),
            ("rail", HolderKind.POLICE),
            ("clinic", HolderKind.HOSPITAL),
        ):
            organisations.add(connection, Organisation(name, "cdc", kind, Text(zh="单位", en="body")))
    returned = PersonList("returned", Text(zh="返乡人员", en="returned"), "street", frozenset({"health"}))
    lists.add(register, at_work(), returned)


def ceremony(door: Door) -> None:
    """The keys of the emergency are drawn behind the door."""
    holders = [Holder(name, name, hpke.public_of(hpke.new_private())) for name in ("one", "two")]
    door.open_emergency(EMERGENCY.id, holders, authorities.AT)


def written(folder: Path, *rows: str, heading: str = HEADING) -> Path:
    path = folder / "people.csv"
    path.write_text("\n".join([heading, *rows, ""]), "utf-8")
    return path


def events(register: Register) -> list[dict[str, Any]]:
    with register.reading(at_work()) as connection:
        rows = connection.execute(text("SELECT event FROM audit_event ORDER BY number")).scalars()
        return [json.loads(bytes(row)) for row in rows]
