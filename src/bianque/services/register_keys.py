"""Care of a register's keys: escrow, a hardware module, rotation, and what interrupted work left behind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bianque.model.authority import Action, Authority, Resource
from bianque.model.errors import BadInput
from bianque.model.text_file import read_utf8
from bianque.registry import age, backup, emergencies, escrow, escrow_sheet, hardware_root, integrity, private_files
from bianque.registry import rotation as rotations
from bianque.registry.backup import Backup
from bianque.registry.escrow import Escrow
from bianque.registry.escrow_sheet import Holder
from bianque.registry.register import Register
from bianque.services import gate

HOLDERS = 2


@dataclass(frozen=True, slots=True)
class Sheet:
    """A printed share as it was typed in, and what its holder opens it with."""

    path: Path
    identity: Path | None = None
    passphrase: str = ""

    @property
    def asks_for_passphrase(self) -> bool:
        return escrow_sheet.asks_for_passphrase(read_utf8(self.path), str(self.path))

    def opened(self) -> escrow.Share:
        keys = age.identities(self.identity) if self.identity and not self.asks_for_passphrase else []
        text = read_utf8(self.path)
        return escrow_sheet.opened(text, str(self.path), passphrase=self.passphrase, keys=keys)


def make_escrow(register: Register, authority: Authority, holders: Sequence[Holder], folder: Path) -> list[Path]:
    """New shares of a register's keys; those of an earlier escrow still make the same keys.

    raises  PolicyRefusal  when the rules say no; BadInput when the holders cannot be used
    """
    _permit(register, authority, "escrow")
    return first_escrow(register, holders, folder, authority.at)


def first_escrow(register: Register, holders: Sequence[Holder], folder: Path, at: dt.datetime) -> list[Path]:
    """The shares of a register that is just being made: two sheets, one a holder, in files of a folder.

    raises  BadInput  when there are not two holders, one is no recipient or their passphrase is too short
    """
    if len(holders) != HOLDERS:
        raise BadInput(
            f"an escrow has two holders, {len(holders)} were named", remedy="name --holder twice: age1… or passphrase"
        )
    if holders[0] == holders[1]:
        raise BadInput("both shares would be sealed to the same holder", remedy="name two different holders")
    shares = escrow.split(escrow.keys_of(register.at_rest, register.root))
    sheets = [escrow_sheet.printed(share, holder, at) for share, holder in zip(shares, holders, strict=True)]
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    paths = [folder / f"share-{share.number}-of-{share.fingerprint}.txt" for share in shares]
    for path, sheet in zip(paths, sheets, strict=True):
        with private_files.new(path) as file:
            file.write(sheet.encode())
    escrow.remember(register.at_rest, shares, at)
    return paths


def confirm_share(register: Register, authority: Authority, sheet: Sheet) -> Escrow:
    """Write down that a holder has opened their share.

    raises  PolicyRefusal  when the rules say no; BadInput when it is not theirs, damaged, or of another escrow
    """
    _permit(register, authority, "escrow")
    return escrow.confirm(register.at_rest, register.root, sheet.opened(), authority.at)


def put_together(one: Sheet, other: Sheet, to: Path) -> str:
    """The keys of two shares, written into a folder; the fingerprint of the root key. Nobody is asked: whoever holds
    both shares holds the keys.

    raises  BadInput  when the shares do not belong together; BadRegister when other keys lie in the folder
    """
    keys = escrow.join(one.opened(), other.opened())
    escrow.put_back(keys, to)
    return keys.root.fingerprint()


def seal_in_hardware(register: Register, authority: Authority, module: str, token: str) -> hardware_root.Place:
    """Move the root key into a hardware module; the escrow must have been confirmed, for a module can break.

    raises  PolicyRefusal  when the rules say no; BadInput without a confirmed escrow; BadRegister when it does not work
    """
    _permit(register, authority, "root")
    known = escrow.remembered(register.at_rest, register.root)
    if known is None or not known.complete:
        raise BadInput(
            "the escrow of the keys is not confirmed by both holders: if the module breaks, the register is lost",
            kept="the root key in its file",
            remedy="`bianque register escrow make`, then each holder: `bianque register escrow confirm SHEET`",
        )
    return hardware_root.move_in(register.at_rest, register.root, module, token)


def rotate(register: Register, authority: Authority) -> int:
    """New key-encryption keys for every emergency of the agency; the older ones are destroyed, in backups too.

    returns  how many data keys were wrapped anew
    raises   PolicyRefusal  when the rules say no; BadInput when the folder of backups is out of reach
    """
    _permit(register, authority, "keys")
    rewrapped = sum(
        rotations.rotate_encryption_keys(register, within) for within in _in_each_emergency(register, authority)
    )
    backup.rewrite_key_backup(register, authority.at)
    return rewrapped


def rotate_data_keys(register: Register, authority: Authority, emergency: str) -> tuple[int, Backup | None]:
    """Seal the people of an emergency anew under new data keys, as after a suspicion; the older ones are destroyed, in
    backups too. What older backups of the data hold of these people opens no longer: another is made where they lie.

    returns  how many records were sealed anew, and the new backup, None where there were none; a rotation that was cut
             off goes on where it was
    raises   PolicyRefusal  when the rules say no; BadInput when there is no such emergency, or the folder of backups is
             out of reach
    """
    _permit(register, authority, f"data keys of {emergency}")
    within = next((one for one in _in_each_emergency(register, authority) if one.emergency_id == emergency), None)
    if within is None:
        raise BadInput(
            f"there is no emergency {emergency} here", kept="every key", remedy="see `bianque emergency list`"
        )
    backup.outdate(register)
    sealed = rotations.rotate_all_data_keys(register, within)
    return sealed, backup.renew(register, authority.at)


@dataclass(frozen=True, slots=True)
class Swept:
    """What was finished that had been cut off, in all emergencies together."""

    keys: int
    unreadable: int
    unfinished: int
    older_keys: int


def sweep(register: Register, authority: Authority) -> Swept:
    """Finish erasures and rotations that were cut off, and take away keys that seal nothing.

    raises  PolicyRefusal  when the rules say no; BadInput when the folder of backups is out of reach
    """
    _permit(register, authority, "keys")
    found = [integrity.tidy(register, within) for within in _in_each_emergency(register, authority)]
    if any(one.any for one in found) or backup.owed(register):
        backup.rewrite_key_backup(register, authority.at)
    return Swept(
        keys=sum(len(one.keys) for one in found),
        unreadable=sum(len(one.unreadable) for one in found),
        unfinished=sum(len(one.unfinished) for one in found),
        older_keys=sum(one.older_keys for one in found),
    )


def _permit(register: Register, authority: Authority, what: str) -> None:
    gate.permit(register, authority, Action.MANAGE_KEYS, Resource("keys", what, agency=authority.agency))


def _in_each_emergency(register: Register, authority: Authority) -> list[Authority]:
    """The same authority in each emergency of its agency: keys are cared for without a look at what they seal."""
    with register.snapshot("register") as transaction:
        found = emergencies.listed(transaction, authority.agency)
    return [replace(authority, emergency=one) for one in found]
