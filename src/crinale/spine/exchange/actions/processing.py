"""What the recipient does after accepting.

Check the files, decide receivability, register, or leave it to the clerk.

Allegato 6, section 3.1.1 C.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext_noop

from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.spine.exchange.actions import turns
from crinale.spine.exchange.actions.ledger import Ledger
from crinale.spine.exchange.actions.presented import ReadSegnatura, read_mailed_segnatura, read_segnatura
from crinale.spine.exchange.actions.readability import file_anomaly
from crinale.spine.exchange.identifiers import as_json
from crinale.spine.exchange.rules.anomalies import AnomalyCode, refusal
from crinale.spine.exchange.rules.receiving import Here, unreceivable
from crinale.spine.exchange.rules.states import Errand, Kind, State
from crinale.spine.identity import Actor
from crinale.spine.identity.permissions import require
from crinale.spine.protocol import actions as protocol
from crinale.spine.protocol.queries import EnclosureData, ReceivedSegnatura
from crinale.spine.records import actions as records
from crinale.spine.records import queries as records_queries
from crinale.spine.records.blobs import BlobRef
from crinale.spine.tenancy import queries as tenancy_queries
from crinale.spine.tenancy.statements import first, in_one_go

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.exchange.models import Message
    from crinale.spine.exchange.rules.anomalies import Anomaly
    from crinale.spine.protocol.queries import RegistrationView
    from crinale.spine.tenancy.queries import AreaRef

_SYSTEM = Actor.system("exchange")
_BY_CLERK = "by_clerk"
NOT_HERE = gettext_noop("Some of its documents did not come with it.")
_PARCEL = (
    "select segnatura, files::text, seal_certificate_sha256 from exchange_parcel"
    " where message_id = %s and body_id = crinale_body()"
)


class _Parcel(NamedTuple):
    """What came with a message (``exchange.models.Parcel``)."""

    segnatura: bytes
    files: list[dict[str, Any]]
    seal_certificate_sha256: str


def process_incoming(message: Message) -> Message | None:
    """Take an accepted message to its end, in its job: registered, refused, or waiting for the clerk."""
    parcel = _parcel(message.id)
    read = _read(message, parcel)
    area = _area(message)
    anomaly = _anomaly(message, read, parcel, Here(ipa_code=area.body_ipa, aoo_code=area.code))
    classification = _classification(read, area)
    with in_one_go():
        ledger = Ledger.open(message.id, actor=_SYSTEM)
        if ledger.owes is not Errand.PROCESS:
            return None
        if anomaly is not None:
            ledger.append(Kind.REFUSED, **refusal(anomaly))
        elif area.registers_incoming == _BY_CLERK or not classification:
            ledger.append(Kind.WAITING)
        elif any(one.carrier in ("online", "paper") for one in read.documents):
            ledger.append(Kind.WAITING, reason=NOT_HERE)
        else:
            _register_or_wait(ledger, read, parcel, classification)
        return ledger.close()


def _read(message: Message, parcel: _Parcel) -> ReadSegnatura:
    by_mail = message.channel != "aoo"
    return read_mailed_segnatura(parcel.segnatura) if by_mail else read_segnatura(parcel.segnatura)


def _anomaly(message: Message, read: ReadSegnatura, parcel: _Parcel, here: Here) -> Anomaly | None:
    """What keeps it out. Of a mail recipients and files were looked at when it came (``mail_arrivals``)."""
    if message.channel == "aoo":
        return unreceivable(read.presented, here) or file_anomaly(read, parcel.files)
    # before 3.0.0 a segnatura says nothing of signatures, and little of types that can be trusted
    return file_anomaly(read, parcel.files) if read.data.version == "3.0.0" else None


def _parcel(message_id: UUID) -> _Parcel:
    found = first(_PARCEL, [message_id])
    if found is None:
        raise NotVisible
    segnatura, files, certificate = found
    return _Parcel(bytes(segnatura), json.loads(files), certificate)


def _area(message: Message) -> AreaRef:
    area = tenancy_queries.area(message.area_id)
    if area is None:
        raise NotVisible
    return area


def _register_or_wait(ledger: Ledger, read: ReadSegnatura, parcel: _Parcel, classification: str) -> None:
    try:
        with transaction.atomic():
            _register(ledger, read, parcel, classification=classification, actor=_SYSTEM)
    except Invalid as objection:  # nothing that trying again would cure: a person decides
        ledger.append(Kind.WAITING, reason=str(objection))


def _classification(read: ReadSegnatura, area: AreaRef) -> str:
    """Our heading with the sender's code and title, if we have it, else the default of the area."""
    theirs = read.data.classification
    headings = records_queries.headings([theirs.code if theirs else "", area.default_classification])
    if theirs and headings.get(theirs.code, "").casefold() == theirs.title.casefold():
        return theirs.code
    return area.default_classification if area.default_classification in headings else ""


def _register(
    ledger: Ledger,
    read: ReadSegnatura,
    parcel: _Parcel,
    *,
    classification: str,
    actor: Actor,
    dossier_id: UUID | None = None,
) -> RegistrationView:
    """Give the message its number here, in the open transaction.

    Allegato 6 asks for number and storage at the same time.
    """
    message, data = ledger.message, read.data
    documents = [
        EnclosureData(
            document_id=records.record_document(
                actor=actor,
                blob=BlobRef(sha256=file["sha256"], size=file["size"], media_type=file["media_type"]),
                file_name=file["name"],
            ).id,
            description=file["description"],
        )
        for file in parcel.files
    ]
    view = protocol.register_incoming(
        actor=actor,
        area_id=message.area_id,
        subject=data.subject or message.subject,
        classification=classification,
        sender=data.sender,
        recipients=data.recipients,
        documents=documents,
        channel=message.channel,
        received_identifier=data.identifier,
        received_segnatura=ReceivedSegnatura(xml=read.xml, certificate_sha256=parcel.seal_certificate_sha256),
        arrived_at=message.accepted_at,
        dossier_id=dossier_id,
        confidential=data.confidential,
    )
    message.registration_id = view.id
    message.recipient_identifier = as_json(view.identifier)
    ledger.append(Kind.REGISTERED, identifier=as_json(view.identifier), registration=str(view.id))
    return view


def register_waiting(
    *, actor: Actor, message_id: UUID, classification: str, dossier_id: UUID | None = None
) -> RegistrationView:
    """The clerk registers a message that waits for a decision, under a heading of this body's filing plan.

    :raises NotVisible: when there is no such message for this actor.
    :raises Conflict: when it does not wait any more.
    :raises Invalid: when the heading does not exist.
    """
    with transaction.atomic():
        ledger = _waiting(actor, message_id)
        parcel = _parcel(message_id)
        view = _register(
            ledger,
            _read(ledger.message, parcel),
            parcel,
            classification=classification,
            actor=actor,
            dossier_id=dossier_id,
        )
        turns.wake(ledger.close())
    return view


def refuse_waiting(*, actor: Actor, message_id: UUID, reason: str) -> None:
    """The clerk refuses a message that waits for a decision: anomaly 000 with the reason goes to the sender.

    :raises NotVisible: when there is no such message for this actor.
    :raises Conflict: when it does not wait any more.
    :raises Invalid: when the reason is missing.
    """
    if not reason.strip():
        raise Invalid("reason", "tell the sender why the message is refused")
    with transaction.atomic():
        ledger = _waiting(actor, message_id)
        ledger.append(Kind.REFUSED, anomaly=AnomalyCode.UNRECEIVABLE, info=reason.strip()[:1000])
        turns.wake(ledger.close())


def _waiting(actor: Actor, message_id: UUID) -> Ledger:
    ledger = Ledger.open(message_id, actor=actor)
    require(actor, "protocol.register_incoming", area_id=ledger.message.area_id)
    if ledger.standing.state is not State.TO_REGISTER:
        raise Conflict
    return ledger
