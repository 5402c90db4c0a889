"""The audit as FHIR R4 AuditEvents. Elements, cardinalities and required codes: hl7.org/fhir/R4/auditevent.html."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bianque.model.account import Act
from bianque.model.audit import Event
from bianque.model.authority import PURPOSE_OF_USE, Action, Purpose
from bianque.safeguard.fhir_audit import audit_event

# element → least, most (None: any number), type; of the elements that R4 has, in its order
CODING, CONCEPT, REFERENCE = "Coding", "CodeableConcept", "Reference"
ELEMENTS: dict[str, dict[str, tuple[int, int | None, Any]]] = {
    "AuditEvent": {
        "resourceType": (1, 1, str),
        "id": (0, 1, str),
        "type": (1, 1, CODING),
        "subtype": (0, None, CODING),
        "action": (0, 1, {"C", "R", "U", "D", "E"}),
        "recorded": (1, 1, str),
        "outcome": (0, 1, {"0", "4", "8", "12"}),
        "outcomeDesc": (0, 1, str),
        "purposeOfEvent": (0, None, CONCEPT),
        "agent": (1, None, "agent"),
        "source": (1, 1, "source"),
        "entity": (0, None, "entity"),
    },
    "agent": {
        "type": (0, 1, CONCEPT),
        "role": (0, None, CONCEPT),
        "who": (0, 1, REFERENCE),
        "altId": (0, 1, str),
        "requestor": (1, 1, bool),
        "policy": (0, None, str),
        "purposeOfUse": (0, None, CONCEPT),
    },
    "source": {"site": (0, 1, str), "observer": (1, 1, REFERENCE), "type": (0, None, CODING)},
    "entity": {
        "what": (0, 1, REFERENCE),
        "type": (0, 1, CODING),
        "role": (0, 1, CODING),
        "detail": (0, None, "detail"),
    },
    "detail": {"type": (1, 1, str), "valueString": (1, 1, str)},
    CODING: {"system": (0, 1, str), "code": (0, 1, str), "display": (0, 1, str)},
    CONCEPT: {"coding": (0, None, CODING), "text": (0, 1, str)},
    REFERENCE: {"identifier": (0, 1, "Identifier"), "display": (0, 1, str)},
    "Identifier": {"system": (0, 1, str), "value": (0, 1, str)},
}
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")  # R4, datatypes.html#instant


def an_event(**changed: Any) -> Event:
    given: dict[str, Any] = {
        "at": "2026-03-02T09:00:00.000+00:00",
        "account": "min",
        "role": "tracer",
        "organisation": "headquarters",
        "agency": "cdc",
        "emergency": "hubei",
        "purpose": "contact_tracing",
        "basis": "cn-infectious-diseases-2013-12",
        "action": "read_person",
        "kind": "person",
        "resource": "",
        "subject": "ab" * 16,
        "fields": ("person.name", "person.phone"),
        "outcome": "allow",
        "rule": "tracer",
    }
    return Event(**given | changed)


def problems(value: Any, kind: Any, where: str) -> list[str]:
    """Where a value is none of a kind of element; strings are never empty in FHIR."""
    if kind in (str, bool):
        return [] if isinstance(value, kind) and value != "" else [f"{where}: {value!r}"]
    if isinstance(kind, set):
        return [] if value in kind else [f"{where}: {value!r}"]
    elements = ELEMENTS[kind]
    found = [f"{where}.{name} is no element" for name in value if name not in elements]
    for name, (least, most, inner) in elements.items():
        given = value.get(name)
        listed = given if isinstance(given, list) else [] if given is None else [given]
        if isinstance(given, list) == (most == 1) and given is not None:
            found.append(f"{where}.{name} is {'a list' if most == 1 else 'no list'}")
        if len(listed) < least or given == []:
            found.append(f"{where}.{name} is missing")
        for one in listed:
            found += problems(one, inner, f"{where}.{name}")
    return found


@pytest.mark.parametrize("action", [*Action, *Act], ids=str)
@pytest.mark.parametrize("outcome", ["allow", "allow_masked", "second_person", "deny"])
def test_every_action_and_outcome_is_a_valid_audit_event(action: str, outcome: str) -> None:
    made = audit_event(7, an_event(action=str(action), outcome=outcome), bytes(32))
    assert problems(made, "AuditEvent", "AuditEvent") == []
    assert INSTANT.fullmatch(made["recorded"])
    assert re.fullmatch(r"[A-Za-z0-9.-]{1,64}", made["id"])


def test_an_event_with_nothing_in_it_is_valid_too() -> None:
    """A stranger's log-in: no account, no role, no emergency, no purpose."""
    empty = dict.fromkeys(("account", "role", "organisation", "agency", "emergency", "purpose", "basis", "subject"), "")
    made = audit_event(1, an_event(**empty, action="log_in", kind="account", fields=(), outcome="deny"), bytes(32))
    assert problems(made, "AuditEvent", "AuditEvent") == []
    assert made["outcome"] == "4"
    assert "purposeOfEvent" not in made


@pytest.mark.parametrize("purpose", list(Purpose), ids=str)
def test_the_purpose_is_that_of_hl7_where_it_has_one(purpose: Purpose) -> None:
    made = audit_event(1, an_event(purpose=purpose.value), bytes(32))
    codes = {coding["system"]: coding["code"] for coding in made["purposeOfEvent"][0]["coding"]}
    assert codes.get("http://terminology.hl7.org/CodeSystem/v3-ActReason") == PURPOSE_OF_USE[purpose]
    assert made["agent"][0]["purposeOfUse"] == made["purposeOfEvent"]


def test_a_read_names_the_subject_by_pseudonym_and_the_fields_without_their_values() -> None:
    (entity,) = audit_event(1, an_event(), bytes(32))["entity"]
    assert entity["what"]["identifier"] == {"system": "urn:bianque:subject", "value": "ab" * 16}
    assert (entity["type"]["code"], entity["role"]["code"]) == ("1", "1")
    details = {detail["type"]: detail["valueString"] for detail in entity["detail"]}
    assert details["fields"] == "person.name person.phone"
    assert details["basis"] == "cn-infectious-diseases-2013-12"
    assert details["hash"] == "00" * 32


def test_the_recipient_of_an_export_is_an_agent_who_asked_for_nothing() -> None:
    agents = audit_event(1, an_event(action="export_people", recipient="hospital"), bytes(32))["agent"]
    assert [agent["requestor"] for agent in agents] == [True, False]
    assert agents[1]["who"]["identifier"]["value"] == "hospital"


def test_a_log_in_and_an_export_have_the_codes_of_dicom() -> None:
    """DICOM PS3.16: 110114 User Authentication with 110122 Login, 110106 Export."""
    log_in = audit_event(1, an_event(action="log_in", kind="account"), bytes(32))
    assert (log_in["type"]["code"], log_in["subtype"][0]["code"], log_in["action"]) == ("110114", "110122", "E")
    assert audit_event(1, an_event(action="export_people"), bytes(32))["type"]["code"] == "110106"
