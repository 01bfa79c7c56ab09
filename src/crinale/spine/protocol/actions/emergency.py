"""The emergency register: open, extend, close, enter its lines in the ordinary one (DPR 445/2000 art. 63)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from crinale.kernel import clock
from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.spine import audit
from crinale.spine.identity import permissions
from crinale.spine.protocol import facts
from crinale.spine.protocol.actions.registration import register_incoming, register_outgoing
from crinale.spine.protocol.models import (
    EmergencyAct,
    EmergencyEntry,
    EmergencyPeriod,
    EmergencyTotal,
    Register,
)
from crinale.spine.protocol.models.registers import RegisterKind
from crinale.spine.protocol.queries.registers import emergency_view
from crinale.spine.protocol.queries.registration import views
from crinale.spine.protocol.rules import emergency as rules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.rules.parties import PartyData
    from crinale.spine.protocol.views import (
        EmergencyView,
        EnclosureData,
        ReceivedReference,
        RegistrationView,
    )


class EmergencyIsOpen(Conflict):
    """This area has an emergency that is not closed yet."""


class NumberIsTaken(Conflict):
    """This emergency number has been entered already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyLine:
    """One line of the emergency register, as written by hand: with a sender or with recipients."""

    number: int
    entered_on_paper_at: datetime
    direction: str
    subject: str
    classification: str
    documents: Sequence[EnclosureData]
    sender: PartyData | None = None
    recipients: Sequence[PartyData] = ()
    channel: str = "hand"
    received: ReceivedReference | None = None
    confidential: bool = False


def open_emergency(
    *, actor: Actor, area_id: UUID, cause: str, authorisation: str, started_at: datetime
) -> EmergencyView:
    """Note the authorised use of the emergency register: cause, authorisation, instant (c.1).

    It may be noted while the interruption lasts (on another machine) or once the system is back.

    :raises EmergencyIsOpen: when the one before was not closed.
    """
    permissions.require(actor, "protocol.emergency", area_id=area_id)
    if not cause.strip():
        raise Invalid("cause", "say why the protocol system cannot be used")
    if not authorisation.strip():
        raise Invalid("authorisation", "name who authorised the emergency register, and the act")
    if started_at > clock.now():
        raise Invalid("started_at", "an interruption cannot begin after now")
    with transaction.atomic():
        register = (
            Register.objects.select_for_update().filter(area_id=area_id, kind=RegisterKind.EMERGENCY).first()
        )
        if register is None:
            raise NotVisible
        if EmergencyPeriod.objects.filter(register=register, closed_at=None).exists():
            raise EmergencyIsOpen
        if EmergencyPeriod.objects.filter(register=register, restored_at__gt=started_at).exists():
            raise Invalid("started_at", "this is within an earlier interruption")
        period = EmergencyPeriod(
            register=register,
            cause=cause.strip()[:1000],
            authorisation=authorisation.strip()[:300],
            started_at=started_at,
            opened_at=clock.now(),
            opened_by=actor.person_id,
            opened_by_name=actor.name[:200],
        )
        period.save(force_insert=True)
        audit.write(
            facts.EmergencyOpened(
                subject_id=period.id,
                cause=period.cause,
                authorisation=period.authorisation,
                started_at=started_at,
            ),
            actor=actor,
        )
    return emergency_view(period)


def extend_emergency(
    *, actor: Actor, emergency_id: UUID, act: str, valid_from: datetime, valid_to: datetime
) -> EmergencyView:
    """Note the act that allows the emergency register beyond 24 hours, for one week at most (c.2)."""
    with transaction.atomic():
        period = _locked(actor, emergency_id)
        extension = rules.Extension(act.strip()[:300], valid_from, valid_to)
        rules.check_extension(extension, until=_until(period))
        EmergencyAct(period=period, act=extension.act, valid_from=valid_from, valid_to=valid_to).save(
            force_insert=True
        )
        audit.write(
            facts.EmergencyExtended(subject_id=period.id, act=extension.act, valid_to=valid_to), actor=actor
        )
        return emergency_view(period)


def close_emergency(
    *, actor: Actor, emergency_id: UUID, restored_at: datetime, totals: Mapping[date, int]
) -> EmergencyView:
    """Note that the system is back, and how many documents were registered by hand on each day (c.1, c.3).

    :raises Conflict: when it is closed already.
    """
    with transaction.atomic():
        period = _locked(actor, emergency_id)
        if period.closed_at is not None:
            raise Conflict
        if not period.started_at < restored_at <= clock.now():
            raise Invalid("restored_at", "the system came back after the interruption began, and before now")
        rules.check_totals(totals, started_at=period.started_at, restored_at=restored_at)
        EmergencyTotal.objects.bulk_create(
            EmergencyTotal(body_id=period.body_id, period=period, day=day, total=total)
            for day, total in sorted(totals.items())
        )
        period.restored_at, period.closed_at = restored_at, clock.now()
        period.closed_by, period.closed_by_name = actor.person_id, actor.name[:200]
        period.save(update_fields=["restored_at", "closed_at", "closed_by", "closed_by_name"])
        audit.write(
            facts.EmergencyClosed(
                subject_id=period.id,
                restored_at=restored_at,
                totals={day.isoformat(): total for day, total in totals.items()},
            ),
            actor=actor,
        )
        return emergency_view(period)


def enter_emergency_registration(
    *, actor: Actor, emergency_id: UUID, line: EmergencyLine
) -> RegistrationView:
    """Give a line of a closed emergency its ordinary number; the two numbers stay linked for good (c.4, c.5).

    :raises NumberIsTaken: when the emergency number was entered before, in this interruption or another.
    :raises Invalid: when the line is not of the interruption, or there are more than were declared.
    """
    with transaction.atomic():
        period = _locked(actor, emergency_id)
        _check_line(period, line)
        entered = _register(actor, period.register.area_id, line)
        EmergencyEntry(
            period=period,
            register_id=period.register_id,
            number=line.number,
            entered_on_paper_at=line.entered_on_paper_at,
            direction=line.direction,
            registration_id=entered.id,
            entered_at=clock.now(),
            entered_by=actor.person_id,
            entered_by_name=actor.name[:200],
        ).save(force_insert=True)
        audit.write(
            facts.EmergencyEntered(
                subject_id=period.id, emergency_number=line.number, registration=entered.id
            ),
            actor=actor,
        )
        return views([entered.id])[0]


def _check_line(period: EmergencyPeriod, line: EmergencyLine) -> None:
    if period.closed_at is None:
        raise Invalid(
            "emergency_id", "close the emergency first: its lines are entered once the system is back"
        )
    if line.number < 1:
        raise Invalid("number", "emergency numbers begin with 1")
    if EmergencyEntry.objects.filter(register_id=period.register_id, number=line.number).exists():
        raise NumberIsTaken
    rules.check_entry_instant(
        line.entered_on_paper_at,
        started_at=period.started_at,
        restored_at=period.restored_at,
        until=_until(period),
    )
    rules.check_room(
        clock.legal_day(line.entered_on_paper_at),
        {one.day: one.total for one in period.totals.all()},
        [clock.legal_day(one.entered_on_paper_at) for one in period.entries.all()],
    )


def _register(actor: Actor, area_id: UUID, line: EmergencyLine) -> RegistrationView:
    if line.direction == "incoming" and line.sender is not None:
        return register_incoming(
            actor=actor,
            area_id=area_id,
            subject=line.subject,
            classification=line.classification,
            sender=line.sender,
            documents=line.documents,
            channel=line.channel,
            received_identifier=line.received,
            arrived_at=line.entered_on_paper_at,
            confidential=line.confidential,
        )
    if line.direction != "outgoing":
        raise Invalid("direction", "a line is incoming, with its sender, or outgoing")
    # It left on paper, without a segnatura file: one made now would not be what was sent.
    return register_outgoing(
        actor=actor,
        area_id=area_id,
        subject=line.subject,
        classification=line.classification,
        sender=line.sender,
        recipients=line.recipients,
        documents=line.documents,
        channel=line.channel,
        confidential=line.confidential,
        seal=False,
    )


def _locked(actor: Actor, emergency_id: UUID) -> EmergencyPeriod:
    period = (
        EmergencyPeriod.objects.select_for_update(of=("self",))
        .select_related("register")
        .filter(id=emergency_id)
        .first()
    )
    if period is None:
        raise NotVisible
    permissions.require(actor, "protocol.emergency", area_id=period.register.area_id)
    return period


def _until(period: EmergencyPeriod) -> datetime:
    return rules.allowed_until(
        period.started_at,
        [rules.Extension(one.act, one.valid_from, one.valid_to) for one in period.acts.all()],
    )
