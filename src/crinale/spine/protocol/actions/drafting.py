"""What is to be registered, and the rows that it names."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection

from crinale.kernel import clock
from crinale.kernel.errors import Invalid, NotVisible
from crinale.spine.identity import permissions
from crinale.spine.protocol.queries.registration import views
from crinale.spine.protocol.queries.visibility import may_see
from crinale.spine.protocol.rules.parties import PartyData
from crinale.spine.records import queries as records

if TYPE_CHECKING:
    from datetime import datetime

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.views import (
        DirectionName,
        EnclosureData,
        LinkData,
        ReceivedReference,
        ReceivedSegnatura,
        RegistrationView,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What the caller asks to register."""

    direction: DirectionName
    actor: Actor
    area_id: UUID
    subject: str
    classification: str
    documents: tuple[EnclosureData, ...]
    senders: tuple[PartyData, ...] = ()
    recipients: tuple[PartyData, ...] = ()
    reply_to: UUID | None = None
    links: tuple[LinkData, ...] = ()
    dossier_id: UUID | None = None
    confidential: bool = False
    channel: str = ""
    arrived_at: datetime | None = None
    deferred_act: str = ""
    deferred_reason: str = ""
    received: ReceivedReference | None = None
    received_segnatura: ReceivedSegnatura | None = None
    seal: bool = False

    @property
    def sender(self) -> PartyData | None:
        """The one sender that a segnatura names: that of a document which leaves is always one."""
        return self.senders[0] if self.senders else None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDocument:
    """A stored document that the draft names."""

    id: UUID
    sha256: str
    size: int
    media_type: str
    file_name: str
    metadata: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundReply:
    """The registration that the draft answers: its received protocol if it has one, else its own."""

    id: UUID
    year: int
    number: int
    subject: str
    register_code: str
    legal_date: str
    received_ipa_code: str
    received_aoo_code: str
    received_register_code: str
    received_number: str
    received_date: str | None
    classification_code: str
    classification_title: str
    received_xml: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The rows that the draft names, read in one question."""

    area_id: UUID
    area_code: str
    area_name: str
    body_id: UUID
    body_name: str
    ipa_code: str
    register_id: UUID
    register_code: str
    classification_id: UUID
    classification_code: str
    classification_title: str
    documents: tuple[FoundDocument, ...]
    reply: FoundReply | None
    dossier_code: str
    dossier_title: str
    linked: dict[UUID, RegistrationView] = field(default_factory=dict)

    def own_party(self) -> PartyData:
        """Return the area itself as a correspondent."""
        return PartyData(
            kind="administration",
            name=self.body_name,
            ipa_code=self.ipa_code,
            aoo_code=self.area_code,
            aoo_name=self.area_name,
        )


_CONTEXT = """
select area.id, area.code, area.name, body.id, body.name, body.ipa_code, register.id, register.code,
    entry.id, entry.code, entry.title,
    (select jsonb_agg(jsonb_build_object('id', document.id, 'sha256', document.sha256, 'size', document.size,
        'media_type', document.media_type, 'file_name', document.file_name, 'metadata', document.metadata))
     from records_document as document where document.id = any(%s) and document.body_id = crinale_body()),
    (select jsonb_build_object('id', answered.id, 'year', answered.year, 'number', answered.number,
        'subject', answered.subject, 'register_code', of.code, 'legal_date', answered.legal_date,
        'received_ipa_code', answered.received_ipa_code, 'received_aoo_code', answered.received_aoo_code,
        'received_register_code', answered.received_register_code,
        'received_number', answered.received_number,
        'received_date', answered.received_date, 'classification_code', heading.code,
        'classification_title', heading.title,
        'received_xml', (select encode(sheet.xml, 'hex') from protocol_segnatura as sheet
                         where sheet.registration_id = answered.id and sheet.origin = 'received'))
     from protocol_registration as answered
     join protocol_register as of on of.id = answered.register_id
     join records_classificationentry as heading on heading.id = answered.classification_id
     where answered.id = %s and answered.body_id = crinale_body() and answered.state <> 'being_sealed'),
    dossier.id, dossier.code, dossier.title, dossier.closed_at
from tenancy_area as area
join tenancy_body as body on body.id = area.body_id
left join protocol_register as register on register.area_id = area.id and register.kind = 'ordinary'
left join records_filingplan as plan on plan.body_id = area.body_id
    and plan.valid_from <= %s and (plan.valid_to is null or plan.valid_to > %s)
left join records_classificationentry as entry on entry.plan_id = plan.id and entry.code = %s
    and entry.valid_from <= %s and (entry.valid_to is null or entry.valid_to > %s)
left join records_dossier as dossier on dossier.id = %s and dossier.area_id = area.id
where area.id = %s and area.body_id = crinale_body()
"""


def load_context(draft: Draft) -> Context:
    """Read what the draft names, and check that the actor may register in its area.

    :raises NotVisible: when the area, a document, the dossier or the answered registration is not there.
    :raises Invalid: when the area has no register, the heading is not open, or the dossier is closed.
    """
    permission = "protocol.register_incoming" if draft.direction == "incoming" else "protocol.register"
    permissions.require(draft.actor, permission, area_id=draft.area_id)
    wanted, today = [one.document_id for one in draft.documents], clock.today()
    with connection.cursor() as cursor:
        cursor.execute(
            _CONTEXT,
            (
                wanted,
                draft.reply_to,
                *(today, today),
                draft.classification,
                *(today, today),
                draft.dossier_id,
                draft.area_id,
            ),
        )
        row = cursor.fetchone()
    if row is None:
        raise NotVisible
    # Django leaves jsonb as text, for the encoders of its own fields.
    documents, reply, dossier = json.loads(row[11] or "[]"), json.loads(row[12] or "null"), row[13:]
    if row[6] is None:
        raise Invalid("area_id", "this area has no protocol register yet: open one")
    if row[8] is None:
        raise Invalid(
            "classification", f"the filing plan in force has no open heading {draft.classification!r}"
        )
    if (draft.reply_to and reply is None) or (draft.dossier_id and dossier[0] is None):
        raise NotVisible
    linked = _linked(draft)
    if draft.dossier_id and not records.visible_among(draft.actor, draft.area_id, [draft.dossier_id]):
        raise NotVisible
    if dossier[3] is not None:
        raise Invalid("dossier_id", "this dossier is closed: choose an open one")
    return Context(
        area_id=row[0],
        area_code=row[1],
        area_name=row[2],
        body_id=row[3],
        body_name=row[4],
        ipa_code=row[5],
        register_id=row[6],
        register_code=row[7],
        classification_id=row[8],
        classification_code=row[9],
        classification_title=row[10],
        documents=_documents(wanted, documents),
        reply=_reply(reply),
        dossier_code=dossier[1] or "",
        dossier_title=dossier[2] or "",
        linked=linked,
    )


def _linked(draft: Draft) -> dict[UUID, RegistrationView]:
    """Read the registrations that the draft refers to: the subject of one would stand in our segnatura."""
    wanted = {one.registration_id for one in draft.links}
    if draft.reply_to is not None:
        wanted.add(draft.reply_to)
    if not wanted:
        return {}
    found = {one.id: one for one in views(sorted(wanted)) if may_see(draft.actor, one)}
    if found.keys() != wanted:
        raise NotVisible
    return found


def _documents(wanted: list[UUID], found: list[dict[str, Any]]) -> tuple[FoundDocument, ...]:
    by_id = {UUID(one["id"]): one for one in found}
    if set(wanted) - by_id.keys():
        raise NotVisible
    return tuple(FoundDocument(**{**by_id[one], "id": one}) for one in wanted)


def _reply(found: dict[str, Any] | None) -> FoundReply | None:
    if found is None:
        return None
    xml = found.pop("received_xml")
    return FoundReply(
        **{**found, "id": UUID(found["id"])}, received_xml=bytes.fromhex(xml) if xml is not None else None
    )
