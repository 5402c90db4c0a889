"""Break-glass: reading already named persons of one's own jurisdiction without a grant, for an hour, told to the DPO.

What a leave widens is said by the rules; here it is opened, ended and reviewed. Opening needs a declared emergency, and
a leave counts only in the emergency it was opened in.
"""

from __future__ import annotations

import datetime as dt
import uuid

from bianque.model.authority import Action, Authority, BreakGlass, Resource
from bianque.model.errors import BadInput
from bianque.model.notice import NoticeKind
from bianque.registry import break_glass as leaves
from bianque.registry import notices
from bianque.registry.break_glass import GlassRecord
from bianque.registry.register import Register
from bianque.services import gate, reasons

MINUTES = 60


def open_glass(register: Register, authority: Authority, reason: str) -> BreakGlass:
    """Open a leave for an hour. The notice to the data-protection officer is in the same transaction.

    raises  BadInput  when the reason says nothing, or a leave is in force; PolicyRefusal when the rules say no
    """
    gate.permit(register, authority, Action.BREAK_GLASS, _resource(authority))
    said = reasons.stated(reason, "no leave was opened")
    opened = authority.at
    leave = BreakGlass(uuid.uuid4().hex, said, opened, opened + dt.timedelta(minutes=MINUTES))
    with register.writing(authority) as connection:
        there = leaves.in_force(connection, authority.account, authority.emergency_id, opened)
        if there:
            raise BadInput(
                f"a leave is in force until {there.until:%H:%M} UTC", kept="that leave", remedy="use it, or end it"
            )
        leaves.add(connection, authority, leave)
        notices.tell(connection, authority, NoticeKind.GLASS_BROKEN, leave.id)
    return leave


def end_glass(register: Register, authority: Authority) -> None:
    """End one's own leave before its hour is over.

    raises  BadInput  when none is in force
    """
    gate.permit(register, authority, Action.READ_OWN_ACCESS, _resource(authority))
    with register.writing(authority) as connection:
        if not leaves.end(connection, authority.account, authority.emergency_id, authority.at):
            raise BadInput("no break-glass leave is in force", remedy="there is nothing to end")


def list_glass(register: Register, authority: Authority) -> list[GlassRecord]:
    """Every leave of the agency, newest first, for the data-protection officer."""
    gate.permit(register, authority, Action.READ_AUDIT, Resource("break_glass", agency=authority.agency))
    with register.reading(authority) as connection:
        return leaves.listed(connection, authority)


def review_glass(register: Register, authority: Authority, leave: str, *, justified: bool, finding: str) -> GlassRecord:
    """The data-protection officer's finding on a leave that has ended; its notice is then seen.

    raises  BadInput  when it runs still, or has been reviewed; PolicyRefusal when there is no such leave, or the
            reviewer opened it
    """
    others = Resource("break_glass", agency=authority.agency, first="*")
    with gate.sought(register, authority, Action.READ_AUDIT, others), register.reading(authority) as connection:
        record = leaves.find(connection, authority, leave)
    resource = Resource("break_glass", leave, agency=authority.agency, first=record.account)
    gate.permit(register, authority, Action.READ_AUDIT, resource)
    found = reasons.stated(finding, "the leave is still to be reviewed")
    if record.leave.until > authority.at:
        raise BadInput(
            f"break-glass leave {leave} runs until {record.leave.until:%H:%M} UTC", remedy="review it when it has ended"
        )
    with register.writing(authority) as connection:
        leaves.review(connection, authority, leave, justified=justified, finding=found)
        notices.seen(connection, authority, leave, authority.at)
        return leaves.find(connection, authority, leave)


def _resource(authority: Authority) -> Resource:
    return Resource("break_glass", agency=authority.agency, emergency=authority.emergency_id)
