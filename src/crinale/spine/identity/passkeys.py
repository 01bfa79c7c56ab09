"""Passkeys (W3C Web Authentication, level 2): what the browser is asked, and the check of what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import base64url_to_bytes, parse_authentication_credential_json
from webauthn.helpers.exceptions import (
    InvalidAuthenticationResponse,
    InvalidJSONStructure,
    InvalidRegistrationResponse,
    WebAuthnException,
)
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from crinale.kernel.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crinale.spine.identity.models import Passkey, Person

# What the library raises for an answer that is malformed, foreign or wrong.
_REFUSED = (
    InvalidAuthenticationResponse,
    InvalidJSONStructure,
    InvalidRegistrationResponse,
    WebAuthnException,
    ValueError,
    KeyError,
    TypeError,
)


@dataclass(frozen=True)
class Site:
    """Where the pages are: a passkey belongs to the host of this origin, ``https://host[:port]``."""

    origin: str

    @property
    def host(self) -> str:
        """The host, to which passkeys are bound."""
        return urlsplit(self.origin).hostname or ""


@dataclass(frozen=True)
class Question:
    """What the browser is asked, as JSON, and the challenge that its answer must contain."""

    options: str
    challenge: bytes


def ask_new(site: Site, person: Person, held: Iterable[Passkey]) -> Question:
    """Ask for a new passkey, on a device that has none of this person yet."""
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name="Crinale",
        user_id=person.id.bytes,
        user_name=person.username,
        user_display_name=person.name,
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=_described(held),
    )
    return Question(webauthn.options_to_json(options), options.challenge)


def check_new(site: Site, answer: str, challenge: bytes) -> tuple[bytes, bytes, int]:
    """Return the identifier, the public key and the counter of a new passkey.

    :raises Invalid: when the answer is not one to this question from this site.
    """
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
        )
    except _REFUSED as error:
        raise Invalid("passkey", "the device did not answer as expected: try again") from error
    return made.credential_id, made.credential_public_key, made.sign_count


def ask_held(site: Site, held: Iterable[Passkey]) -> Question:
    """Ask for one of the passkeys that a person has."""
    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        allow_credentials=_described(held),
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return Question(webauthn.options_to_json(options), options.challenge)


def credential_of(answer: str) -> bytes | None:
    """Return which passkey an answer is of; nothing when it cannot be read."""
    try:
        return parse_authentication_credential_json(answer).raw_id
    except _REFUSED:
        return None


def check_held(site: Site, passkey: Passkey, answer: str, challenge: bytes) -> int | None:
    """Return the new counter of a passkey when the answer is right; nothing when it is not.

    A counter that does not grow tells of a copied key, and is refused (level 2, section 6.1.1).
    """
    try:
        shown = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
        )
    except _REFUSED:
        return None
    return shown.new_sign_count


def challenge_from(text: str) -> bytes:
    """Return a challenge that was kept as text."""
    return base64url_to_bytes(text)


def _described(held: Iterable[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=bytes(one.credential_id)) for one in held]
