"""Disservices of the other side and how they are followed (Allegato 6, section 3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from django.db import transaction

from crinale.kernel import clock
from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.kernel.ids import new_id
from crinale.spine import audit
from crinale.spine.exchange import facts
from crinale.spine.exchange.models import Incident, IndexedArea, Message
from crinale.spine.exchange.rules.states import State
from crinale.spine.identity import Actor
from crinale.spine.identity.permissions import require

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

IncidentKind = Literal[
    "retries_exhausted", "confirmation_overdue", "acceptance_overdue", "delivery_overdue", "not_delivered"
]
RETRIES_EXHAUSTED: Final = "retries_exhausted"
CONFIRMATION_OVERDUE: Final = "confirmation_overdue"
# what is overdue while a mail stands here; anything later waits for the recipient's confirmation
_OVERDUE: Final[dict[str, IncidentKind]] = {
    State.HANDED_OVER: "acceptance_overdue",
    State.TAKEN: "delivery_overdue",
}
_SYSTEM = Actor.system("exchange")


def open_incident(message: Message, *, kind: IncidentKind, blocking: bool) -> None:
    """Record a disservice with the contacts of the other area from the index; once per message and kind."""
    incident = Incident(
        id=new_id(),
        message_id=message.id,
        area_id=message.area_id,
        kind=kind,
        blocking=blocking,
        opened_at=clock.now(),
        contact=_contact(message),
    )
    if Incident.objects.filter(message_id=message.id, kind=kind, closed_at=None).exists():
        return
    incident.save(force_insert=True)
    Message.objects.filter(id=message.id).update(escalated=True)
    audit.write(
        facts.IncidentOpened(
            subject_id=incident.id, message=message.id, incident_kind=kind, blocking=blocking
        ),
        actor=_SYSTEM,
    )


def _contact(message: Message) -> dict[str, Any]:
    row = IndexedArea.objects.filter(aoo_code=message.counterpart_aoo).first()
    if row is None:
        known = {"body": message.counterpart_name, "emails": [message.address]}
        return known if message.address else {}
    return {
        "body": row.body_name,
        "area": row.aoo_name,
        "responsible": row.responsible,
        "emails": row.emails,
        "phone": row.phone,
        "as_of": row.as_of.isoformat(),
    }


def settle(message: Message, *, kinds: Collection[IncidentKind]) -> None:
    """Close by itself what the awaited answer has ended."""
    if not message.escalated:
        return
    for incident in Incident.objects.filter(message_id=message.id, kind__in=kinds, closed_at=None):
        _close(incident, actor=_SYSTEM, note="The awaited answer arrived.")


def _close(incident: Incident, *, actor: Actor, note: str) -> None:
    # Not by `save`, which asks how many rows changed: this also ends what an exchange writes in one go.
    Incident.objects.filter(id=incident.id).update(
        closed_at=clock.now(), closed_by=actor.person_id, closing_note=note
    )
    audit.write(facts.IncidentClosed(subject_id=incident.id, note=note), actor=actor)


def _to_handle(actor: Actor, incident_id: UUID) -> Incident:
    incident = Incident.objects.select_for_update().filter(id=incident_id).first()
    if incident is None:
        raise NotVisible
    require(actor, "exchange.handle_incident", area_id=incident.area_id)
    if incident.closed_at is not None:
        raise Conflict
    return incident


def record_workaround(
    *, actor: Actor, incident_id: UUID, workaround: str, restore_expected_at: datetime | None
) -> None:
    """Write down the workaround that the other area gave and when it expects to be back (3.3 C).

    :raises Invalid: when there is no workaround to write down.
    :raises Conflict: when the incident is closed.
    """
    if not workaround.strip():
        raise Invalid("workaround", "write what the other area proposed")
    with transaction.atomic():
        incident = _to_handle(actor, incident_id)
        incident.workaround = workaround.strip()
        incident.restore_expected_at = restore_expected_at
        incident.save(update_fields=["workaround", "restore_expected_at"])
        audit.write(
            facts.IncidentUpdated(
                subject_id=incident.id,
                workaround=incident.workaround,
                restore_expected_at=restore_expected_at,
            ),
            actor=actor,
        )


def close_incident(*, actor: Actor, incident_id: UUID, note: str) -> None:
    """Close an incident by hand, saying how it ended.

    :raises Invalid: when the note is empty.
    :raises Conflict: when it is already closed.
    """
    if not note.strip():
        raise Invalid("note", "say how the incident ended")
    with transaction.atomic():
        _close(_to_handle(actor, incident_id), actor=actor, note=note.strip()[:2000])


def raise_overdue_incidents() -> int:
    """Open a non-blocking incident for each answer that is overdue; return how many.

    A requested confirmation after three days, a receipt of certified mail after one.

    Works on the body of the open scope; a tick calls it.
    """
    overdue = Message.objects.filter(confirmation_due_at__lte=clock.now()).order_by("confirmation_due_at")
    opened = 0
    for message_id in list(overdue.values_list("id", flat=True)[:500]):
        with transaction.atomic():
            message = (
                Message.objects.select_for_update(of=("self",), skip_locked=True)
                .filter(id=message_id, confirmation_due_at__lte=clock.now())
                .first()
            )
            if message is None:
                continue
            message.confirmation_due_at = None
            message.save(update_fields=["confirmation_due_at"])
            open_incident(message, kind=_OVERDUE.get(message.state, CONFIRMATION_OVERDUE), blocking=False)
            opened += 1
    return opened
