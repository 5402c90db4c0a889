"""The audit, read and exported by who oversees, and checked by anybody who holds the register."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from bianque.model.audit import START, Form, follow
from bianque.model.authority import Action, Authority, Resource
from bianque.model.errors import BadInput, BadRegister
from bianque.model.identifiers import mentioned
from bianque.registry import audit, private_files
from bianque.registry.audit import Asked, Link
from bianque.registry.register import Register
from bianque.safeguard.fhir_audit import audit_event
from bianque.services.gate import permit, still

PAGE = 100  # events
ASKED_EVERY = 10_000  # events of an export; they take about a second
SEARCHABLE = re.compile(r"[A-Za-z0-9_.:+-]{1,64}")
HEAD_FILE = "audit.head"  # beside the register: the last head that was seen, sealed by the root key


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: how many events, and the hash that stands for all of them."""

    number: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.number}:{self.hash.hex()}"

    @staticmethod
    def read(text: str) -> Head:
        """raises  BadInput  when a text is no head"""
        number, _, hash_ = text.strip().partition(":")
        try:
            head = Head(int(number), bytes.fromhex(hash_))
        except ValueError:
            head = Head(-1, b"")
        if head.number < 0 or len(head.hash) != len(START):
            raise BadInput("a head of the audit is NUMBER:HASH", remedy="give one that `bianque audit verify` printed")
        return head


def events(
    register: Register, authority: Authority, asked: Asked, *, before: int | None = None, limit: int = PAGE
) -> list[Link]:
    """Events of the agency, newest first, a page at a time; `before`: the number the last page ended with.

    raises  PolicyRefusal  when it is not one's office
    """
    permit(register, authority, Action.READ_AUDIT, Resource("audit", agency=authority.agency), reason=_asked(asked))
    with register.reading(authority) as connection:
        return audit.page(connection, asked, limit, before)


def event(register: Register, authority: Authority, number: int) -> Link:
    """One event.

    raises  PolicyRefusal; BadInput when there is none of that number
    """
    permit(register, authority, Action.READ_AUDIT, Resource("audit", str(number), agency=authority.agency))
    with register.reading(authority) as connection:
        found = audit.one(connection, number)
    if found is None:
        raise BadInput(f"there is no event {number}")
    return found


def export(register: Register, authority: Authority, form: Form, write: Callable[[str], object]) -> int:
    """The whole audit, line by line, oldest first; how many events it was.

    raises  PolicyRefusal  when it is not one's office, or no more while it is being written
    """
    whole = Resource("audit", agency=authority.agency)
    permit(register, authority, Action.EXPORT_AUDIT, whole, reason=form)
    count = 0
    with register.reading(authority) as connection:
        for link in audit.links(connection):
            if count and count % ASKED_EVERY == 0:
                still(register, authority, Action.EXPORT_AUDIT, [whole], reason=form)
            write(json.dumps(_line(link, form), ensure_ascii=False, sort_keys=True) + "\n")
            count += 1
    return count


def verify(register: Register, known: Head | None = None) -> Head:
    """Whether the audit is as it was written; the head it has now.

    Every hash is computed again, numbers count up without a gap, the columns that are searched say what the events say,
    and the chain goes through the head that is known: one given, or the one the last check left beside the register.

    raises  BadRegister  with the first event that does not hold
    """
    heads = [head for head in (known, _last_seen(register)) if head is not None]
    expected, previous, passed = 0, START, {0: START}
    with register.system() as transaction:
        for number, canonical, hash_, repeats in audit.chain(transaction):
            expected += 1
            if number != expected:
                raise _broken(f"event {expected} is missing: the next one is {number}")
            if follow(previous, canonical) != hash_:
                raise _broken(f"event {number} was changed, or the one before it")
            if not repeats:
                raise _broken(f"event {number} is found under other values than it holds")
            previous = hash_
            if any(head.number == number for head in heads):
                passed[number] = hash_
    for head in heads:
        if head.number > expected:
            raise _broken(f"it ends with event {expected}, and had {head.number}: the last ones were taken away")
        if passed[head.number] != head.hash:
            raise _broken(f"event {head.number} is not the one it was: the audit was written anew")
    now = Head(expected, previous)
    _remember(register, now)
    return now


def _line(link: Link, form: Form) -> dict[str, object]:
    if form is Form.FHIR:
        return audit_event(link.number, link.event, link.hash)
    return {"number": link.number, "event": json.loads(link.event.canonical()), "hash": link.hash.hex()}


def _asked(asked: Asked) -> str:
    """What was searched for; not what is no id or day: it may be a name or a number, and the audit forgets nothing."""
    given = {name: str(getattr(asked, name)) for name in asked.__slots__ if getattr(asked, name)}
    kept = {name: text if SEARCHABLE.fullmatch(text) and not mentioned(text) else "…" for name, text in given.items()}
    return " ".join(f"{name}={text}" for name, text in kept.items())


def _broken(what: str) -> BadRegister:
    return BadRegister(
        f"the audit does not hold: {what}",
        kept="the audit as it is",
        remedy="keep a copy of the register as evidence, and compare with a backup and the exports that were made",
    )


def _seal(register: Register, head: Head) -> str:
    return hmac.digest(register.root.derive("audit head"), str(head).encode(), "sha256").hex()


def _last_seen(register: Register) -> Head | None:
    path = register.at_rest / HEAD_FILE
    if not path.is_file():
        return None
    text, _, seal = path.read_text("ascii", "replace").strip().partition(" ")
    head = Head.read(text)
    if not hmac.compare_digest(seal.encode(), _seal(register, head).encode()):
        raise _broken(f"the head kept in {HEAD_FILE} was not written by this register")
    return head


def _remember(register: Register, head: Head) -> None:
    with private_files.new(register.at_rest / HEAD_FILE) as file:
        file.write(f"{head} {_seal(register, head)}\n".encode())
