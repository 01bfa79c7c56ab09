"""A mail as the proof of a receipt: its bytes stay in the blob store, the row carries their SHA-256."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from crinale.kernel import clock
from crinale.kernel.ids import new_id
from crinale.spine.exchange.models import WireMessage

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.exchange.actions.evidence import Origin
    from crinale.spine.exchange.models import Mail

MAIL_TYPE: Final = "message/rfc822"


def mail_row(*, message_id: UUID, operation: str, origin: Origin, sha256: str, size: int) -> WireMessage:
    """Describe a mail that proves something about a message; whoever asks for it writes it."""
    return WireMessage(
        message_id=message_id,
        call=new_id(),
        part="request",
        origin=origin,
        operation=operation,
        at=clock.now(),
        content_type=MAIL_TYPE,
        sha256=sha256,
        size=size,
        content=None,
    )


def received_mail(mail: Mail, message_id: UUID, operation: str = "mail") -> WireMessage:
    """Describe a received mail as evidence of a message."""
    return mail_row(
        message_id=message_id,
        operation=operation,
        origin="received",
        sha256=mail.blob_sha256,
        size=mail.size,
    )
