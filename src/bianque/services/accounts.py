"""Accounts, as administrators keep them: made, closed, given another password; organisations that people work for.

An administrator who could open an account of the command body alone could grant anything to anybody. An account of an
office (command body, data-protection officer, administrator) therefore opens with a second person's consent.
"""

from __future__ import annotations

import re

from bianque.model.account import OFFICES, PROFESSIONAL, Account, OneTime, login_name
from bianque.model.authority import Action, Authority, Resource, Role
from bianque.model.errors import BadInput
from bianque.model.organisation import HolderKind, Organisation
from bianque.registry import accounts, organisations, release_shares
from bianque.registry.register import Register
from bianque.safeguard import passwords, session_rules
from bianque.services import reasons
from bianque.services.gate import permit

CODE = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")
# Which kind of organisation a role belongs to; the others belong to any.
KINDS = {
    Role.COMMAND: HolderKind.COMMAND,
    Role.COMMUNITY_WORKER: HolderKind.GRASSROOTS,
    Role.HOSPITAL: HolderKind.HOSPITAL,
    Role.LABORATORY: HolderKind.LABORATORY,
}


def create(register: Register, authority: Authority, login: str, organisation: str, role: Role) -> OneTime:
    """A new account and its one-time password, which is told here and never again.

    raises  PolicyRefusal; BadInput when the login is taken or cannot be one, or the role does not fit the organisation
    """
    login = login_name(login)
    permit(register, authority, Action.MANAGE_ACCOUNTS, _resource(authority, login), reason=f"create {role}")
    password, until = passwords.one_time(), authority.at + session_rules.ONE_TIME
    kept = passwords.hashed(password)
    with register.system() as transaction:
        body = organisations.find(transaction, organisation)
        if body is None or body.agency != authority.agency:
            raise BadInput(
                f"{organisation} is no organisation of your agency",
                kept="no account was made",
                remedy="add it with `bianque account organisation`",
            )
        if role not in PROFESSIONAL or KINDS.get(role, body.kind) is not body.kind:
            raise BadInput(f"nobody of {organisation} ({body.kind}) is {role}", kept="no account was made")
        if accounts.find(transaction, login) is not None:
            raise BadInput("the login is taken, or was", kept="that account, as it is", remedy="choose another login")
        new = Account(
            id=login,
            agency=authority.agency,
            organisation=organisation,
            role=role,
            created_at=authority.at,
            one_time=True,
            enrolled=False,
            made_by=authority.account,
        )
        accounts.add(transaction, new, kept, until, opened_by="" if role in OFFICES else authority.account)
    return OneTime(login, role, password, until)


def consent(register: Register, authority: Authority, login: str) -> None:
    """Open an account of an office, as the second person beside the administrator who made it.

    raises  PolicyRefusal when it is the same person, or one whose office it is not; BadInput when none waits
    """
    found = _sought(register, authority, login)
    first, reason = (found.made_by, f"open {found.role}") if found else ("*", "open")
    resource = Resource("account", login_name(login), agency=authority.agency, first=first)
    permit(register, authority, Action.MANAGE_ACCOUNTS, resource, reason=reason)
    if found is None:
        raise _unknown()
    if found.opened:
        raise BadInput(f"the account {found.id} does not wait for anybody", kept="it, as it is")
    with register.system() as transaction:
        if not accounts.open_(transaction, found.id, authority.account):
            raise BadInput(f"the account {found.id} does not wait for anybody any more", kept="it, as it is")


def disable(register: Register, authority: Authority, login: str, *, reason: str) -> None:
    """No more log-ins; who is logged in is logged out with their next request.

    raises  PolicyRefusal; BadInput when there is no such account, or no reason
    """
    said = reasons.given(reason, "the account")
    resource = _resource(authority, login_name(login))
    permit(register, authority, Action.MANAGE_ACCOUNTS, resource, reason=f"disable: {said}")
    found = find(register, authority, login)
    with register.system() as transaction:
        accounts.disable(transaction, found.id, authority.at)


def reset_password(register: Register, authority: Authority, login: str) -> OneTime:
    """Another one-time password for somebody who forgot theirs; the second factor stays, and sessions end.

    A key pair under the forgotten password goes with it: the person makes another, and a colleague hands the share on.

    raises  PolicyRefusal; BadInput for oneself, or when there is no such account
    """
    resource = _resource(authority, login_name(login))
    permit(register, authority, Action.MANAGE_ACCOUNTS, resource, reason="reset password")
    found = find(register, authority, login)
    if found.id == authority.account:
        raise BadInput("nobody resets a password of their own", remedy="change it, or ask another administrator")
    password, until = passwords.one_time(), authority.at + session_rules.ONE_TIME
    kept = passwords.hashed(password)
    with register.system() as transaction:
        accounts.set_password(transaction, found.id, kept, until)
        key_lost = release_shares.forget(transaction, found.id)
        accounts.end_everything(transaction, found.id)
    return OneTime(found.id, found.role, password, until, key_lost)


def listed(register: Register, authority: Authority) -> list[Account]:
    """The accounts of one's agency, by login."""
    permit(register, authority, Action.MANAGE_ACCOUNTS, _resource(authority, ""), reason="list")
    with register.system() as transaction:
        return accounts.listed(transaction, authority.agency)


def find(register: Register, authority: Authority, login: str) -> Account:
    """An account of one's agency that is not disabled. Who may not ask is to be refused first: which logins there are
    is nobody else's business.

    raises  BadInput  when there is none
    """
    found = _sought(register, authority, login)
    if found is None:
        raise _unknown()
    return found


def add_organisation(register: Register, authority: Authority, new: Organisation) -> None:
    """Another organisation that an emergency of the agency can name.

    raises  PolicyRefusal; BadInput when its id is taken
    """
    if not CODE.fullmatch(new.id):
        raise BadInput(
            "the id of an organisation has 2 to 63 of the characters a-z, 0-9 and '-'",
            kept="nothing was added",
            remedy="choose another id",
        )
    resource = Resource("organisation", new.id, agency=new.agency)
    permit(register, authority, Action.MANAGE_ACCOUNTS, resource, reason=f"add {new.kind}")
    with register.system() as transaction:
        if organisations.find(transaction, new.id) is not None:
            raise BadInput(f"there is an organisation {new.id} already", kept="it, as it is")
        organisations.add(transaction, new)


def organisations_of(register: Register, authority: Authority) -> list[Organisation]:
    """Every organisation the register knows."""
    permit(register, authority, Action.READ_OWN_ACCESS, Resource("organisation", agency=authority.agency))
    with register.system() as transaction:
        return organisations.listed(transaction)


def _sought(register: Register, authority: Authority, login: str) -> Account | None:
    with register.system() as transaction:
        found = accounts.find(transaction, login_name(login))
    there = found is not None and found.agency == authority.agency and found.disabled_at is None
    return found if there else None


def _unknown() -> BadInput:
    return BadInput("there is no such account", kept="nothing was changed", remedy="see `bianque account list`")


def _resource(authority: Authority, login: str) -> Resource:
    return Resource("account", login, agency=authority.agency)
