"""The guard of every route: which action is it, and does the register permit it to whoever asks?

This module keeps its annotations as they are, not as text: FastAPI reads them of an object that is called.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from bianque.model.authority import Action, Authority, Resource
from bianque.model.errors import PolicyRefusal
from bianque.safeguard.decide import decide
from bianque.services import gate
from bianque.web import identity
from bianque.web.counts import counts


@dataclass(frozen=True, slots=True)
class Guard:
    """A dependency that lets a request through, on record, or raises. Equal ones are asked once a request."""

    action: Action
    kind: str

    def __call__(self, request: Request) -> Authority:
        """The authority of the session, permitted.

        raises  NotLoggedIn    when there is no session
                PolicyRefusal  when the rules say no
        """
        authority = identity.authority(request)
        emergency = authority.emergency_id
        resource = Resource(self.kind, agency=authority.agency, emergency=emergency)
        try:
            decision = gate.permit(identity.register_of(request), authority, self.action, resource)
        except PolicyRefusal as why:
            counts.decided(self.action, why.decision.outcome)
            raise
        counts.decided(self.action, decision.outcome)
        return authority

    def still(self, request: Request) -> bool:
        """Whether the session would be let through again; not on record while it would, and it keeps no session awake.

        A stream asks it every few seconds.
        """
        authority = identity.unseen(request)
        if authority is None:
            return False
        resource = Resource(self.kind, agency=authority.agency, emergency=authority.emergency_id)
        return decide(authority, self.action, resource).allowed


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A dependency for what every session may do, and a service decides on further: pages over one's own affairs."""

    def __call__(self, request: Request) -> Authority:
        """The authority of the session.

        raises  NotLoggedIn  when there is no session
        """
        return identity.authority(request)


SITUATION = Guard(Action.READ_SITUATION, "situation")
ROWS = Guard(Action.READ_ROWS, "rows")
FOLDS = Guard(Action.FOLD, "fold")
AUDIT = Guard(Action.READ_AUDIT, "audit")
METRICS = Guard(Action.READ_METRICS, "metrics")
OWN_ACCESS = Guard(Action.READ_OWN_ACCESS, "access")

SituationReader = Annotated[Authority, Depends(SITUATION)]
RowsReader = Annotated[Authority, Depends(ROWS)]
Folder = Annotated[Authority, Depends(FOLDS)]
AuditReader = Annotated[Authority, Depends(AUDIT)]
OwnAccess = Annotated[Authority, Depends(OWN_ACCESS)]
AnySession = Annotated[Authority, Depends(LoggedIn())]
