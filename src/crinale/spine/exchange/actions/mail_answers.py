"""Conferma.xml, Aggiornamento.xml, Eccezione.xml and Annullamento.xml that come by mail (Circolare 60/2013).

Anybody can write such a file, so it counts only from the address that the message went to or came from, or
from one that the index has for that administration; by certified mail where the message was certified.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db.models import Q
from django.utils.translation import gettext_noop

from crinale.spine.exchange.actions import incidents, turns
from crinale.spine.exchange.actions.ledger import Ledger
from crinale.spine.exchange.actions.mail_evidence import received_mail
from crinale.spine.exchange.actions.mail_receipts import NOT_PROVEN, UNKNOWN, message_about
from crinale.spine.exchange.identifiers import as_json, from_json
from crinale.spine.exchange.models import IndexedArea, Message
from crinale.spine.exchange.rules.mail import MailState, proven
from crinale.spine.exchange.rules.states import Annulment, Kind, State
from crinale.spine.identity import Actor
from crinale.spine.protocol.rules.legacy_segnatura import parse_return_message
from crinale.spine.protocol.rules.segnatura import InvalidSegnatura
from crinale.spine.protocol.rules.segnatura_data import AnnulmentMessage, ConfirmationMessage

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from crinale.spine.exchange.mail_values import ReadMail
    from crinale.spine.exchange.models import Mail, WireMessage
    from crinale.spine.protocol.rules.identifier import Identifier
    from crinale.spine.protocol.rules.segnatura_data import ExceptionMessage, ReturnMessage

OTHER_SENDER: Final = gettext_noop("It comes from another address than those known for the other side.")
CONTRADICTS: Final = gettext_noop("It does not agree with what is known of the message that it answers.")
NOT_READABLE: Final = gettext_noop("Its protocol file cannot be read.")


def take_answer(mail: Mail, read: ReadMail) -> None:
    """Append what an answer says to its message, or leave it unmatched with the reason."""
    mail.state = MailState.UNMATCHED
    try:
        answer = parse_return_message(read.protocol_answer[1] if read.protocol_answer else b"")
    except InvalidSegnatura:
        mail.reason = NOT_READABLE
        return
    message = _message(mail, answer)
    if message is None:
        mail.reason = UNKNOWN if message_about(mail.about) is None else CONTRADICTS
    elif message.channel == "pec" and not (read.kind == "certified" and proven(read)):
        mail.reason = NOT_PROVEN
    elif not _from_the_other_side(mail.sender_address, message):
        mail.reason = OTHER_SENDER
    else:
        _take(mail, answer, message)


def _message(mail: Mail, answer: ReturnMessage) -> Message | None:
    if isinstance(answer, AnnulmentMessage):
        return _annulled(mail, answer.identifier)
    number = answer.received.identifier
    about = message_about(mail.about)
    if about is not None and about.direction == "out":
        ours = from_json(about.sender_identifier)
        return about if number is None or _same(number, ours) else None
    if number is None:
        return None
    sent = _mailed().filter(
        direction="out",
        sender_identifier__number=number.number,
        sender_identifier__date=number.date.isoformat(),
    )
    return _first(sent, mail, number, "sender_identifier")


def _annulled(mail: Mail, number: Identifier) -> Message | None:
    """The message that carried what they annulled: theirs to us, or ours that they had registered."""
    received = _mailed().filter(
        direction="in", registration__isnull=False, sender_identifier__number=number.number
    )
    sent = _mailed().filter(
        direction="out", state=State.REGISTERED, recipient_identifier__number=number.number
    )
    return _first(received, mail, number, "sender_identifier") or _first(
        sent, mail, number, "recipient_identifier"
    )


def _mailed() -> QuerySet[Message, Message]:
    return Message.objects.exclude(channel="aoo")


def _first(found: QuerySet[Message, Message], mail: Mail, number: Identifier, column: str) -> Message | None:
    """The message with this number, one of the same address before others."""
    same = [one for one in found.order_by("id")[:50] if _same(number, from_json(getattr(one, column)))]
    return min(same, key=lambda one: one.address != mail.sender_address, default=None)


def _same(said: Identifier, known: Identifier) -> bool:
    """Whether two identifiers are the same; the edition of 2001/2009 names no register."""
    if said.register_code and known.register_code:
        return said.key == known.key
    one, other = (
        (each.ipa_code.lower(), each.aoo_code.lower(), each.number, each.date) for each in (said, known)
    )
    return one == other


def _from_the_other_side(sender: str, message: Message) -> bool:
    if sender and sender == message.address:
        return True
    if not sender or not (message.counterpart_ipa or message.counterpart_aoo):
        return False
    return sender in indexed_addresses(message.counterpart_ipa, message.counterpart_aoo)


def indexed_addresses(ipa_code: str, aoo_code: str) -> set[str]:
    """Return the addresses that the index has for an area, or for the areas of a body if it is not known."""
    known = IndexedArea.objects.filter(active=True)
    rows = known.filter(
        Q(aoo_code__iexact=aoo_code) | Q(former_aoo_code__iexact=aoo_code, ipa_code__iexact=ipa_code)
    )
    if ipa_code and not rows.exists():
        rows = known.filter(ipa_code__iexact=ipa_code)
    return {one.lower() for row in rows for one in row.emails}


def _take(mail: Mail, answer: ReturnMessage, message: Message) -> None:
    ledger = Ledger.open(message.id, actor=Actor.peer(message.counterpart_aoo or message.address))
    wire = received_mail(mail, message.id, operation="answer")
    if isinstance(answer, AnnulmentMessage):
        _take_annulment(ledger, wire, answer)
    elif _contradicts(ledger, answer):
        mail.reason = CONTRADICTS
        return
    else:
        _take_outcome(ledger, wire, answer)
    ledger.keep(wire)
    closed = ledger.close()
    incidents.settle(
        closed,
        kinds=[
            "retries_exhausted",
            "confirmation_overdue",
            "acceptance_overdue",
            "delivery_overdue",
            "not_delivered",
        ],
    )
    turns.wake(closed)
    mail.state, mail.tied_to = MailState.TIED, closed


def _take_annulment(ledger: Ledger, wire: WireMessage, answer: AnnulmentMessage) -> None:
    if ledger.standing.annulment is Annulment.THERE:
        ledger.append(Kind.REPEATED, wire=wire)
    else:
        ledger.append(Kind.ANNULLED_THERE, wire=wire, act=answer.act, reason=answer.reason)


def _contradicts(ledger: Ledger, answer: ConfirmationMessage | ExceptionMessage) -> bool:
    """Whether the outcome is known already and was another one; an update may change the number."""
    if ledger.standing.state not in (State.REGISTERED, State.REFUSED) or ledger.standing.at_door:
        return False
    if not isinstance(answer, ConfirmationMessage):
        return ledger.standing.state is not State.REFUSED
    if answer.update:
        return False
    known = ledger.message.recipient_identifier
    return known is None or not _same(answer.identifier, from_json(known))


def _take_outcome(ledger: Ledger, wire: WireMessage, answer: ConfirmationMessage | ExceptionMessage) -> None:
    settled = ledger.standing.state in (State.REGISTERED, State.REFUSED) and not ledger.standing.at_door
    if isinstance(answer, ConfirmationMessage):
        number = as_json(answer.identifier)
        if settled:
            kind = Kind.UPDATED if answer.update else Kind.REPEATED
            ledger.append(kind, wire=wire, identifier=number)
            return
        ledger.message.recipient_identifier = number
        ledger.append(Kind.REGISTERED, wire=wire, identifier=number)
    elif settled:
        ledger.append(Kind.REPEATED, wire=wire)
    else:
        ledger.append(Kind.REFUSED, wire=wire, anomaly="", info=answer.reason[:1000])
