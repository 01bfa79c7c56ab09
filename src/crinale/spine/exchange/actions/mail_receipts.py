"""The receipts of certified mail go to the message that they are about (DM 2 November 2005).

They are believed only when the node trusts the provider that signed them. One that comes before this side
knows of its own sending ties all the same: its message is there since it was composed, under the Message-ID
of its mail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_noop

from crinale.spine.exchange.actions import incidents, turns
from crinale.spine.exchange.actions.ledger import Ledger
from crinale.spine.exchange.actions.mail_evidence import received_mail
from crinale.spine.exchange.models import Mail, Message
from crinale.spine.exchange.rules.mail import DOCUMENT, RECEIPTS, MailState, message_of, proven
from crinale.spine.exchange.rules.states import Kind
from crinale.spine.identity import Actor

if TYPE_CHECKING:
    from crinale.spine.exchange.mail_values import CertificationData, ReadMail

UNKNOWN: Final = gettext_noop("No message that was sent from here is known under the name that it gives.")
NOT_PROVEN: Final = gettext_noop(
    "The signature of the provider is missing, broken, or of an authority that this node does not trust."
)
_SYSTEM = Actor.system("pec")
_AWAITED: Final[dict[Kind, list[incidents.IncidentKind]]] = {
    Kind.TAKEN: ["acceptance_overdue"],
    Kind.DELIVERED: ["acceptance_overdue", "delivery_overdue", "not_delivered", "retries_exhausted"],
}


def take_receipt(mail: Mail, read: ReadMail) -> None:
    """Append a receipt to its message, or leave it unmatched with the reason."""
    message = message_about(mail.about)
    mail.state = MailState.UNMATCHED
    if not proven(read):
        mail.reason = NOT_PROVEN
    elif message is None:
        mail.reason = UNKNOWN
    else:
        _append(mail, read, message)
        mail.state, mail.tied_to = MailState.TIED, message


def message_about(mail_message_id: str) -> Message | None:
    """Return the message of the open scope that a Message-ID of ours belongs to."""
    if not mail_message_id:
        return None
    known = Message.objects.filter(direction="out", mail_message_id=mail_message_id).first()
    if known is not None:
        return known
    named = message_of(mail_message_id)
    return Message.objects.filter(id=named[0]).exclude(channel="aoo").first() if named else None


def unmatched_mails() -> list[Mail]:
    """Return the unmatched receipts and answers whose message has appeared."""
    known = Message.objects.filter(direction="out").exclude(mail_message_id="").values("mail_message_id")
    unmatched = Mail.objects.filter(state=MailState.UNMATCHED, reason=UNKNOWN, about__in=known)
    return list(unmatched.order_by("id")[:200])


def _append(mail: Mail, read: ReadMail, message: Message) -> None:
    data = read.certification
    kind = RECEIPTS[read.kind]
    named = message_of(mail.about)
    ledger = Ledger.open(message.id, actor=_SYSTEM)
    wire = received_mail(mail, message.id, operation=read.kind[:20])
    ledger.keep(wire)
    about_document = message.direction == "out" and (named is None or named[1] == DOCUMENT)
    ledger.append(kind, wire=wire, **_told(data, mail))
    if about_document and kind is Kind.TAKEN and _ordinary(data, message.address):
        ledger.append(Kind.DISPATCHED)
    closed = ledger.close()
    incidents.settle(closed, kinds=_AWAITED.get(kind, []))
    if kind in (Kind.NOT_TAKEN, Kind.NOT_DELIVERED) and (closed.stuck or not about_document):
        incidents.open_incident(closed, kind="not_delivered", blocking=about_document)
    turns.wake(closed)


def _told(data: CertificationData | None, mail: Mail) -> dict[str, Any]:
    if data is None:
        return {"mail": str(mail.id)}
    told = {
        "mail": str(mail.id),
        "provider": data.provider,
        "identifier_of_mail": data.identifier,
        "at": data.at.isoformat() if data.at else "",
        "delivered_to": data.delivered_to,
        "code": "" if data.error == "none" else data.error,
        "reason": data.error_text,
    }
    return {key: value for key, value in told.items() if value}


def _ordinary(data: CertificationData | None, address: str) -> bool:
    """Whether the provider says that the recipient has no certified mailbox."""
    return data is not None and any(
        who.lower() == address and not certified for who, certified in data.recipients
    )
