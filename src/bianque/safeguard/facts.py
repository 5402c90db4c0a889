"""What a decision depends on, as plain facts without judgement: the judgement stands in policies/*.cedar.

Two attempts with equal facts get the same decision, so decisions are cached by them. Time is turned into facts here
(open today, in force now), so that nothing in the cache can outlive a grant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bianque.model.authority import Action, Authority, Grant, Recipient, Resource
from bianque.model.fields import registered
from bianque.safeguard.bases import carried_by
from bianque.safeguard.classify import context_of, effective, raisings
from bianque.safeguard.session_rules import just_proved
from bianque.safeguard.sheets import sheets

Texts = frozenset[str]
NONE: Texts = frozenset()
OF_ONE_PERSON = 5  # records: the five kinds of source, from education to internet, may each have brought a person once


@dataclass(frozen=True, slots=True)
class By:
    account: str
    organisation: str
    kind: str
    agency: str
    purpose: str
    basis: str
    strong: bool
    fresh_proof: bool
    glass: bool


@dataclass(frozen=True, slots=True)
class InEmergency:
    id: str = ""
    state: str = ""
    open: bool = False
    purposes: Texts = NONE
    bases: Texts = NONE
    regions: Texts = NONE
    organisations: Texts = NONE


@dataclass(frozen=True, slots=True)
class Granted:
    purposes: Texts = NONE
    lapsed_purposes: Texts = NONE
    bases: Texts = NONE
    regions: Texts = NONE
    protected_regions: Texts = NONE
    own_regions: Texts = NONE


@dataclass(frozen=True, slots=True)
class On:
    agency: str
    emergency: str
    within: Texts
    purposes: Texts
    fields: Texts
    raised: Texts
    inferred: Texts
    unregistered: bool
    protected: bool
    named: bool
    locked: bool
    assigned: str
    first: str
    first_organisation: str
    oneself: bool
    many: bool
    ended: bool


@dataclass(frozen=True, slots=True)
class Source:
    named: bool = False
    kind: str = ""
    anew: bool = False
    fields: Texts = NONE
    purposes: Texts = NONE
    bases: Texts = NONE
    sheet_fields: Texts = NONE
    sheet_purposes: Texts = NONE
    sheet_bases: Texts = NONE


@dataclass(frozen=True, slots=True)
class To:
    organisation: str = ""
    kind: str = ""
    proved: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything one decision depends on; the names are those of policies/bianque.cedarschema."""

    role: str
    action: str
    resource: str
    by: By
    emergency: InEmergency
    grants: Granted
    basis_carries: Texts
    on: On
    source: Source
    to: To

    def context(self, parts: Sequence[str] = ()) -> dict[str, Any]:
        """The context of a Cedar request: some parts of it, or all."""
        return {name: _plain(getattr(self, name)) for name in parts or PARTS}


PARTS = ("by", "emergency", "grants", "basis_carries", "on", "source", "to")


def _plain(part: Any) -> Any:
    if isinstance(part, frozenset):
        return sorted(part)
    if isinstance(part, (str, bool)):
        return part
    return {name: _plain(getattr(part, name)) for name in part.__slots__}


def facts(authority: Authority, action: Action, resource: Resource, recipient: Recipient | None) -> Facts:
    """The facts of one attempt at the authority's moment."""
    return Facts(
        role=authority.role,
        action=action,
        resource=resource.kind,
        by=_by(authority),
        emergency=_emergency(authority),
        grants=_granted(authority),
        basis_carries=frozenset(carried_by(authority.basis)),
        on=_on(authority, resource),
        source=_source(authority, resource) if action is Action.IMPORT_PEOPLE else Source(),
        to=To(recipient.organisation, recipient.kind or "", recipient.proved) if recipient else To(),
    )


def _by(authority: Authority) -> By:
    at, glass = authority.at, authority.glass
    return By(
        account=authority.account,
        organisation=authority.organisation,
        kind=authority.kind,
        agency=authority.agency,
        purpose=authority.purpose or "",
        basis=authority.basis or "",
        strong=authority.strong,
        fresh_proof=just_proved(authority.proved, at),
        glass=glass is not None and glass.opened <= at < glass.until,
    )


def _emergency(authority: Authority) -> InEmergency:
    emergency = authority.emergency
    if emergency is None:
        return InEmergency()
    terms = emergency.terms
    bodies = {terms.command_body, terms.disposal_by, *terms.executing_bodies, *(s.organisation for s in terms.sources)}
    return InEmergency(
        id=emergency.id,
        state=emergency.state,
        open=emergency.open_at(authority.at),
        purposes=frozenset(terms.purposes),
        bases=frozenset(terms.legal_bases),
        regions=frozenset(terms.regions),
        organisations=frozenset(bodies),
    )


def _granted(authority: Authority) -> Granted:
    emergency = authority.emergency_id
    held = [g for g in authority.grants if emergency and g.emergency == emergency]
    in_force = [g for g in held if g.starts <= authority.at < g.expires]
    for_purpose = [g for g in in_force if g.purpose == authority.purpose]
    on_basis = [g for g in for_purpose if g.basis == authority.basis]
    return Granted(
        purposes=frozenset(g.purpose for g in in_force),
        lapsed_purposes=frozenset(g.purpose for g in held if g not in in_force),
        bases=frozenset(g.basis for g in for_purpose),
        regions=_regions(on_basis),
        protected_regions=_regions([g for g in on_basis if g.protected]),
        own_regions=_regions(in_force),
    )


def _regions(grants: list[Grant]) -> Texts:
    return frozenset(region for grant in grants for region in grant.regions)


def _on(authority: Authority, resource: Resource) -> On:
    known = [name for name in resource.fields if name in registered()]
    raised, inferred = _sensitivity(authority, resource, known)
    return On(
        agency=resource.agency,
        emergency=resource.emergency,
        within=frozenset(resource.within),
        purposes=frozenset(resource.purposes),
        fields=frozenset(resource.fields),
        raised=raised,
        inferred=inferred,
        unregistered=len(known) < len(resource.fields),
        protected=resource.protected,
        named=resource.named,
        locked=resource.locked,
        assigned=resource.assigned,
        first=resource.first,
        first_organisation=resource.first_organisation,
        oneself=resource.kind == "account" and resource.id == authority.account,
        many=resource.count > OF_ONE_PERSON,
        ended=resource.until is None or authority.at >= resource.until,
    )


def _sensitivity(authority: Authority, resource: Resource, fields: list[str]) -> tuple[Texts, Texts]:
    """Which fields the context has made a special category that are none by themselves, and what it lets infer."""
    emergency = authority.emergency
    context = context_of(
        emergency,
        is_open=emergency is not None and emergency.open_at(authority.at),
        within=resource.within,
        controller=resource.source_kind,
        purpose=authority.purpose,
        known=resource.context,
    )
    found = effective(fields, context)
    raised = frozenset(name for name, now in found.items() if now.art_9 and not registered()[name].art_9)
    rules = {rule for now in found.values() for rule in now.rules}
    return raised, frozenset(raisings()[rule].infers for rule in rules) - {""}


def _source(authority: Authority, resource: Resource) -> Source:
    """The organisation that imported data come from: the importer's own where no other is named."""
    organisation = resource.source or authority.organisation
    kind = resource.source_kind if resource.source else authority.kind
    sheet = sheets()[kind] if kind else None
    listed = authority.emergency.terms.sources if authority.emergency else ()
    sources = [s for s in listed if s.organisation == organisation]
    for_purpose = [s for s in sources if authority.purpose in s.purposes]
    on_basis = [s for s in for_purpose if s.basis == authority.basis]
    return Source(
        named=bool(sources),
        kind=kind or "",
        anew=resource.anew,
        fields=frozenset(f if "." in f else f"person.{f}" for s in on_basis for f in s.fields),
        purposes=frozenset(purpose for s in sources for purpose in s.purposes),
        bases=frozenset(s.basis for s in for_purpose),
        sheet_fields=frozenset(sheet.fields) if sheet else NONE,
        sheet_purposes=frozenset(sheet.purposes) if sheet else NONE,
        sheet_bases=frozenset(sheet.bases) if sheet else NONE,
    )
