"""Disposal after the close: keys are destroyed first, then records, then their traces; a certificate says what went.

Two persons of the body that the terms name execute it: the first signs, the second signs and carries it out. What is
done is done in the order of the retention of each class, and a disposal that was cut off is gone on with by the same
call: every step may be done twice. The emergency counts as disposed only when the certificate stands.
"""

from __future__ import annotations

from bianque.model.authority import Action, Authority, Resource
from bianque.model.disposal import Certificate, Destroyed, Schedule, schedule
from bianque.model.emergency import Act, Emergency
from bianque.model.errors import BadInput, PolicyRefusal
from bianque.model.notice import NoticeKind
from bianque.registry import audit, backup, erasure, maintenance, notices
from bianque.registry import disposal as rows
from bianque.registry.people import emergency_of
from bianque.registry.register import Register
from bianque.safeguard.door import Door
from bianque.services import emergencies, gate

DECIDED_AT_ONCE = 5000  # records in one transaction of the audit


def plan(register: Register, authority: Authority) -> tuple[Schedule, dict[str, int]]:
    """When which class is due, and how many records of each kind there are.

    raises  BadInput  when the emergency is not closed; PolicyRefusal
    """
    emergency = _emergency(register, authority)
    gate.permit(register, authority, Action.SIGN_EMERGENCY, _resource(emergency))
    return schedule(emergency), rows.counts(register, authority)


def sign_disposal(register: Register, authority: Authority) -> Emergency:
    """The first person's signature; nothing is destroyed by it. The data-protection officer is told.

    raises  BadInput  when the emergency is not closed, one person has signed already, or is of another body
    """
    emergency = _emergency(register, authority)
    schedule(emergency)
    if emergency.waiting(Act.DISPOSE):
        raise BadInput(
            "one person has signed the disposal", kept="that signature", remedy="a second person executes it"
        )
    signed = emergencies.sign(register, authority, emergency.id, Act.DISPOSE)
    with register.writing(authority) as connection:
        notices.tell(connection, authority, NoticeKind.DISPOSAL_PLANNED, emergency.id)
    return signed


def execute(register: Register, door: Door, authority: Authority) -> Certificate | None:
    """Destroy what is due, as the second person; called again it goes on where it was cut off.

    returns  the certificate, or None while pseudonymous facts are still to be kept
    raises   BadInput  when nobody has signed, nothing is due yet, or the backup of the keys is out of reach, which is
             written anew as well; PolicyRefusal
    """
    emergency = _emergency(register, authority)
    due, first = schedule(emergency), _first(emergency)
    gate.permit(register, authority, Action.SIGN_EMERGENCY, _resource(emergency, first))
    if authority.organisation != emergency.terms.disposal_by:
        raise BadInput(
            f"the disposal is executed by persons of {emergency.terms.disposal_by}", kept="everything is as it was"
        )
    if authority.at < due.identified:
        raise BadInput(
            f"identified records are kept until {due.identified:%Y-%m-%d}",
            kept="everything",
            remedy="execute the disposal from that day on",
        )
    planned = _begin(register, authority)
    _destroy_identified(register, authority)
    backup.rewrite_key_backup(register, authority.at)
    if authority.at < due.pseudonymous:
        return None
    key_at_the_door = _destroy_pseudonymous(register, door, authority)
    backup.rewrite_key_backup(register, authority.at)
    certificate = _certificate(register, authority, emergency, planned, key_at_the_door)
    with register.writing(authority) as connection:
        rows.finish(connection, authority, certificate.document(), authority.at)
    emergencies.sign(register, authority, emergency.id, Act.DISPOSE)
    return certificate


def certificate_of(register: Register, authority: Authority) -> str:
    """The certificate of a disposal, as JSON.

    raises  BadInput  when there is none
    """
    emergency = _emergency(register, authority)
    gate.permit(register, authority, Action.READ_OWN_ACCESS, _resource(emergency))
    with register.reading(authority) as connection:
        begun = rows.begun(connection, authority)
    if begun is None or not begun.certificate:
        raise BadInput(f"emergency {emergency.id} has no disposal certificate", remedy="`bianque dispose execute`")
    return begun.certificate


def _emergency(register: Register, authority: Authority) -> Emergency:
    """The emergency as the register has it now: the authority's own copy may be from before a signature."""
    if authority.emergency is None:
        raise BadInput("no emergency is chosen", remedy="choose the one to dispose of")
    return emergencies.find(register, authority, authority.emergency.id)


def _resource(emergency: Emergency, first: str = "") -> Resource:
    return Resource("emergency", emergency.id, agency=emergency.agency, emergency=emergency.id, first=first)


def _first(emergency: Emergency) -> str:
    before = emergency.waiting(Act.DISPOSE)
    if not before:
        raise BadInput(
            "nobody has signed the disposal", kept="everything", remedy="one person signs, a second executes it"
        )
    return before[0].account


def _begin(register: Register, authority: Authority) -> dict[str, int]:
    """What was there when the disposal began, put down once."""
    with register.reading(authority) as connection:
        begun = rows.begun(connection, authority)
    if begun:
        return begun.planned
    planned = rows.counts(register, authority)
    with register.writing(authority) as connection:
        rows.begin(connection, authority, planned)
    return planned


def _destroy_identified(register: Register, authority: Authority) -> None:
    """One decision and one event a record, then all keys at once: a crash in between is gone on with."""
    ids = rows.people_of(register, authority)
    emergency = authority.emergency_id
    for start in range(0, len(ids), DECIDED_AT_ONCE):
        resources = [
            Resource("person", one, agency=authority.agency, emergency=emergency)
            for one in ids[start : start + DECIDED_AT_ONCE]
        ]
        for decision in gate.permit_each(register, authority, Action.ERASE_PERSON, resources):
            if not decision.allowed:
                raise PolicyRefusal(decision)
    if ids:
        erasure.erase(register, authority, ids)
    rows.destroy_identified(register, authority)


def _destroy_pseudonymous(register: Register, door: Door, authority: Authority) -> bool:
    """The door destroys what it has, each time it is asked; how much that is is put down once, before.

    returns  whether a key was there to destroy
    """
    emergency = emergency_of(authority)
    with register.reading(authority) as connection:
        begun = rows.begun(connection, authority)
    if begun is not None and begun.identifiers is None:
        identifiers = door.count(emergency)  # nobody can count them afterwards
        with register.writing(authority) as connection:
            rows.door_counted(connection, authority, identifiers)
    key_at_the_door = door.dispose(emergency)
    rows.destroy_pseudonymous(register, authority)
    return key_at_the_door


def _certificate(
    register: Register, authority: Authority, emergency: Emergency, planned: dict[str, int], key_at_the_door: bool
) -> Certificate:
    left = rows.counts(register, authority)
    with register.reading(authority) as connection:
        begun, reach = rows.begun(connection, authority), rows.out_of_reach(connection, authority)
        events, head = audit.head(connection)
    assert emergency.closed_at is not None  # schedule() has looked
    assert begun is not None  # _begin() has put it down
    return Certificate(
        emergency=emergency.id,
        agency=emergency.agency,
        closed_at=emergency.closed_at,
        executed_by=(_first(emergency), authority.account),
        organisation=authority.organisation,
        at=authority.at,
        counts={kind: Destroyed(count, left[kind]) for kind, count in planned.items()},
        identifiers_at_the_door=begun.identifiers or 0,
        key_at_the_door=key_at_the_door,
        out_of_reach=reach,
        audit_kept_until=schedule(emergency).audit,
        audit_events=events,
        audit_head=head.hex(),
        traces_left=maintenance.due(register, authority),
    )
