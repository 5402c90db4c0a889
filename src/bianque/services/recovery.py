"""A lost second factor: one person says who lost it, another looks at them again and resets it.

Both the one who asks and the one who resets know who stands before them; neither is the account's person. It leaves a
one-time password and no second factor, so that the person enrols as at first.
"""

from __future__ import annotations

import secrets

from bianque.model.account import FactorReset, OneTime, login_name
from bianque.model.authority import Action, Authority, Resource
from bianque.model.errors import BadInput
from bianque.registry import accounts, factor_resets, release_shares
from bianque.registry.register import Register
from bianque.safeguard import passwords, session_rules
from bianque.services import gate, reasons
from bianque.services.accounts import find


def ask(register: Register, authority: Authority, login: str, *, reason: str) -> FactorReset:
    """Ask that an account's second factor be reset; the password and sessions of the account stay as they are.

    reason   how it was lost, and how the person was recognised
    raises   PolicyRefusal for one's own account, or when it is not one's office; BadInput
    """
    said = reasons.given(reason, "the second factor")
    login = login_name(login)
    resource = Resource("account", login, agency=authority.agency, first=login)
    gate.permit(register, authority, Action.MANAGE_ACCOUNTS, resource, reason=f"second factor lost: {said}")
    found = find(register, authority, login)
    asked = FactorReset(
        id=secrets.token_hex(8),
        account=found.id,
        asked_by=authority.account,
        asked_by_organisation=authority.organisation,
        asked_at=authority.at,
        reason=said,
    )
    with register.system() as transaction:
        factor_resets.add(transaction, asked)
    return asked


def reset(register: Register, authority: Authority, id_: str) -> OneTime:
    """Reset the second factor, as the second person; its sessions end.

    raises  PolicyRefusal when it is the one who asked, the account's own person, not one's office, or none waits;
            BadInput when somebody did it meanwhile
    """
    others = Resource("account", agency=authority.agency, first="*")
    with gate.sought(register, authority, Action.MANAGE_ACCOUNTS, others, reason="reset second factor"):
        with register.system() as transaction:
            asked = factor_resets.find(transaction, id_) if id_.isalnum() else None
        if asked is None or asked.done_at is not None:
            raise _none_waits()
        found = find(register, authority, asked.account)
    first = found.id if authority.account == found.id else asked.asked_by
    resource = Resource("account", found.id, agency=found.agency, first=first)
    gate.permit(register, authority, Action.MANAGE_ACCOUNTS, resource, reason="reset second factor")
    password, until = passwords.one_time(), authority.at + session_rules.ONE_TIME
    kept = passwords.hashed(password)
    with register.system() as transaction:
        if not factor_resets.do(transaction, id_, authority.account, authority.at):
            raise _none_waits()
        accounts.set_password(transaction, found.id, kept, until)
        key_lost = release_shares.forget(transaction, found.id)
        accounts.forget_second_factor(transaction, found.id)
        accounts.end_everything(transaction, found.id)
    return OneTime(found.id, found.role, password, until, key_lost)


def waiting(register: Register, authority: Authority) -> list[FactorReset]:
    """What waits for a second person."""
    resource = Resource("account", agency=authority.agency, first="*")
    gate.permit(register, authority, Action.MANAGE_ACCOUNTS, resource, reason="list resets")
    with register.system() as transaction:
        return factor_resets.waiting(transaction, authority.agency)


def _none_waits() -> BadInput:
    return BadInput("no such request waits", kept="nothing was changed", remedy="see `bianque account resets`")
