"""A share of a register's keys on paper: sealed to its holder, printed, and typed in again.

Each is sealed with age, by a passphrase or to a recipient, and written in Crockford's base 32 with a check at the end
of every line, so that a typing mistake is found where it was made.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import pyrage
from pyrage import passphrase as by_passphrase
from pyrage import x25519

from bianque.model import catalogue
from bianque.model.errors import BadInput
from bianque.registry import age
from bianque.registry.escrow import SHARE_LENGTH, Share

FORMAT = 1
PER_LINE = 25  # bytes: 40 letters, eight groups of five
RFC_4648, CROCKFORD = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
TO_PAPER = str.maketrans(RFC_4648, CROCKFORD)
FROM_PAPER = str.maketrans(CROCKFORD, RFC_4648)
MISREAD = str.maketrans("OIL", "011")  # what Crockford's alphabet leaves out because it is misread
BEGIN, END = "BEGIN SHARE", "END SHARE"
SHORTEST_PASSPHRASE = 12  # characters


@dataclass(frozen=True, slots=True)
class Holder:
    """Who keeps a share: the age recipient it is sealed to, or the passphrase it is sealed by."""

    recipient: str = ""
    passphrase: str = field(default="", repr=False)


def printed(share: Share, holder: Holder, at: dt.datetime) -> str:
    """A share sealed to its holder, as the text that is printed.

    raises  BadInput  when the recipient is none, or the passphrase is too short
    """
    about = share.cut + bytes.fromhex(share.fingerprint) + share.mark
    plain = bytes([FORMAT, share.number]) + about + share.secret
    if holder.recipient:
        sealed, how = pyrage.encrypt(plain, [age.recipient(holder.recipient)]), holder.recipient.strip()
    elif len(holder.passphrase) < SHORTEST_PASSPHRASE:
        raise BadInput(
            f"the passphrase of share {share.number} has fewer than {SHORTEST_PASSPHRASE} characters",
            remedy="take five or more random words",
        )
    else:
        sealed, how = by_passphrase.encrypt(plain, holder.passphrase), "passphrase"
    head = [
        f"{text.zh}\n{text.en}"
        for text in (
            catalogue.both("share_title", number=share.number),
            catalogue.both("share_purpose"),
            catalogue.both("share_use"),
        )
    ]
    made = at.astimezone(dt.UTC).date().isoformat()
    facts = [f"root key: {share.fingerprint}", f"made: {made}", f"sealed to: {how}"]
    return "\n".join([*head, "", *facts, "", BEGIN, *_lines(sealed), END, ""])


def _lines(sealed: bytes) -> list[str]:
    pieces = [sealed[start : start + PER_LINE] for start in range(0, len(sealed), PER_LINE)]
    lines = []
    for number, piece in enumerate(pieces, start=1):
        letters = _letters(piece)
        groups = " ".join(letters[start : start + 5] for start in range(0, len(letters), 5))
        lines.append(f"{number:02} {groups} {_check(number, piece)}")
    return [*lines, f"{len(pieces) + 1:02} {_check(0, sealed)}"]


def _check(number: int, piece: bytes) -> str:
    digest = hashlib.sha256(bytes([number]) + piece).digest()
    return base64.b32encode(digest)[:4].decode().translate(TO_PAPER)


def sealed_of(text: str, where: str) -> bytes:
    """The sealed share on a sheet, as it was typed off paper: spaces, case, and O for 0 or I for 1 do not matter.

    raises  BadInput  with the line that is wrong or missing
    """
    _, begun, rest = text.partition(BEGIN)
    body, ended, _ = rest.partition(END)
    lines = [line.split() for line in body.splitlines() if line.strip()]
    if not begun or not ended or len(lines) < 2:
        raise BadInput(
            f"{where}: there is no share in this file", remedy=f"type all of it, from {BEGIN} to {END}, both included"
        )
    sealed = b""
    for number, (label, *groups) in enumerate(lines, start=1):
        letters = "".join(groups).upper().translate(MISREAD)
        last = number == len(lines)
        piece = sealed if last else _piece(letters[:-4])
        if label != f"{number:02}" or piece is None or letters[-4:] != _check(0 if last else number, piece):
            raise BadInput(
                f"{where}: line {number:02} of the share is missing or has a typing mistake",
                remedy="compare the line with the paper, letter by letter",
            )
        sealed += b"" if last else piece
    return sealed


def _piece(letters: str) -> bytes | None:
    """The bytes of a line. Letters that no bytes are written as (unused bits that are set) are a mistake too."""
    try:
        piece = base64.b32decode(letters.translate(FROM_PAPER) + "=" * (-len(letters) % 8))
    except binascii.Error:
        return None
    return piece if _letters(piece) == letters else None


def _letters(piece: bytes) -> str:
    return base64.b32encode(piece).decode().rstrip("=").translate(TO_PAPER)


def opened(text: str, where: str, *, passphrase: str = "", keys: Sequence[x25519.Identity] = ()) -> Share:
    """The share on a sheet, opened by its holder's passphrase or identity.

    raises  BadInput  when the sheet is damaged, or the passphrase or identity is not its holder's
    """
    sealed = sealed_of(text, where)
    try:
        plain = pyrage.decrypt(sealed, list(keys)) if keys else by_passphrase.decrypt(sealed, passphrase)
    except pyrage.DecryptError as cause:
        raise BadInput(
            f"{where}: {'the identity' if keys else 'the passphrase'} does not open this share",
            kept="nothing was changed",
            remedy="the sheet says what it is sealed to: ask its holder",
        ) from cause
    if len(plain) != 26 + SHARE_LENGTH or plain[0] != FORMAT or plain[1] not in (1, 2):
        raise BadInput(f"{where}: this is a share of another version", remedy="use the matching version of Bianque")
    return Share(plain[1], plain[2:10], plain[10:18].hex(), plain[18:26], plain[26:])


def asks_for_passphrase(text: str, where: str) -> bool:
    """Whether a sheet asks for a passphrase rather than for an identity."""
    return b"\n-> scrypt " in sealed_of(text, where)[:64]
