"""An event of the audit as a FHIR R4 AuditEvent (hl7.org/fhir/R4/auditevent.html), with no data of a person in it.

Types and subtypes are of DICOM (PS3.16, CID 400 ff.), as the value sets audit-event-type and audit-event-sub-type ask,
beside our own action; who a person is stands in it as the pseudonym of the audit.
"""

from __future__ import annotations

from typing import Any

from bianque.model.account import Act
from bianque.model.audit import Event
from bianque.model.authority import PURPOSE_OF_USE, Action, Purpose
from bianque.model.decision import Outcome

SYSTEM = "urn:bianque"
DICOM = "http://dicom.nema.org/resources/ontology/DCM"
PURPOSE = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
ENTITY_TYPE = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
ENTITY_ROLE = "http://terminology.hl7.org/CodeSystem/object-role"
SOURCE_TYPE = "http://terminology.hl7.org/CodeSystem/security-source-type"

DISPLAY = {
    "110100": "Application Activity",
    "110101": "Audit Log Used",
    "110106": "Export",
    "110107": "Import",
    "110110": "Patient Record",
    "110112": "Query",
    "110113": "Security Alert",
    "110114": "User Authentication",
    "110122": "Login",
    "110123": "Logout",
    "110127": "Emergency Override Started",
    "110136": "Security Roles Changed",
    "110137": "User Security Attributes Changed",
}
# action → type, subtype or none, what is done: C create, R read, U update, D delete, E execute
CODES: dict[str, tuple[str, str | None, str]] = {
    Act.LOG_IN: ("110114", "110122", "E"),
    Act.LOG_OUT: ("110114", "110123", "E"),
    Act.PROVE: ("110114", None, "E"),
    Act.CHOOSE: ("110100", None, "E"),
    Act.CHANGE_PASSWORD: ("110113", "110137", "U"),
    Act.ENROL: ("110113", "110137", "U"),
    Act.END_SESSION: ("110114", "110123", "E"),
    Action.FIND_PERSON: ("110112", None, "E"),
    Action.READ_PERSON: ("110110", None, "R"),
    Action.CORRECT_PERSON: ("110110", None, "U"),
    Action.IMPORT_PEOPLE: ("110107", None, "C"),
    Action.EXPORT_PEOPLE: ("110106", None, "R"),
    Action.ASSIGN_FOLLOW_UP: ("110110", None, "U"),
    Action.ERASE_PERSON: ("110110", None, "D"),
    Action.PROTECT_PERSON: ("110110", None, "U"),
    Action.READ_RELEASE: ("110110", None, "R"),
    Action.BREAK_GLASS: ("110113", "110127", "E"),
    Action.READ_AUDIT: ("110101", None, "R"),
    Action.EXPORT_AUDIT: ("110101", None, "R"),
    Action.READ_SITUATION: ("110112", None, "R"),
    Action.READ_ROWS: ("110112", None, "R"),
    Action.READ_RELEASED: ("110112", None, "R"),
    Action.READ_OWN_ACCESS: ("110101", None, "R"),
    Action.EXPLAIN: ("110101", None, "R"),
    Action.READ_METRICS: ("110112", None, "R"),
    Action.INGEST: ("110107", None, "C"),
    Action.BACK_UP: ("110106", None, "R"),
    Action.DRAFT_EMERGENCY: ("110100", None, "C"),
    Action.MANAGE_ACCOUNTS: ("110113", "110137", "U"),
    Action.GRANT: ("110113", "110136", "U"),
    Action.MANAGE_KEYS: ("110113", "110137", "U"),
}
OTHERWISE = ("110100", None, "E")
SUCCESS, MINOR_FAILURE = "0", "4"  # value set audit-event-outcome
PERSON, SYSTEM_OBJECT = "1", "2"
PATIENT, SECURITY_RESOURCE = "1", "13"


def audit_event(number: int, event: Event, hash_: bytes) -> dict[str, Any]:
    """The AuditEvent of an event in its place in the chain, ready for JSON."""
    type_, subtype, done = CODES.get(event.action, OTHERWISE)
    allowed = event.outcome in (Outcome.ALLOW, Outcome.ALLOW_MASKED)
    purpose = _purpose(event.purpose)
    resource: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "id": str(number),
        "type": _dicom(type_),
        "subtype": [*([_dicom(subtype)] if subtype else []), _own("action", event.action)],
        "action": done,
        "recorded": event.at,
        "outcome": SUCCESS if allowed else MINOR_FAILURE,
        "outcomeDesc": f"{event.outcome}: rule {event.rule}",
        "agent": [_agent(event, purpose), *_recipient(event)],
        "source": {
            "site": event.agency or "bianque",
            "observer": {"display": "Bianque"},
            "type": [{"system": SOURCE_TYPE, "code": "4", "display": "Application Server"}],
        },
        "entity": [_entity(event, hash_)],
    }
    if purpose:
        resource["purposeOfEvent"] = [purpose]
    return resource


def _agent(event: Event, purpose: dict[str, Any] | None) -> dict[str, Any]:
    who = event.account or "nobody"
    agent: dict[str, Any] = {
        "who": {"identifier": {"system": f"{SYSTEM}:account", "value": who}, "display": who},
        "altId": who,
        "requestor": True,
        "policy": [f"{SYSTEM}:rule:{event.rule}"],
    }
    if event.role:
        agent["role"] = [{"coding": [_own("role", event.role)], "text": event.role}]
    if purpose:
        agent["purposeOfUse"] = [purpose]
    return agent


def _recipient(event: Event) -> list[dict[str, Any]]:
    """Who receives what leaves (DICOM 110152, Destination Role ID)."""
    if not event.recipient:
        return []
    role = {"system": DICOM, "code": "110152", "display": "Destination Role ID"}
    who = {"identifier": {"system": f"{SYSTEM}:organisation", "value": event.recipient}}
    return [{"type": {"coding": [role]}, "who": who, "requestor": False}]


def _entity(event: Event, hash_: bytes) -> dict[str, Any]:
    """What it was done to: a person under their pseudonym, or a thing of the register."""
    person = event.kind == "person"
    value = event.subject or event.resource or event.kind
    details = {
        "organisation": event.organisation,
        "emergency": event.emergency,
        "purpose": event.purpose,
        "basis": event.basis,
        "fields": " ".join(event.fields),
        "reason": event.reason,
        "session": event.session,
        "break-glass": event.glass,
        "hash": hash_.hex(),
    }
    type_ = {"system": ENTITY_TYPE, "code": PERSON, "display": "Person"}
    role = {"system": ENTITY_ROLE, "code": PATIENT, "display": "Patient"}
    if not person:
        type_ = {"system": ENTITY_TYPE, "code": SYSTEM_OBJECT, "display": "System Object"}
        role = {"system": ENTITY_ROLE, "code": SECURITY_RESOURCE, "display": "Security Resource"}
    return {
        "what": {"identifier": {"system": f"{SYSTEM}:{'subject' if event.subject else event.kind}", "value": value}},
        "type": type_,
        "role": role,
        "detail": [{"type": name, "valueString": text} for name, text in details.items() if text.strip()],
    }


def _purpose(purpose: str) -> dict[str, Any] | None:
    if not purpose:
        return None
    code = PURPOSE_OF_USE[Purpose(purpose)]
    coding = [_own("purpose", purpose)] + ([{"system": PURPOSE, "code": code}] if code else [])
    return {"coding": coding, "text": purpose}


def _dicom(code: str) -> dict[str, str]:
    return {"system": DICOM, "code": code, "display": DISPLAY[code]}


def _own(list_: str, code: str) -> dict[str, str]:
    return {"system": f"{SYSTEM}:{list_}", "code": str(code)}
