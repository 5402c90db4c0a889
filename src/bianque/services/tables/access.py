"""Tables of who may do what and who did what: events of the audit, refusals, grants. Never a person's data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from bianque.model import catalogue
from bianque.model.account import GivenGrant
from bianque.model.audit import Event
from bianque.model.notice import Notice
from bianque.model.protection import Protection
from bianque.model.regions import RegionSystem
from bianque.model.release import Release
from bianque.registry.audit import Link
from bianque.registry.oversight import Refusals
from bianque.safeguard.bases import bases
from bianque.services import numerals, oversight
from bianque.services.tables import words
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
REFUSAL_COLUMNS = [
    Column("event_account"),
    Column("event_action"),
    Column("refused_count", "number"),
    Column("refused_first"),
    Column("refused_last"),
    Column("event_rule"),
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
    key = f"act_{action}" if oversight.is_own_act(action) else f"decision_action_{action}"
    return catalogue.text(key, language)


def events(recorded: Sequence[Link], key: str, language: str, *, explained: bool) -> Table:
    """Events, each with the page that explains it where the reader may open that."""
    rows = [_event_row(one, language, explained=explained) for one in recorded]
    return Table(key, catalogue.text("table_events", language), EVENT_COLUMNS, rows)


def own_events(recorded: Sequence[Link], language: str) -> Table:
    """One's own events: whose they are need not be said."""
    left_out = ("event_account", "event_subject", "event_reason")
    shown = (column.key for column in EVENT_COLUMNS if column.key not in left_out)
    return events(recorded, "events", language, explained=False).only(*shown)


def _event_row(one: Link, language: str, *, explained: bool) -> Row:
    event = one.event
    at = event.at.replace("T", " ")[:19]
    outcome = catalogue.text(f"outcome_{event.outcome}", language)
    purpose = catalogue.text(f"purpose_{event.purpose}", language) if event.purpose else ""
    state = "no" if event.outcome in ("deny", "second_person") else ""
    subject = event.subject[:SUBJECT_SHOWN]
    return [
        Cell(one.number, str(one.number), behind=Behind(f"/desk/events/{one.number}") if explained else None),
        Cell(event.at, at),
        Cell(event.account, account_name(event.account, language)),
        Cell(event.action, action_name(event.action, language)),
        Cell(event.outcome, outcome, state=state),
        Cell(event.purpose, purpose),
        Cell(event.subject, subject),
        Cell(" ".join(event.fields), _fields(event, language)),
        Cell(event.rule, rule_in_words(event, language)),
        Cell(event.reason, event.reason),
    ]


def event_in_words(event: Event, language: str) -> dict[str, str]:
    """The parts of an event that are codes, each as it is called; a part that says nothing is left out."""
    said = {
        "role": catalogue.text(f"decision_role_{event.role}", language) if event.role else "",
        "purpose": catalogue.text(f"purpose_{event.purpose}", language) if event.purpose else "",
        "basis": _article(event.basis, language),
        "action": action_name(event.action, language),
        "fields": _fields(event, language),
        "outcome": catalogue.text(f"outcome_{event.outcome}", language),
    }
    return {part: text for part, text in said.items() if text}


def rule_in_words(event: Event, language: str) -> str:
    """What the rule of an event says; its id where nothing is known of it any more."""
    why = oversight.why(event)
    return why.in_language(language) if why else event.rule


def _fields(event: Event, language: str) -> str:
    return numerals.listing([words.field_name(field, language) for field in event.fields], language)


def _article(basis: str, language: str) -> str:
    """The article of a legal basis; '' of one that is not known."""
    known = bases().get(basis)
    return words.article(known.law, known.article, language) if known else ""


def account_name(account: str, language: str) -> str:
    """Whose account it was; that nobody's is known, where an attempt was made under none."""
    return account or catalogue.text("desk_event_anonymous", language)


def refusals(lines: Sequence[Refusals], language: str) -> Table:
    """One row an account, action and rule; how often it was is where its attempts are."""
    rows = [_refusal_row(line, language) for line in lines]
    return Table("refused", catalogue.text("desk_refused_heading", language), REFUSAL_COLUMNS, rows)


def _refusal_row(line: Refusals, language: str) -> Row:
    event = line.last.event
    behind = Behind("/desk/refusals", {"account": event.account, "action": event.action, "rule": event.rule})
    return [
        Cell(event.account, account_name(event.account, language)),
        Cell(event.action, action_name(event.action, language)),
        Cell(line.count, numerals.number(line.count), behind=behind),
        *(Cell(at, numerals.moment(dt.datetime.fromisoformat(at), language)) for at in (line.first, event.at)),
        Cell(event.rule, rule_in_words(event, language)),
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


def grants(given: Sequence[GivenGrant], places: RegionSystem, language: str) -> Table:
    """Grants, with the names of the regions that the lake knows."""
    rows = [_grant_row(one, places, language) for one in given]
    return Table("grants", catalogue.text("table_grants", language), GRANT_COLUMNS, rows)


def own_grants(given: Sequence[GivenGrant], places: RegionSystem, language: str) -> Table:
    """One's own grants: whose they are need not be said."""
    shown = (column.key for column in GRANT_COLUMNS if column.key != "grant_account")
    return grants(given, places, language).only(*shown)


def _grant_row(one: GivenGrant, places: RegionSystem, language: str) -> Row:
    grant = one.grant
    names = [words.place(code, places, language) for code in grant.regions]
    return [
        Cell(one.account, one.account),
        Cell(grant.emergency, grant.emergency),
        Cell(grant.purpose, catalogue.text(f"purpose_{grant.purpose}", language)),
        Cell(grant.basis, _article(grant.basis, language) or grant.basis),
        Cell(" ".join(grant.regions), numerals.listing(names, language)),
        Cell(grant.expires.isoformat(), numerals.moment(grant.expires, language)),
        Cell(grant.protected, catalogue.text("said_yes" if grant.protected else "said_no", language)),
        Cell(grant.reason, grant.reason),
    ]
