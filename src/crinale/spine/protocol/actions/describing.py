"""A registration just made, described from memory: what was just written need not be read again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crinale.spine.protocol.rules.numbering import stamp
from crinale.spine.protocol.views import (
    ClassificationView,
    DeferralView,
    DossierView,
    EnclosureView,
    LinkView,
    PartyView,
    RegistrationView,
    RelatedView,
    SegnaturaView,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from crinale.spine.protocol.actions.drafting import Context, Draft
    from crinale.spine.protocol.actions.sealing import SealedSegnatura
    from crinale.spine.protocol.models import Link
    from crinale.spine.protocol.rules.identifier import Identifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What the register gave, and what was made with it."""

    registration_id: UUID
    number: int
    registered_at: datetime
    identifier: Identifier
    sealed: SealedSegnatura | None
    digest: str
    state: str


def correspondents(draft: Draft) -> list[tuple[str, int, Any]]:
    """Return role, position and data of each sender and recipient."""
    return [
        *(("sender", position, one) for position, one in enumerate(draft.senders)),
        *(("recipient", position, one) for position, one in enumerate(draft.recipients)),
    ]


def hexadecimal(data: bytes) -> str:
    """Return the SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def describe(draft: Draft, context: Context, taken: Taken, links: Sequence[Link]) -> RegistrationView:
    """Describe the new registration."""
    heading = ClassificationView(
        context.classification_id, context.classification_code, context.classification_title
    )
    parties = [PartyView(role, one.display_name, one) for role, _, one in correspondents(draft)]  # type: ignore[arg-type]
    dossier = (
        (DossierView(draft.dossier_id, context.dossier_code, context.dossier_title),)
        if draft.dossier_id is not None
        else ()
    )
    return RegistrationView(
        id=taken.registration_id,
        body_id=context.body_id,
        area_id=context.area_id,
        area_name=context.area_name,
        body_name=context.body_name,
        identifier=taken.identifier,
        year=taken.identifier.year,
        number=taken.number,
        registered_at=taken.registered_at,
        registered_by=draft.actor.person_id,
        registered_by_name=draft.actor.name[:200],
        direction=draft.direction,
        state=taken.state,  # type: ignore[arg-type]
        subject=draft.subject,
        confidential=draft.confidential,
        classification=heading,
        first_classification=heading,
        channel=draft.channel,
        arrived_at=draft.arrived_at,
        received=draft.received,
        senders=tuple(one for one in parties if one.role == "sender"),
        recipients=tuple(one for one in parties if one.role == "recipient"),
        documents=tuple(
            EnclosureView(
                position=position,
                document_id=found.id,
                description=asked.description,
                file_name=found.file_name,
                sha256=found.sha256,
                size=found.size,
                media_type=found.media_type,
                metadata=found.metadata,
            )
            for position, (found, asked) in enumerate(zip(context.documents, draft.documents, strict=True))
        ),
        segnature=_segnatura_views(draft, taken),
        assignments=(),
        classification_changes=(),
        dossiers=dossier,
        reply_to=_related(context.linked[context.reply.id]) if context.reply else None,
        replies=(),
        emergency_number="",
        annulment=None,
        digest=taken.digest,
        stamp=stamp(
            body_name=context.body_name,
            aoo_code=context.area_code,
            register_code=context.register_code,
            number=taken.number,
            registered_at=taken.registered_at,
            direction=draft.direction,
            classification=context.classification_code,
        ),
        deferral=DeferralView(draft.deferred_act, draft.deferred_reason) if draft.deferred_act else None,
        links=tuple(_link(one, context) for one in links),
    )


def _link(one: Link, context: Context) -> LinkView:
    return LinkView(
        id=one.id,
        relation=one.relation,  # type: ignore[arg-type]
        inbound=False,
        related=_related(context.linked[one.other_id]),
        reason=one.reason,
        added_at=one.added_at,
        added_by_name=one.added_by_name,
    )


def _related(one: RegistrationView) -> RelatedView:
    subject = "" if one.confidential else one.subject
    return RelatedView(one.id, one.number_text, one.year, subject, one.area_id, one.confidential)


def _segnatura_views(draft: Draft, taken: Taken) -> tuple[SegnaturaView, ...]:
    found = []
    if taken.sealed is not None:
        made = taken.sealed
        found.append(SegnaturaView("issued", made.sha256, made.certificate_sha256, taken.registered_at))
    if draft.received_segnatura is not None:
        came = draft.received_segnatura
        found.append(
            SegnaturaView("received", hexadecimal(came.xml), came.certificate_sha256, taken.registered_at)
        )
    return tuple(found)
