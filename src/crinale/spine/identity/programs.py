"""The other programs of the town that use the interface: who they are, what they may, their credentials."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from joserfc import jwk
from joserfc.errors import JoseError

from crinale.kernel import clock
from crinale.kernel.errors import Invalid, NotVisible
from crinale.spine.identity import permissions
from crinale.spine.identity.models_programs import Program, ProgramCredential, ProgramGrant
from crinale.spine.identity.program_scopes import SCOPES, SUBSCRIBE, role_of
from crinale.spine.identity.program_secrets import SecretSealedElsewhere, seal, unseal
from crinale.spine.identity.program_tokens import (
    Bearer,
    InvalidClient,
    InvalidScope,
    InvalidToken,
    IssuedToken,
    actor_of,
    bearer,
    forget_what_is_over,
    revoke_by_assertion,
    revoke_by_secret,
    sha256_text,
    token_by_assertion,
    token_by_secret,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from crinale.spine.identity.actor import Actor

__all__ = [
    "SCOPES",
    "SUBSCRIBE",
    "Bearer",
    "InvalidClient",
    "InvalidScope",
    "InvalidToken",
    "IssuedToken",
    "ProgramRef",
    "SecretSealedElsewhere",
    "actor_of",
    "add",
    "bearer",
    "forget_what_is_over",
    "grant",
    "new_key",
    "new_secret",
    "program_ref",
    "programs",
    "revoke",
    "revoke_by_assertion",
    "revoke_by_secret",
    "role_of",
    "seal",
    "token_by_assertion",
    "token_by_secret",
    "unseal",
    "withdraw",
]

CREDENTIAL_LIFE: Final = timedelta(days=365)
RENEWAL: Final = timedelta(days=14)
REQUESTS_PER_MINUTE: Final = 600
_SMALLEST_RSA_BITS: Final = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramRef:
    """A program as those who list programs see it; ``scopes`` are (area id, scope)."""

    id: UUID
    name: str
    requests_per_minute: int
    created_at: datetime
    revoked_at: datetime | None
    scopes: tuple[tuple[UUID, str], ...] = ()
    credentials: tuple[tuple[str, datetime], ...] = ()


def add(
    *,
    actor: Actor,
    name: str,
    area_id: UUID,
    body_id: UUID,
    scopes: Sequence[str],
    requests_per_minute: int = REQUESTS_PER_MINUTE,
) -> ProgramRef:
    """Make a program known, with scopes in an area; its credentials come apart.

    :raises Forbidden: when the actor does not manage who works for that body.
    :raises Invalid: when the name or a scope is none.
    """
    permissions.require(actor, "admin.people", body_id=body_id)
    if not name.strip() or len(name) > 200:
        raise Invalid("name", "name the program, in at most 200 characters")
    if requests_per_minute < 1:
        raise Invalid("requests_per_minute", "allow at least one request a minute")
    with transaction.atomic():
        program = Program(
            name=" ".join(name.split()), requests_per_minute=requests_per_minute, created_at=clock.now()
        )
        program.save(force_insert=True)
        grant(actor=actor, program_id=program.id, area_id=area_id, body_id=body_id, scopes=scopes)
    return program_ref(program.id)


def grant(*, actor: Actor, program_id: UUID, area_id: UUID, body_id: UUID, scopes: Sequence[str]) -> None:
    """Give a program scopes in an area of a body; those that it holds there stay.

    :raises Invalid: when a scope is none, or the program was revoked.
    """
    permissions.require(actor, "admin.people", body_id=body_id)
    if unknown := [scope for scope in scopes if scope not in SCOPES]:
        raise Invalid("scope", f"there is no scope {unknown[0]}: choose among {', '.join(SCOPES)}")
    if not scopes:
        raise Invalid("scope", f"choose among {', '.join(SCOPES)}")
    if Program.objects.filter(id=program_id).exclude(revoked_at=None).exists():
        raise Invalid("client_id", "this program was revoked: add it anew")
    now = clock.now()
    ProgramGrant.objects.bulk_create(
        [
            ProgramGrant(program_id=program_id, area_id=area_id, scope=scope, valid_from=now)
            for scope in dict.fromkeys(scopes)
        ],
        ignore_conflicts=True,
    )


def withdraw(*, actor: Actor, program_id: UUID, area_id: UUID, body_id: UUID, scopes: Sequence[str]) -> None:
    """Take scopes in an area away from a program, at once; what it did with them stays.

    :raises Invalid: when it does not hold one of them.
    """
    permissions.require(actor, "admin.people", body_id=body_id)
    with transaction.atomic():
        held = ProgramGrant.objects.select_for_update().filter(
            program_id=program_id, area_id=area_id, area__body_id=body_id, valid_to=None
        )
        known = set(held.values_list("scope", flat=True))
        if missing := [scope for scope in scopes if scope not in known] or (["any"] if not scopes else []):
            raise Invalid(
                "scope", f"the program does not hold {missing[0]} there: see `crinale program list`"
            )
        held.filter(scope__in=scopes).update(valid_to=clock.now())


def new_secret(*, actor: Actor, program_id: UUID, life: timedelta = CREDENTIAL_LIFE) -> str:
    """Give a program another secret, told only here; those before it last :data:`RENEWAL` longer at most."""
    secret = secrets.token_urlsafe(32)
    _new_credential(actor, program_id, life, secret_sha256=sha256_text(secret))
    return secret


def new_key(*, actor: Actor, program_id: UUID, public_key: bytes, life: timedelta = CREDENTIAL_LIFE) -> str:
    """Take note of the public key (PEM or JWK) with which a program signs; return its ``kid`` (RFC 7638).

    :raises Invalid: when it is no public key that may be used.
    """
    try:
        key = jwk.import_key(public_key) if public_key.lstrip().startswith(b"{") else _pem(public_key)
        public = key.as_dict(private=False)
    except (JoseError, ValueError, TypeError) as error:
        raise Invalid("public_key", "give a public key in PEM or JWK") from error
    if key.key_type == "oct" or key.is_private:
        raise Invalid("public_key", "give the public key only: nobody else may know the private one")
    if key.key_type == "RSA" and key.raw_value.key_size < _SMALLEST_RSA_BITS:  # type: ignore[union-attr]
        raise Invalid("public_key", f"an RSA key has at least {_SMALLEST_RSA_BITS} bits")
    kid = key.thumbprint()
    _new_credential(actor, program_id, life, public_key={**public, "kid": kid})
    return kid


def revoke(*, actor: Actor, program_id: UUID) -> None:
    """End a program now: its tokens count no more; what it did keeps its name."""
    with transaction.atomic():
        program = _managed(actor, program_id)
        if program.revoked_at is None:
            program.revoked_at = clock.now()
            program.save(update_fields=["revoked_at"])


def program_ref(program_id: UUID) -> ProgramRef:
    """Return a program.

    :raises NotVisible: when there is none.
    """
    found = next((one for one in programs() if one.id == program_id), None)
    if found is None:
        raise NotVisible
    return found


def programs() -> list[ProgramRef]:
    """Return every program of the node, also those that were revoked, by name."""
    now = clock.now()
    return [
        ProgramRef(
            id=one.id,
            name=one.name,
            requests_per_minute=one.requests_per_minute,
            created_at=one.created_at,
            revoked_at=one.revoked_at,
            scopes=tuple((held.area_id, held.scope) for held in one.grants.all() if held.valid_to is None),
            credentials=tuple(
                ("key" if held.public_key else "secret", held.expires_at)
                for held in one.credentials.all()
                if held.expires_at > now
            ),
        )
        for one in Program.objects.prefetch_related("grants", "credentials")
    ]


def _new_credential(actor: Actor, program_id: UUID, life: timedelta, **what: Any) -> None:
    now = clock.now()
    with transaction.atomic():
        program = _managed(actor, program_id)
        if program.revoked_at is not None:
            raise Invalid("client_id", "this program was revoked: add it anew")
        before = ProgramCredential.objects.filter(program=program, expires_at__gt=now)
        # Two are good meanwhile: the new one, and the newest of those before it.
        kept = list(before.order_by("-created_at", "-id").values_list("id", flat=True)[:1])
        before.exclude(id__in=kept).update(expires_at=now)
        before.filter(id__in=kept, expires_at__gt=now + RENEWAL).update(expires_at=now + RENEWAL)
        ProgramCredential(program=program, created_at=now, expires_at=now + life, **what).save(
            force_insert=True
        )


def _managed(actor: Actor, program_id: UUID) -> Program:
    program = Program.objects.select_for_update().filter(id=program_id).first()
    if program is None:
        raise NotVisible
    for held in program.grants.select_related("area"):
        permissions.require(actor, "admin.people", body_id=held.area.body_id)
    return program


def _pem(public_key: bytes) -> Any:
    for kind in ("EC", "RSA", "OKP"):
        try:
            return jwk.import_key(public_key, kind)
        except (JoseError, ValueError, TypeError):
            continue
    raise ValueError("no key")
