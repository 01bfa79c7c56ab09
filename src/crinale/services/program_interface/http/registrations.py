"""Registrations: made, read, listed, classified, assigned, filed, annulled."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _

from crinale.kernel.errors import Invalid, NotVisible
from crinale.services.program_interface import actions, queries
from crinale.services.program_interface.http import resources, views
from crinale.services.program_interface.http.operations import AREA, JSON, Call, Operation, Reply
from crinale.services.program_interface.http.problems import Fault, Refused
from crinale.spine import audit
from crinale.spine.exchange import actions as exchange
from crinale.spine.exchange import queries as exchanges
from crinale.spine.identity import permissions
from crinale.spine.protocol import actions as protocol
from crinale.spine.protocol import queries as register
from crinale.spine.protocol.queries import EnclosureData, PartyData, ReceivedReference, RegistrationFilter
from crinale.spine.search import queries as index
from crinale.spine.search.queries import Position
from crinale.spine.tenancy import queries as tenancy

if TYPE_CHECKING:
    from crinale.spine.protocol.queries import RegistrationView

FORM: Final = "multipart/form-data"
_ONE: Final = f"{AREA}/registrations/{{registration_id}}"
_LARGEST_INT: Final = 2**31


def register_incoming(call: Call) -> Reply:
    asked: resources.NewIncoming = call.body
    made = protocol.register_incoming(
        actor=call.actor,
        area_id=call.area.id,
        subject=asked.subject,
        classification=asked.classification,
        sender=_party(asked.sender),
        recipients=[_party(one) for one in asked.recipients],
        documents=_documents(call, asked.documents),
        channel=asked.channel,
        received_identifier=None
        if asked.received is None
        else ReceivedReference(number=asked.received.number, date=asked.received.date),
        arrived_at=asked.arrived_at,
        reply_to=asked.reply_to,
        dossier_id=asked.dossier_id,
        confidential=asked.confidential,
    )
    return _made(call, made)


def register_outgoing(call: Call) -> Reply:
    asked: resources.NewOutgoing = call.body
    common: dict[str, Any] = {
        "actor": call.actor,
        "area_id": call.area.id,
        "subject": asked.subject,
        "classification": asked.classification,
        "sender": _party(asked.sender) if asked.sender else None,
        "recipients": [_party(one) for one in asked.recipients],
        "documents": _documents(call, asked.documents),
        "reply_to": asked.reply_to,
        "dossier_id": asked.dossier_id,
        "confidential": asked.confidential,
    }
    if asked.send:
        permissions.require(call.actor, "protocol.send", area_id=call.area.id)
        return _made(call, exchange.register_and_send(**common))
    return _made(call, protocol.register_outgoing(**common, seal=asked.seal))


def register_internal(call: Call) -> Reply:
    asked: resources.NewInternal = call.body
    made = protocol.register_internal(
        actor=call.actor,
        area_id=call.area.id,
        subject=asked.subject,
        classification=asked.classification,
        sender=_party(asked.sender),
        recipients=[_party(one) for one in asked.recipients],
        documents=_documents(call, asked.documents),
        reply_to=asked.reply_to,
        dossier_id=asked.dossier_id,
        confidential=asked.confidential,
    )
    return _made(call, made)


def read_one(call: Call) -> Reply:
    found = _seen(call)
    audit.access(actor=call.actor, what="registration", object_id=found.id)
    return Reply(content=views.registration(found))


def listed(call: Call) -> Reply:
    asked: resources.RegistrationsAsked = call.query
    if asked.text.strip():
        return Reply(content=_found(call, asked))
    rows = register.registrations(
        actor=call.actor,
        area_id=call.area.id,
        narrowed=RegistrationFilter(direction=asked.direction, year=asked.year),
        before=_number_of(asked.cursor),
        limit=asked.limit + 1,
    )
    shown = rows[: asked.limit]
    following = write_cursor([shown[-1].year, shown[-1].number]) if len(rows) > asked.limit else None
    return Reply(content=resources.Registrations(items=tuple(map(views.line, shown)), next=following))


def segnatura(call: Call) -> HttpResponse:
    asked: resources.SegnaturaAsked = call.query
    found = _seen(call)
    xml = register.segnatura_xml(
        actor=call.actor, registration_id=found.id, received=asked.origin == "received"
    )
    return HttpResponse(xml, content_type="application/xml")


def add_document(call: Call) -> Reply:
    _seen(call)
    raise Refused(
        409,
        _(
            "The documents of a registration are part of it and never change (DPR 445/2000 art. 53): "
            "register the further document by itself, with reply_to or in the same dossier."
        ),
    )


def reclassify(call: Call) -> Reply:
    asked: resources.Reclassification = call.body
    found = _seen(call)
    return _changed(
        protocol.reclassify(
            actor=call.actor,
            registration_id=found.id,
            classification=asked.classification,
            reason=asked.reason,
        )
    )


def assign(call: Call) -> Reply:
    asked: resources.Assigning = call.body
    found = _seen(call)
    offices = {one.code: one.id for one in tenancy.offices(area_id=call.area.id)}
    if asked.office_code not in offices:
        raise Invalid("office_code", "choose an office of this area")
    return _changed(
        protocol.assign(
            actor=call.actor, registration_id=found.id, office_id=offices[asked.office_code], note=asked.note
        )
    )


def annul(call: Call) -> Reply:
    asked: resources.Annulling = call.body
    found = _seen(call)
    exchange.annul(actor=call.actor, registration_id=found.id, act=asked.act, reason=asked.reason)
    return _changed(_seen(call))


def file_in_dossier(call: Call) -> Reply:
    found = _seen(call)
    return _changed(
        protocol.add_to_dossier(actor=call.actor, registration_id=found.id, dossier_id=call.ids["dossier_id"])
    )


def messages(call: Call) -> Reply:
    found = _seen(call)
    rows = exchanges.messages_of_registration(actor=call.actor, registration_id=found.id)
    return Reply(
        content=resources.Messages(
            items=tuple(
                resources.Message(
                    message_id=one.id,
                    direction=one.direction,
                    state=str(one.state),
                    counterpart_aoo=one.counterpart_aoo,
                    counterpart_name=one.counterpart_name,
                    created_at=one.created_at,
                    changed_at=one.changed_at,
                    anomaly=str(one.anomaly),
                    reason=one.reason,
                )
                for one in rows
            )
        )
    )


def read_cursor(text: str) -> list[Any]:
    """Read a cursor; one that nobody gave is refused.

    :raises Refused: naming the parameter.
    """
    try:
        found = json.loads(base64.urlsafe_b64decode(text.encode("ascii")))
        if isinstance(found, list):
            return found
    except (binascii.Error, ValueError, RecursionError):
        pass
    raise no_cursor()


def no_cursor() -> Refused:
    """Return the refusal of a cursor that is none."""
    return Refused(
        400,
        errors=[
            Fault(
                parameter="cursor",
                detail=_("This is no cursor."),
                remedy=_("Take it from `next` of the page before."),
            )
        ],
    )


def write_cursor(place: list[Any]) -> str:
    """Write a cursor."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _found(call: Call, asked: resources.RegistrationsAsked) -> resources.Registrations:
    permissions.require(call.actor, "protocol.search", area_id=call.area.id)
    restricted = permissions.allows(call.actor, "protocol.view_confidential", area_id=call.area.id)
    hits = index.find(
        area_ids=[call.area.id],
        text=asked.text,
        limit=asked.limit,
        before=_position_of(asked.cursor),
        include_restricted=restricted,
        year=asked.year,
    )
    ids = [hit.object_id for hit in hits if hit.kind == "registration"]
    if asked.direction:
        kept = register.those_of_direction(ids, asked.direction)
        ids = [one for one in ids if one in kept]
    seen = register.registration_views(actor=call.actor, registration_ids=ids)
    place = hits[-1].position if len(hits) == asked.limit else None
    # A page may hold fewer than asked (or none) and yet be followed by others.
    following = write_cursor([place.occurred_at.isoformat(), str(place.object_id)]) if place else None
    return resources.Registrations(items=tuple(map(views.line_of, seen)), next=following)


def _number_of(cursor: str) -> tuple[int, int] | None:
    if not cursor:
        return None
    place = read_cursor(cursor)
    if len(place) != 2 or not all(type(one) is int and 0 <= one < _LARGEST_INT for one in place):
        raise no_cursor()
    return place[0], place[1]


def _position_of(cursor: str) -> Position | None:
    if not cursor:
        return None
    place = read_cursor(cursor)
    try:
        moment, identifier = place
        found = Position(datetime.fromisoformat(moment), UUID(identifier))
    except (ValueError, TypeError, AttributeError):
        raise no_cursor() from None
    if found.occurred_at.tzinfo is None or not 1900 <= found.occurred_at.year <= 2200:
        raise no_cursor()
    return found


def _seen(call: Call) -> RegistrationView:
    """The registration of the address, if the program may see it in this area."""
    seen = register.registration_views(actor=call.actor, registration_ids=[call.ids["registration_id"]])
    if not seen or seen[0].area_id != call.area.id:
        raise NotVisible
    return seen[0]


def _documents(call: Call, asked: tuple[resources.DocumentToRegister, ...]) -> list[EnclosureData]:
    """What is to be registered: files of this request, or documents that the same program delivered."""
    if call.files:
        if asked:
            raise Invalid("documents", "leave it out: the files of this request are registered")
        stored = [
            actions.deliver_document(
                actor=call.actor,
                program_id=call.bearer.program_id,
                area_id=call.area.id,
                file_name=one.name or "",
                stream=one.file,  # type: ignore[arg-type]
                declared_type=one.content_type or "",
            )
            for one in call.files
        ]
        return [EnclosureData(one.id) for one in stored]
    if not asked:
        raise Invalid("documents", "name at least one document that you delivered")
    own = queries.delivered_here(
        program_id=call.bearer.program_id,
        area_id=call.area.id,
        document_ids=[one.document_id for one in asked],
    )
    for place, one in enumerate(asked):
        if one.document_id not in own:
            raise Invalid(f"documents.{place}.document_id", "deliver the document first, for this area")
    return [EnclosureData(one.document_id, one.description) for one in asked]


def _party(party: resources.Party) -> PartyData:
    return PartyData(**asdict(party))


def _made(call: Call, made: RegistrationView) -> Reply:
    return Reply(content=views.registration(made), location=call.address(f"/registrations/{made.id}"))


def _changed(changed: RegistrationView) -> Reply:
    return Reply(content=views.registration(changed))


def _registering(what: str, run: Any, body: Any, summary: str) -> Operation:
    return Operation(
        name=f"register_{what}",
        method="POST",
        path=f"{AREA}/registrations/{what}",
        summary=summary,
        about="Documents are delivered before (`POST /documents`) and named here, or come as parts called "
        "`document` of a multipart request, whose part `registration` is this JSON.",
        scope="protocol.register",
        run=run,
        body=body,
        takes=(JSON, FORM),
        answers=resources.Registration,
        status=201,
        key="required",
        statuses=(409, 413),
    )


OPERATIONS: Final = (
    _registering("incoming", register_incoming, resources.NewIncoming, "Register a document that came in"),
    _registering("outgoing", register_outgoing, resources.NewOutgoing, "Register a document that goes out"),
    _registering("internal", register_internal, resources.NewInternal, "Register an internal document"),
    Operation(
        name="list_registrations",
        method="GET",
        path=f"{AREA}/registrations",
        summary="List or search registrations, the newest first",
        scope="protocol.read",
        run=listed,
        query=resources.RegistrationsAsked,
        answers=resources.Registrations,
    ),
    Operation(
        name="get_registration",
        method="GET",
        path=_ONE,
        summary="Read a registration",
        scope="protocol.read",
        run=read_one,
        answers=resources.Registration,
    ),
    Operation(
        name="get_segnatura",
        method="GET",
        path=f"{_ONE}/segnatura",
        summary="Fetch the segnatura of a registration, byte for byte",
        scope="protocol.read",
        run=segnatura,
        query=resources.SegnaturaAsked,
        kind="application/xml",
    ),
    Operation(
        name="add_document",
        method="POST",
        path=f"{_ONE}/documents",
        summary="Always refused: documents are attached before registering",
        scope="protocol.register",
        run=add_document,
        status=409,
    ),
    Operation(
        name="reclassify_registration",
        method="POST",
        path=f"{_ONE}/classification",
        summary="Move a registration to another heading",
        scope="protocol.classify",
        run=reclassify,
        body=resources.Reclassification,
        takes=(JSON,),
        answers=resources.Registration,
        key="optional",
        statuses=(409,),
    ),
    Operation(
        name="assign_registration",
        method="POST",
        path=f"{_ONE}/assignments",
        summary="Assign a registration to an office",
        scope="protocol.assign",
        run=assign,
        body=resources.Assigning,
        takes=(JSON,),
        answers=resources.Registration,
        key="optional",
        statuses=(409,),
    ),
    Operation(
        name="annul_registration",
        method="POST",
        path=f"{_ONE}/annulment",
        summary="Annul a registration; it stays readable",
        scope="protocol.annul",
        run=annul,
        body=resources.Annulling,
        takes=(JSON,),
        answers=resources.Registration,
        key="optional",
        statuses=(409,),
    ),
    Operation(
        name="file_registration",
        method="PUT",
        path=f"{_ONE}/dossiers/{{dossier_id}}",
        summary="Put a registration in a dossier; a second time changes nothing",
        scope="protocol.classify",
        run=file_in_dossier,
        answers=resources.Registration,
        key="optional",
        statuses=(409,),
    ),
    Operation(
        name="list_messages",
        method="GET",
        path=f"{_ONE}/messages",
        summary="See how far the exchanges of a registration came",
        scope="exchange.read",
        run=messages,
        answers=resources.Messages,
    ),
)
