"""Which registration a number or an identifier is, for who looks through the logs: numbers, never contents.

Numbers follow each other without gaps, so that one exists tells nothing; what it is about is shown only
through :func:`crinale.spine.protocol.queries.registration_views`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crinale.kernel.errors import NotVisible
from crinale.kernel.numbers import format_number
from crinale.spine.identity import permissions
from crinale.spine.protocol.models import Enclosure, Registration, State
from crinale.spine.protocol.models.registers import RegisterKind

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from crinale.spine.identity import Actor


@dataclass(frozen=True, kw_only=True)
class AuditedRegistration:
    """A registration by its number, and the documents that reading it may have opened."""

    id: UUID
    number_text: str
    document_ids: tuple[UUID, ...]


def audited_registration(*, actor: Actor, area_id: UUID, year: int, number: int) -> AuditedRegistration:
    """Return the registration of an area's ordinary register with a number.

    :raises NotVisible: when there is none, or without ``audit.view``.
    """
    permissions.require(actor, "audit.view")
    found = (
        Registration.objects.filter(
            register__area_id=area_id, register__kind=RegisterKind.ORDINARY, year=year, number=number
        )
        .exclude(state=State.BEING_SEALED)
        .first()
    )
    if found is None:
        raise NotVisible
    documents = Enclosure.objects.filter(registration=found).values_list("document_id", flat=True)
    return AuditedRegistration(
        id=found.id, number_text=_text(found.number, found.year), document_ids=tuple(documents)
    )


def audited_numbers(*, actor: Actor, ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the numbers of those of some identifiers that are registrations, or documents of one.

    Two questions.

    :raises NotVisible: without ``audit.view``.
    """
    permissions.require(actor, "audit.view")
    numbers = {
        one: _text(number, year)
        for one, number, year in Registration.objects.filter(id__in=ids)
        .exclude(state=State.BEING_SEALED)
        .values_list("id", "number", "year")
    }
    enclosed = Enclosure.objects.filter(document_id__in=ids).exclude(registration__state=State.BEING_SEALED)
    for document, number, year in enclosed.order_by("registration_id").values_list(
        "document_id", "registration__number", "registration__year"
    ):
        numbers.setdefault(document, _text(number, year))
    return numbers


def _text(number: int, year: int) -> str:
    return f"{format_number(number)}/{year}"
