"""A new password: whether a person may choose it.

It is held against the words of the place, the rules of `safeguard.passwords`, and a list of leaked or common passwords
where the register's folder has one: `blocked_passwords.txt`, one a line, such as a national CERT hands out. None ships.
"""

from __future__ import annotations

from pathlib import Path

from bianque.model.account import Account
from bianque.model.catalogue import both
from bianque.model.errors import LogInRefused
from bianque.registry import accounts, organisations
from bianque.registry.register import Register, Transaction
from bianque.safeguard import passwords

BLOCKED_FILE = "blocked_passwords.txt"


def check(register: Register, transaction: Transaction, account: Account, password: str) -> None:
    """raises  LogInRefused  when it is too short, too long, easy to guess, known to others, or the one there is"""
    body = organisations.find(transaction, account.organisation)
    known = [account.id, account.organisation, account.agency, *((body.name.zh, body.name.en) if body else ())]
    kept = accounts.credentials(transaction, account.id)
    why = passwords.weakness(password, known)
    if why is None and _listed(register.at_rest / BLOCKED_FILE, password):
        why = "common"
    if why is None and kept is not None and passwords.matches(kept.password, password):
        why = "same"
    if why is not None:
        values = {"shortest": passwords.SHORTEST, "longest": passwords.LONGEST}
        raise LogInRefused("new_password", both(f"password_{why}"), both(f"password_{why}_remedy", **values))


def _listed(path: Path, password: str) -> bool:
    """Whether a password is a line of a file, however large it is."""
    if not path.is_file():
        return False
    sought = password.encode("utf-8", "surrogatepass")
    with path.open("rb") as lines:
        return any(line.rstrip(b"\r\n") == sought for line in lines)
