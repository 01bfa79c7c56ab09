"""What the pages change. Each action is one durable transaction around the doors of the spine.

A form carries a token: acting upon it twice (a double click, a page sent again) gives the same registration.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from crinale.kernel import clock
from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.services.protocol_office.models import Preset, Submission
from crinale.spine.exchange import actions as exchange
from crinale.spine.exchange.queries import messages_of_registration
from crinale.spine.identity import permissions
from crinale.spine.protocol import actions as protocol
from crinale.spine.protocol.actions import address_book
from crinale.spine.records import actions as records
from crinale.spine.records import queries as records_queries
from crinale.spine.tenancy import queries as tenancy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date, datetime
    from typing import BinaryIO
    from uuid import UUID

    from crinale.spine.exchange.actions import Way
    from crinale.spine.exchange.actions.mail_deciding import WholeMail
    from crinale.spine.identity import Actor
    from crinale.spine.protocol.actions import Assignee
    from crinale.spine.protocol.actions.correcting import Value
    from crinale.spine.protocol.actions.emergency import EmergencyLine
    from crinale.spine.protocol.queries import (
        CopyView,
        EnclosureData,
        PartyData,
        ReceivedReference,
        RegistrationFilter,
        RegistrationView,
    )
    from crinale.spine.protocol.views import LinkData, LinkName
    from crinale.spine.records.queries import DocumentRef, DossierData


class AlreadyBeingRegistered(Conflict):
    """This form is already being registered: wait a moment and look in the register."""


class DossierOpening(TypedDict, total=False):
    """What may be said of a dossier when it is opened."""

    kind: str
    data: DossierData
    office_id: UUID | None
    responsible: UUID | None
    visibility: str
    readers: Mapping[UUID, str]


@dataclass(frozen=True, kw_only=True)
class OutgoingDraft:
    """A document to register and send, as the page gathered it."""

    subject: str
    classification: str
    recipients: Sequence[PartyData]
    documents: Sequence[EnclosureData]
    reply_to: UUID | None = None
    links: Sequence[LinkData] = ()
    ways: Mapping[int, Way] = field(default_factory=dict)
    dossier_id: UUID | None = None
    confidential: bool = False


@dataclass(frozen=True, kw_only=True)
class ArrivalDraft:
    """A document that arrived by hand, post or mail, as the page gathered it."""

    subject: str
    classification: str
    senders: Sequence[PartyData]
    documents: Sequence[EnclosureData]
    channel: str
    recipients: Sequence[PartyData] = ()
    received: ReceivedReference | None = None
    arrived_at: datetime | None = None
    deferred_act: str = ""
    deferred_reason: str = ""
    links: Sequence[LinkData] = ()
    office_id: UUID | None = None
    confidential: bool = False


@dataclass(frozen=True, kw_only=True)
class PresetContent:
    """What a preset fills in."""

    subject: str = ""
    classification: str = ""
    office: str = ""
    parties: Sequence[PartyData] = ()
    groups: Sequence[str] = ()

    def as_json(self) -> dict[str, object]:
        """Give it for a JSON column."""
        return {
            "subject": self.subject,
            "classification": self.classification,
            "office": self.office,
            "parties": [party.as_json() for party in self.parties],
            "groups": list(self.groups),
        }


@dataclass(frozen=True, kw_only=True)
class InternalDraft:
    """A document from one office to another, as the page gathered it."""

    subject: str
    classification: str
    sender: PartyData
    recipient: PartyData
    documents: Sequence[EnclosureData]
    office_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class MailDraft:
    """A mail to register: ``documents`` are paths of its files, ``whole_mail`` where the mail itself goes."""

    subject: str
    classification: str
    sender: PartyData
    documents: Sequence[str]
    whole_mail: WholeMail
    office_id: UUID | None = None
    confidential: bool = False


def keep_file(*, actor: Actor, file_name: str, stream: BinaryIO, declared_type: str | None) -> DocumentRef:
    """Store a file chosen on a page before anything is registered, so that it is uploaded once."""
    with transaction.atomic(durable=True):
        return records.store_document(
            actor=actor, file_name=file_name, stream=stream, declared_type=declared_type
        )


def send(*, actor: Actor, area_id: UUID, token: UUID, draft: OutgoingDraft) -> UUID:
    """Register, seal and send a document; return the registration."""

    def register() -> RegistrationView:
        return exchange.register_and_send(
            actor=actor,
            area_id=area_id,
            subject=draft.subject,
            classification=draft.classification,
            recipients=draft.recipients,
            documents=draft.documents,
            reply_to=draft.reply_to,
            links=draft.links,
            ways=draft.ways,
            dossier_id=draft.dossier_id,
            confidential=draft.confidential,
        )

    return _once(actor, token, register)


def register_arrival(*, actor: Actor, area_id: UUID, token: UUID, draft: ArrivalDraft) -> UUID:
    """Register what arrived outside the exchange and give it to its office; return the registration."""

    def register() -> RegistrationView:
        made = protocol.register_incoming(
            actor=actor,
            area_id=area_id,
            subject=draft.subject,
            classification=draft.classification,
            senders=draft.senders,
            recipients=draft.recipients,
            documents=draft.documents,
            channel=draft.channel,
            received_identifier=draft.received,
            arrived_at=draft.arrived_at,
            deferred_act=draft.deferred_act,
            deferred_reason=draft.deferred_reason,
            links=draft.links,
            confidential=draft.confidential,
        )
        return _give(actor, made, draft.office_id)

    return _once(actor, token, register)


def register_internal(*, actor: Actor, area_id: UUID, token: UUID, draft: InternalDraft) -> UUID:
    """Register a document between two offices, given to the one that receives; return the registration."""

    def register() -> RegistrationView:
        made = protocol.register_internal(
            actor=actor,
            area_id=area_id,
            subject=draft.subject,
            classification=draft.classification,
            sender=draft.sender,
            recipients=[draft.recipient],
            documents=draft.documents,
        )
        return _give(actor, made, draft.office_id)

    return _once(actor, token, register)


def enter_emergency(*, actor: Actor, emergency_id: UUID, token: UUID, line: EmergencyLine) -> UUID:
    """Enter a document registered by hand during an emergency; it keeps its emergency number."""

    def register() -> RegistrationView:
        return protocol.enter_emergency_registration(actor=actor, emergency_id=emergency_id, line=line)

    return _once(actor, token, register)


def repeat_deposit(*, actor: Actor, area_id: UUID, day: date) -> None:
    """Have a day that preservation refused delivered again."""
    with transaction.atomic(durable=True):
        protocol.repeat_deposit(actor=actor, area_id=area_id, day=day)


def copy_register(
    *, actor: Actor, area_id: UUID, kind: str, narrowed: RegistrationFilter
) -> tuple[CopyView, BinaryIO | None]:
    """Copy the register into a file, or have a job write it when it is large."""
    with transaction.atomic(durable=True):
        return protocol.copy_register(actor=actor, area_id=area_id, kind=kind, narrowed=narrowed)


def note_copy_taken(*, actor: Actor, copy_id: UUID) -> None:
    """Note that a large copy was taken."""
    with transaction.atomic(durable=True):
        protocol.note_download(actor=actor, export_id=copy_id)


def enter_emergency_lines(
    *, actor: Actor, emergency_id: UUID, text: str, dry_run: bool
) -> protocol.EnteredLines:
    """Enter a table of lines registered by hand, all or none; a dry run keeps nothing."""
    with transaction.atomic(durable=True):
        return protocol.enter_emergency_lines(
            actor=actor, emergency_id=emergency_id, text=text, dry_run=dry_run
        )


def open_emergency(
    *, actor: Actor, area_id: UUID, cause: str, authorisation: str, started_at: datetime
) -> None:
    """Note the authorised use of the emergency register."""
    with transaction.atomic(durable=True):
        protocol.open_emergency(
            actor=actor, area_id=area_id, cause=cause, authorisation=authorisation, started_at=started_at
        )


def extend_emergency(
    *, actor: Actor, emergency_id: UUID, act: str, valid_from: datetime, valid_to: datetime
) -> None:
    """Note the act that allows the emergency register beyond 24 hours."""
    with transaction.atomic(durable=True):
        protocol.extend_emergency(
            actor=actor, emergency_id=emergency_id, act=act, valid_from=valid_from, valid_to=valid_to
        )


def close_emergency(
    *, actor: Actor, emergency_id: UUID, restored_at: datetime, totals: Mapping[date, int]
) -> None:
    """Note that the system is back and how many documents were registered by hand on each day."""
    with transaction.atomic(durable=True):
        protocol.close_emergency(
            actor=actor, emergency_id=emergency_id, restored_at=restored_at, totals=totals
        )


def retry(*, actor: Actor, message_id: UUID) -> None:
    """Order a new attempt at once."""
    with transaction.atomic(durable=True):
        exchange.retry_now(actor=actor, message_id=message_id)


def take_note(*, actor: Actor, message_id: UUID) -> None:
    """Take a refused message out of the queue."""
    with transaction.atomic(durable=True):
        exchange.take_note(actor=actor, message_id=message_id)


def register_waiting(
    *, actor: Actor, message_id: UUID, classification: str, office_id: UUID | None
) -> RegistrationView:
    """Register a document that arrived by the exchange and waits for a clerk; the sender is told."""
    with transaction.atomic(durable=True):
        made = exchange.register_waiting(actor=actor, message_id=message_id, classification=classification)
        return _give(actor, made, office_id)


def register_mail(*, actor: Actor, mail_id: UUID, draft: MailDraft) -> UUID:
    """Register a mail that waits, and give it to its office; return the registration."""
    with transaction.atomic(durable=True):
        return exchange.register_mail(
            actor=actor,
            mail_id=mail_id,
            subject=draft.subject,
            classification=draft.classification,
            sender=draft.sender,
            documents=draft.documents,
            whole_mail=draft.whole_mail,
            office_id=draft.office_id,
            confidential=draft.confidential,
        ).id


def set_mail_aside(*, actor: Actor, mail_id: UUID, reason: str) -> None:
    """Take a mail out of the queue; it stays, with the reason."""
    with transaction.atomic(durable=True):
        exchange.set_mail_aside(actor=actor, mail_id=mail_id, reason=reason)


def return_mail(*, actor: Actor, mail_id: UUID) -> None:
    """Have a mail examined anew; it waits again, or finds its message."""
    with transaction.atomic(durable=True):
        exchange.return_mail_to_queue(actor=actor, mail_id=mail_id)


def refuse_waiting(*, actor: Actor, message_id: UUID, reason: str) -> None:
    """Refuse a document that waits for a clerk; the sender is told why."""
    with transaction.atomic(durable=True):
        exchange.refuse_waiting(actor=actor, message_id=message_id, reason=reason)


def annul(
    *, actor: Actor, registration_id: UUID, act: str, reason: str, document_id: UUID | None = None
) -> None:
    """Annul a registration; if it was exchanged the other side is told. ``document_id`` is the act itself.

    A refusal that nobody took note of leaves the queue with it: there is nothing more to decide.
    """
    with transaction.atomic(durable=True):
        exchange.annul(
            actor=actor, registration_id=registration_id, act=act, reason=reason, document_id=document_id
        )
        for message in messages_of_registration(actor=actor, registration_id=registration_id):
            if message.direction == "out" and message.state == "refused" and not message.noted:
                exchange.take_note(actor=actor, message_id=message.id)


def assign(
    *,
    actor: Actor,
    registration_id: UUID,
    assignees: Sequence[Assignee],
    note: str,
    deadline: date | None,
) -> None:
    """Give a registration to offices and people."""
    with transaction.atomic(durable=True):
        protocol.assign_several(
            actor=actor, registration_id=registration_id, assignees=assignees, note=note, deadline=deadline
        )


def take_charge(*, actor: Actor, assignment_id: UUID) -> None:
    """Take charge of what was assigned."""
    with transaction.atomic(durable=True):
        protocol.take_charge(actor=actor, assignment_id=assignment_id)


def refuse_assignment(*, actor: Actor, assignment_id: UUID, reason: str) -> None:
    """Send an assignment back to the desk."""
    with transaction.atomic(durable=True):
        protocol.refuse_assignment(actor=actor, assignment_id=assignment_id, reason=reason)


def forward_assignment(*, actor: Actor, assignment_id: UUID, to: Assignee, reason: str) -> None:
    """Pass an assignment on."""
    with transaction.atomic(durable=True):
        protocol.forward_assignment(actor=actor, assignment_id=assignment_id, to=to, reason=reason)


def conclude(*, actor: Actor, assignment_id: UUID, note: str) -> None:
    """Say that an assignment is done, or was read."""
    with transaction.atomic(durable=True):
        protocol.conclude(actor=actor, assignment_id=assignment_id, note=note)


def withdraw_assignment(*, actor: Actor, assignment_id: UUID, reason: str) -> None:
    """Take an assignment back."""
    with transaction.atomic(durable=True):
        protocol.withdraw_assignment(actor=actor, assignment_id=assignment_id, reason=reason)


def reclassify(*, actor: Actor, registration_id: UUID, classification: str, reason: str) -> None:
    """Move a registration to another heading."""
    with transaction.atomic(durable=True):
        protocol.reclassify(
            actor=actor, registration_id=registration_id, classification=classification, reason=reason
        )


def correct(*, actor: Actor, registration_id: UUID, changes: Mapping[str, Value], reason: str) -> None:
    """Correct what may be corrected of a registration; both values stay visible."""
    with transaction.atomic(durable=True):
        protocol.correct(actor=actor, registration_id=registration_id, changes=changes, reason=reason)


def link(*, actor: Actor, registration_id: UUID, other_id: UUID, relation: LinkName, reason: str) -> None:
    """Say that a registration belongs to another one."""
    with transaction.atomic(durable=True):
        protocol.link_registration(
            actor=actor, registration_id=registration_id, other_id=other_id, relation=relation, reason=reason
        )


def unlink(*, actor: Actor, link_id: UUID, reason: str) -> None:
    """Take a link away; that it was there stays visible."""
    with transaction.atomic(durable=True):
        protocol.unlink_registration(actor=actor, link_id=link_id, reason=reason)


def add_correspondent(*, actor: Actor, party: PartyData, reason: str, another: bool) -> UUID:
    """Put somebody into the address book; return it."""
    with transaction.atomic(durable=True):
        return address_book.add_correspondent(actor=actor, party=party, reason=reason, another=another).id


def change_correspondent(
    *, actor: Actor, correspondent_id: UUID, party: PartyData, seen_version: int, reason: str
) -> None:
    """Change what is known of a correspondent; what was known before stays."""
    with transaction.atomic(durable=True):
        address_book.change_correspondent(
            actor=actor,
            correspondent_id=correspondent_id,
            party=party,
            seen_version=seen_version,
            reason=reason,
        )


def close_correspondent(*, actor: Actor, correspondent_id: UUID, reason: str) -> None:
    """Take a correspondent out of use."""
    with transaction.atomic(durable=True):
        address_book.close_correspondent(actor=actor, correspondent_id=correspondent_id, reason=reason)


def merge_correspondents(*, actor: Actor, keep_id: UUID, absorbed_id: UUID, reason: str) -> None:
    """Say that two correspondents are one; what was known of both stays."""
    with transaction.atomic(durable=True):
        address_book.merge_correspondents(
            actor=actor, keep_id=keep_id, absorbed_id=absorbed_id, reason=reason
        )


def open_group(*, actor: Actor, area_id: UUID, name: str) -> UUID:
    """Make a group of correspondents; return it."""
    with transaction.atomic(durable=True):
        return address_book.open_group(actor=actor, area_id=area_id, name=name)


def rename_group(*, actor: Actor, group_id: UUID, name: str) -> None:
    """Give a group another name."""
    with transaction.atomic(durable=True):
        address_book.rename_group(actor=actor, group_id=group_id, name=name)


def close_group(*, actor: Actor, group_id: UUID) -> None:
    """Take a group out of use."""
    with transaction.atomic(durable=True):
        address_book.close_group(actor=actor, group_id=group_id)


def change_members(*, actor: Actor, group_id: UUID, add: Sequence[UUID], remove: Sequence[UUID]) -> None:
    """Put correspondents into a group and take others out of it."""
    with transaction.atomic(durable=True):
        address_book.change_members(actor=actor, group_id=group_id, add=add, remove=remove)


def open_preset(*, actor: Actor, area_id: UUID, name: str, direction: str, content: PresetContent) -> UUID:
    """Keep a document that is written again and again; return it.

    :raises Invalid: when another one of the area has this name.
    :raises NotVisible: when the actor may not register such documents in the area.
    """
    right = "protocol.register_incoming" if direction == "incoming" else "protocol.register"
    with transaction.atomic(durable=True):
        permissions.require(actor, right, area_id=area_id)
        made = Preset(
            area=area_id,
            name=name,
            direction=direction,
            content=content.as_json(),
            made_at=clock.now(),
            made_by=actor.person_id,
            made_by_name=actor.name[:200],
        )
        try:
            with transaction.atomic():
                made.save(force_insert=True)
        except IntegrityError as error:
            raise Invalid("name", "another preset has this name: choose a different one") from error
        return made.id


def close_preset(*, actor: Actor, area_id: UUID, preset_id: UUID) -> None:
    """Take a preset out of use.

    :raises NotVisible: when there is none in use in the area, or the actor may not register there.
    """
    with transaction.atomic(durable=True):
        permissions.require(actor, "protocol.register", area_id=area_id)
        closed = Preset.objects.filter(id=preset_id, area=area_id, closed_at=None).update(
            closed_at=clock.now()
        )
        if not closed:
            raise NotVisible


def send_by_mail(*, actor: Actor, registration_id: UUID, recipient: int, address: str) -> None:
    """Send a registration to one of its recipients by mail, whatever other way was tried before."""
    with transaction.atomic(durable=True):
        exchange.send_by_mail(
            actor=actor, registration_id=registration_id, recipient=recipient, address=address
        )


def send_to_late(*, actor: Actor, registration_id: UUID) -> int:
    """Send to the recipients that can be reached now and could not before; return how many."""
    with transaction.atomic(durable=True):
        return exchange.send_registration(actor=actor, registration_id=registration_id)


def record_workaround(
    *, actor: Actor, incident_id: UUID, workaround: str, restore_expected_at: datetime | None
) -> None:
    """Note what the other side proposed meanwhile, and when it expects to be back."""
    with transaction.atomic(durable=True):
        exchange.record_workaround(
            actor=actor,
            incident_id=incident_id,
            workaround=workaround,
            restore_expected_at=restore_expected_at,
        )


def close_incident(*, actor: Actor, incident_id: UUID, note: str) -> None:
    """Close an incident, saying how it ended."""
    with transaction.atomic(durable=True):
        exchange.close_incident(actor=actor, incident_id=incident_id, note=note)


def open_dossier(
    *, actor: Actor, area_id: UUID, title: str, classification: str, **known: Unpack[DossierOpening]
) -> UUID:
    """Open a dossier; return it."""
    with transaction.atomic(durable=True):
        return records.open_dossier(
            actor=actor, area_id=area_id, title=title, classification_code=classification, **known
        ).id


def open_dossier_part(*, actor: Actor, parent_id: UUID, title: str, form: str) -> UUID:
    """Open a sub-dossier or an insert; return it."""
    with transaction.atomic(durable=True):
        return records.open_part(actor=actor, parent_id=parent_id, title=title, form=form).id


def change_dossier(
    *, actor: Actor, dossier_id: UUID, data: DossierData, office_id: UUID | None, responsible: UUID | None
) -> None:
    """Change what is known of a dossier."""
    with transaction.atomic(durable=True):
        records.change_dossier(
            actor=actor, dossier_id=dossier_id, data=data, office_id=office_id, responsible=responsible
        )


def show_dossier(
    *, actor: Actor, dossier_id: UUID, visibility: str, reason: str, readers: Mapping[UUID, str]
) -> None:
    """Say to whom a dossier is visible."""
    with transaction.atomic(durable=True):
        records.show_dossier(
            actor=actor, dossier_id=dossier_id, visibility=visibility, reason=reason, readers=readers
        )


def close_dossier(*, actor: Actor, dossier_id: UUID) -> None:
    """Close a dossier: nothing more is put in it."""
    with transaction.atomic(durable=True):
        records.close_dossier(actor=actor, dossier_id=dossier_id)


def reopen_dossier(*, actor: Actor, dossier_id: UUID, reason: str) -> None:
    """Open a closed dossier again."""
    with transaction.atomic(durable=True):
        records.reopen_dossier(actor=actor, dossier_id=dossier_id, reason=reason)


def put_file_in_dossier(
    *, actor: Actor, dossier_id: UUID, file_name: str, stream: BinaryIO, declared_type: str | None
) -> None:
    """Store a file that is not to be registered, and put it in a dossier."""
    with transaction.atomic(durable=True):
        stored = records.store_document(
            actor=actor, file_name=file_name, stream=stream, declared_type=declared_type
        )
        records.put_document(actor=actor, document_id=stored.id, dossier_id=dossier_id)


def move_between_dossiers(
    *, actor: Actor, kind: str, object_id: UUID, source_id: UUID, target_id: UUID
) -> None:
    """Move a registration, or an unregistered document, from a dossier to another."""
    with transaction.atomic(durable=True):
        if kind == "document":
            records.move_document(
                actor=actor, document_id=object_id, source_id=source_id, target_id=target_id
            )
        else:
            protocol.move_to_dossier(
                actor=actor, registration_id=object_id, source_id=source_id, target_id=target_id
            )


def bring_plan(*, actor: Actor, body_id: UUID, name: str, text: str, valid_from: date) -> int:
    """Give an edition of the filing plan its day; return the number of its headings.

    :raises Invalid: when it cannot be used, or lacks the default heading of an area of the body.
    """
    with transaction.atomic(durable=True):
        count = records.import_filing_plan(actor=actor, name=name, text=text, valid_from=valid_from)
        for area in tenancy.areas(body_id=body_id):
            default = area.default_classification
            if default and default not in records_queries.headings([default], on=valid_from):
                said = _("This edition lacks the heading %(code)s, where %(area)s files what others send it.")
                raise Invalid("plan", said % {"code": default, "area": area.name})
    return count


def withdraw_plan(*, actor: Actor, plan_id: UUID, reason: str) -> None:
    """Withdraw an edition of the filing plan before its day."""
    with transaction.atomic(durable=True):
        records.withdraw_filing_plan(actor=actor, plan_id=plan_id, reason=reason)


def add_to_dossier(*, actor: Actor, registration_id: UUID, dossier_id: UUID) -> None:
    """Put a registration in an open dossier."""
    with transaction.atomic(durable=True):
        protocol.add_to_dossier(actor=actor, registration_id=registration_id, dossier_id=dossier_id)


def forget_submissions(*, before: datetime) -> int:
    """Remove what was noted about forms acted upon before an instant; return how many.

    No page can send such a form again: its session is over. The documents stay.
    """
    with transaction.atomic(durable=True):
        forgotten, _by_model = Submission.objects.filter(made_at__lt=before).delete()
    return forgotten


def _once(actor: Actor, token: UUID, register: Callable[[], RegistrationView]) -> UUID:
    """Run ``register`` unless the token was acted upon; a second copy waits and gets the same result."""
    with transaction.atomic(durable=True):
        submission, first = Submission.objects.get_or_create(
            token=token, defaults={"person": actor.person_id, "made_at": clock.now()}
        )
        if not first:
            if submission.registration is None or submission.person != actor.person_id:
                raise AlreadyBeingRegistered
            return submission.registration
        submission.registration = register().id
        submission.save(update_fields=["registration"])
        return submission.registration


def _give(actor: Actor, made: RegistrationView, office_id: UUID | None) -> RegistrationView:
    if office_id is not None:
        protocol.assign(actor=actor, registration_id=made.id, office_id=office_id)
    return made
