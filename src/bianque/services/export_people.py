"""People out of the register, to an organisation that the emergency names: one person asks, another gives.

What leaves are views: each record is decided on by itself, and what may not be seen whole leaves masked.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from bianque.model.authority import Action, Authority, Recipient, Resource
from bianque.model.decision import Outcome
from bianque.model.errors import BadInput, PolicyRefusal
from bianque.registry import exports, organisations, people
from bianque.registry.exports import ExportRequest
from bianque.registry.register import Register
from bianque.safeguard.view import View, view
from bianque.services import gate, reasons
from bianque.services.show_person import stand_in
from bianque.services.tables.table import spreadsheet_safe


@dataclass(frozen=True, slots=True)
class Export:
    """What leaves, and how many records of the list were refused and stayed."""

    request: ExportRequest
    views: tuple[View, ...]
    refused: int

    def csv(self) -> str:
        """The views as CSV with a heading, every cell a text to a spreadsheet."""
        out = io.StringIO(newline="")
        writer = csv.writer(out)
        writer.writerow(self.request.fields)
        for one in self.views:
            writer.writerow([spreadsheet_safe(one[field]) for field in self.request.fields])
        return out.getvalue()


def request_export(
    register: Register, authority: Authority, *, of_list: str, fields: Sequence[str], recipient: str, reason: str
) -> ExportRequest:
    """Ask for the records of a list; another person gives them.

    raises  BadInput  when no reason is given; PolicyRefusal when the list has no records, or none of them may be asked
            for; ChangedRecord
    """
    gate.in_emergency(register, authority, Action.EXPORT_PEOPLE)
    said = reasons.given(reason, "nothing was asked for")
    listed = exports.listed(register, authority, of_list)
    headers = gate.headers(register, authority, Action.EXPORT_PEOPLE, listed, fields)
    with _sought(register, authority):
        if not headers:
            raise BadInput(f"list {of_list} has no records here", remedy="see `bianque people lists`")
    to, resources = _recipient(register, recipient), [header.resource(fields) for header in headers]
    decisions = gate.permit_each(register, authority, Action.EXPORT_PEOPLE, resources, to, reason=said)
    if all(decision.outcome is Outcome.DENY for decision in decisions):
        raise PolicyRefusal(decisions[0])
    return exports.ask(register, authority, recipient=recipient, of_list=of_list, fields=tuple(fields), reason=said)


def give_export(register: Register, authority: Authority, request: str) -> Export:
    """Give what another asked for: a decision and an event for each record; what is refused stays.

    raises  PolicyRefusal  when no such request waits, nothing of it may leave, or what permitted it was taken away
            meanwhile; ChangedRecord
    """
    gate.in_emergency(register, authority, Action.EXPORT_PEOPLE)
    with _sought(register, authority):
        asked = exports.find(register, authority, request)
    listed = exports.listed(register, authority, asked.list)
    headers = gate.headers(register, authority, Action.EXPORT_PEOPLE, listed, asked.fields)
    resources = [
        replace(header.resource(asked.fields), first=asked.account, first_organisation=asked.organisation)
        for header in headers
    ]
    to = _recipient(register, asked.recipient)
    decisions = gate.permit_each(register, authority, Action.EXPORT_PEOPLE, resources, to, reason=asked.reason)
    allowed = [(header, decision) for header, decision in zip(headers, decisions, strict=True) if decision.allowed]
    if decisions and not allowed:
        raise PolicyRefusal(decisions[0])

    values = people.read_each(register, authority, [header.id for header, _ in allowed], asked.fields)
    leaving = [resource for resource, decision in zip(resources, decisions, strict=True) if decision.allowed]
    gate.still(register, authority, Action.EXPORT_PEOPLE, leaving, to, reason=asked.reason)  # reading takes its time
    shown = tuple(view(decision, values[header.id], area=header.region) for header, decision in allowed)
    exports.given(register, authority, request, len(shown))
    return Export(asked, shown, len(headers) - len(allowed))


def waiting_exports(register: Register, authority: Authority) -> list[ExportRequest]:
    """The exports of the emergency that wait for a second person."""
    gate.in_emergency(register, authority, Action.EXPORT_PEOPLE)
    gate.permit(register, authority, Action.READ_SITUATION, Resource("export", agency=authority.agency))
    return exports.waiting(register, authority)


def _sought(register: Register, authority: Authority) -> AbstractContextManager[None]:
    """For the search of a list or a request: refused as for records of the emergency that leave for one's own body."""
    to = Recipient(authority.organisation, authority.kind, proved=True)
    return gate.sought(register, authority, Action.EXPORT_PEOPLE, stand_in(authority), to)


def _recipient(register: Register, organisation: str) -> Recipient:
    with register.system() as connection:
        known = organisations.find(connection, organisation)
    return Recipient(organisation, known.kind if known else None, proved=known is not None)
