"""A second opinion on decisions, written from docs/explanation/decisions.md and not from the Cedar rules."""

from __future__ import annotations

import datetime as dt

from bianque.model.authority import Action, Authority, Grant, Purpose, Recipient, Resource, Role
from bianque.model.decision import Mask, Outcome
from bianque.model.emergency import State
from bianque.model.fields import Category, registered
from bianque.model.organisation import HolderKind
from bianque.safeguard.bases import bases
from bianque.safeguard.sheets import sheets

A = Action
PERSONS = {A.FIND_PERSON, A.READ_PERSON, A.CORRECT_PERSON, A.IMPORT_PEOPLE, A.EXPORT_PEOPLE}
WAY_BACK = {A.REQUEST_RELEASE, A.READ_RELEASE, A.LOCK_TARGET}
GRANTED = PERSONS | WAY_BACK | {A.ASSIGN_FOLLOW_UP, A.PROPOSE_OUTREACH, A.RECORD_REFUSAL}
APPROVING = {A.APPROVE_RELEASE, A.APPROVE_OUTREACH}
PERSONAL = GRANTED | APPROVING | {A.REQUEST_ASSISTANCE, A.BREAK_GLASS, A.BOOK_FORMS, A.PROTECT_PERSON}
ONE_RECORD = {A.READ_PERSON, A.CORRECT_PERSON, A.EXPORT_PEOPLE, A.ASSIGN_FOLLOW_UP}
FIGURES = {A.READ_SITUATION, A.READ_ROWS, A.INGEST, A.FOLD, A.READ_RELEASED}
FREE = FIGURES | {A.EXPLAIN, A.READ_OWN_ACCESS}
DUTIES = {
    Role.TRACER: (PERSONS | WAY_BACK | {A.ASSIGN_FOLLOW_UP, A.PROPOSE_OUTREACH, A.RECORD_REFUSAL})
    | {A.REQUEST_ASSISTANCE, A.BREAK_GLASS, A.BOOK_FORMS, A.RECEIVE_RIGHTS_REQUEST, A.READ_SITUATION},
    Role.COMMUNITY_WORKER: {A.READ_PERSON, A.CORRECT_PERSON, A.IMPORT_PEOPLE, A.RECORD_REFUSAL, A.REQUEST_ASSISTANCE}
    | {A.BREAK_GLASS, A.BOOK_FORMS, A.RECEIVE_RIGHTS_REQUEST, A.READ_SITUATION},
    Role.HOSPITAL: PERSONS | {A.RECORD_REFUSAL, A.BREAK_GLASS, A.RECEIVE_RIGHTS_REQUEST, A.READ_SITUATION, A.FOLD},
    Role.LABORATORY: {A.FIND_PERSON, A.READ_PERSON, A.IMPORT_PEOPLE, A.READ_SITUATION, A.FOLD},
    Role.EPIDEMIOLOGIST: {A.LOCK_TARGET, A.PROPOSE_OUTREACH, A.READ_SITUATION, A.READ_ROWS, A.INGEST, A.FOLD},
    Role.COMMAND: {A.READ_PERSON, A.ASSIGN_FOLLOW_UP, A.ERASE_PERSON, A.PROPOSE_OUTREACH, A.REQUEST_ASSISTANCE}
    | {A.BOOK_FORMS, A.RECONSIDER, A.DRAFT_EMERGENCY, A.SIGN_EMERGENCY, A.GRANT, A.RELEASE_FIGURES}
    | APPROVING
    | {A.READ_SITUATION, A.READ_ROWS, A.FOLD},
    Role.DPO: {A.FIND_PERSON, A.READ_PERSON, A.CORRECT_PERSON, A.EXPORT_PEOPLE, A.ERASE_PERSON, A.PROTECT_PERSON}
    | {A.APPROVE_RELEASE, A.RECEIVE_RIGHTS_REQUEST, A.ANSWER_RIGHTS_REQUEST, A.RECONSIDER, A.READ_AUDIT}
    | {A.EXPORT_AUDIT, A.GRANT, A.READ_SITUATION, A.READ_ROWS},
    Role.ADMINISTRATOR: {A.MANAGE_ACCOUNTS, A.MANAGE_KEYS, A.BACK_UP, A.READ_METRICS, A.READ_SITUATION},
    Role.OPERATOR: {A.INGEST, A.READ_SITUATION, A.READ_ROWS, A.FOLD},
    Role.PUBLIC: set(),
}
P = Purpose
PURPOSES = {
    Role.TRACER: {P.CONTACT_TRACING, P.ISOLATION_FOLLOW_UP},
    Role.COMMUNITY_WORKER: {P.ISOLATION_FOLLOW_UP},
    Role.HOSPITAL: {P.CLINICAL_CARE},
    Role.LABORATORY: {P.LABORATORY_TESTING},
    Role.EPIDEMIOLOGIST: {P.SITUATION_MONITORING, P.CONTACT_TRACING},
    Role.COMMAND: {P.SITUATION_MONITORING, P.RESOURCE_ALLOCATION, P.CONTACT_TRACING, P.ISOLATION_FOLLOW_UP},
    Role.DPO: {P.DATA_SUBJECT_RIGHTS},
}
OTHERS = {HolderKind.EDUCATION, HolderKind.POLICE, HolderKind.TELECOM, HolderKind.INTERNET}
ALL_BUT_LABORATORY = {"person.id", "person.region", "person.list", "person.protected"} | {
    "case.status",
    "case.onset",
    "case.reported",
}


def evaluate(who: Authority, action: A, on: Resource, to: Recipient | None = None) -> tuple[Outcome, dict[str, Mask]]:
    """The outcome and the masks, as the page says."""
    of_office = who.role in (Role.DPO, Role.COMMAND) and on.first != ""
    second = of_office and (action is A.MANAGE_ACCOUNTS or (action is A.MANAGE_KEYS and on.kind == "share"))
    second = second or (action is A.PROTECT_PERSON and who.role is Role.COMMAND and on.protected and on.first != "")
    everybody = action is A.READ_RELEASED or (action in (A.EXPLAIN, A.READ_OWN_ACCESS) and who.role is not Role.PUBLIC)
    duty = action in DUTIES[who.role] or second or everybody
    if not (duty and _conditions(who, action, on, to)):
        return Outcome.DENY, {}
    if _not_alone(action, on):
        return Outcome.SECOND_PERSON, {}
    shows = {A.FIND_PERSON, A.READ_PERSON, A.EXPORT_PEOPLE, A.READ_RELEASE, A.ANSWER_RIGHTS_REQUEST}
    masks = {f: mask for f in on.fields if (mask := _mask(who, on, to, f))} if action in shows else {}
    return (Outcome.ALLOW_MASKED if masks else Outcome.ALLOW), masks


def _not_alone(action: A, on: Resource) -> bool:
    always = action in (A.EXPORT_PEOPLE, A.RELEASE_FIGURES, A.APPROVE_OUTREACH, A.RECONSIDER)
    of_the_protected = on.protected and action in (A.PROTECT_PERSON, A.GRANT)
    return not on.first and (always or of_the_protected)


def _conditions(who: Authority, action: A, on: Resource, to: Recipient | None) -> bool:
    emergency = who.emergency
    if on.agency not in ("", who.agency) or (on.first and on.first == who.account):
        return False
    if action not in FREE and not who.strong:
        return False
    if to and to.organisation and not (to.proved and to.organisation in _organisations(who)):
        return False
    if action in ONE_RECORD | {A.PROTECT_PERSON, A.ERASE_PERSON} and (
        not on.agency or on.emergency != (emergency.id if emergency else "")
    ):
        return False
    if action in PERSONAL and not _personal(who, on):
        return False
    if action in GRANTED and not _granted(who, action, on):
        return False
    return _of_the_action(who, action, on, to)


def _personal(who: Authority, on: Resource) -> bool:
    if who.emergency is None or not who.emergency.open_on(who.at.astimezone(dt.UTC).date()):
        return False
    terms, officer = who.emergency.terms, who.role is Role.DPO
    of_office = officer and who.purpose in (P.DATA_SUBJECT_RIGHTS, P.OVERSIGHT)
    return (
        (officer or who.organisation in _organisations(who))
        and who.purpose is not None
        and (who.purpose in terms.purposes or of_office)
        and (not on.within or bool(set(on.within) & set(terms.regions)))
        and on.emergency in ("", who.emergency.id)
        and all(name in registered() for name in on.fields)
    )


def _organisations(who: Authority) -> set[str]:
    if who.emergency is None:
        return set()
    terms = who.emergency.terms
    return (
        {terms.command_body, terms.disposal_by} | set(terms.executing_bodies) | {s.organisation for s in terms.sources}
    )


def _granted(who: Authority, action: A, on: Resource) -> bool:
    assert who.emergency is not None
    officer = who.role is Role.DPO
    if who.purpose not in PURPOSES[who.role]:
        return False
    if on.purposes and who.purpose not in on.purposes and who.purpose is not P.DATA_SUBJECT_RIGHTS:
        return False
    basis = bases().get(who.basis or "")
    if not officer and not (basis and who.basis in who.emergency.terms.legal_bases and who.purpose in basis.carries):
        return False
    in_force = [g for g in who.grants if g.emergency == who.emergency.id and g.starts <= who.at < g.expires]
    mine = [g for g in in_force if (g.purpose, g.basis) == (who.purpose, who.basis)]
    if on.protected and not _covers([g for g in mine if g.protected], on):
        return False
    widened = action is A.READ_PERSON and on.named and _glass(who) and _covers(in_force, on)
    if who.role is Role.COMMUNITY_WORKER and action in ONE_RECORD and on.assigned != who.account and not widened:
        return False
    if officer or widened:
        return True
    if not on.within and action in ONE_RECORD:
        return bool(mine) and set(who.emergency.terms.regions) <= {r for g in mine for r in g.regions}
    return bool(mine) and (not on.within or _covers(mine, on))


def _covers(grants: list[Grant], on: Resource) -> bool:
    return any(set(grant.regions) & set(on.within) for grant in grants)


def _glass(who: Authority) -> bool:
    return who.glass is not None and who.glass.opened <= who.at < who.glass.until


def _of_the_action(who: Authority, action: A, on: Resource, to: Recipient | None) -> bool:
    state = who.emergency.state if who.emergency else None
    fresh = who.proved is not None and dt.timedelta(0) <= who.at - who.proved <= dt.timedelta(minutes=5)
    match action:
        case A.CORRECT_PERSON if who.role is Role.COMMUNITY_WORKER:
            return set(on.fields) <= {"person.phone", "person.address", "follow_up.note"}
        case A.IMPORT_PEOPLE:
            return _import(who, on)
        case A.EXPORT_PEOPLE:
            return fresh and to is not None and to.organisation != ""
        case A.REQUEST_RELEASE:
            return fresh and on.locked
        case A.APPROVE_RELEASE:
            return (
                fresh and on.locked and on.first_organisation in ({""} | {on.first_organisation} - {who.organisation})
            )
        case A.READ_RELEASE:
            return on.locked and on.assigned == who.account and on.until is not None and who.at < on.until
        case A.GRANT:
            return not (on.kind == "account" and on.id == who.account)
        case A.RELEASE_FIGURES:
            return who.purpose is P.PUBLICATION
        case A.ERASE_PERSON if on.count > 5 or not fresh:
            return False
        case A.ERASE_PERSON if who.role is Role.COMMAND:
            return state is State.CLOSED
        case A.ERASE_PERSON | A.ANSWER_RIGHTS_REQUEST:
            return state in (State.DECLARED, State.CLOSED) and who.purpose is P.DATA_SUBJECT_RIGHTS
        case A.RECONSIDER:
            return state in (State.DECLARED, State.CLOSED)
    return True


def _import(who: Authority, on: Resource) -> bool:
    assert who.emergency is not None
    name, kind = (on.source, on.source_kind) if on.source else (who.organisation, who.kind)
    listed = [
        source
        for source in who.emergency.terms.sources
        if source.organisation == name and who.purpose in source.purposes and source.basis == who.basis
    ]
    if not listed or kind is None or (on.anew and kind is not HolderKind.GRASSROOTS):
        return False
    sheet = sheets()[kind]
    allowed = {f"person.{field.removeprefix('person.')}" for source in listed for field in source.fields}
    of_sheet = who.purpose in sheet.purposes and who.basis in sheet.bases
    return of_sheet and set(on.fields) <= allowed & set(sheet.fields)


def _mask(who: Authority, on: Resource, to: Recipient | None, field: str) -> Mask | None:
    if to and to.kind in OTHERS:
        never = field in ("person.health_note", "case.note", "person.list")
        if never or field in _special(who, on):
            return Mask.HIDDEN
    base = _base(who.role, field)
    religion = _tells_religion(on)
    if religion and base is not Mask.HIDDEN and who.role not in (Role.TRACER, Role.DPO):
        return {"person.address": Mask.AREA, "person.workplace": Mask.HIDDEN}.get(field, base)
    return base


def _base(role: Role, field: str) -> Mask | None:
    table = field.split(".")[0]
    if role is not Role.LABORATORY and (field in ALL_BUT_LABORATORY or table == "follow_up"):
        return None
    masked = {
        Role.COMMUNITY_WORKER: {"person.id_number": Mask.LAST_FOUR, "person.birth_date": Mask.DECADE},
        Role.LABORATORY: {"person.name": Mask.FIRST_CHARACTER, "person.birth_date": Mask.DECADE},
        Role.COMMAND: {"person.name": Mask.FIRST_CHARACTER, "person.id_number": Mask.LAST_FOUR}
        | {"person.phone": Mask.LAST_FOUR, "person.address": Mask.AREA, "person.birth_date": Mask.DECADE},
    }.get(role, {})
    if field in masked:
        return masked[field]
    whole = {
        Role.TRACER: table == "person" or field in ("case.note", "directory.value"),
        Role.HOSPITAL: table == "person" or field == "case.note",
        Role.COMMUNITY_WORKER: field in ("person.name", "person.phone", "person.address", "person.sex"),
        Role.LABORATORY: field in ("person.id", "person.id_number", "person.sex", "case.status"),
        Role.DPO: table in ("person", "case", "follow_up"),
    }.get(role, False)
    return None if whole else Mask.HIDDEN


def _special(who: Authority, on: Resource) -> set[str]:
    """Fields that the context has made a special category, none by themselves."""
    fear = who.emergency is not None and who.emergency.terms.climate_of_fear
    all_of_them = fear or bool(on.context & {"health", "religion", "joined_health"})
    health = any(registered()[f].category is Category.HEALTH for f in on.fields if f in registered())
    raised = set()
    for field in on.fields:
        match registered()[field].category if field in registered() else None:
            case Category.DIRECT_IDENTIFIER | Category.CONTACT | Category.QUASI_IDENTIFIER:
                raised |= {field} if all_of_them or health else set()
            case Category.LOCATION:
                raised |= {field} if all_of_them or "worship" in on.context else set()
    return raised


def _tells_religion(on: Resource) -> bool:
    """`worship` speaks of a location, `religion` of whoever is identified: where one such field is asked for."""
    kinds = {registered()[f].category for f in on.fields if f in registered()}
    identifying = {Category.DIRECT_IDENTIFIER, Category.CONTACT, Category.LOCATION, Category.QUASI_IDENTIFIER}
    return ("worship" in on.context and Category.LOCATION in kinds) or (
        "religion" in on.context and bool(identifying & kinds)
    )
