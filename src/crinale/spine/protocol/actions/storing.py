"""Write a checked draft into the register: parts, number, segnatura, seal, facts, in one transaction.

The counter is taken as late and held as short as possible: from ``protocol_take_number`` to the commit there
are only the seal (about a millisecond) and one flight of statements.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, connection, transaction

from crinale.kernel import clock
from crinale.kernel.errors import Conflict
from crinale.kernel.ids import new_id
from crinale.spine import audit
from crinale.spine.jobs import enqueue
from crinale.spine.protocol import facts
from crinale.spine.protocol.actions.describing import Taken, correspondents, describe, hexadecimal
from crinale.spine.protocol.actions.linking import link_fact, link_rows
from crinale.spine.protocol.actions.sealing import PendingSegnatura, SealedSegnatura, prepare_segnatura
from crinale.spine.protocol.entries import registration_entry
from crinale.spine.protocol.rules.content import EnclosureContent, RegistrationContent, digest_of
from crinale.spine.protocol.rules.identifier import Identifier
from crinale.spine.protocol.rules.numbering import legal_year
from crinale.spine.search.actions import insertion as search_insertion
from crinale.spine.tenancy.statements import Statement, execute, insertion, together

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from crinale.spine.protocol.actions.drafting import Context, Draft
    from crinale.spine.protocol.views import RegistrationView

_YEAR_CLOSED = "CR001"
_MOVED = "CR002"


class YearEnded(Conflict):
    """The year ended while this was being registered: register it again."""


class RegisterMoved(Conflict):
    """The register of this area moved to another node: register there."""


_PARTS = """
with parties as (
    insert into protocol_party (id, body_id, registration_id, role, position, name, data)
    select part.id, %s, %s, part.role, part.position, part.name, part.data
    from jsonb_to_recordset(%s::text::jsonb)
        as part(id uuid, role text, position smallint, name text, data jsonb)
)
insert into protocol_enclosure (id, body_id, registration_id, position, document_id, description)
select part.id, %s, %s, part.position, part.document, part.description
from jsonb_to_recordset(%s::text::jsonb) as part(id uuid, position smallint, document uuid, description text)
"""
_TAKE = "select number, registered_at from protocol_take_number(%s, %s, %s)"
_SEGNATURA = """
insert into protocol_segnatura
    (id, body_id, registration_id, origin, xml, sha256, certificate_sha256, made_at)
values (%s, %s, %s, %s, %s, %s, %s, %s)
"""
_REGISTRATION = """
insert into protocol_registration (
    id, body_id, area_id, register_id, year, number, registered_at, legal_date, registered_by,
    registered_by_name, direction, state, subject, confidential, classification_id, channel, arrived_at,
    deferred_act, deferred_reason,
    received_ipa_code, received_aoo_code, received_register_code, received_number, received_date,
    reply_to_id, digest, current_classification_id, annulled_by_name, annulment_act, annulment_reason)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,
    %s, %s, '', '', '')
"""
_DOSSIER = """
insert into protocol_dossieritem (id, body_id, dossier_id, registration_id, added_at, added_by, added_by_name)
values (%s, %s, %s, %s, %s, %s, %s)
"""
_WAITING = """
insert into protocol_waitingseal (id, body_id, registration_id, area_code, xml, since)
values (%s, %s, %s, %s, %s, %s)
"""


def store(draft: Draft, context: Context) -> RegistrationView:
    """Register a checked draft; everything or nothing.

    :raises YearEnded: when the register's year was closed meanwhile.
    :raises RegisterMoved: when its body left this node.
    """
    pending, registration_id = prepare_segnatura(draft, context), new_id()
    # While the counter is held every wait is one for all who register in the same area.
    with transaction.atomic(savepoint=False), together(), connection.cursor() as cursor:
        cursor.execute(_PARTS, _parts(draft, context, registration_id))
        taken = _take(cursor, draft, context, registration_id, pending)
        links = link_rows(draft, taken)
        view = describe(draft, context, taken, links)
        created = facts.RegistrationCreated(
            subject_id=registration_id,
            register=context.register_id,
            year=taken.identifier.year,
            number=taken.number,
            digest=taken.digest,
        )
        waits = pending is not None and pending.remote
        execute(
            Statement(_REGISTRATION, _row(draft, context, taken)),
            *_segnature(draft, context, taken),
            *([] if draft.dossier_id is None else [_dossier_item(draft, context, taken)]),
            *([insertion(links)] if links else []),
            *([] if waits else [search_insertion(registration_entry(view))]),
            audit.insertion([created, *map(link_fact, links)], actor=draft.actor),
        )
        if pending is not None and pending.remote:
            _wait_for_seal(cursor, context, taken, pending)
    return view


def _parts(draft: Draft, context: Context, registration_id: UUID) -> tuple[Any, ...]:
    parties = [
        {
            "id": str(new_id()),
            "role": role,
            "position": position,
            "name": party.display_name[:500],
            "data": party.as_json(),
        }
        for role, position, party in correspondents(draft)
    ]
    enclosures = [
        {
            "id": str(new_id()),
            "position": position,
            "document": str(one.document_id),
            "description": one.description,
        }
        for position, one in enumerate(draft.documents)
    ]
    return (
        context.body_id,
        registration_id,
        json.dumps(parties),
        context.body_id,
        registration_id,
        json.dumps(enclosures),
    )


def _take(
    cursor: Any, draft: Draft, context: Context, registration_id: UUID, pending: PendingSegnatura | None
) -> Taken:
    now = clock.now()
    try:
        cursor.execute(_TAKE, (context.register_id, legal_year(now), now))
        number, registered_at = cursor.fetchone()
    except DatabaseError as error:
        refused = {_YEAR_CLOSED: YearEnded, _MOVED: RegisterMoved}
        if (known := refused.get(getattr(error.__cause__, "sqlstate", ""))) is not None:
            raise known from error
        raise
    local = registered_at.astimezone(clock.ROME)
    identifier = Identifier(
        context.ipa_code,
        context.area_code,
        context.register_code,
        number,
        local.date(),
        local.time().replace(microsecond=0),
    )
    sealed = pending.finish(identifier, at=registered_at) if pending and not pending.remote else None
    state = "unsealed" if pending is None else "sealed" if sealed else "being_sealed"
    return Taken(
        registration_id=registration_id,
        number=number,
        registered_at=registered_at,
        identifier=identifier,
        sealed=sealed,
        digest=digest_of(_content(draft, context, registration_id, number, registered_at, sealed)),
        state=state,
    )


def _received(draft: Draft) -> tuple[str, str, str, str, str]:
    one = draft.received
    if one is None:
        return ("", "", "", "", "")
    return (
        one.ipa_code,
        one.aoo_code,
        one.register_code,
        one.number,
        one.date.isoformat() if one.date else "",
    )


def _content(
    draft: Draft,
    context: Context,
    registration_id: UUID,
    number: int,
    registered_at: datetime,
    sealed: SealedSegnatura | None,
) -> RegistrationContent:
    segnature = [("issued", sealed.sha256)] if sealed else []
    if draft.received_segnatura is not None:
        segnature.append(("received", hexadecimal(draft.received_segnatura.xml)))
    return RegistrationContent(
        id=registration_id,
        register=context.register_id,
        year=legal_year(registered_at),
        number=number,
        registered_at=registered_at,
        registered_by=draft.actor.person_id,
        registered_by_name=draft.actor.name[:200],
        direction=draft.direction,
        subject=draft.subject,
        confidential=draft.confidential,
        classification=context.classification_id,
        channel=draft.channel,
        arrived_at=draft.arrived_at,
        received=_received(draft),
        reply_to=draft.reply_to,
        parties=[(role, party.as_json()) for role, _, party in correspondents(draft)],
        enclosures=[
            EnclosureContent(
                document=found.id,
                sha256=found.sha256,
                size=found.size,
                media_type=found.media_type,
                file_name=found.file_name,
                description=asked.description,
            )
            for found, asked in zip(context.documents, draft.documents, strict=True)
        ],
        segnature=segnature,
        deferral=(draft.deferred_act, draft.deferred_reason),
    )


def _segnature(draft: Draft, context: Context, taken: Taken) -> list[Statement]:
    kept: list[tuple[Any, ...]] = []
    if taken.sealed is not None:
        made = taken.sealed
        kept.append(("issued", made.xml, made.sha256, made.certificate_sha256))
    if draft.received_segnatura is not None:
        came = draft.received_segnatura
        kept.append(("received", came.xml, hexadecimal(came.xml), came.certificate_sha256))
    whose = (context.body_id, taken.registration_id)
    return [Statement(_SEGNATURA, [new_id(), *whose, *one, taken.registered_at]) for one in kept]


def _row(draft: Draft, context: Context, taken: Taken) -> list[Any]:
    *received, day = _received(draft)
    return [
        taken.registration_id,
        context.body_id,
        context.area_id,
        context.register_id,
        taken.identifier.year,
        taken.number,
        taken.registered_at,
        taken.identifier.date,
        draft.actor.person_id,
        draft.actor.name[:200],
        draft.direction,
        taken.state,
        draft.subject,
        draft.confidential,
        context.classification_id,
        draft.channel,
        draft.arrived_at,
        draft.deferred_act,
        draft.deferred_reason,
        *received,
        day or None,
        draft.reply_to,
        taken.digest,
        context.classification_id,
    ]


def _dossier_item(draft: Draft, context: Context, taken: Taken) -> Statement:
    who = (taken.registered_at, draft.actor.person_id, draft.actor.name[:200])
    return Statement(_DOSSIER, [new_id(), context.body_id, draft.dossier_id, taken.registration_id, *who])


def _wait_for_seal(cursor: Any, context: Context, taken: Taken, pending: PendingSegnatura) -> None:
    from crinale.spine.protocol import jobs

    text = pending.unsealed(taken.identifier)
    who = (new_id(), context.body_id, taken.registration_id, context.area_code)
    cursor.execute(_WAITING, (*who, text, taken.registered_at))
    enqueue(jobs.complete_seal, body_id=context.body_id, registration_id=str(taken.registration_id))
