"""What is printed of a registration: its label for the paper, the receipt for who presented it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import get_language

from crinale.kernel.errors import NotVisible
from crinale.services.protocol_office.queries.reading import registration
from crinale.spine.protocol import queries as protocol

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.identity import Actor
    from crinale.spine.tenancy.queries import AreaRef


def label_file(
    *, actor: Actor, area: AreaRef, registration_id: UUID, position: int | None
) -> tuple[str, bytes]:
    """Return name and bytes of the label: for a roll, or at a position of a sheet of A4.

    :raises NotVisible: when there is no such registration in this area for the actor.
    """
    one = registration(actor=actor, area=area, registration_id=registration_id)
    said = [protocol.label(actor=actor, registration_id=registration_id)]
    made = protocol.roll_pdf(said) if position is None else protocol.sheet_pdf(said, position=position)
    return f"etichetta-{one.year}-{one.number_text}.pdf", made


def receipt_file(*, actor: Actor, area: AreaRef, registration_id: UUID) -> tuple[str, bytes]:
    """Return name and bytes of the receipt, in the language of the page.

    :raises NotVisible: when there is no such registration, or it did not come in.
    """
    one = registration(actor=actor, area=area, registration_id=registration_id)
    if one.direction != "incoming":
        raise NotVisible
    told = protocol.receipt(actor=actor, registration_id=registration_id)
    made = protocol.receipt_pdf(told, language="en" if get_language() == "en" else "it")
    return f"ricevuta-{one.year}-{one.number_text}.pdf", made
