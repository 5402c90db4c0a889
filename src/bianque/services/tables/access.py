"""Tables of who may do what and who did what: events of the audit, grants, sessions. Never a person's data."""

from __future__ import annotations

from collections.abc import Sequence

from bianque.model import catalogue
from bianque.model.account import GivenGrant
from bianque.model.notice import Notice
from bianque.model.protection import Protection
from bianque.model.release import Release
from bianque.registry.audit import Link
from bianque.services import numerals
from bianque.services.oversight import is_own_act
from bianque.services.tables.table import Behind, Cell, Column, Row, Table

SUBJECT_SHOWN = 12  # characters of a pseudonym on a page; a download has all of it

EVENT_COLUMNS = [
    Column("event_number", "number"),
    Column("event_at"),
    Column("event_account"),
    Column("event_action"),
    Column("event_outcome"),
    Column("event_purpose"),
    Column("event_subject"),
    Column("event_fields"),
    Column("event_rule"),
    Column("event_reason"),
]
GRANT_COLUMNS = [
    Column("grant_account"),
    Column("grant_emergency"),
    Column("grant_purpose"),
    Column("grant_basis"),
    Column("grant_regions"),
    Column("grant_expires"),
    Column("grant_protected"),
    Column("grant_reason"),
]


RELEASE_PARTS = ("id", "requester", "asked", "purpose", "targets", "state", "reason")
PROTECTION_PARTS = ("id", "because", "by", "at", "off_asked_by")
NOTICE_PARTS = ("at", "kind", "account", "emergency", "about")


def action_name(action: str, language: str) -> str:
    key = f"act_{action}" if is_own_act(action) else f"decision_action_{action}"
    return catalogue.text(key, language)


def events(recorded: Sequence[Link], key: str, language: str, *, explained: bool) -> Table:
    """Events, each with the page that explains it where the reader may open that."""
    rows = [_event_row(one, language, explained=explained) for one in recorded]
    return Table(key, catalogue.text("table_events", language), EVENT_COLUMNS, rows)


def own_events(recorded: Sequence[Link], language: str) -> Table:
    """One's own events: whose they are need not be said."""
    shown = (column.key for column in EVENT_COLUMNS if column.key not in ("event_account", "event_subject"))
    return events(recorded, "events", language, explained=False).only(*shown)


def _event_row(one: Link, language: str, *, explained: bool) -> Row:
    event = one.event
    at = event.at.replace("T", " ")[:19]
    outcome = catalogue.text(f"outcome_{event.outcome}", language)
    purpose = catalogue.text(f"purpose_{event.purpose}", language) if event.purpose else ""
    state = "no" if event.outcome in ("deny", "second_person") else ""
    subject, fields = event.subject[:SUBJECT_SHOWN], numerals.listing(list(event.fields), language)
    return [
        Cell(one.number, str(one.number), behind=Behind(f"/desk/events/{one.number}") if explained else None),
        Cell(event.at, at),
        Cell(event.account, event.account or catalogue.text("desk_event_anonymous", language)),
        Cell(event.action, action_name(event.action, language)),
        Cell(event.outcome, outcome, state=state),
        Cell(event.purpose, purpose),
        Cell(event.subject, subject),
        Cell(" ".join(event.fields), fields),
        Cell(event.rule, event.rule),
        Cell(event.reason, event.reason),
    ]


def releases(open_ones: Sequence[Release], language: str) -> Table:
    """Re-identification requests that wait; whom they are about is said by nobody."""
    columns = [Column(f"release_{key}", "number" if key == "targets" else "text") for key in RELEASE_PARTS]
    rows = [
        [
            Cell(one.id, one.id),
            Cell(one.requester, one.requester),
            Cell(one.asked.isoformat(), numerals.moment(one.asked, language)),
            Cell(one.purpose, catalogue.text(f"purpose_{one.purpose}", language)),
            Cell(len(one.targets), numerals.number(len(one.targets))),
            Cell(one.state, catalogue.text(f"release_state_{one.state}", language)),
            Cell(one.reason, one.reason),
        ]
        for one in open_ones
    ]
    return Table("releases", catalogue.text("table_releases", language), columns, rows)


def protections(standing: Sequence[Protection], language: str) -> Table:
    """Persons who are protected, each by the id of the protection alone."""
    columns = [Column(f"protection_{key}") for key in PROTECTION_PARTS]
    rows = [
        [
            Cell(one.id, one.id),
            Cell(one.because, catalogue.text(f"because_{one.because}", language)),
            Cell(one.put_on_by, one.put_on_by),
            Cell(one.put_on_at.isoformat(), numerals.moment(one.put_on_at, language)),
            Cell(one.off_asked_by, one.off_asked_by),
        ]
        for one in standing
    ]
    return Table("protected", catalogue.text("table_protected", language), columns, rows)


def notices(unseen: Sequence[Notice], language: str) -> Table:
    """What the data-protection officer is told and has not acknowledged."""
    columns = [Column(f"notice_{key}") for key in NOTICE_PARTS]
    rows = [
        [
            Cell(one.at.isoformat(), numerals.moment(one.at, language)),
            Cell(one.kind, catalogue.text(f"notice_kind_{one.kind}", language)),
            Cell(one.account, one.account),
            Cell(one.emergency, one.emergency),
            Cell(one.about, one.about),
        ]
        for one in unseen
    ]
    return Table("notices", catalogue.text("table_notices", language), columns, rows)


def grants(given: Sequence[GivenGrant], language: str) -> Table:
    rows = [_grant_row(one, language) for one in given]
    return Table("grants", catalogue.text("table_grants", language), GRANT_COLUMNS, rows)


def _grant_row(one: GivenGrant, language: str) -> Row:
    grant = one.grant
    return [
        Cell(one.account, one.account),
        Cell(grant.emergency, grant.emergency),
        Cell(grant.purpose, catalogue.text(f"purpose_{grant.purpose}", language)),
        Cell(grant.basis, grant.basis),
        Cell(" ".join(grant.regions), numerals.listing(list(grant.regions), language)),
        Cell(grant.expires.isoformat(), numerals.moment(grant.expires, language)),
        Cell(grant.protected, catalogue.text("said_yes" if grant.protected else "said_no", language)),
        Cell(grant.reason, grant.reason),
    ]
