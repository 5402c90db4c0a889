"""Who can open the way back: own key pairs, the ceremony of an emergency, and shares handed on when one is lost.

What happens when an approver's password is lost, in this order:

1. A new key pair is made (`make_key`); the copies sealed to the old one are gone.
2. A colleague of the same organisation, who holds the same share, seals it to the new pair (`pass_on`).
3. Where no colleague is left, holders of two other organisations hand in their shares for exactly this (`vouch`); the
   door puts the lost share together from them and seals it to the new pair.

With two organisations and all holders of one lost, nothing can be released any more: so two holders of each.
A lost second factor changes nothing here: whoever gets a new one still has the password.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from bianque.model.account import is_login
from bianque.model.authority import Action, Authority, Resource, Role
from bianque.model.errors import BadInput
from bianque.registry import accounts, release_shares
from bianque.registry.register import Register
from bianque.registry.release_shares import Copy, KeyPair
from bianque.safeguard import account_keys, passwords, release_key
from bianque.safeguard.door import Door
from bianque.safeguard.release_key import Holder
from bianque.services import gate
from bianque.services.emergencies import ID as EMERGENCY_ID

ROLES = (Role.TRACER, Role.COMMAND, Role.DPO)  # to whom shares or opened identities are sealed
VOUCHED_HOURS = 24  # in which the second organisation must hand in its share for a new holder


@dataclass(frozen=True, slots=True)
class Ceremony:
    """Who holds a share now, and organisations where a single lost password would lose it."""

    holders: tuple[Holder, ...]
    single: tuple[str, ...]


def make_key(register: Register, authority: Authority, password: str) -> bytes:
    """A key pair of one's own under one's password, and its public key; the former pair and its shares are gone.

    raises  BadInput  when the password is not the account's; PolicyRefusal for whoever is not logged in
    """
    gate.permit(register, authority, Action.READ_OWN_ACCESS, Resource("key", authority.account), reason="new key pair")
    with register.system() as connection:
        known = accounts.credentials(connection, authority.account)
    if known is None or not passwords.matches(known.password, password):
        raise BadInput("this is not the password of the account", kept="the key pair as it is")
    public, sealed = account_keys.create(password)
    with register.writing(authority) as connection:
        release_shares.set_pair(connection, authority.account, authority.agency, KeyPair(public, sealed), authority.at)
    return public


def lacks_key(register: Register, authority: Authority) -> bool:
    """Whether one's office approves or asks for releases, and there is no key pair for it: never made, or lost."""
    if authority.role not in ROLES:
        return False
    gate.require(authority, Action.READ_OWN_ACCESS, Resource("key", authority.account, agency=authority.agency))
    with register.reading(authority) as connection:
        return release_shares.pair(connection, authority.account) is None


def ceremony(register: Register, door: Door, authority: Authority, emergency: str, holders: Sequence[str]) -> Ceremony:
    """Draw the keys of an emergency behind the door and give its holders their sealed copies of a share.

    holders  accounts of at least two organisations, each with a key pair
    raises   BadInput  when one has no key pair, they are of one organisation, or the emergency has its keys;
             PolicyRefusal when it is not one's office
    """
    _must_be_ids(emergency, *holders)
    resource = Resource("share", emergency, agency=authority.agency)
    gate.permit(register, authority, Action.MANAGE_KEYS, resource, reason=f"ceremony of {emergency}")
    with register.reading(authority) as connection:
        named = tuple(_holder(register, account, release_shares.pair(connection, account)) for account in holders)
    copies = door.open_emergency(emergency, named, authority.at)
    with register.writing(authority) as connection:
        for holder, sealed in zip(named, copies, strict=True):
            copy = Copy(holder.account, holder.organisation, sealed)
            release_shares.keep(connection, authority.agency, emergency, copy, authority.account, authority.at)
    of = [holder.organisation for holder in named]
    return Ceremony(named, tuple(sorted({organisation for organisation in of if of.count(organisation) == 1})))


def own_share(register: Register, authority: Authority, emergency: str, password: str) -> bytes:
    """One's organisation's share, for the moment in which it is handed to the door or to a colleague.

    raises  BadInput  when one holds none, or the password is another
    """
    with register.reading(authority) as connection:
        held = _pair(release_shares.pair(connection, authority.account), authority.account)
        copies = release_shares.copies(connection, emergency)
    mine = next((copy for copy in copies if copy.account == authority.account), None)
    if mine is None:
        raise BadInput(
            f"{authority.account} holds no share of {emergency}",
            remedy="a colleague of the organisation hands it on: `bianque reidentify pass-on`",
        )
    private = account_keys.open(held.sealed, password)
    return release_key.open_copy(private, mine.sealed, emergency, mine.organisation)


def pass_on(register: Register, authority: Authority, emergency: str, to: str, password: str) -> None:
    """Hand one's share to a colleague of the same organisation.

    raises  BadInput  when the other is of another organisation or has no key pair, or one holds none oneself;
            PolicyRefusal when it is not one's office
    """
    _must_be_ids(emergency, to)
    gate.permit(register, authority, Action.MANAGE_KEYS, _share(authority, to), reason=f"share of {emergency}")
    with register.reading(authority) as connection:
        holder = _holder(register, to, release_shares.pair(connection, to))
    if holder.organisation != authority.organisation:
        raise BadInput(
            f"{to} is of {holder.organisation}: a share is handed on inside one organisation",
            kept="the shares as they are",
        )
    share = own_share(register, authority, emergency, password)  # a password takes its time
    gate.still(register, authority, Action.MANAGE_KEYS, [_share(authority, to)], reason=f"share of {emergency}")
    copy = Copy(to, holder.organisation, release_key.seal_copy(share, emergency, holder))
    with register.writing(authority) as connection:
        release_shares.keep(connection, authority.agency, emergency, copy, authority.account, authority.at)


def vouch(register: Register, door: Door, authority: Authority, emergency: str, to: str, password: str) -> bool:
    """Hand in one's share so that an organisation without a holder gets its own back; whether it has it now.

    The holders of two organisations other than the new holder's do this, within a day of each other.

    raises  BadInput  when one is of the new holder's organisation, or holds no share; PolicyRefusal
    """
    _must_be_ids(emergency, to)
    gate.permit(register, authority, Action.MANAGE_KEYS, _share(authority, to), reason=f"vouch in {emergency}")
    with register.reading(authority) as connection:
        holder = _holder(register, to, release_shares.pair(connection, to))
    if holder.organisation == authority.organisation:
        raise BadInput(f"{to} is of your organisation", remedy="hand the share on: `bianque reidentify pass-on`")
    request, digest = _vouching(emergency, holder)
    share = own_share(register, authority, emergency, password)  # a password takes its time
    gate.still(register, authority, Action.MANAGE_KEYS, [_share(authority, to)], reason=f"vouch in {emergency}")
    until = authority.at + dt.timedelta(hours=VOUCHED_HOURS)
    door.hand_share(share, emergency, authority.organisation, request, digest, until)
    if door.handed(request, authority.at) < 2:
        return False
    copy = Copy(to, holder.organisation, door.reissue(emergency, holder, request, digest, authority.at))
    with register.writing(authority) as connection:
        release_shares.keep(connection, authority.agency, emergency, copy, authority.account, authority.at)
    door.forget(request, authority.at)
    return True


def _vouching(emergency: str, holder: Holder) -> tuple[str, bytes]:
    """The name of a re-issue, and what the shares for it are bound to: this person, with this key."""
    said = json.dumps([emergency, holder.account, holder.organisation, holder.public_key.hex()]).encode()
    digest = hashlib.sha256(b"re-issue " + said).digest()
    return f"re-issue {digest.hex()[:16]}", digest


def _must_be_ids(emergency: str, *logins: str) -> None:
    """raises  BadInput  when they are no ids: what is typed in their place may name somebody, and would be on record"""
    if not EMERGENCY_ID.fullmatch(emergency) or not all(map(is_login, logins)):
        raise BadInput(
            "an emergency and accounts are named by their ids",
            kept="the shares as they are",
            remedy="see `bianque emergency list` and `bianque account list`",
        )


def _share(authority: Authority, to: str) -> Resource:
    return Resource("share", to, agency=authority.agency, first=to)


def _holder(register: Register, account: str, held: KeyPair | None) -> Holder:
    with register.system() as connection:
        found = accounts.find(connection, account)
    if found is None or found.disabled_at is not None:
        raise BadInput("there is no such account that could hold a share", remedy="see `bianque account list`")
    return Holder(account, found.organisation, _pair(held, account).public)


def _pair(held: KeyPair | None, account: str) -> KeyPair:
    if held is None:
        raise BadInput(f"{account} has no key pair", remedy=f"{account} makes one: `bianque reidentify key`")
    return held
