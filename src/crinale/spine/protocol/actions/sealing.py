"""The segnatura of an outgoing registration and its seal (DPR 445/2000 art. 55; Allegato 6, steps D and E).

A local seal is made while the counter is held, so number, segnatura and seal are one step. A remote one is
asked for afterwards, by a job: until it is there the registration is "being sealed" and nobody sees it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction

from crinale.kernel import clock
from crinale.kernel.errors import NotVisible
from crinale.spine import audit
from crinale.spine.identity import Actor
from crinale.spine.protocol import facts
from crinale.spine.protocol.entries import registration_entry
from crinale.spine.protocol.models import Registration, Segnatura, SegnaturaOrigin, State, WaitingSeal
from crinale.spine.protocol.ports import is_remote, seal_keys
from crinale.spine.protocol.queries.registration import views
from crinale.spine.protocol.rules.digests import Digest
from crinale.spine.protocol.rules.identifier import Identifier, written_number
from crinale.spine.protocol.rules.legacy_segnatura import parse_any_segnatura
from crinale.spine.protocol.rules.segnatura import (
    Classification,
    DocumentData,
    Dossier,
    Mark,
    PreparedSegnatura,
    RepliedMessage,
    SegnaturaContent,
    prepare,
)
from crinale.spine.records.signatures.xades import seal
from crinale.spine.search.actions import index

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from cryptography import x509

    from crinale.spine.protocol.actions.drafting import Context, Draft, FoundDocument, FoundReply
    from crinale.spine.records.signatures.keys import SealKey


@dataclass(frozen=True, slots=True)
class SealedSegnatura:
    """A segnatura with its seal, and the digests that the register keeps."""

    xml: bytes
    sha256: str
    certificate_sha256: str


@dataclass(frozen=True, slots=True)
class PendingSegnatura:
    """A segnatura that misses only its identifier, and the key that will seal it."""

    prepared: PreparedSegnatura
    key: SealKey

    @property
    def remote(self) -> bool:
        """Whether the seal is made by a job, after the registration."""
        return is_remote(self.key)

    def unsealed(self, identifier: Identifier) -> bytes:
        """Write the identifier, and leave the seal for later."""
        return self.prepared.finish(identifier)

    def finish(self, identifier: Identifier, *, at: datetime) -> SealedSegnatura:
        """Write the identifier and seal."""
        return _sealed(self.prepared.finish(identifier), self.key, at)


def prepare_segnatura(draft: Draft, context: Context) -> PendingSegnatura | None:
    """Prepare the segnatura of a draft that wants one.

    :raises Invalid: when a value cannot stand in a segnatura.
    """
    if not draft.seal or draft.sender is None:
        return None
    documents = [
        _document(found, asked.description)
        for found, asked in zip(context.documents, draft.documents, strict=True)
    ]
    content = SegnaturaContent(
        subject=draft.subject,
        classification=Classification(context.classification_code, context.classification_title),
        sender=draft.sender,
        recipients=draft.recipients,
        primary=documents[0],
        attachments=tuple(documents[1:]),
        dossier=Dossier(context.dossier_code, context.dossier_title) if context.dossier_code else None,
        confidential=draft.confidential,
        reply=_replied(context.reply, context),
    )
    return PendingSegnatura(prepare(content), seal_keys.get().for_area(context.area_code))


def complete_seal(*, registration_id: UUID) -> bool:
    """Seal a registration that waits for a remote seal; return False when somebody else has done it.

    :raises NotVisible: when there is no such registration in the open scope.
    """
    waiting = WaitingSeal.objects.filter(registration_id=registration_id).first()
    if waiting is None:
        if not Registration.objects.filter(id=registration_id).exists():
            raise NotVisible
        return False
    at = clock.now()
    # The remote call happens here, outside any transaction and with no lock held.
    sealed = _sealed(bytes(waiting.xml), seal_keys.get().for_area(waiting.area_code), at)
    with transaction.atomic():
        row = Registration.objects.select_for_update().get(id=registration_id)
        if row.state != State.BEING_SEALED:
            return False
        Segnatura(
            registration=row,
            origin=SegnaturaOrigin.ISSUED,
            xml=sealed.xml,
            sha256=sealed.sha256,
            certificate_sha256=sealed.certificate_sha256,
            made_at=at,
        ).save(force_insert=True)
        row.state = State.SEALED
        row.save(update_fields=["state"])
        waiting.delete()
        index(registration_entry(views([registration_id])[0]))
        audit.write(
            facts.RegistrationSealed(subject_id=row.id, segnatura_sha256=sealed.sha256),
            actor=Actor.system("protocol"),
        )
    return True


def _sealed(text: bytes, key: SealKey, at: datetime) -> SealedSegnatura:
    xml = seal(text, key=key, signing_time=at)
    return SealedSegnatura(xml, hashlib.sha256(xml).hexdigest(), _certificate_digest(key.certificate))


@lru_cache(maxsize=256)
def _certificate_digest(certificate: x509.Certificate) -> str:
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def _document(found: FoundDocument, description: str) -> DocumentData:
    known = found.metadata.get("Verifica") or {}
    return DocumentData(
        file_name=found.file_name,
        mime_type=found.media_type,
        digest=Digest.of_sha256(found.sha256),
        description=description,
        signed=Mark() if known.get("FirmatoDigitalmente") else None,
        sealed=Mark() if known.get("SigillatoElettronicamente") else None,
        time_stamped=Mark() if known.get("MarcaturaTemporale") else None,
    )


def _replied(reply: FoundReply | None, context: Context) -> RepliedMessage | None:
    """Name the answered message as its sender named it; by our own number when it came without one."""
    if reply is None:
        return None
    sent = parse_any_segnatura(reply.received_xml) if reply.received_xml is not None else None
    if sent is not None and sent.identifier.register_code:  # the edition of 2001/2009 has no register
        return RepliedMessage(
            identifier=sent.identifier,
            subject=sent.subject,
            classification=sent.classification
            or Classification(reply.classification_code, reply.classification_title),
            first_registration=sent.first_registration,
            dossier=sent.dossier,
        )
    return RepliedMessage(
        identifier=_received_identifier(reply)
        or Identifier(
            context.ipa_code,
            context.area_code,
            reply.register_code,
            reply.number,
            date.fromisoformat(reply.legal_date),
        ),
        subject=reply.subject,
        classification=Classification(reply.classification_code, reply.classification_title),
    )


def _received_identifier(reply: FoundReply) -> Identifier | None:
    codes = (reply.received_ipa_code, reply.received_aoo_code, reply.received_register_code)
    if not all(codes) or not reply.received_number.isdigit() or not reply.received_date:
        return None
    number, day = reply.received_number, date.fromisoformat(reply.received_date)
    return Identifier(*codes, int(number), day, written=written_number(number))
