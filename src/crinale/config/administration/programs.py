"""The programs that may use the interface of a node, and their credentials."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from crinale.config.administration import facts
from crinale.kernel.errors import Invalid
from crinale.spine import audit, tenancy
from crinale.spine.identity import programs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crinale.config.administration.operators import Operator
    from crinale.spine.identity.programs import ProgramRef
    from crinale.spine.tenancy.queries import AreaRef


@dataclass(frozen=True, kw_only=True)
class Made:
    """A program and its new credential: a secret, told once, or the ``kid`` of its key."""

    program: ProgramRef
    secret: str = ""
    kid: str = ""


def add(
    *,
    operator: Operator,
    name: str,
    area: AreaRef,
    scopes: Sequence[str],
    days: int,
    requests_per_minute: int,
    public_key: bytes | None = None,
) -> Made:
    """Let a program use the interface of an area.

    :raises Invalid: naming what is not well formed.
    """
    with transaction.atomic(), tenancy.scope(area.body_id):
        made = programs.add(
            actor=operator.actor,
            name=name,
            area_id=area.id,
            body_id=area.body_id,
            scopes=scopes,
            requests_per_minute=requests_per_minute,
        )
        fact = facts.ProgramAdded(
            operator=operator.user, subject_id=made.id, name=made.name, area=area.code, scopes=tuple(scopes)
        )
        audit.write(fact, actor=operator.actor)
        return _credential(operator, made, days, public_key)


def grant(*, operator: Operator, client_id: str, area: AreaRef, scopes: Sequence[str]) -> ProgramRef:
    """Let a program do more in an area, which may be another one than before.

    :raises Invalid: when there is no such program or scope, or the program was revoked.
    """
    found = find(client_id)
    with transaction.atomic(), tenancy.scope(area.body_id):
        programs.grant(
            actor=operator.actor, program_id=found.id, area_id=area.id, body_id=area.body_id, scopes=scopes
        )
        fact = facts.ProgramGranted(
            operator=operator.user, subject_id=found.id, name=found.name, area=area.code, scopes=tuple(scopes)
        )
        audit.write(fact, actor=operator.actor)
        return programs.program_ref(found.id)


def withdraw(*, operator: Operator, client_id: str, area: AreaRef, scopes: Sequence[str]) -> ProgramRef:
    """Take scopes in an area away from a program, at once.

    :raises Invalid: when there is no such program, or it does not hold one of them there.
    """
    found = find(client_id)
    with transaction.atomic(), tenancy.scope(area.body_id):
        programs.withdraw(
            actor=operator.actor, program_id=found.id, area_id=area.id, body_id=area.body_id, scopes=scopes
        )
        fact = facts.ProgramWithdrawn(
            operator=operator.user, subject_id=found.id, name=found.name, area=area.code, scopes=tuple(scopes)
        )
        audit.write(fact, actor=operator.actor)
        return programs.program_ref(found.id)


def renew(*, operator: Operator, client_id: str, days: int, public_key: bytes | None = None) -> Made:
    """Give a program another credential; the newest one of before is good for two weeks at most.

    :raises Invalid: when there is no such program, or it was revoked.
    """
    with transaction.atomic(), tenancy.no_scope():
        found = find(client_id)
        made = _credential(operator, found, days, public_key)
        fact = facts.ProgramRenewed(
            operator=operator.user,
            subject_id=found.id,
            name=found.name,
            credential="key" if public_key else "secret",
        )
        audit.write(fact, actor=operator.actor)
        return made


def revoke(*, operator: Operator, client_id: str) -> ProgramRef:
    """End a program now.

    :raises Invalid: when there is no such program, or it was revoked already.
    """
    with transaction.atomic(), tenancy.no_scope():
        found = find(client_id)
        if found.revoked_at is not None:
            raise Invalid("client_id", f"{found.name} was revoked already")
        programs.revoke(actor=operator.actor, program_id=found.id)
        fact = facts.ProgramRevoked(operator=operator.user, subject_id=found.id, name=found.name)
        audit.write(fact, actor=operator.actor)
        return found


def find(client_id: str) -> ProgramRef:
    """The program with a client id.

    :raises Invalid: when there is none.
    """
    try:
        wanted = UUID(client_id)
    except ValueError:
        wanted = None
    found = next((one for one in programs.programs() if one.id == wanted), None)
    if found is None:
        raise Invalid("client_id", f"there is no program {client_id}: `crinale program list` shows them all")
    return found


def _credential(operator: Operator, program: ProgramRef, days: int, public_key: bytes | None) -> Made:
    life = timedelta(days=days)
    if public_key is None:
        secret = programs.new_secret(actor=operator.actor, program_id=program.id, life=life)
        return Made(program=program, secret=secret)
    kid = programs.new_key(actor=operator.actor, program_id=program.id, public_key=public_key, life=life)
    return Made(program=program, kid=kid)
