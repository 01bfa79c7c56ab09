"""One registration, or some, with everything that is known of them, in a fixed number of questions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from crinale.kernel import clock
from crinale.kernel.errors import NotVisible
from crinale.kernel.numbers import format_number
from crinale.spine import audit
from crinale.spine.protocol.models import (
    Assignment,
    ClassificationChange,
    Correction,
    DossierItem,
    Enclosure,
    Link,
    Party,
    Registration,
    Segnatura,
    State,
)
from crinale.spine.protocol.queries.visibility import hidden_related, may_see
from crinale.spine.protocol.rules.corrections import with_correction
from crinale.spine.protocol.rules.identifier import Identifier
from crinale.spine.protocol.rules.metadata import registered_metadata
from crinale.spine.protocol.rules.numbering import stamp
from crinale.spine.protocol.rules.parties import PartyData
from crinale.spine.protocol.views import (
    AnnulmentView,
    AssignmentView,
    ClassificationChangeView,
    ClassificationView,
    CorrectionView,
    DeferralView,
    DossierView,
    EnclosureView,
    LinkView,
    PartyView,
    ReceivedReference,
    RegistrationView,
    RelatedView,
    SegnaturaView,
)
from crinale.spine.records import queries as records

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
    found = [view for view in views(registration_ids) if may_see(actor, view)]
    return _without_hidden_related(actor, _without_hidden_dossiers(actor, found))


def _without_hidden_related(actor: Actor, found: list[RegistrationView]) -> list[RegistrationView]:
    """Leave out the registrations before and after that the actor may not see: an answer tells of itself."""
    hidden = hidden_related(actor, [other for one in found for other in _related_to(one)])
    return [_without(one, hidden) for one in found] if hidden else found


def _related_to(one: RegistrationView) -> Iterable[RelatedView]:
    answered = () if one.reply_to is None else (one.reply_to,)
    return (*answered, *one.replies, *(link.related for link in one.links))


def _without(one: RegistrationView, hidden: set[UUID]) -> RegistrationView:
    return replace(
        one,
        reply_to=None if one.reply_to is None or one.reply_to.id in hidden else one.reply_to,
        replies=tuple(other for other in one.replies if other.id not in hidden),
        links=tuple(link for link in one.links if link.related.id not in hidden),
    )


def _without_hidden_dossiers(actor: Actor, found: list[RegistrationView]) -> list[RegistrationView]:
    """Leave out the dossiers that the actor may not see; who sees a document may not see them all."""
    for area_id in {one.area_id for one in found if one.dossiers}:
        ids = {held.id for one in found if one.area_id == area_id for held in one.dossiers}
        seen = records.visible_among(actor, area_id, ids)
        found = [
            replace(one, dossiers=tuple(held for held in one.dossiers if held.id in seen))
            if one.area_id == area_id
            else one
            for one in found
        ]
    return found


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
    """Describe registrations of the open scope, in the order asked; ten questions however many they are.

    ``being_sealed`` includes those that nobody may see yet, and gives all of them as they were registered,
    with their corrections beside them: for the register's own files only.
    """
    found = Registration.objects.filter(id__in=registration_ids).select_related(
        "area__body",
        "register",
        "classification",
        "current_classification",
        "reply_to",
        "emergency_entry",
        "act_of_annulment__document",
    )
    rows = {row.id: row for row in (found if being_sealed else found.exclude(state=State.BEING_SEALED))}
    parts = _Parts(list(rows))
    found_views = [_view(rows[one], parts) for one in dict.fromkeys(registration_ids) if one in rows]
    return (
        found_views
        if being_sealed
        else [reduce(with_correction, one.corrections, one) for one in found_views]
    )


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
            DossierItem.objects.filter(registration_id__in=ids, removed_at=None)
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
        self.corrections = _grouped(
            Correction.objects.filter(registration_id__in=ids).order_by("sequence"),
            lambda one: CorrectionView(
                one.sequence,
                one.field,
                one.before,
                one.after,
                one.reason,
                one.corrected_at,
                one.corrected_by_name,
            ),
        )
        self.links = _links(ids)


def _grouped(
    rows: Iterable[Any], describe: Callable[[Any], Any], *, key: str = "registration_id"
) -> defaultdict[UUID, tuple[Any, ...]]:
    listed: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        listed[getattr(row, key)].append(describe(row))
    return defaultdict(tuple, {one: tuple(parts) for one, parts in listed.items()})


def _links(ids: list[UUID]) -> defaultdict[UUID, tuple[LinkView, ...]]:
    """Return the links of some registrations, those that stand on them and those that point at them."""
    wanted = set(ids)
    rows = (
        Link.objects.filter(Q(registration_id__in=ids) | Q(other_id__in=ids))
        .exclude(registration__state=State.BEING_SEALED)
        .select_related("registration", "other")
        .order_by("added_at", "id")
    )
    found: defaultdict[UUID, tuple[LinkView, ...]] = defaultdict(tuple)
    for one in rows:
        if one.registration_id in wanted:
            found[one.registration_id] += (_link(one, inbound=False),)
        if one.other_id in wanted:
            found[one.other_id] += (_link(one, inbound=True),)
    return found


def _link(one: Link, *, inbound: bool) -> LinkView:
    return LinkView(
        id=one.id,
        relation=one.relation,  # type: ignore[arg-type]
        inbound=inbound,
        related=_related(one.registration if inbound else one.other),
        reason=one.reason,
        added_at=one.added_at,
        added_by_name=one.added_by_name,
        removed_at=one.removed_at,
        removed_by_name=one.removed_by_name,
        removal_reason=one.removal_reason,
    )


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
    subject = "" if row.confidential else row.subject
    return RelatedView(row.id, format_number(row.number), row.year, subject, row.area_id, row.confidential)


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
        deferral=DeferralView(row.deferred_act, row.deferred_reason) if row.deferred_act else None,
        corrections=parts.corrections[row.id],
        links=parts.links[row.id],
    )


def _annulment(row: Registration) -> AnnulmentView | None:
    if row.annulled_at is None:
        return None
    act = getattr(row, "act_of_annulment", None)
    return AnnulmentView(
        row.annulled_at,
        row.annulled_by_name,
        row.annulment_act,
        row.annulment_reason,
        document_id=act.document_id if act else None,
        file_name=act.document.file_name if act else "",
    )
