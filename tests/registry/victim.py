"""A process that works on a register until it is killed, and says on standard output what is done.

python -m tests.registry.victim FOLDER import|rotate|renew|erase
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from pathlib import Path

from bianque.registry import collections, erasure, keys, people, rotation
from bianque.registry.collections import BadRow
from bianque.registry.people import NewPerson
from bianque.registry.register import Register, open_register
from tests.registry.sample import NOW, source, tracer

PEOPLE = 3000
SMALL = 100  # rows in a transaction: many moments to be killed at


def phone(number: int) -> str:
    return f"138{number:08}"


def name(number: int) -> str:
    return f"澄岚{number}"


def rows(after: int) -> Iterator[NewPerson | BadRow]:
    """Every tenth row is bad."""
    for number in range(after, PEOPLE):
        if number % 10:
            yield NewPerson({"name": name(number), "phone": phone(number), "address": "落霞路"})
        else:
            yield BadRow(number + 2, "phone", "form", [name(number)])


def take_in(register: Register) -> None:
    opened = collections.begin(register, tracer(), source())
    receipt = collections.import_people(register, tracer(), opened, rows(opened.read))
    print(f"receipt {receipt.read}", flush=True)


def rotate(register: Register) -> None:
    some = [one for n in range(1, 40) if n % 10 for one in people.find(register, tracer(), "phone", phone(n))]
    while True:
        print(f"rewrapped {rotation.rotate_encryption_keys(register, tracer())}", flush=True)
        print(f"resealed {rotation.rotate_data_keys(register, tracer(), some)}", flush=True)


def renew(register: Register) -> None:
    rotation.AT_ONCE = 20
    print(f"renewed {rotation.rotate_all_data_keys(register, tracer(at=NOW + dt.timedelta(hours=1)))}", flush=True)


def erase(register: Register) -> None:
    for number in range(1, PEOPLE):
        for record in people.find(register, tracer(), "phone", phone(number)):
            if people.headers(register, tracer(), [record]):
                erasure.erase(register, tracer(), [record])
                print(f"erased {record} {number}", flush=True)


if __name__ == "__main__":
    collections.BATCH = keys.BATCH = SMALL
    opened_register = open_register(Path(sys.argv[1]))
    print("begun", flush=True)
    {"import": take_in, "rotate": rotate, "renew": renew, "erase": erase}[sys.argv[2]](opened_register)
