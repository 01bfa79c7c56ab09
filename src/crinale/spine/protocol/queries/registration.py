"""One registration, or some, with everything that is known of them, in a fixed number of questions."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from crinale.kernel import clock
from crinale.kernel.errors import NotVisible
from crinale.kernel.numbers import format_number
from crinale.spine import audit
from crinale.spine.protocol.models import (
    Assignment,
    ClassificationChange,
    DossierItem,
    Enclosure,
    Party,
    Registration,
    Segnatura,
    State,
)
from crinale.spine.protocol.queries.visibility import may_see
from crinale.spine.protocol.rules.identifier import Identifier
from crinale.spine.protocol.rules.metadata import registered_metadata
from crinale.spine.protocol.rules.numbering import stamp
from crinale.spine.protocol.rules.parties import PartyData
from crinale.spine.protocol.views import (
    AnnulmentView,
    AssignmentView,
    ClassificationChangeView,
    ClassificationView,
    DossierView,
    EnclosureView,
    PartyView,
    ReceivedReference,
    RegistrationView,
    RelatedView,
    SegnaturaView,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from uuid import UUID

    from crinale.spine.identity import Actor
    from crinale.spine.records.models import ClassificationEntry


def registration(*, actor: Actor, registration_id: UUID) -> RegistrationView:
    """Return a registration of the open scope; a reading by a person is noted in the access log.

    :raises NotVisible: when there is none, when it is being sealed, or when the actor may not see it.
    """
    found = registration_views(actor=actor, registration_ids=[registration_id])
    if not found:
        raise NotVisible
    if actor.kind == "staff":
        audit.access(actor=actor, what="registration", object_id=registration_id)
    return found[0]


def registration_views(*, actor: Actor, registration_ids: Sequence[UUID]) -> list[RegistrationView]:
    """Return those of these registrations that the actor may see, in the order asked."""
    return [view for view in views(registration_ids) if may_see(actor, view)]


def registration_by_identifier(*, identifier: Identifier) -> RegistrationView | None:
    """Return the registration of the open scope that an identifier names, or None.

    For the exchange, which answers other areas about registrations that they name.
    """
    found = Registration.objects.filter(
        area__code=identifier.aoo_code,
        area__body__ipa_code__iexact=identifier.ipa_code,
        register__code=identifier.register_code,
        year=identifier.year,
        number=identifier.number,
        legal_date=identifier.date,
    ).values_list("id", flat=True)
    return next(iter(views(list(found))), None)


def segnatura_xml(*, actor: Actor, registration_id: UUID, received: bool = False) -> bytes:
    """Return the segnatura that the area issued, or the one that came with the document, byte for byte.

    :raises NotVisible: when the registration is not visible or has none.
    """
    if not registration_views(actor=actor, registration_ids=[registration_id]):
        raise NotVisible
    origin = "received" if received else "issued"
    found = Segnatura.objects.filter(registration_id=registration_id, origin=origin).first()
    if found is None:
        raise NotVisible
    return bytes(found.xml)


def segnature_xml(*, actor: Actor, registration: RegistrationView) -> dict[str, bytes]:
    """Return every segnatura of a registration by its origin, ``issued`` and ``received``, byte for byte.

    :raises NotVisible: when the actor may not see the registration.
    """
    if not may_see(actor, registration):
        raise NotVisible
    if not registration.segnature:
        return {}
    found = Segnatura.objects.filter(registration_id=registration.id).values_list("origin", "xml")
    return {origin: bytes(xml) for origin, xml in found}


def document_metadata(*, actor: Actor, registration_id: UUID) -> list[dict[str, Any]]:
    """Return the metadata (Allegato 5) of the documents of a registration, the primary one first.

    :raises NotVisible: when the registration is not visible.
    """
    found = registration_views(actor=actor, registration_ids=[registration_id])
    if not found:
        raise NotVisible
    return registered_metadata(found[0])


def views(registration_ids: Sequence[UUID], *, being_sealed: bool = False) -> list[RegistrationView]:
    """Describe registrations of the open scope, in the order asked; eight questions however many they are.

    ``being_sealed`` includes those that nobody may see yet: for the register's own files only.
    """
    found = Registration.objects.filter(id__in=registration_ids).select_related(
        "area__body", "register", "classification", "current_classification", "reply_to", "emergency_entry"
    )
    rows = {row.id: row for row in (found if being_sealed else found.exclude(state=State.BEING_SEALED))}
    parts = _Parts(list(rows))
    return [_view(rows[one], parts) for one in dict.fromkeys(registration_ids) if one in rows]


class _Parts:
    """What hangs on some registrations, by registration."""

    def __init__(self, ids: list[UUID]) -> None:
        self.parties = _grouped(
            Party.objects.filter(registration_id__in=ids).order_by("-role", "position"),
            lambda one: PartyView(one.role, one.name, PartyData.from_json(one.data)),
        )
        self.enclosures = _grouped(
            Enclosure.objects.filter(registration_id__in=ids).select_related("document").order_by("position"),
            _enclosure,
        )
        self.segnature = _grouped(
            Segnatura.objects.filter(registration_id__in=ids).defer("xml").order_by("origin"),
            lambda one: SegnaturaView(one.origin, one.sha256, one.certificate_sha256, one.made_at),
        )
        self.assignments = _grouped(
            Assignment.objects.filter(registration_id__in=ids).select_related("office").order_by("sequence"),
            _assignment,
        )
        self.changes = _grouped(
            ClassificationChange.objects.filter(registration_id__in=ids)
            .select_related("previous", "classification")
            .order_by("sequence"),
            lambda one: ClassificationChangeView(
                heading(one.previous),
                heading(one.classification),
                one.reason,
                one.changed_at,
                one.changed_by_name,
            ),
        )
        self.dossiers = _grouped(
            DossierItem.objects.filter(registration_id__in=ids)
            .select_related("dossier")
            .order_by("added_at"),
            lambda one: DossierView(one.dossier_id, one.dossier.code, one.dossier.title),
        )
        self.replies = _grouped(
            Registration.objects.filter(reply_to_id__in=ids)
            .exclude(state=State.BEING_SEALED)
            .order_by("registered_at"),
            _related,
            key="reply_to_id",
        )


def _grouped(
    rows: Iterable[Any], describe: Callable[[Any], Any], *, key: str = "registration_id"
) -> defaultdict[UUID, tuple[Any, ...]]:
    found: defaultdict[UUID, tuple[Any, ...]] = defaultdict(tuple)
    for row in rows:
        found[getattr(row, key)] += (describe(row),)
    return found


def heading(entry: ClassificationEntry) -> ClassificationView:
    """Describe a heading of the filing plan."""
    return ClassificationView(entry.id, entry.code, entry.title)


def _enclosure(one: Enclosure) -> EnclosureView:
    return EnclosureView(
        position=one.position,
        document_id=one.document_id,
        description=one.description,
        file_name=one.document.file_name,
        sha256=one.document.sha256,
        size=one.document.size,
        media_type=one.document.media_type,
        metadata=one.document.metadata,
    )


def _assignment(one: Assignment) -> AssignmentView:
    return AssignmentView(
        id=one.id,
        sequence=one.sequence,
        purpose=one.purpose,  # type: ignore[arg-type]
        state=one.state,  # type: ignore[arg-type]
        deadline=one.deadline,
        taken_by_name=one.taken_by_name,
        office_id=one.office_id,
        office_code=one.office.code,
        office_name=one.office.name,
        person_id=one.person,
        person_name=one.person_name,
        note=one.note,
        assigned_at=one.assigned_at,
        assigned_by_name=one.assigned_by_name,
    )


def _related(row: Registration) -> RelatedView:
    # The subject of a confidential registration is shown on its own page only, to those who may see it.
    return RelatedView(row.id, format_number(row.number), row.year, "" if row.confidential else row.subject)


def _received(row: Registration) -> ReceivedReference | None:
    found = ReceivedReference(
        row.received_ipa_code,
        row.received_aoo_code,
        row.received_register_code,
        row.received_number,
        row.received_date,
    )
    return None if found == ReceivedReference() else found


def _view(row: Registration, parts: _Parts) -> RegistrationView:
    local = row.registered_at.astimezone(clock.ROME)
    body, parties = row.area.body, parts.parties[row.id]
    entry = getattr(row, "emergency_entry", None)
    return RegistrationView(
        id=row.id,
        body_id=row.body_id,
        area_id=row.area_id,
        area_name=row.area.name,
        body_name=body.name,
        identifier=Identifier(
            body.ipa_code,
            row.area.code,
            row.register.code,
            row.number,
            row.legal_date,
            local.time().replace(microsecond=0),
        ),
        year=row.year,
        number=row.number,
        registered_at=row.registered_at,
        registered_by=row.registered_by,
        registered_by_name=row.registered_by_name,
        direction=row.direction,  # type: ignore[arg-type]
        state=row.state,  # type: ignore[arg-type]
        subject=row.subject,
        confidential=row.confidential,
        classification=heading(row.current_classification),
        first_classification=heading(row.classification),
        channel=row.channel,
        arrived_at=row.arrived_at,
        received=_received(row),
        senders=tuple(one for one in parties if one.role == "sender"),
        recipients=tuple(one for one in parties if one.role == "recipient"),
        documents=parts.enclosures[row.id],
        segnature=parts.segnature[row.id],
        assignments=parts.assignments[row.id],
        classification_changes=parts.changes[row.id],
        dossiers=parts.dossiers[row.id],
        reply_to=_related(row.reply_to) if row.reply_to else None,
        replies=parts.replies[row.id],
        emergency_number=format_number(entry.number) if entry else "",
        annulment=_annulment(row),
        digest=row.digest,
        stamp=stamp(
            body_name=body.name,
            aoo_code=row.area.code,
            register_code=row.register.code,
            number=row.number,
            registered_at=row.registered_at,
            direction=row.direction,
            classification=row.classification.code,
            annulled=row.annulled_at is not None,
        ),
    )


def _annulment(row: Registration) -> AnnulmentView | None:
    if row.annulled_at is None:
        return None
    return AnnulmentView(row.annulled_at, row.annulled_by_name, row.annulment_act, row.annulment_reason)
