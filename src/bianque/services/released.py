"""Released figures: what the public sees. One person of the command body proposes a day's figures, another releases."""

from __future__ import annotations

import datetime as dt
import uuid
from contextlib import suppress

from bianque.lake.store import Lake
from bianque.model.authority import Action, Authority, Resource
from bianque.model.errors import BadInput, NeedsSecondPerson
from bianque.model.released import ReleasedFigures, ReleasedRegion
from bianque.model.situation import RegionPicture, Situation
from bianque.model.text import Text
from bianque.registry import organisations, publications
from bianque.registry.publications import Publication, PublicationState
from bianque.registry.register import Register
from bianque.services import picture
from bianque.services.gate import permit, sought

KIND = "figures"


def figures_of(situation: Situation) -> ReleasedFigures:
    """The part of a picture that is released: counts of the last day, where the rule for small counts shows them."""
    return ReleasedFigures(
        id=situation.id,
        name=situation.name,
        disease=situation.disease,
        as_of=situation.as_of,
        last_date=situation.last_date,
        headline=situation.headline,
        whole=_region(situation.whole),
        regions=[_region(region) for region in situation.regions],
        disclosure_rule=situation.disclosure_rule,
    )


def _region(region: RegionPicture) -> ReleasedRegion:
    shown = {name: getattr(region, name) for name in ReleasedRegion.model_fields if name != "hidden"}
    return ReleasedRegion(**shown, hidden=[name for name in region.hidden if name in shown])


def propose(register: Register, authority: Authority, lake: Lake, as_of: dt.date | None = None) -> Publication:
    """Put the figures of a day before a second person. The public sees them once that person agrees.

    raises  PolicyRefusal  when this is not for the authority to propose
            BadInput       when there is no picture of the day
    """
    with suppress(NeedsSecondPerson):  # that is what a proposal asks for
        permit(register, authority, Action.RELEASE_FIGURES, _resource(authority, first=""))
    figures = figures_of(picture.read(authority, lake, as_of))
    proposed = Publication(
        id=uuid.uuid4().hex,
        agency=authority.agency,
        emergency=authority.emergency_id,
        as_of=figures.as_of.isoformat(),
        figures=figures.model_dump_json().encode(),
        state=PublicationState.PROPOSED,
        proposed_by=authority.account,
        proposed_organisation=authority.organisation,
        proposed_at=authority.at,
    )
    publications.add(register, proposed)
    return proposed


def release(register: Register, authority: Authority, identity: str) -> Publication:
    """Let proposed figures out, as they were proposed.

    raises  PolicyRefusal  when the authority may not, proposed them, or there are none of this id
            BadInput       when they were decided on already
    """
    return _decide(register, authority, identity, PublicationState.RELEASED)


def decline(register: Register, authority: Authority, identity: str) -> Publication:
    """Keep proposed figures from the public; raises as `release`."""
    return _decide(register, authority, identity, PublicationState.DECLINED)


def _decide(register: Register, authority: Authority, identity: str, state: PublicationState) -> Publication:
    with sought(register, authority, Action.RELEASE_FIGURES, _resource(authority, first="*")):
        found = find(register, authority, identity)
    resource = _resource(authority, first=found.proposed_by, identity=identity)
    permit(register, authority, Action.RELEASE_FIGURES, resource, reason=str(state))
    if found.proposed_by == authority.account:
        raise BadInput(
            f"the figures of {found.as_of} were proposed by {authority.account}",
            remedy="another person decides on them",
        )
    return publications.decide(register, authority, identity, state, authority.at)


def _resource(authority: Authority, *, first: str, identity: str = "") -> Resource:
    emergency = authority.emergency_id
    return Resource(KIND, identity, agency=authority.agency, emergency=emergency, first=first)


def released(register: Register) -> list[Publication]:
    """What the public may see, the newest first. No record is kept: who reads it is nobody's business."""
    return publications.listed(register, PublicationState.RELEASED)


def organisation_name(register: Register, identity: str) -> Text:
    """How the body that released is called."""
    with register.system() as connection:
        found = organisations.find(connection, identity)
    return found.name if found else Text(zh=identity, en=identity)


def waiting(register: Register) -> list[Publication]:
    """Proposals that nobody decided on yet, the newest first."""
    return publications.listed(register, PublicationState.PROPOSED)


def find(register: Register, authority: Authority, identity: str) -> Publication:
    """One of the agency's own, whatever became of it.

    raises  BadInput  when there is none of this id
    """
    found = publications.get(register, identity)
    if found.agency != authority.agency:
        raise BadInput(f"no figures with the id {identity} were proposed", remedy="the approvals page lists them")
    return found
