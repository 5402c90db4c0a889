"""A street office that traces contacts in an exercise, and people it takes in."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bianque.model.authority import Authority, Purpose, Role
from bianque.model.emergency import Act, Emergency, Signature, Terms
from bianque.model.organisation import HolderKind
from bianque.registry import collections
from bianque.registry.collections import Receipt, Source
from bianque.registry.people import NewPerson
from bianque.registry.register import Register

NOW = dt.datetime(2021, 2, 1, 8, tzinfo=dt.UTC)
TERMS = {
    "name": {"zh": "演习", "en": "Exercise"},
    "command_body": "command",
    "executing_bodies": ["street-office"],
    "start_condition": {"zh": "四例不明原因肺炎", "en": "Four cases of pneumonia of unknown cause"},
    "legal_bases": ["cn-infectious-2013-12"],
    "purposes": ["contact_tracing", "isolation_follow_up"],
    "regions": ["420000"],
    "starts": "2021-01-20",
    "review": "2021-02-20",
    "ends": "2021-03-20",
    "retention": {"identified_days": 30, "pseudonymous_days": 90, "audit_days": 1095},
    "disposal": {"zh": "关闭后删除", "en": "Erased after the close"},
    "disposal_by": "archive",
}
ZHANG = {
    "name": "张澄岚",
    "id_number": "11010519491231002X",
    "phone": "13800138000",
    "address": "江汉区落霞路七号",
    "birth_date": "1949-12-31",
    "sex": "female",
    "workplace": "岚都茶坞",
    "health_note": "发热三天",
}
LI = {"name": "李栖云", "id_number": "440524188001010014", "phone": "13900139000", "sex": "male"}


def emergency(name: str = "e1", agency: str = "cdc") -> Emergency:
    drafted = Emergency(name, agency, Terms.model_validate(TERMS))
    for who in ("li", "wang"):
        drafted = drafted.signed(Signature(Act.DECLARE, who, "command", NOW))
    return drafted


def tracer(**changes: object) -> Authority:
    one = Authority(
        "zhao",
        "street-office",
        "cdc",
        Role.TRACER,
        HolderKind.GRASSROOTS,
        NOW,
        emergency=emergency(),
        purpose=Purpose.CONTACT_TRACING,
        basis="cn-infectious-2013-12",
    )
    return replace(one, **changes)  # type: ignore[arg-type]


def source(file: str = "file", **changes: object) -> Source:
    one = Source(
        "street-office",
        "tablet 7",
        (Purpose.CONTACT_TRACING,),
        "cn-infectious-2013-12",
        tuple(ZHANG),
        hashlib.sha256(file.encode()).digest(),
    )
    return replace(one, **changes)  # type: ignore[arg-type]


def take_in(register: Register, *people: Mapping[str, str], authority: Authority | None = None) -> Receipt:
    who = authority or tracer()
    rows = [NewPerson(values, ("420103", "420100", "420000")) for values in people]
    opened = collections.begin(register, who, source(repr(people)))
    return collections.import_people(register, who, opened, rows)


def files_with(folder: Path, needles: Sequence[bytes]) -> list[str]:
    """Which files under a folder hold which of some byte strings, named by their place in the list."""
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        found += [f"{path.name}: {number}" for number, needle in enumerate(needles) if needle in content]
    return found
