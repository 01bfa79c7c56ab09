"""What the spine knows, in the shapes of the interface."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, cast

from crinale.services.program_interface.http import resources
from crinale.ui.sentences import sentence

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from uuid import UUID

    from crinale.spine.protocol.queries import LinkView, PartyData, RegistrationRow, RegistrationView
    from crinale.spine.records.queries import DocumentRef, DossierRef


def document(one: DocumentRef) -> resources.Document:
    """Describe a stored document."""
    return resources.Document(
        document_id=one.id,
        sha256=one.sha256,
        size=one.size,
        media_type=one.media_type,
        file_name=one.file_name,
        findings=_findings(one.metadata),
    )


def registration(one: RegistrationView, *, known: Collection[UUID]) -> resources.Registration:
    """Describe a registration; ``known`` are those of its companions that may be named."""
    return resources.Registration(
        registration_id=one.id,
        aoo_code=one.identifier.aoo_code,
        register_code=one.identifier.register_code,
        year=one.year,
        number=one.number,
        registered_at=one.registered_at,
        direction=one.direction,
        subject=one.subject,
        confidential=one.confidential,
        classification=resources.Heading(code=one.classification.code, title=one.classification.title),
        channel=one.channel,
        senders=tuple(_party(party.data) for party in one.senders),
        recipients=tuple(_party(party.data) for party in one.recipients),
        documents=tuple(
            resources.Document(
                document_id=held.document_id,
                sha256=held.sha256,
                size=held.size,
                media_type=held.media_type,
                file_name=held.file_name,
                description=held.description,
                findings=_findings(held.metadata),
            )
            for held in one.documents
        ),
        assignments=tuple(
            resources.Assignment(
                office_code=given.office_code,
                office_name=given.office_name,
                assigned_at=given.assigned_at,
                purpose=given.purpose,
                state=given.state,
                deadline=given.deadline,
                note=given.note,
            )
            for given in one.assignments
        ),
        dossiers=tuple(
            resources.DossierName(dossier_id=held.id, code=held.code, title=held.title)
            for held in one.dossiers
        ),
        segnature=tuple(held.origin for held in one.segnature),
        stamp=one.stamp,
        digest=one.digest,
        received=None
        if one.received is None
        else resources.SenderProtocol(number=one.received.number, date=one.received.date),
        arrived_at=one.arrived_at,
        deferral=None
        if one.deferral is None
        else resources.Deferral(act=one.deferral.act, reason=one.deferral.reason),
        reply_to=one.reply_to.id if one.reply_to and one.reply_to.id in known else None,
        links=tuple(_link(held) for held in one.links if held.related.id in known),
        corrections=tuple(
            resources.Correction(
                field=made.field,
                before=made.before,
                after=made.after,
                reason=made.reason,
                corrected_at=made.corrected_at,
            )
            for made in one.corrections
        ),
        annulment=None
        if one.annulment is None
        else resources.Annulment(
            at=one.annulment.at,
            act=one.annulment.act,
            reason=one.annulment.reason,
            document_id=one.annulment.document_id,
        ),
    )


def _link(held: LinkView) -> resources.Link:
    return resources.Link(
        link_id=held.id,
        registration_id=held.related.id,
        year=held.related.year,
        number=held.related.number_text,
        relation=held.relation,
        inbound=held.inbound,
        reason=held.reason,
        added_at=held.added_at,
        removed_at=held.removed_at,
    )


def line(one: RegistrationRow) -> resources.RegistrationLine:
    """Describe a registration in a list."""
    return resources.RegistrationLine(
        registration_id=one.id,
        year=one.year,
        number=one.number,
        registered_at=one.registered_at,
        direction=one.direction,
        subject=one.subject,
        confidential=one.confidential,
        classification=one.classification_code,
        correspondents=one.correspondents,
        annulled=one.annulled,
    )


def line_of(one: RegistrationView) -> resources.RegistrationLine:
    """Describe a registration that was found, in a list."""
    parties = {"incoming": one.senders, "outgoing": one.recipients}
    return resources.RegistrationLine(
        registration_id=one.id,
        year=one.year,
        number=one.number,
        registered_at=one.registered_at,
        direction=one.direction,
        subject=one.subject,
        confidential=one.confidential,
        classification=one.classification.code,
        correspondents=tuple(
            party.name for party in parties.get(one.direction, one.senders + one.recipients)
        ),
        annulled=one.annulment is not None,
    )


def dossier(one: DossierRef) -> resources.Dossier:
    """Describe a dossier."""
    return resources.Dossier(
        dossier_id=one.id,
        code=one.code,
        title=one.title,
        classification=one.classification_code,
        opened_at=one.opened_at,
        closed_at=one.closed_at,
    )


def _party(data: PartyData) -> resources.Party:
    known = {one.name for one in dataclasses.fields(resources.Party)}
    return resources.Party(**{name: value for name, value in data.as_json().items() if name in known})  # type: ignore[arg-type]


def _findings(metadata: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sentence(str(one)) for one in cast("list[str]", metadata.get("Rilievi", [])))
