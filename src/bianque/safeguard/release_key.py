"""The release key of an emergency: drawn once, split between organisations, put together for one release at a time.

The index of a share belongs to an organisation, so that all its approvers hold the same share and never two of them
suffice. Each copy is sealed to its holder's own key pair. Who has lost a password gets the share anew from a colleague,
who holds the same; where no colleague is left, two other organisations together give the door the line it lies on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from bianque.model.errors import BadInput
from bianque.safeguard import hpke, shares


@dataclass(frozen=True, slots=True)
class Holder:
    """A person who holds a copy of an organisation's share."""

    account: str
    organisation: str
    public_key: bytes


@dataclass(frozen=True, slots=True)
class Drawn:
    """What remains of a release key once its private half is split and forgotten."""

    public: bytes
    indices: Mapping[str, int]  # organisation → index of its share
    copies: Mapping[str, bytes]  # account → its organisation's share, sealed to it


def draw(emergency: str, holders: Sequence[Holder]) -> Drawn:
    """A new release key for an emergency, split between the organisations of its holders.

    raises  BadInput  when they are of fewer than two organisations: nothing could ever be released
    """
    organisations = sorted({holder.organisation for holder in holders})
    if len(organisations) < 2:
        raise BadInput(
            f"the release key of {emergency} needs holders of two organisations, not of {len(organisations)}",
            remedy="name approvers of at least two organisations; two of each, so that a lost password is no loss",
        )
    private = hpke.new_private()
    indices = {organisation: index for index, organisation in enumerate(organisations, start=1)}
    pieces = shares.split(private, indices.values())
    copies = {h.account: seal_copy(pieces[indices[h.organisation]], emergency, h) for h in holders}
    return Drawn(hpke.public_of(private), indices, copies)


def seal_copy(share: bytes, emergency: str, holder: Holder) -> bytes:
    """A share for one holder."""
    return hpke.seal(holder.public_key, share, _copy_use(emergency, holder.organisation))


def open_copy(private: bytes, copy: bytes, emergency: str, organisation: str) -> bytes:
    """The share in a holder's copy.

    raises  BadInput  when it was sealed to another person, or for another emergency or organisation
    """
    return hpke.open_sealed(private, copy, _copy_use(emergency, organisation))


def fitting(given: Mapping[int, bytes], public: bytes) -> dict[int, bytes]:
    """Two of the shares that were given which make the key: one that is no share of it stands in nobody's way.

    raises  BadInput  when no two of them do
    """
    sized = [(index, share) for index, share in given.items() if len(share) == len(public)]
    for two in map(dict, combinations(sized, 2)):
        if hpke.public_of(shares.combine(two)) == public:
            return two
    raise BadInput(
        "the shares that were given do not make the release key: one of them is not of this emergency",
        kept="nothing was opened",
        remedy="another organisation's approver approves it, with the share that they hold",
    )


def together(given: Mapping[int, bytes], public: bytes) -> bytes:
    """The private half, from the shares of two organisations among those given.

    raises  BadInput  when no two of them are shares of this key
    """
    return shares.combine(fitting(given, public))


def share_of(given: Mapping[int, bytes], public: bytes, index: int) -> bytes:
    """The share of another organisation, from the shares of two among those given.

    raises  BadInput  when no two of them are shares of this key
    """
    return shares.combine(fitting(given, public), at=index)


def seal_opened(opened: Mapping[str, Sequence[str]], officer_key: bytes, release: str, position: int) -> bytes:
    """The opened identifiers of one target, kind → values, for the officer who asked."""
    plain = json.dumps(opened, ensure_ascii=False, sort_keys=True).encode()
    return hpke.seal(officer_key, plain, _opened_use(release, position))


def read_opened(private: bytes, sealed: bytes, release: str, position: int) -> dict[str, list[str]]:
    """The identifiers of one target, by the officer who asked.

    raises  BadInput  when they were sealed to another officer, or for another release or target
    """
    found: dict[str, list[str]] = json.loads(hpke.open_sealed(private, sealed, _opened_use(release, position)))
    return found


def _opened_use(release: str, position: int) -> bytes:
    return f"target {position} of {release}".encode()


def _copy_use(emergency: str, organisation: str) -> bytes:
    return f"share of {organisation} in {emergency}".encode()
