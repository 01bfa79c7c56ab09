"""What is printed of a registration: its label (DPR 445/2000 art. 55) and the receipt of who presented it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crinale.kernel.errors import Invalid, NotVisible
from crinale.spine.protocol.queries.registration import registration_views
from crinale.spine.protocol.rules.labels import payload
from crinale.spine.protocol.views import LabelView, ReceiptView

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.views import RegistrationView


def label(*, actor: Actor, registration_id: UUID) -> LabelView:
    """Return what the label of a registration says.

    :raises NotVisible: when the registration is not visible to the actor.
    """
    return _label(_visible(actor, [registration_id])[0])


def labels(*, actor: Actor, registration_ids: Sequence[UUID]) -> list[LabelView]:
    """Return what the labels of some registrations say, in the order asked.

    :raises NotVisible: when one of them is not visible to the actor.
    """
    return [_label(one) for one in _visible(actor, registration_ids)]


def receipt(*, actor: Actor, registration_id: UUID, term: date | None = None) -> ReceiptView:
    """Return what the receipt of a presented document says; ``term`` is when the answer is due, if known.

    :raises NotVisible: when the registration is not visible to the actor.
    :raises Invalid: when it did not come in.
    """
    [view] = _visible(actor, [registration_id])
    if view.direction != "incoming":
        raise Invalid("registration_id", "a receipt is for what came in: choose an incoming registration")
    return ReceiptView(
        body_name=view.body_name,
        aoo_code=view.identifier.aoo_code,
        aoo_name=view.area_name,
        register_code=view.identifier.register_code,
        number_text=view.number_text,
        registered_at=view.registered_at,
        presented_at=view.arrived_at or view.registered_at,
        senders=tuple(one.name for one in view.senders),
        subject=view.subject,
        office_name=view.in_charge.office_name if view.in_charge else "",
        term=term,
        documents=view.documents,
        annulled=view.annulment is not None,
        payload=payload(view.identifier, sha256=view.documents[0].sha256),
    )


def _visible(actor: Actor, registration_ids: Sequence[UUID]) -> list[RegistrationView]:
    found = registration_views(actor=actor, registration_ids=registration_ids)
    if len(found) != len(set(registration_ids)) or not found:
        raise NotVisible
    return found


def _label(view: RegistrationView) -> LabelView:
    return LabelView(
        body_name=view.body_name,
        aoo_code=view.identifier.aoo_code,
        register_code=view.identifier.register_code,
        number_text=view.number_text,
        registered_at=view.registered_at,
        direction=view.direction,
        classification=view.first_classification.code,
        annulled=view.annulment is not None,
        payload=payload(view.identifier, sha256=view.documents[0].sha256),
    )
