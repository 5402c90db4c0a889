"""Does what was permitted still stand?  Asked again before something leaves that took its time to be put together.

An authority is as old as the request it was made for. A close, a revoked grant, a disabled account or a session that
was ended meanwhile counts from the moment it is in the register.
"""

from __future__ import annotations

from dataclasses import replace

from bianque.model.authority import Authority
from bianque.registry import accounts, break_glass, emergencies, grants, sessions
from bianque.registry.register import Register, Transaction


def as_it_is_now(register: Register, authority: Authority) -> Authority | None:
    """The authority with what the register has of it now; None once its account is disabled or its session ended."""
    with register.system() as transaction:
        if not _acts(transaction, authority):
            return None
        within = authority.emergency_id
        leave = break_glass.in_force(transaction, authority.account, within, authority.at) if authority.glass else None
        revoked = {one.grant.id for one in grants.of(transaction, authority.account) if not one.counts}
        return replace(
            authority,
            emergency=(emergencies.find(transaction, within) if within else None) or authority.emergency,
            grants=tuple(grant for grant in authority.grants if grant.id not in revoked),
            glass=leave,
        )


def holds(register: Register, authority: Authority) -> bool:
    """Whether nothing of an authority was taken away: it is the same session, in an emergency as open, with its grants
    and leave."""
    now = as_it_is_now(register, authority)
    return now is not None and _taken_away_from(now) == _taken_away_from(authority)


def _taken_away_from(authority: Authority) -> tuple[object, ...]:
    emergency = authority.emergency
    return emergency is not None and emergency.open_at(authority.at), authority.grants, authority.glass is not None


def _acts(transaction: Transaction, authority: Authority) -> bool:
    account = accounts.find(transaction, authority.account)
    if account is not None and account.disabled_at is not None:
        return False
    return not authority.session or sessions.find(transaction, authority.session) is not None
