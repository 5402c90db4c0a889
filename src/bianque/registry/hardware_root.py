"""The root key in a hardware module: sealed by an AES key that never leaves it, opened with a PIN (PKCS#11 v2.40).

root.pkcs11 stands in the place of root.key: which module, token and key, and the root key under AES-256-GCM. The
module's key is made there, is sensitive and cannot be extracted; whoever takes the folder takes nothing that opens.
The escrow is made before: a module that breaks is a root key that is lost.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bianque.model.errors import BadRegister
from bianque.registry import private_files
from bianque.registry import root as roots
from bianque.registry.root import LENGTH, Root

HARDWARE_FILE = "root.pkcs11"
PIN = "BIANQUE_PKCS11_PIN"  # environment variable
NONCE = 12  # bytes, NIST SP 800-38D
CONTEXT = b"bianque root key"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the sealing key is: the module's library, the token's label, the key's label."""

    module: str
    token: str
    key: str


def root_of(at_rest: Path) -> Root:
    """The root key of the register in a folder: from root.key, or else from the hardware module.

    raises  BadRegister  when neither is there, or the module does not give it
    """
    if (at_rest / roots.FILE).exists() or not (at_rest / HARDWARE_FILE).exists():
        return roots.read(at_rest / roots.FILE)
    return opened(at_rest / HARDWARE_FILE)


def move_in(at_rest: Path, root: Root, module: str, token: str) -> Place:
    """Seal a register's root key in a hardware module, and overwrite root.key once it has been opened from there.

    raises  BadRegister  when the module, the token or the PIN is wrong, or it is sealed already
    """
    path = at_rest / HARDWARE_FILE
    if path.exists() and not (at_rest / roots.FILE).exists():
        raise BadRegister(f"{path}: the root key is in a hardware module already", kept="the key as it is")
    place, nonce = Place(module, token, f"bianque {root.fingerprint()} {os.urandom(4).hex()}"), os.urandom(NONCE)
    with _session(place, write=True) as session:
        sealed = _made(session, place.key).encrypt(root.secret, **_gcm(nonce))
    text = {**asdict(place), "nonce": nonce.hex(), "sealed": bytes(sealed).hex()}
    with private_files.new(path) as file:
        file.write(json.dumps(text, indent=1).encode())
    if opened(path).secret != root.secret:
        raise BadRegister(f"{module}: the module gives back another key than it was given", kept="root.key as it is")
    if (at_rest / roots.FILE).exists():
        private_files.overwrite(at_rest / roots.FILE)
    return place


def opened(path: Path) -> Root:
    """The root key out of a hardware module.

    raises  BadRegister  with what is missing: the module, the token, the PIN, the key
    """
    try:
        read = json.loads(path.read_text("utf-8"))
        place = Place(read["module"], read["token"], read["key"])
        nonce, sealed = bytes.fromhex(read["nonce"]), bytes.fromhex(read["sealed"])
    except (OSError, ValueError, KeyError, TypeError) as cause:
        raise BadRegister(f"{path}: this is no sealed root key", remedy=_FROM_ESCROW) from cause
    with _session(place) as session:
        from pkcs11 import NoSuchKey, ObjectClass, PKCS11Error

        try:
            key = session.get_key(object_class=ObjectClass.SECRET_KEY, label=place.key)
            secret = bytes(key.decrypt(sealed, **_gcm(nonce)))
        except NoSuchKey as cause:
            raise BadRegister(f"token {place.token} has no key {place.key!r}", remedy=_FROM_ESCROW) from cause
        except PKCS11Error as cause:
            raise BadRegister(f"{path}: the module does not open the root key", remedy=_FROM_ESCROW) from cause
    if len(secret) != LENGTH:
        raise BadRegister(f"{path}: a root key has {LENGTH} bytes, this one {len(secret)}")
    return Root(secret)


_FROM_ESCROW = "put the root key together again from its escrow: `bianque register escrow restore`"


def _made(session: Any, label: str) -> Any:
    from pkcs11 import Attribute, KeyType

    return session.generate_key(
        KeyType.AES, 256, label=label, store=True, template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False}
    )


def _gcm(nonce: bytes) -> dict[str, Any]:
    from pkcs11 import GCMParams, Mechanism

    return {"mechanism": Mechanism.AES_GCM, "mechanism_param": GCMParams(nonce, CONTEXT, 128)}


@contextmanager
def _session(place: Place, *, write: bool = False) -> Iterator[Any]:
    """A session on the token, logged in; everything that can be wrong on the way is told apart."""
    try:
        import pkcs11
    except ModuleNotFoundError as cause:
        raise BadRegister(
            "the package for hardware modules is not installed", remedy="pip install 'bianque[pkcs11]'"
        ) from cause
    pin = os.environ.get(PIN)
    if not pin:
        raise BadRegister(f"the PIN of token {place.token} is missing", remedy=f"set {PIN}")
    try:
        token = pkcs11.lib(place.module).get_token(token_label=place.token)
    except pkcs11.NoSuchToken as cause:
        raise BadRegister(
            f"{place.module} has no token {place.token}", remedy="plug it in, or look at its label"
        ) from cause
    except (pkcs11.PKCS11Error, RuntimeError, OSError) as cause:
        raise BadRegister(
            f"{place.module}: the module cannot be loaded", remedy="give the path of the module's PKCS#11 library"
        ) from cause
    try:
        session = token.open(user_pin=pin, rw=write)
    except (pkcs11.PinIncorrect, pkcs11.PinLenRange, pkcs11.PinInvalid) as cause:
        raise BadRegister(
            f"token {place.token} refuses the PIN",
            kept="the key as it is",
            remedy=f"look at {PIN} before you try again: most tokens lock after a few attempts",
        ) from cause
    except pkcs11.PinLocked as cause:
        raise BadRegister(
            f"the PIN of token {place.token} is locked", remedy="its security officer resets it"
        ) from cause
    except pkcs11.PKCS11Error as cause:
        raise BadRegister(
            f"token {place.token} gives no session: {type(cause).__name__}", remedy="look at the token"
        ) from cause
    with session:
        yield session
