"""Passkeys as a second factor: challenges, and whether an answer to one is right (WebAuthn level 2).

The authenticator must have verified its user (PIN, finger, face): possession alone is not asked for. Attestation is not
asked for either: which make an authenticator is nobody's business here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, generate_challenge
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    UserVerificationRequirement,
)

NAME = "Bianque"
WRONG = (WebAuthnException, ValueError, KeyError, TypeError)  # what a malformed or wrong answer raises
LONGEST_ANSWER = 20_000  # characters; real ones have about a thousand


@dataclass(frozen=True, slots=True)
class Site:
    """Where passkeys count: the host name they are bound to, and the address that pages have there."""

    host: str
    origin: str


@dataclass(frozen=True, slots=True)
class Key:
    """The public half of a passkey. `id` is base64url."""

    id: str
    public_key: bytes
    sign_count: int


def new_challenge() -> bytes:
    """64 random bytes."""
    return generate_challenge()


def registration(site: Site, account: str, challenge: bytes, has: Sequence[str]) -> str:
    """What `navigator.credentials.create` is asked, as JSON; `has` are ids of the account's passkeys."""
    return options_to_json(
        generate_registration_options(
            rp_id=site.host,
            rp_name=NAME,
            user_id=account.encode(),
            user_name=account,
            challenge=challenge,
            authenticator_selection=AuthenticatorSelectionCriteria(
                user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=_descriptors(has),
        )
    )


def registered(site: Site, answer: str, challenge: bytes) -> Key | None:
    """The new passkey in an answer; None when the answer is no right one."""
    if len(answer) > LONGEST_ANSWER:
        return None
    try:
        verified = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except WRONG:
        return None
    return Key(bytes_to_base64url(verified.credential_id), verified.credential_public_key, verified.sign_count)


def authentication(site: Site, challenge: bytes, has: Sequence[str]) -> str:
    """What `navigator.credentials.get` is asked, as JSON; `has` are ids of the account's passkeys."""
    return options_to_json(
        generate_authentication_options(
            rp_id=site.host,
            challenge=challenge,
            allow_credentials=_descriptors(has),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


def used(site: Site, answer: str, challenge: bytes, keys: Sequence[Key]) -> tuple[Key, int] | None:
    """Which passkey gave an answer, and its new count of signatures; None when none of them gave it."""
    if len(answer) > LONGEST_ANSWER:
        return None
    try:
        given = str(json.loads(answer)["id"])
        key = next(one for one in keys if one.id == given)
        verified = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
            require_user_verification=True,
        )
    except (*WRONG, StopIteration):
        return None
    return key, verified.new_sign_count


def _descriptors(ids: Sequence[str]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in ids]
