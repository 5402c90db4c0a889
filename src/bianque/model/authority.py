"""Authority: who acts, for which organisation, in which emergency, for which purpose, on which basis.

Every use case runs under one. It is made anew for each request from what the register says at that moment, so that a
revoked grant or a closed emergency counts at once.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from bianque.model.organisation import HolderKind

if TYPE_CHECKING:
    from bianque.model.emergency import Emergency


class Role(StrEnum):
    EPIDEMIOLOGIST = "epidemiologist"
    TRACER = "tracer"
    COMMUNITY_WORKER = "community_worker"
    HOSPITAL = "hospital"
    LABORATORY = "laboratory"
    COMMAND = "command"
    DPO = "dpo"  # data-protection officer
    ADMINISTRATOR = "administrator"  # accounts and keys; sees no personal data
    PUBLIC = "public"  # nobody in particular: released figures alone
    OPERATOR = "operator"  # whoever holds the folder of a lake on this machine: de-identified facts, no person


class Purpose(StrEnum):
    """The closed list of what personal data may be used for."""

    CONTACT_TRACING = "contact_tracing"
    ISOLATION_FOLLOW_UP = "isolation_follow_up"
    SITUATION_MONITORING = "situation_monitoring"
    RESOURCE_ALLOCATION = "resource_allocation"
    CLINICAL_CARE = "clinical_care"
    LABORATORY_TESTING = "laboratory_testing"
    RESEARCH = "research"
    PUBLICATION = "publication"
    DATA_SUBJECT_RIGHTS = "data_subject_rights"
    OVERSIGHT = "oversight"
    ADMINISTRATION = "administration"


# HL7 v3 ActReason, value set PurposeOfUse (terminology.hl7.org, v3-PurposeOfUse); None where none fits.
PURPOSE_OF_USE: dict[Purpose, str | None] = {
    Purpose.CONTACT_TRACING: "PUBHLTH",
    Purpose.ISOLATION_FOLLOW_UP: "PUBHLTH",
    Purpose.SITUATION_MONITORING: "PUBHLTH",
    Purpose.RESOURCE_ALLOCATION: "HOPERAT",
    Purpose.CLINICAL_CARE: "TREAT",
    Purpose.LABORATORY_TESTING: "TREAT",
    Purpose.RESEARCH: "HRESCH",
    Purpose.PUBLICATION: None,
    Purpose.DATA_SUBJECT_RIGHTS: "PATRQT",
    Purpose.OVERSIGHT: "HCOMPL",
    Purpose.ADMINISTRATION: "HSYSADMIN",
}


class Action(StrEnum):
    """Everything that is decided on. What touches a person names the fields it wants."""

    # persons
    FIND_PERSON = "find_person"  # by phone or ID number
    READ_PERSON = "read_person"
    CORRECT_PERSON = "correct_person"
    IMPORT_PEOPLE = "import_people"  # collection or transfer into the register
    EXPORT_PEOPLE = "export_people"
    ASSIGN_FOLLOW_UP = "assign_follow_up"
    ERASE_PERSON = "erase_person"
    PROTECT_PERSON = "protect_person"  # witnesses, shelters
    # the way back
    LOCK_TARGET = "lock_target"
    REQUEST_RELEASE = "request_release"
    APPROVE_RELEASE = "approve_release"
    READ_RELEASE = "read_release"
    # reaching out
    PROPOSE_OUTREACH = "propose_outreach"
    APPROVE_OUTREACH = "approve_outreach"
    RECORD_REFUSAL = "record_refusal"  # somebody does not cooperate
    REQUEST_ASSISTANCE = "request_assistance"  # of the police, art. 44
    BREAK_GLASS = "break_glass"
    # rights of a data subject
    RECEIVE_RIGHTS_REQUEST = "receive_rights_request"
    ANSWER_RIGHTS_REQUEST = "answer_rights_request"
    RECONSIDER = "reconsider"
    # de-identified facts and figures
    READ_SITUATION = "read_situation"
    READ_ROWS = "read_rows"  # the de-identified rows behind a figure
    INGEST = "ingest"
    FOLD = "fold"
    RELEASE_FIGURES = "release_figures"  # publish: the public sees them
    READ_RELEASED = "read_released"
    # oversight and administration
    READ_AUDIT = "read_audit"
    EXPORT_AUDIT = "export_audit"
    EXPLAIN = "explain"
    DRAFT_EMERGENCY = "draft_emergency"
    SIGN_EMERGENCY = "sign_emergency"
    MANAGE_ACCOUNTS = "manage_accounts"
    GRANT = "grant"
    MANAGE_KEYS = "manage_keys"
    BACK_UP = "back_up"
    BOOK_FORMS = "book_forms"  # paper forms out and back in
    READ_METRICS = "read_metrics"
    READ_OWN_ACCESS = "read_own_access"


@dataclass(frozen=True, slots=True)
class Grant:
    """Leave for one account: one emergency, one purpose, one basis, some regions, until a date, for a reason."""

    id: str
    emergency: str
    purpose: Purpose
    basis: str
    regions: tuple[str, ...]
    starts: dt.datetime
    expires: dt.datetime
    reason: str
    protected: bool = False  # covers protected persons too


@dataclass(frozen=True, slots=True)
class BreakGlass:
    """Emergency access: reading of already named persons in one's own jurisdiction, for an hour, told to the DPO."""

    id: str
    reason: str
    opened: dt.datetime
    until: dt.datetime


@dataclass(frozen=True, slots=True)
class Authority:
    """Who acts now. `grants` are those in force or not; `decide` looks at their days."""

    account: str
    organisation: str
    agency: str
    role: Role
    kind: HolderKind
    at: dt.datetime
    emergency: Emergency | None = None
    purpose: Purpose | None = None
    basis: str | None = None
    grants: tuple[Grant, ...] = ()
    strong: bool = False  # a second factor was given in this session
    proved: dt.datetime | None = None  # when it was last given: export, re-identification and erasure ask for it anew
    glass: BreakGlass | None = None
    session: str = ""  # digest of the session, for the audit

    @property
    def emergency_id(self) -> str:
        """Id of the emergency it acts under, or ""."""
        return self.emergency.id if self.emergency else ""


@dataclass(frozen=True, slots=True)
class Resource:
    """What an action is on. `within` is its region and every region that contains it; empty: nowhere in particular."""

    kind: str  # person, list, release, audit, situation, emergency, account, keys, …
    id: str = ""
    agency: str = ""
    emergency: str = ""
    within: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()  # `table.field`, as registered
    purposes: tuple[Purpose, ...] = ()  # what its source was taken for; empty: as the emergency
    protected: bool = False
    named: bool = False  # an identified record of the register, not a pseudonym
    locked: bool = False  # a pseudonym locked as a target by a recorded risk rule
    assigned: str = ""  # account whose open follow-up it is
    first: str = ""  # account of the first person, where a second must be another
    first_organisation: str = ""
    source: str = ""  # of an import: the organisation the data come from; empty: the importer's own
    source_kind: HolderKind | None = None
    anew: bool = False  # of an import: collected now, not held before for another purpose
    count: int = 1  # persons in it
    until: dt.datetime | None = None  # when a release or a leave ends
    context: frozenset[str] = field(default_factory=frozenset)  # facts that raise sensitivity


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets what leaves: an organisation named in the emergency, proved, or it is refused."""

    organisation: str
    kind: HolderKind | None = None
    proved: bool = False  # the register knows it and the emergency names it
