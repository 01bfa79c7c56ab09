"""What was read in a mail, as its row keeps it and as it comes back from there."""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_noop

from crinale.spine.exchange.mail_ports import postman
from crinale.spine.exchange.mail_values import ReadMail
from crinale.spine.jobs.running import DATABASE_GONE

if TYPE_CHECKING:
    from crinale.spine.records.blobs import BlobRef

NOT_READ: Final = gettext_noop("This node could not read it: an internal error; its log says more.")
_ELSEWHERE: Final = ("text", "segnatura", "protocol_answer", "findings")
log = logging.getLogger(__name__)


def read_mail(blob: BlobRef) -> ReadMail:
    """Read a stored mail; one at which the reader fails is unreadable, and kept all the same."""
    try:
        return postman.get().read(blob)
    except DATABASE_GONE:
        raise
    except Exception:
        log.exception("The mail %s could not be read", blob.sha256)
        return ReadMail(
            kind="unreadable",
            message_id="",
            outer_message_id="",
            about="",
            references=(),
            subject="",
            sender_address="",
            sender_name="",
            recipients=(),
            copied=(),
            sent_at=None,
            text="",
            files=(),
            findings=(NOT_READ,),
        )


def described(read: ReadMail) -> dict[str, Any]:
    """Return what the column ``content`` of a mail holds."""
    plain: dict[str, Any] = _plain(
        {key: value for key, value in asdict(read).items() if key not in _ELSEWHERE}
    )
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, datetime) else value
