"""The access tokens of programs: OAuth 2.0 client credentials (RFC 6749, section 4.4; RFC 7523).

Tokens are opaque and looked up at each request, so that a revocation counts at once.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from joserfc import jwk, jwt
from joserfc.errors import JoseError

from crinale.kernel import clock
from crinale.kernel.errors import CrinaleError
from crinale.spine.identity.actor import Actor, GrantRef
from crinale.spine.identity.models_programs import (
    Program,
    ProgramCredential,
    ProgramGrant,
    ProgramToken,
    UsedAssertion,
)
from crinale.spine.identity.program_scopes import SCOPES, role_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from django.db.models import QuerySet

TOKEN_LIFE: Final = timedelta(minutes=15)
LONGEST_ASSERTION_LIFE: Final = timedelta(minutes=10)
CLOCK_SKEW: Final = timedelta(seconds=30)
ALGORITHMS: Final = ("ES256", "ES384", "ES512", "PS256", "RS256", "Ed25519", "EdDSA")
_LONGEST_JTI: Final = 200
_LONGEST_ASSERTION: Final = 8192


class InvalidClient(CrinaleError):
    """The program is not known, or its credential is wrong, used already or over."""


class InvalidScope(CrinaleError):
    """The program asked for a scope that it does not hold."""


class InvalidToken(CrinaleError):
    """The access token is unknown, over or revoked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """Who shows an access token: the program, its actor (with what the token covers), the token's scopes."""

    program_id: UUID
    actor: Actor
    scopes: frozenset[str]
    requests_per_minute: int


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token as its program gets it, once."""

    value: str
    scopes: tuple[str, ...]
    life: timedelta


def token_by_secret(*, client_id: str, secret: str, scopes: Collection[str] | None = None) -> IssuedToken:
    """Give an access token for a secret (RFC 6749, sections 2.3.1 and 4.4).

    :raises InvalidClient: when the program or the secret is not known, or over.
    :raises InvalidScope: when it asks for what it does not hold.
    """
    # Compared in the database: what is compared is a digest, so its time tells nothing of the secret.
    for credential in _credentials(client_id).filter(secret_sha256=sha256_text(secret)):
        return _issue(credential, scopes)
    raise InvalidClient


def token_by_assertion(
    *, assertion: str, audiences: Collection[str], client_id: str = "", scopes: Collection[str] | None = None
) -> IssuedToken:
    """Give an access token for an assertion that the program signed (RFC 7523, sections 2.2 and 3).

    :raises InvalidClient: when it is not good, or was used before.
    :raises InvalidScope: when it asks for what it does not hold.
    """
    with transaction.atomic():
        return _issue(_asserted(assertion, audiences=audiences, client_id=client_id), scopes)


def bearer(token: str) -> Bearer:
    """Return who shows a token.

    :raises InvalidToken: when it is unknown or over, or its credential or program is.
    """
    now = clock.now()
    found = (
        ProgramToken.objects.select_related("program")
        .filter(
            sha256=sha256_text(token),
            expires_at__gt=now,
            credential__expires_at__gt=now,
            program__revoked_at=None,
        )
        .first()
    )
    if found is None:
        raise InvalidToken
    scopes = frozenset(found.scopes)
    return Bearer(
        program_id=found.program_id,
        actor=_actor(found.program, scopes),
        scopes=scopes,
        requests_per_minute=found.program.requests_per_minute,
    )


def revoke_by_secret(*, client_id: str, secret: str, token: str) -> None:
    """End a token of the program that asks (RFC 7009); one that is not its own, or is over, changes nothing.

    :raises InvalidClient: when the program or the secret is not known, or over.
    """
    credential = _credentials(client_id).filter(secret_sha256=sha256_text(secret)).first()
    if credential is None:
        raise InvalidClient
    _revoke(credential, token)


def revoke_by_assertion(
    *, assertion: str, audiences: Collection[str], client_id: str = "", token: str
) -> None:
    """End a token of the program that signed the assertion, as :func:`revoke_by_secret`.

    :raises InvalidClient: when the assertion is not good, or was used before.
    """
    with transaction.atomic():
        _revoke(_asserted(assertion, audiences=audiences, client_id=client_id), token)


def actor_of(program_id: UUID) -> Actor | None:
    """Return the actor of a program with all that it holds now; nothing when it was revoked."""
    program = Program.objects.filter(id=program_id, revoked_at=None).first()
    return None if program is None else _actor(program, frozenset(SCOPES))


def forget_what_is_over() -> int:
    """Remove tokens and assertions whose time is over; return how many."""
    now = clock.now()
    tokens, _by_model = ProgramToken.objects.filter(expires_at__lt=now).delete()
    return tokens + UsedAssertion.objects.filter(expires_at__lt=now).delete()[0]


def _credentials(client_id: str) -> QuerySet[ProgramCredential]:
    try:
        program_id = UUID(client_id)
    except ValueError:
        raise InvalidClient from None
    return ProgramCredential.objects.filter(
        program_id=program_id, program__revoked_at=None, expires_at__gt=clock.now()
    )


def _verified(assertion: str) -> tuple[ProgramCredential, Mapping[str, Any]]:
    """The credential whose key signed an assertion, and what it claims."""
    try:
        unverified = jwt_claims(assertion)
    except ValueError:
        raise InvalidClient from None
    for credential in _credentials(str(unverified.get("sub", ""))).exclude(public_key=None):
        try:
            key = jwk.import_key(credential.public_key or {})
            return credential, jwt.decode(assertion, key, algorithms=list(ALGORITHMS)).claims
        except (JoseError, ValueError, TypeError):
            continue
    raise InvalidClient


def jwt_claims(assertion: str) -> dict[str, Any]:
    """Read what a JWT claims, without believing it: to know whose key to ask.

    :raises ValueError: when it is none.
    """
    parts = assertion.split(".")
    if len(parts) != 3 or len(assertion) > _LONGEST_ASSERTION:
        raise ValueError("no JWT")
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except RecursionError as error:
        raise ValueError("no JWT") from error
    if not isinstance(claims, dict):
        raise ValueError("no JWT")  # noqa: TRY004  whoever sent it, not whoever called
    return claims


def _asserted(assertion: str, *, audiences: Collection[str], client_id: str) -> ProgramCredential:
    """The credential of the program that signed an assertion, which is then used up."""
    credential, claims = _verified(assertion)
    now = clock.now().timestamp()
    issued, expires, jti = claims.get("iat"), claims.get("exp"), claims.get("jti")
    skew, program_id = CLOCK_SKEW.total_seconds(), str(credential.program_id)
    good = (
        claims.get("iss") == claims.get("sub") == program_id
        and client_id in {"", program_id}
        and _heard(claims.get("aud"), audiences)
        and _instant(expires, after=now - skew, until=now + LONGEST_ASSERTION_LIFE.total_seconds() + skew)
        and _instant(issued, after=now - LONGEST_ASSERTION_LIFE.total_seconds() - skew, until=now + skew)
        and ("nbf" not in claims or _instant(claims["nbf"], after=0, until=now + skew))
        and isinstance(jti, str)
        and 0 < len(jti) <= _LONGEST_JTI
    )
    used = UsedAssertion(
        program_id=credential.program_id,
        jti_sha256=sha256_text(str(jti)),
        expires_at=clock.now() + LONGEST_ASSERTION_LIFE + 3 * CLOCK_SKEW,
    )
    if not good or not _first_use(used):
        raise InvalidClient
    return credential


def _revoke(credential: ProgramCredential, token: str) -> None:
    ProgramToken.objects.filter(sha256=sha256_text(token), program_id=credential.program_id).delete()


def _heard(aud: object, audiences: Collection[str]) -> bool:
    named = aud if isinstance(aud, list) else [aud]
    return any(isinstance(one, str) and one in audiences for one in named)


def _instant(value: object, *, after: float, until: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and after < value <= until


def _first_use(used: UsedAssertion) -> bool:
    try:
        with transaction.atomic():
            used.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def _issue(credential: ProgramCredential, wanted: Collection[str] | None) -> IssuedToken:
    held = _held(credential.program_id)
    mine = {scope for _area, _body, scope, _from, _to in held}
    scopes = tuple(sorted(wanted or mine))
    if not scopes or not mine.issuperset(scopes):
        raise InvalidScope
    value, now = secrets.token_urlsafe(32), clock.now()
    ProgramToken(
        sha256=sha256_text(value),
        program_id=credential.program_id,
        credential=credential,
        scopes=list(scopes),
        issued_at=now,
        expires_at=now + TOKEN_LIFE,
    ).save(force_insert=True)
    return IssuedToken(value, scopes, TOKEN_LIFE)


def _held(program_id: UUID) -> list[tuple[UUID, UUID, str, datetime, datetime | None]]:
    now = clock.now()
    found = ProgramGrant.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=now), program_id=program_id, valid_from__lte=now
    )
    return list(found.values_list("area_id", "area__body_id", "scope", "valid_from", "valid_to"))


def _actor(program: Program, scopes: frozenset[str]) -> Actor:
    return Actor(
        name=program.name,
        kind="program",
        service=str(program.id),
        grants=tuple(
            GrantRef(body_id=body, area_id=area, role=role_of(scope), valid_from=begin, valid_to=end)
            for area, body, scope, begin, end in _held(program.id)
            if scope in scopes
        ),
    )


def sha256_text(text: str) -> str:
    """Return the SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
