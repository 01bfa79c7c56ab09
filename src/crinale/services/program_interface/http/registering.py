"""Registering: documents that came in, go out, or stay inside (DPR 445/2000 art. 53)."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from crinale.kernel.errors import Invalid
from crinale.services.program_interface import actions, queries
from crinale.services.program_interface.http import resources
from crinale.services.program_interface.http.operations import AREA, JSON, Call, Operation, Reply
from crinale.services.program_interface.http.registrations import shown
from crinale.spine.exchange import actions as exchange
from crinale.spine.identity import permissions
from crinale.spine.protocol import actions as protocol
from crinale.spine.protocol import queries as register
from crinale.spine.protocol.queries import EnclosureData, LinkData, PartyData, ReceivedReference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crinale.spine.protocol.queries import RegistrationView

FORM: Final = "multipart/form-data"


def incoming(call: Call) -> Reply:
    asked: resources.NewIncoming = call.body
    told = asked.received
    with _named_as_sent():
        made = protocol.register_incoming(
            **_common(call, asked),
            senders=_parties(asked.senders),
            channel=asked.channel,
            received_identifier=ReceivedReference(number=told.number, date=told.date) if told else None,
            arrived_at=asked.arrived_at,
            deferred_act=asked.deferred_act,
            deferred_reason=asked.deferred_reason,
        )
    return _made(call, made)


def outgoing(call: Call) -> Reply:
    asked: resources.NewOutgoing = call.body
    common = _common(call, asked)
    common["sender"] = PartyData(**asdict(asked.sender)) if asked.sender else None
    if asked.send:
        permissions.require(call.actor, "protocol.send", area_id=call.area.id)
        return _made(call, exchange.register_and_send(**common))
    return _made(call, protocol.register_outgoing(**common, seal=asked.seal))


def internal(call: Call) -> Reply:
    asked: resources.NewInternal = call.body
    with _named_as_sent():
        made = protocol.register_internal(**_common(call, asked), senders=_parties(asked.senders))
    return _made(call, made)


def again(call: Call) -> Reply:
    """Read what was registered with the same key. Only who registered it gets here, so it may see it."""
    assert call.made is not None  # noqa: S101  kept with the answer
    (found,) = register.registration_views(actor=call.author, registration_ids=[call.made])
    return Reply(content=shown(call, found, actor=call.author))


@contextmanager
def _named_as_sent() -> Iterator[None]:
    """Point at fields as requests call them: the register says `sender` where there is one only."""
    try:
        yield
    except Invalid as error:
        name, dot, rest = error.field.partition(".")
        sent = {"sender": "senders.0", "received_identifier": "received"}.get(name, name)
        raise Invalid(sent + dot + rest, error.remedy) from error


def _common(
    call: Call, asked: resources.NewIncoming | resources.NewOutgoing | resources.NewInternal
) -> dict[str, Any]:
    return {
        "actor": call.actor,
        "area_id": call.area.id,
        "subject": asked.subject,
        "classification": asked.classification,
        "recipients": _parties(asked.recipients),
        "documents": _documents(call, asked.documents),
        "reply_to": asked.reply_to,
        "links": [LinkData(one.registration_id, one.relation, one.reason) for one in asked.links],
        "dossier_id": asked.dossier_id,
        "confidential": asked.confidential,
    }


def _parties(parties: tuple[resources.Party, ...]) -> list[PartyData]:
    return [PartyData(**asdict(one)) for one in parties]


def _made(call: Call, made: RegistrationView) -> Reply:
    return Reply(
        content=shown(call, made, actor=call.author),
        location=call.address(f"/registrations/{made.id}"),
        made=made.id,
    )


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
        again=again,
        statuses=(409, 413),
    )


OPERATIONS: Final = (
    _registering("incoming", incoming, resources.NewIncoming, "Register a document that came in"),
    _registering("outgoing", outgoing, resources.NewOutgoing, "Register a document that goes out"),
    _registering("internal", internal, resources.NewInternal, "Register an internal document"),
)
