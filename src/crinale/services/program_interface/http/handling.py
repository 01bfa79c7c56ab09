"""What may change of a registration after it was made, each change beside what stood there before."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from crinale.kernel.errors import Invalid, NotVisible
from crinale.services.program_interface import queries
from crinale.services.program_interface.http import resources
from crinale.services.program_interface.http.operations import AREA, JSON, Call, Operation, Reply
from crinale.services.program_interface.http.problems import Refused
from crinale.services.program_interface.http.registrations import read_again, seen, shown
from crinale.spine.exchange import actions as exchange
from crinale.spine.protocol import actions as protocol
from crinale.spine.tenancy import queries as tenancy

if TYPE_CHECKING:
    from collections.abc import Iterator


_ONE: Final = f"{AREA}/registrations/{{registration_id}}"


def add_document(call: Call) -> Reply:
    seen(call)
    raise Refused(
        409,
        _(
            "The documents of a registration are part of it and never change (DPR 445/2000 art. 53): "
            "register the further document by itself, with reply_to or in the same dossier."
        ),
    )


def reclassify(call: Call) -> Reply:
    asked: resources.Reclassification = call.body
    found = seen(call)
    protocol.reclassify(
        actor=call.actor,
        registration_id=found.id,
        classification=asked.classification,
        reason=asked.reason,
    )
    return _changed(call)


def assign(call: Call) -> Reply:
    asked: resources.Assigning = call.body
    found = seen(call)
    offices = {one.code: one.id for one in tenancy.offices(area_id=call.area.id)}
    if asked.office_code not in offices:
        raise Invalid("office_code", "choose an office of this area")
    protocol.assign(
        actor=call.actor,
        registration_id=found.id,
        office_id=offices[asked.office_code],
        note=asked.note,
        deadline=asked.deadline,
    )
    return _changed(call)


def annul(call: Call) -> Reply:
    asked: resources.Annulling = call.body
    found = seen(call)
    if asked.document_id is not None and not queries.delivered_here(
        program_id=call.bearer.program_id, area_id=call.area.id, document_ids=[asked.document_id]
    ):
        raise Invalid("document_id", "deliver the document first, for this area")
    exchange.annul(
        actor=call.actor,
        registration_id=found.id,
        act=asked.act,
        reason=asked.reason,
        document_id=asked.document_id,
    )
    return _changed(call)


def file_in_dossier(call: Call) -> Reply:
    found = seen(call)
    protocol.add_to_dossier(actor=call.actor, registration_id=found.id, dossier_id=call.ids["dossier_id"])
    return _changed(call)


def correct(call: Call) -> Reply:
    asked: resources.Correcting = call.body
    found = seen(call)
    with _named_by_place(asked.changes):
        protocol.correct(
            actor=call.actor,
            registration_id=found.id,
            changes={one.field: one.value for one in asked.changes},
            reason=asked.reason,
        )
    return _changed(call)


def link(call: Call) -> Reply:
    asked: resources.NewLink = call.body
    found = seen(call)
    protocol.link_registration(
        actor=call.actor,
        registration_id=found.id,
        other_id=asked.registration_id,
        relation=asked.relation,
        reason=asked.reason,
    )
    return _changed(call)


def unlink(call: Call) -> Reply:
    asked: resources.LinkRemoval = call.body
    found = seen(call)
    if not any(one.id == call.ids["link_id"] and not one.inbound for one in found.links):
        raise NotVisible
    protocol.unlink_registration(actor=call.actor, link_id=call.ids["link_id"], reason=asked.reason)
    return _changed(call)


@contextmanager
def _named_by_place(changes: tuple[resources.Change, ...]) -> Iterator[None]:
    """Point at the change whose value is refused: the register names it by its field."""
    places = {one.field: place for place, one in enumerate(changes)}
    if len(places) < len(changes):
        raise Invalid("changes", "name each field once")
    try:
        yield
    except Invalid as error:
        if error.field in places:
            raise Invalid(f"changes.{places[error.field]}", error.remedy) from error
        raise


def _changed(call: Call) -> Reply:
    """The registration as the program sees it now: what an action returns may name more."""
    return Reply(content=shown(call, seen(call)))


OPERATIONS: Final = (
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
        again=read_again,
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
        again=read_again,
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
        again=read_again,
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
        again=read_again,
        statuses=(409,),
    ),
    Operation(
        name="correct_registration",
        method="POST",
        path=f"{_ONE}/corrections",
        summary="Correct what may be corrected; the values of before stay beside it",
        about="Fields are `channel`, `arrived_at`, `received_number`, `received_date`, "
        "`documents.0.description` and, of `senders.0` and `recipients.0`, `.email`, `.phone` and "
        "`.postal_address`. What else was registered never changes: annul and register anew.",
        scope="protocol.register",
        run=correct,
        body=resources.Correcting,
        takes=(JSON,),
        answers=resources.Registration,
        key="optional",
        again=read_again,
        statuses=(409,),
    ),
    Operation(
        name="link_registration",
        method="POST",
        path=f"{_ONE}/links",
        summary="Say that a registration refers to an earlier one",
        scope="protocol.classify",
        run=link,
        body=resources.NewLink,
        takes=(JSON,),
        answers=resources.Registration,
        key="optional",
        again=read_again,
        statuses=(409,),
    ),
    Operation(
        name="unlink_registration",
        method="POST",
        path=f"{_ONE}/links/{{link_id}}/removal",
        summary="Mark a link as removed; it stays readable",
        scope="protocol.classify",
        run=unlink,
        body=resources.LinkRemoval,
        takes=(JSON,),
        answers=resources.Registration,
        key="optional",
        again=read_again,
        statuses=(409,),
    ),
)
