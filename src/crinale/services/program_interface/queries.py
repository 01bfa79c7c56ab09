"""The questions of the interface: what a program delivered, what it may fetch, what it subscribed to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crinale.kernel.errors import NotVisible
from crinale.services.program_interface.models import Delivery, Subscription, Upload
from crinale.spine.identity import permissions
from crinale.spine.identity.programs import SUBSCRIBE
from crinale.spine.protocol.queries.holding import registrations_holding
from crinale.spine.records import queries as records

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from crinale.spine.identity import Actor
    from crinale.spine.records.queries import DocumentRef

MOST_DELIVERIES = 100


@dataclass(frozen=True, kw_only=True)
class Found:
    """A page of things, and whether there are more after it."""

    rows: Sequence[Delivery]
    more: bool


def delivered_here(*, program_id: UUID, area_id: UUID, document_ids: Collection[UUID]) -> set[UUID]:
    """Return which of these documents the program delivered for the area."""
    return set(digests_delivered(program_id=program_id, area_id=area_id, document_ids=document_ids))


def digests_delivered(*, program_id: UUID, area_id: UUID, document_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return those of these documents that the program delivered for the area, with their SHA-256."""
    found = Upload.objects.filter(program=program_id, area=area_id, document__in=document_ids)
    return dict(found.values_list("document", "sha256"))


def document_by_digest(*, actor: Actor, program_id: UUID, area_id: UUID, sha256: str) -> DocumentRef:
    """Return a document that the program delivered, or that a registration holds which it may see.

    :raises NotVisible: when there is none.
    """
    permissions.require(actor, "records.read")
    own = Upload.objects.filter(program=program_id, area=area_id, sha256=sha256).order_by("-at").first()
    if own is not None:
        return records.document(actor=actor, document_id=own.document)
    for registration in registrations_holding(actor=actor, area_id=area_id, sha256=sha256):
        for document in registration.documents:
            if document.sha256 == sha256:
                return records.document(actor=actor, document_id=document.document_id)
    raise NotVisible


def subscriptions(*, actor: Actor, program_id: UUID, area_id: UUID) -> list[Subscription]:
    """Return the subscriptions of a program in an area, the oldest first."""
    permissions.require(actor, SUBSCRIBE, area_id=area_id)
    return list(Subscription.objects.filter(program=program_id, area=area_id).order_by("created_at", "id"))


def subscription(*, actor: Actor, program_id: UUID, area_id: UUID, subscription_id: UUID) -> Subscription:
    """Return a subscription of a program.

    :raises NotVisible: when it is another program's, or none.
    """
    permissions.require(actor, SUBSCRIBE, area_id=area_id)
    found = Subscription.objects.filter(program=program_id, area=area_id, id=subscription_id).first()
    if found is None:
        raise NotVisible
    return found


def deliveries(subscription: Subscription, *, before: UUID | None, limit: int) -> Found:
    """Return the deliveries of a subscription, the newest first."""
    found = Delivery.objects.filter(subscription=subscription).order_by("-id")
    if before is not None:
        found = found.filter(id__lt=before)
    rows = list(found[: limit + 1])
    return Found(rows=rows[:limit], more=len(rows) > limit)


def delivery(subscription: Subscription, *, delivery_id: UUID) -> Delivery:
    """Return a delivery of a subscription.

    :raises NotVisible: when it has none such.
    """
    found = Delivery.objects.filter(subscription=subscription, id=delivery_id).first()
    if found is None:
        raise NotVisible
    return found
