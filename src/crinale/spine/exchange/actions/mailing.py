"""Send by mail: the document with its segnatura, our confirmation or refusal, our annulment.

Each mail has a Message-ID that follows from its message, so one that is sent again after a crash is the same
mail to its receipts. What was handed to the server is kept as it left (DPR 68/2005; Circolare 60/2013).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from django.db import transaction

from crinale.kernel.errors import Invalid, NotVisible
from crinale.spine.exchange.actions import incidents
from crinale.spine.exchange.actions.ledger import Ledger
from crinale.spine.exchange.actions.mail_evidence import mail_row
from crinale.spine.exchange.actions.mailboxes import sending_box, settings_of
from crinale.spine.exchange.actions.outgoing import content_of
from crinale.spine.exchange.identifiers import from_json
from crinale.spine.exchange.mail_ports import postman
from crinale.spine.exchange.mail_values import MailDraft, MailFailure, OutgoingMailFile
from crinale.spine.exchange.models import Receipt
from crinale.spine.exchange.rules.mail import DOCUMENT, Edition, message_id_for
from crinale.spine.exchange.rules.states import Kind, State
from crinale.spine.identity import Actor
from crinale.spine.protocol.rules.legacy_segnatura import parse_any_segnatura
from crinale.spine.protocol.rules.legacy_writing import (
    SEGNATURA_FILE,
    Correspondence,
    answer_file,
    write_segnatura,
)
from crinale.spine.protocol.rules.segnatura_data import (
    AnnulmentMessage,
    ConfirmationMessage,
    ExceptionMessage,
    ReceivedMessage,
)
from crinale.spine.tenancy.queries import area as area_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crinale.spine.exchange.models import Mailbox, Message, WireMessage
    from crinale.spine.protocol.rules.legacy_writing import AnswerEdition, OldEdition
    from crinale.spine.protocol.rules.segnatura_data import ReturnMessage
    from crinale.spine.records.blobs import BlobRef

_SYSTEM = Actor.system("exchange")
_OLD: Final[dict[str, AnswerEdition]] = {
    Edition.CIRCOLARE_2013: "60/2013",
    Edition.CIRCOLARE_2001: "2001/2009",
    Edition.APPENDIX_C: "appendix_c",
}


def attempt_mail(message: Message) -> Message | None:
    """Make one attempt at sending the document by mail; in the job of the message."""
    return _attempt(message, DOCUMENT, _document, _handed_over)


def attempt_answer(message: Message) -> Message | None:
    """Make one attempt at telling the sender our number or our refusal; in the job of the message."""
    return _attempt(message, "answer", _answer, lambda ledger, wire: ledger.append(Kind.NOTIFIED, wire=wire))


def attempt_annulment(message: Message) -> Message | None:
    """Make one attempt at telling the other side of an annulment; in the job of the message."""
    return _attempt(
        message,
        "annulment",
        _annulment,
        lambda ledger, wire: ledger.append(Kind.ANNULMENT_NOTIFIED, wire=wire),
    )


def _attempt(
    message: Message,
    what: str,
    draft: Callable[[Message, Mailbox], MailDraft],
    done: Callable[[Ledger, WireMessage], None],
) -> Message | None:
    try:
        box = _box(message)
        ready = draft(message, box)
        sent = postman.get().send(settings_of(box), ready)
    except MailFailure as failure:
        _record_failure(message, failure)
        return None
    except Invalid as invalid:
        _record_failure(message, MailFailure("content", str(invalid), permanent=True))
        return None
    return _record_sent(message, what, sent, box, done)


def _box(message: Message) -> Mailbox:
    box = sending_box(message.area_id)
    if box is None:
        raise MailFailure("mailbox", "This area has no mailbox to send with.", permanent=True)
    return box


def _record_failure(message: Message, failure: MailFailure) -> None:
    with transaction.atomic():
        ledger = Ledger.open(message.id, actor=_SYSTEM)
        exhausted = ledger.fail(wire=None, code=failure.code, reason=failure.text, final=failure.permanent)
        closed = ledger.close()
        if exhausted:
            incidents.open_incident(closed, kind=incidents.RETRIES_EXHAUSTED, blocking=True)


def _record_sent(
    message: Message, what: str, sent: BlobRef, box: Mailbox, done: Callable[[Ledger, WireMessage], None]
) -> Message:
    with transaction.atomic():
        ledger = Ledger.open(message.id, actor=_SYSTEM)
        wire = mail_row(
            message_id=message.id, operation=what, origin="sent", sha256=sent.sha256, size=sent.size
        )
        ledger.keep(wire)
        done(ledger, wire)
        if what == DOCUMENT and not box.certified:
            ledger.append(Kind.DISPATCHED)
        closed = ledger.close()
        incidents.settle(closed, kinds=[incidents.RETRIES_EXHAUSTED])
    return closed


def _handed_over(ledger: Ledger, wire: WireMessage) -> None:
    ledger.append(Kind.HANDED_OVER, wire=wire)


def _document(message: Message, box: Mailbox) -> MailDraft:
    xml, files = content_of(message)
    number = from_json(message.sender_identifier)
    return MailDraft(
        message_id=message.mail_message_id,
        sender_name=_our_name(message),
        recipient=message.address,
        subject=f"Prot. {number.number_text} del {number.date:%d/%m/%Y} - {message.subject}"[:250],
        text=_words(
            f"Si trasmette il documento registrato al protocollo con il numero {number.number_text}"
            f" del {number.date:%d/%m/%Y}.",
            f"Oggetto: {message.subject}",
        ),
        protocol_file=_segnatura(message, box, xml),
        files=[
            OutgoingMailFile(
                name=one["name"], media_type=one["media_type"], sha256=one["sha256"], size=one["size"]
            )
            for one in json.loads(files)
        ],
    )


def _segnatura(message: Message, box: Mailbox, xml: bytes) -> tuple[str, bytes] | None:
    """The segnatura in the edition of the message; in appendix C it is the sealed one itself."""
    if message.writes in ("", Edition.NONE):
        return None
    if message.writes == Edition.APPENDIX_C:
        return SEGNATURA_FILE, xml
    data = parse_any_segnatura(xml)
    addresses = Correspondence(sender=box.address, recipient=message.address)
    edition: OldEdition = "60/2013" if message.writes == Edition.CIRCOLARE_2013 else "2001/2009"
    return SEGNATURA_FILE, write_segnatura(data, edition=edition, addresses=addresses)


def _answer(message: Message, box: Mailbox) -> MailDraft:
    theirs = from_json(message.sender_identifier)
    received = ReceivedMessage(theirs)
    if message.state == State.REFUSED:
        reason = _refusal(message)
        answer: ReturnMessage = ExceptionMessage(None, received, reason)
        said = f"Il messaggio non è stato accettato: {reason}"
    else:
        number = from_json(message.recipient_identifier or {})
        answer = ConfirmationMessage(number, received)
        said = (
            f"Il messaggio è stato registrato al protocollo con il numero {number.number_text}"
            f" del {number.date:%d/%m/%Y}."
        )
    return _reply(message, box, "answer", answer, [said, f"Oggetto: {message.subject}"])


def _annulment(message: Message, box: Mailbox) -> MailDraft:
    told = (
        Receipt.objects.filter(message_id=message.id, kind=Kind.ANNULLED)
        .order_by("-seq")
        .values_list("data", flat=True)[0]
    )
    ours = message.sender_identifier if message.direction == "out" else message.recipient_identifier
    number = from_json(ours or {})
    answer = AnnulmentMessage(number, told["reason"], told["act"])
    said = f"La registrazione {number.number_text} del {number.date:%d/%m/%Y} è stata annullata."
    return _reply(message, box, "annulment", answer, [said, f"Provvedimento: {told['act']}"])


def _reply(
    message: Message, box: Mailbox, what: str, answer: ReturnMessage, words: Sequence[str]
) -> MailDraft:
    name, xml = answer_file(answer, edition=_OLD.get(message.writes, "60/2013"))
    return MailDraft(
        message_id=message_id_for(message.id, what, box.address),
        sender_name=_our_name(message),
        recipient=message.address,
        subject=f"{name.removesuffix('.xml')}: {message.subject}"[:250],
        text=_words(*words),
        protocol_file=(name, xml),
        in_reply_to=message.mail_message_id,
        receipt_form="short",
    )


def _refusal(message: Message) -> str:
    data = (
        Receipt.objects.filter(message_id=message.id, kind__in=(Kind.REFUSED, Kind.REFUSED_AT_DOOR))
        .order_by("-seq")
        .values_list("data", flat=True)[0]
    )
    return str(data.get("info") or "irricevibile")


def _our_name(message: Message) -> str:
    area = area_of(message.area_id)
    if area is None:
        raise NotVisible
    return f"{area.body_name} - {area.name}"


def _words(*lines: str) -> str:
    return "\n".join([*lines, "", "Messaggio generato automaticamente dal sistema di protocollo.", ""])
