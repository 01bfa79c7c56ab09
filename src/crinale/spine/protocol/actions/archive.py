"""Take over registrations of older software with their own numbers and dates; nothing is renumbered.

They stand in a register of their own (kind ``archive``), append-only and proven by facts like every other. A
line that is there already is known again by its digest, so an import can be stopped and begun again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from django.db import IntegrityError, transaction

from crinale.kernel import clock
from crinale.kernel.codes import check_register_code
from crinale.kernel.digests import canonical_json, sha256
from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.kernel.ids import new_id
from crinale.spine import audit
from crinale.spine.identity import permissions
from crinale.spine.protocol import facts
from crinale.spine.protocol.entries import registration_entry
from crinale.spine.protocol.models import (
    ArchivedRow,
    ArchiveImport,
    Counter,
    Enclosure,
    Party,
    Register,
    Registration,
)
from crinale.spine.protocol.models.registers import RegisterKind
from crinale.spine.protocol.queries.registration import views
from crinale.spine.protocol.rules.content import EnclosureContent, RegistrationContent, digest_of
from crinale.spine.protocol.rules.parties import party_as_received
from crinale.spine.protocol.rules.subject import subject_as_received
from crinale.spine.records.models import ClassificationEntry
from crinale.spine.search import actions as search
from crinale.spine.tenancy import current_body
from crinale.spine.tenancy.models import Area
from crinale.spine.tenancy.statements import insert

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.rules.parties import PartyData
    from crinale.spine.protocol.views import DirectionName, ReceivedReference
    from crinale.spine.records.queries import DocumentRef

Outcome = Literal["new", "known", "differs"]


class NumbersGiven(Conflict):
    """This register has given numbers in this year already: it cannot continue others."""


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """A file of an older registration, with the digest (SHA-256, hexadecimal) of its bytes."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class ArchivedAnnulment:
    """That the older software has a registration as annulled."""

    at: datetime
    act: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedRegistration:
    """One registration as older software gives it away; ``line`` is where it stands in the file."""

    line: int
    number: int
    registered_at: datetime
    direction: DirectionName
    subject: str
    classification: str
    senders: tuple[PartyData, ...]
    recipients: tuple[PartyData, ...]
    files: tuple[ArchivedFile, ...] = ()
    confidential: bool = False
    channel: str = ""
    operator: str = ""
    received: ReceivedReference | None = None
    annulment: ArchivedAnnulment | None = None

    @property
    def year(self) -> int:
        """The year of the number."""
        return clock.legal_day(self.registered_at).year

    @property
    def sha256(self) -> str:
        """The digest of everything that the line says, its place apart."""
        return sha256(canonical_json(_plain(self))).hex()


@dataclass(frozen=True, slots=True)
class Archive:
    """A register of older software that is being taken over, and the headings that its lines may name."""

    register_id: UUID
    area_id: UUID
    source: UUID
    headings: Mapping[str, UUID] = field(repr=False)


def open_archive(
    *, actor: Actor, area_id: UUID, register_code: str, name: str, file_name: str, file_sha256: str
) -> Archive:
    """Open, or find again, the archive register of an area and the import of a file into it.

    :raises Invalid: when the code is not one, or is that of another kind of register.
    :raises NotVisible: when the actor does not manage the areas of the body.
    """
    permissions.require(actor, "admin.areas")
    code = check_register_code(register_code, field="register")
    with transaction.atomic():
        area = Area.objects.filter(id=area_id, body_id=current_body()).first()
        if area is None:
            raise NotVisible
        register = Register.objects.filter(area=area, code=code).first()
        if register is None:
            register = Register(
                area=area,
                code=code,
                kind=RegisterKind.ARCHIVE,
                name=name[:200] or code,
                opened_on=clock.today(),
            )
            register.save(force_insert=True)
            opened = facts.RegisterOpened(subject_id=register.id, area_id=area.id, code=code)
            audit.write(opened, actor=actor)
        if register.kind != RegisterKind.ARCHIVE:
            raise Invalid("register", f"{code} is a register in use: give the older one another code")
        source = ArchiveImport.objects.filter(register=register, sha256=file_sha256).first()
        if source is None:
            source = ArchiveImport(
                register=register,
                file_name=file_name[:255],
                sha256=file_sha256,
                begun_at=clock.now(),
                by=actor.person_id,
                by_name=actor.name[:200],
            )
            source.save(force_insert=True)
            audit.write(
                facts.ArchiveTakenOver(
                    subject_id=source.id, register=register.id, file_name=file_name, sha256=file_sha256
                ),
                actor=actor,
            )
        return Archive(register.id, area.id, source.id, headings())


def find_archive(*, actor: Actor, area_id: UUID, register_code: str) -> Archive:
    """Return what :func:`open_archive` would, changing nothing: for a dry run.

    :raises Invalid: when the code is not one, or is that of another kind of register.
    :raises NotVisible: when the actor does not manage the areas of the body.
    """
    permissions.require(actor, "admin.areas")
    code = check_register_code(register_code, field="register")
    register = Register.objects.filter(area_id=area_id, code=code).first()
    if register is not None and register.kind != RegisterKind.ARCHIVE:
        raise Invalid("register", f"{code} is a register in use: give the older one another code")
    return Archive(register.id if register else new_id(), area_id, new_id(), headings())


def headings() -> dict[str, UUID]:
    """Return every heading of the body's filing plans by code, those of the newest plan before older ones."""
    found = ClassificationEntry.objects.order_by("plan__valid_from", "id").values_list("code", "id")
    return dict(found)


def compare(archive: Archive, batch: Sequence[ArchivedRegistration]) -> dict[int, Outcome]:
    """Say of each line whether its number is not there yet, is there with this content, or with another."""
    wanted = {(one.year, one.number): one for one in batch}
    known = Registration.objects.filter(
        register_id=archive.register_id,
        year__in={year for year, _number in wanted},
        number__in={number for _year, number in wanted},
    ).values_list("year", "number", "archived_row__sha256")
    there = {(year, number): digest for year, number, digest in known}
    return {
        one.line: "new" if key not in there else "known" if there[key] == one.sha256 else "differs"
        for key, one in wanted.items()
    }


def take_over(
    *,
    actor: Actor,
    archive: Archive,
    batch: Sequence[ArchivedRegistration],
    store: Callable[[ArchivedFile], DocumentRef],
) -> dict[int, Outcome]:
    """Register the lines that are not there yet, all or none; return what became of each line.

    ``store`` makes a document of a file, in this transaction. Every classification must be one of
    ``archive.headings``.

    :raises Conflict: when somebody else takes over the same numbers at the same time.
    """
    try:
        with transaction.atomic():
            outcomes = compare(archive, batch)
            fresh = [one for one in batch if outcomes[one.line] == "new"]
            made = [_register(actor, archive, one, [store(file) for file in one.files]) for one in fresh]
            for view in views(made):
                search.index(registration_entry(view))
            return outcomes
    except IntegrityError as error:
        raise Conflict from error


def continue_numbering(*, actor: Actor, register_id: UUID, after: int) -> None:
    """Let the ordinary register go on, this year, after the last number that older software gave.

    One series per register and year (DPR 445/2000 art. 57): the town that changes software in the middle of a
    year does not begin from 1 again.

    :raises Invalid: when the number is not a positive one.
    :raises NumbersGiven: when the register has given a number this year.
    :raises NotVisible: when there is no such register, or the actor does not manage the areas of the body.
    """
    permissions.require(actor, "admin.areas")
    if after < 1:
        raise Invalid("continue_after", "give the last number of the older register")
    year, now = clock.today().year, clock.now()
    with transaction.atomic():
        register = Register.objects.filter(id=register_id, kind=RegisterKind.ORDINARY).first()
        if register is None:
            raise NotVisible
        counter = Counter(register=register, year=year, last_number=after, last_at=now, continues_after=after)
        try:
            with transaction.atomic():
                counter.save(force_insert=True)
        except IntegrityError:
            raise NumbersGiven from None
        audit.write(facts.NumberingContinued(subject_id=register.id, year=year, after=after), actor=actor)


def _register(
    actor: Actor, archive: Archive, one: ArchivedRegistration, documents: Sequence[DocumentRef]
) -> UUID:
    content = _content(actor, archive, one, documents)
    digest = digest_of(content)
    _row(archive, one, content, digest).save(force_insert=True)
    insert(
        [
            Party(
                registration_id=content.id,
                role=role,
                position=position,
                name=party.display_name[:500],
                data=party.as_json(),
            )
            for role, position, party in _parties(one)
        ]
    )
    insert(
        [
            Enclosure(registration_id=content.id, position=position, document_id=document.id)
            for position, document in enumerate(documents)
        ]
    )
    insert(
        [ArchivedRow(source_id=archive.source, registration_id=content.id, line=one.line, sha256=one.sha256)]
    )
    created = facts.RegistrationCreated(
        subject_id=content.id, register=content.register, year=one.year, number=one.number, digest=digest
    )
    audit.write(created, actor=actor)
    return content.id


def _parties(one: ArchivedRegistration) -> list[tuple[str, int, PartyData]]:
    return [
        (role, position, party_as_received(party))
        for role, those in (("sender", one.senders), ("recipient", one.recipients))
        for position, party in enumerate(those)
    ]


def _content(
    actor: Actor, archive: Archive, one: ArchivedRegistration, documents: Sequence[DocumentRef]
) -> RegistrationContent:
    received = one.received
    day = received.date.isoformat() if received and received.date else ""
    return RegistrationContent(
        id=new_id(),
        register=archive.register_id,
        year=one.year,
        number=one.number,
        registered_at=one.registered_at,
        registered_by=None,
        registered_by_name=(one.operator or actor.name)[:200],
        direction=one.direction,
        subject=subject_as_received(one.subject),
        confidential=one.confidential,
        classification=archive.headings[one.classification],
        channel=one.channel,
        arrived_at=None,
        received=("", "", "", received.number if received else "", day),
        reply_to=None,
        parties=[(role, party.as_json()) for role, _position, party in _parties(one)],
        enclosures=[
            EnclosureContent(
                document=document.id,
                sha256=document.sha256,
                size=document.size,
                media_type=document.media_type,
                file_name=document.file_name,
                description="",
            )
            for document in documents
        ],
        segnature=[],
    )


def _row(
    archive: Archive, one: ArchivedRegistration, content: RegistrationContent, digest: str
) -> Registration:
    annulled = one.annulment
    return Registration(
        id=content.id,
        area_id=archive.area_id,
        register_id=content.register,
        year=content.year,
        number=content.number,
        registered_at=content.registered_at,
        legal_date=clock.legal_day(content.registered_at),
        registered_by_name=content.registered_by_name,
        direction=content.direction,
        subject=content.subject,
        confidential=content.confidential,
        classification_id=content.classification,
        current_classification_id=content.classification,
        channel=content.channel,
        received_number=content.received[3],
        received_date=one.received.date if one.received else None,
        digest=digest,
        annulled_at=annulled.at if annulled else None,
        annulled_by_name=content.registered_by_name if annulled else "",
        annulment_act=annulled.act[:300] if annulled else "",
        annulment_reason=annulled.reason[:2000] if annulled else "",
    )


def _plain(one: ArchivedRegistration) -> dict[str, Any]:
    received, annulled = one.received, one.annulment
    return {
        "number": one.number,
        "registered_at": one.registered_at.isoformat(),
        "direction": one.direction,
        "subject": one.subject,
        "classification": one.classification,
        "senders": [party.as_json() for party in one.senders],
        "recipients": [party.as_json() for party in one.recipients],
        "files": [[file.name, file.sha256] for file in one.files],
        "confidential": one.confidential,
        "channel": one.channel,
        "operator": one.operator,
        "received": [received.number, str(received.date or "")] if received else [],
        "annulment": [annulled.at.isoformat(), annulled.act, annulled.reason] if annulled else [],
    }
