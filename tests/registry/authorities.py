"""Authorities for tests of the register itself, where nothing is decided."""

from __future__ import annotations

import datetime as dt

from bianque.model.authority import Authority, Purpose, Role
from bianque.model.emergency import Emergency, Retention, Terms
from bianque.model.organisation import HolderKind
from bianque.model.text import Text

NOW = dt.datetime(2020, 2, 1, 8, tzinfo=dt.UTC)


def authority(agency: str = "cdc", emergency: str = "", at: dt.datetime = NOW) -> Authority:
    """A tracer of an agency, in an emergency where one is named."""
    return Authority(
        account="tracer",
        organisation=agency,
        agency=agency,
        role=Role.TRACER,
        kind=HolderKind.COMMAND,
        at=at,
        emergency=Emergency(emergency, agency, _terms(agency)) if emergency else None,
    )


def _terms(body: str) -> Terms:
    same = Text(zh="甲", en="A")
    return Terms(
        name=same,
        command_body=body,
        start_condition=same,
        legal_bases=("basis",),
        purposes=(Purpose.CONTACT_TRACING,),
        regions=("420000",),
        starts=dt.date(2020, 1, 1),
        review=dt.date(2020, 6, 1),
        ends=dt.date(2020, 12, 31),
        retention=Retention(identified_days=30, pseudonymous_days=30, audit_days=180),
        disposal=same,
        disposal_by=body,
    )
