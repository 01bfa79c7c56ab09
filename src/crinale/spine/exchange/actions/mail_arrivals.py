"""A mail with a segnatura becomes a received message, as if it had come by the exchange of Allegato 6.

Its files must be those that the segnatura names. It is registered by itself only when it is known to be the
sender's: a sealed segnatura of his area, or certified mail from an address that the index has for him.
Otherwise, or when something in it does not agree, a clerk decides (Circolare 60/2013; Allegato 6,
appendix C).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_noop

from crinale.kernel import clock
from crinale.kernel.digests import sha256
from crinale.kernel.errors import Invalid
from crinale.kernel.ids import new_id
from crinale.spine.exchange.actions import rows, turns
from crinale.spine.exchange.actions.digesting import check_digests
from crinale.spine.exchange.actions.ledger import Ledger
from crinale.spine.exchange.actions.mail_answers import indexed_addresses
from crinale.spine.exchange.actions.mail_evidence import MAIL_TYPE, received_mail
from crinale.spine.exchange.actions.presented import ReadSegnatura, read_mailed_segnatura
from crinale.spine.exchange.actions.seals import judge_seal
from crinale.spine.exchange.identifiers import as_json, key_of
from crinale.spine.exchange.models import Mailbox, Message, Parcel
from crinale.spine.exchange.rules.anomalies import Anomaly, AnomalyCode, refusal
from crinale.spine.exchange.rules.mail import EDITION_OF, MailState, proven
from crinale.spine.exchange.rules.receiving import Here, our_addressee
from crinale.spine.exchange.rules.states import Kind
from crinale.spine.exchange.values import IncomingFile, PeerIdentity
from crinale.spine.identity import Actor
from crinale.spine.tenancy import queries as tenancy_queries
from crinale.spine.tenancy.statements import insert

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crinale.spine.exchange.mail_values import MailFile, ReadMail
    from crinale.spine.exchange.models import Mail
    from crinale.spine.protocol.rules.parties import PartyData
    from crinale.spine.tenancy.queries import AreaRef

NOT_VALID: Final = gettext_noop("Its file Segnatura.xml cannot be read.")
TAKEN: Final = gettext_noop("Another message with this number of the sender is here already.")
NOT_HIS: Final = gettext_noop("It is not proven that it comes from the sender that its segnatura names.")
NOT_FOR_US: Final = gettext_noop("Its segnatura does not name this area as a recipient.")
WHOLE_MAIL: Final = "messaggio.eml"


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A mail with a segnatura, judged."""

    mail: Mail
    mailbox: Mailbox
    area: AreaRef
    read: ReadSegnatura
    files: Sequence[IncomingFile]
    seal_certificate_sha256: str
    his: bool
    ours: tuple[bool, bool] | None  # whether he asks for a confirmation, whether it is for information
    anomaly: Anomaly | None

    @property
    def channel(self) -> str:
        return "pec" if self.mail.kind == "certified" else "email"

    @property
    def actor(self) -> Actor:
        return Actor.peer(self.read.identifier.aoo_code)


def take_segnatura(mail: Mail, read: ReadMail) -> None:
    """Make a received message of a mail with a segnatura, tie it to the one that is here, or leave it."""
    try:
        segnatura = read_mailed_segnatura(read.segnatura or b"")
    except Invalid:
        mail.reason = NOT_VALID
        return
    arrival = _judged(mail, read, segnatura)
    key, digest = key_of(segnatura.identifier), sha256(segnatura.xml).hex()
    signed = rows.message_where(rows.ACCEPTED, mail.area_id, key)
    if signed is not None and signed.channel == "aoo" and (arrival.his or signed.segnatura_sha256 == digest):
        _repeat(arrival, signed)
        return
    twin = rows.message_where(
        rows.ARRIVED_BY_MAIL, mail.area_id, key, arrival.channel, mail.sender_address, digest, lock=True
    )
    if twin is None:
        _keep(arrival, Ledger.begin(_message(arrival), actor=arrival.actor))
    elif twin.accepted_at is None:  # refused before, and judged afresh
        _keep(arrival, Ledger.of(twin, actor=arrival.actor))
    elif arrival.his or twin.segnatura_sha256 == digest:
        _repeat(arrival, twin)
    else:
        mail.reason = TAKEN


def _judged(mail: Mail, read: ReadMail, segnatura: ReadSegnatura) -> _Arrival:
    area = tenancy_queries.area(mail.area_id)
    if area is None:
        raise LookupError(f"the area of the mail {mail.id} is not on this node")
    identifier = segnatura.identifier
    sealed = segnatura.data.version == "3.0.0"
    seal = judge_seal(segnatura, peer=PeerIdentity(b"", identifier.aoo_code)) if sealed else None
    certified = read.kind == "certified" and proven(read)
    listed = certified and mail.sender_address in indexed_addresses(identifier.ipa_code, identifier.aoo_code)
    files = _files(mail, read.files, segnatura)
    return _Arrival(
        mail=mail,
        mailbox=mail.mailbox,
        area=area,
        read=segnatura,
        files=files,
        seal_certificate_sha256=seal.certificate_sha256 if seal else "",
        his=listed or (seal is not None and seal.anomaly is None),
        ours=_ours(segnatura, area, mail.mailbox.address),
        anomaly=(seal.anomaly if seal else None) or _disagreement(segnatura, files),
    )


def _files(mail: Mail, found: Sequence[MailFile], segnatura: ReadSegnatura) -> list[IncomingFile]:
    """The files of the mail, those that the segnatura names in its order; its text is the mail itself."""
    order = {
        one.file_name.casefold(): place for place, one in enumerate(segnatura.documents) if one.file_name
    }
    files = [
        IncomingFile(name=one.name, media_type=one.media_type, size=one.size, sha256=one.sha256)
        for one in sorted(found, key=lambda one: order.get(one.name.casefold(), len(order)))
        if one.size
    ]
    if segnatura.data.primary.carrier == "message_text" or not files:
        whole = IncomingFile(name=WHOLE_MAIL, media_type=MAIL_TYPE, size=mail.size, sha256=mail.blob_sha256)
        files.insert(0, whole)
    return files


def _disagreement(segnatura: ReadSegnatura, files: Sequence[IncomingFile]) -> Anomaly | None:
    """What is missing or other than the segnatura says; only 3.0.0 gives a digest of each file."""
    if segnatura.data.version == "3.0.0":
        return check_digests(segnatura.documents, files)
    here = {one.name.casefold() for one in files}
    missing = [
        one.file_name
        for one in segnatura.documents
        if one.carrier == "file" and one.file_name and one.file_name.casefold() not in here
    ]
    if missing:
        info = f"Mancano file indicati nella segnatura: {', '.join(missing)}."
        return Anomaly(code=AnomalyCode.UNREADABLE, info=info)
    return None


def _ours(segnatura: ReadSegnatura, area: AreaRef, address: str) -> tuple[bool, bool] | None:
    """Whether we are asked to confirm, and whether it is for information; None when we are not named."""
    here = Here(ipa_code=area.body_ipa, aoo_code=area.code)
    named = our_addressee(segnatura.presented.addressees, here)
    if named is not None:
        return named.confirm, named.for_information
    by_address: list[PartyData] = [
        one for one in segnatura.data.recipients if one.email.strip().lower() == address
    ]
    return (by_address[0].confirm, by_address[0].for_information) if by_address else None


def _keep(arrival: _Arrival, ledger: Ledger) -> None:
    wire = received_mail(arrival.mail, ledger.message.id)
    ledger.keep(wire)
    refused = arrival.anomaly is not None and arrival.his
    if arrival.anomaly is not None and refused:
        told = refusal(arrival.anomaly)
        ledger.append(Kind.REFUSED_AT_DOOR, wire=wire, mail=str(arrival.mail.id), **told)
    else:
        ledger.append(Kind.ACCEPTED, wire=wire, mail=str(arrival.mail.id))
        if reason := _for_a_clerk(arrival):
            ledger.append(Kind.WAITING, reason=reason)
    closed = ledger.close()
    if not refused:
        insert([_parcel(arrival, closed)])
    turns.wake(closed)
    arrival.mail.state, arrival.mail.tied_to = MailState.TIED, closed


def _for_a_clerk(arrival: _Arrival) -> str:
    if arrival.anomaly is not None:
        return arrival.anomaly.info
    if not arrival.his:
        return NOT_HIS
    if arrival.ours is None:
        return NOT_FOR_US
    return ""


def _repeat(arrival: _Arrival, message: Message) -> None:
    ledger = Ledger.open(message.id, actor=arrival.actor)
    wire = received_mail(arrival.mail, message.id)
    ledger.keep(wire)
    ledger.append(Kind.REPEATED, wire=wire, mail=str(arrival.mail.id))
    closed = ledger.close()
    turns.wake(closed)
    arrival.mail.state, arrival.mail.tied_to = MailState.TIED, closed


def _message(arrival: _Arrival) -> Message:
    read, mail = arrival.read, arrival.mail
    confirm, for_information = arrival.ours or (False, False)
    return Message(
        id=new_id(),
        area_id=mail.area_id,
        direction="in",
        channel=arrival.channel,
        address=mail.sender_address,
        mail_message_id=mail.message_id,
        writes=EDITION_OF[read.data.version],
        counterpart_ipa=read.identifier.ipa_code[:50],
        counterpart_aoo=read.identifier.aoo_code[:50],
        counterpart_name=(read.sender_name or mail.sender_name or mail.sender_address)[:300],
        subject=(read.data.subject or mail.subject)[:2000],
        sender_identifier=as_json(read.identifier),
        sender_key=key_of(read.identifier)[:200],
        segnatura_sha256=sha256(read.xml).hex(),
        confirmation_requested=confirm,
        for_information=for_information,
        confidential=read.data.confidential,
        created_at=clock.now(),
    )


def _parcel(arrival: _Arrival, message: Message) -> Parcel:
    titles = {one.file_name.casefold(): one.description for one in arrival.read.documents}
    files: list[dict[str, Any]] = [
        {
            "name": one.name,
            "description": titles.get(one.name.casefold(), ""),
            "media_type": one.media_type,
            "size": one.size,
            "sha256": one.sha256,
        }
        for one in arrival.files
    ]
    return Parcel(
        message_id=message.id,
        segnatura=arrival.read.xml,
        files=files,
        seal_certificate_sha256=arrival.seal_certificate_sha256,
    )
