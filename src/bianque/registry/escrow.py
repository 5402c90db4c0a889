"""Escrow of a register's keys: two shares, of which either alone tells nothing, and who has shown to hold one.

The root key and the door's key are in no backup: with them lost, so is everything that was sealed. The first share is
random, the second is both keys XOR the first: each by itself is a uniformly random text (Shannon 1949), both together
are the keys. On paper they are sheets (escrow_sheet.py).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import os
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from bianque.model.errors import BadInput, BadRegister
from bianque.registry import private_files
from bianque.registry import root as roots
from bianque.registry.root import DOOR_FILE, FILE, LENGTH, Root

STATE_FILE = "escrow.json"
SHARE_LENGTH = 2 * LENGTH  # root key and door's key


@dataclass(frozen=True, slots=True)
class Keys:
    """What a register cannot do without: its root key, and the door's key, which is sealed here unread."""

    root: Root
    door: bytes = field(repr=False)

    def mark(self) -> bytes:
        """What tells these two keys from any others without telling them."""
        return hmac.digest(self.root.derive("escrow"), self.door, hashlib.sha256)[:8]


@dataclass(frozen=True, slots=True)
class Share:
    """An opened share. `cut` tells those of one escrow from those of another, `mark` which keys they are of."""

    number: int
    cut: bytes
    fingerprint: str  # of the root key
    mark: bytes
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Escrow:
    """What a register remembers of its escrow: of each share the digest, and when its holder opened it last."""

    fingerprint: str
    cut: str
    made: str
    digests: tuple[str, str]
    confirmed: tuple[str, str] = ("", "")

    @property
    def complete(self) -> bool:
        """Whether both holders have shown that they can open their share."""
        return all(self.confirmed)


def keys_of(at_rest: Path, root: Root) -> Keys:
    """The keys of the register in a folder. The door's is made when there is none yet: the door takes the one it finds.

    raises  BadRegister  when the door's key cannot be read, or is of another length
    """
    path = at_rest / DOOR_FILE
    if not path.exists():
        roots.write(path, os.urandom(LENGTH))
    return Keys(root, roots.read(path).secret)


def split(keys: Keys, first: bytes | None = None) -> tuple[Share, Share]:
    """Two shares of a register's keys. `first` is the random share, drawn anew unless it is given."""
    first = os.urandom(SHARE_LENGTH) if first is None else first
    cut, fingerprint, mark = os.urandom(8), keys.root.fingerprint(), keys.mark()
    second = bytes(a ^ b for a, b in zip(keys.root.secret + keys.door, first, strict=True))
    return Share(1, cut, fingerprint, mark, first), Share(2, cut, fingerprint, mark, second)


def join(one: Share, other: Share) -> Keys:
    """The keys of two shares.

    raises  BadInput  when they are the same share, of two escrows or of two registers
    """
    if one.fingerprint != other.fingerprint:
        raise BadInput("the two shares are of two different root keys", remedy="give both shares of one register")
    if one.cut != other.cut:
        raise BadInput(
            "the two shares were not made together", remedy="give both shares of one escrow: compare their dates"
        )
    if one.number == other.number:
        raise BadInput(f"share {one.number} was given twice", remedy="give the other holder's share too")
    both = bytes(a ^ b for a, b in zip(one.secret, other.secret, strict=True))
    keys = Keys(Root(both[:LENGTH]), both[LENGTH:])
    if keys.root.fingerprint() != one.fingerprint or not keys.mark() == one.mark == other.mark:
        raise BadInput("the two shares do not make the keys they are of", remedy="take another copy of both")
    return keys


def put_back(keys: Keys, folder: Path) -> None:
    """Write both keys into the folder of a register, or of one that is to be restored.

    raises  BadRegister  when there is another root key or door's key already
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, secret in ((FILE, keys.root.secret), (DOOR_FILE, keys.door)):
        path = folder / name
        if not path.exists():
            roots.write(path, secret)
        elif roots.read(path).secret != secret:
            raise BadRegister(f"{path}: another key lies there", kept="it as it is", remedy="give another folder")


def remember(at_rest: Path, shares: tuple[Share, Share], at: dt.datetime) -> Escrow:
    """Write down beside the root key that shares of it were made; nobody has confirmed them yet."""
    first, second = (hashlib.sha256(share.secret).hexdigest() for share in shares)
    made = at.astimezone(dt.UTC).isoformat(timespec="seconds")
    escrow = Escrow(shares[0].fingerprint, shares[0].cut.hex(), made, (first, second))
    _save(at_rest, escrow)
    return escrow


def remembered(at_rest: Path, root: Root) -> Escrow | None:
    """The escrow of a register's root key; None when there is none, or it is of another root key.

    raises  BadRegister  when what was written down cannot be read
    """
    path = at_rest / STATE_FILE
    try:
        read = json.loads(path.read_text("utf-8"))
        digests, confirmed = tuple(read["digests"]), tuple(read["confirmed"])
        escrow = Escrow(read["fingerprint"], read["cut"], read["made"], digests, confirmed)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as cause:
        raise BadRegister(
            f"{path}: this is no record of an escrow", remedy="make a new one: `bianque register escrow make`"
        ) from cause
    return escrow if escrow.fingerprint == root.fingerprint() else None


def confirm(at_rest: Path, root: Root, share: Share, at: dt.datetime) -> Escrow:
    """Write down that a holder has opened their share, and that it is the one that was made.

    raises  BadInput  when it is not
    """
    escrow = remembered(at_rest, root)
    known = escrow is not None and escrow.cut == share.cut.hex()
    if escrow is None or not known or hashlib.sha256(share.secret).hexdigest() != escrow.digests[share.number - 1]:
        raise BadInput(
            "this is no share of the last escrow of this register",
            kept="the escrow as it was",
            remedy="compare the date on the sheet, or make new shares: `bianque register escrow make`",
        )
    days = list(escrow.confirmed)
    days[share.number - 1] = at.astimezone(dt.UTC).isoformat(timespec="seconds")
    escrow = replace(escrow, confirmed=(days[0], days[1]))
    _save(at_rest, escrow)
    return escrow


def _save(at_rest: Path, escrow: Escrow) -> None:
    with private_files.new(at_rest / STATE_FILE) as file:
        file.write(json.dumps(asdict(escrow), indent=1).encode())
