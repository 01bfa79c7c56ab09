"""The registers of an area: the ordinary one, its frozen days, the emergencies."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from django.db.models import Count, Max, Min

from crinale.kernel import clock
from crinale.kernel.errors import NotVisible
from crinale.kernel.numbers import format_number
from crinale.spine.identity import permissions
from crinale.spine.protocol.models import (
    DailyRegister,
    EmergencyEntry,
    EmergencyPeriod,
    Register,
    Registration,
)
from crinale.spine.protocol.models.registers import RegisterKind
from crinale.spine.protocol.queries.visibility import seen_by, sees_all
from crinale.spine.protocol.register_views import EmergencyEntryView
from crinale.spine.protocol.rules.daily import days_to_freeze, due_on
from crinale.spine.protocol.rules.emergency import Extension, allowed_until
from crinale.spine.protocol.views import DailyRegisterView, EmergencyDay, EmergencyView

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from django.db.models import QuerySet

    from crinale.spine.identity import Actor

MOST = 400
MOST_ENTRIES = 2000


def register_of_area(*, area_id: UUID) -> UUID | None:
    """Return the ordinary register of an area of the open scope, or None when it has none yet."""
    found = Register.objects.filter(area_id=area_id, kind=RegisterKind.ORDINARY)
    return found.values_list("id", flat=True).first()


def daily_register(*, actor: Actor, area_id: UUID, day: date) -> DailyRegisterView:
    """Return a frozen day, with the count and the numbers of what the actor may see of it.

    :raises NotVisible: when the day is not frozen, or the actor may not see the area's registrations.
    """
    permissions.require(actor, "protocol.view", area_id=area_id)
    found = _days(area_id).filter(day=day).first()
    if found is None:
        raise NotVisible
    return _as_seen(actor, area_id, [daily_view(found)])[0]


def daily_registers(
    *, actor: Actor, area_id: UUID, before: date | None = None, limit: int = 31
) -> list[DailyRegisterView]:
    """Return the frozen days of an area, the newest first, each as :func:`daily_register` does."""
    permissions.require(actor, "protocol.view", area_id=area_id)
    found = _days(area_id).order_by("-day")
    if before is not None:
        found = found.filter(day__lt=before)
    return _as_seen(actor, area_id, [daily_view(one) for one in found[: max(1, min(limit, MOST))]])


def _as_seen(actor: Actor, area_id: UUID, days: list[DailyRegisterView]) -> list[DailyRegisterView]:
    """Count again for who does not see everything: a count, or a last number, tells of the rest."""
    if not days or sees_all(actor, area_id):
        return days
    found = Registration.objects.filter(
        seen_by(actor, area_id),
        register__area_id=area_id,
        register__kind=RegisterKind.ORDINARY,
        legal_date__in=[one.day for one in days],
    )
    counted = found.values_list("legal_date").annotate(Count("id"), Min("number"), Max("number"))
    seen = {day: values for day, *values in counted.order_by()}
    return [_counted(one, *seen.get(one.day, (0, None, None))) for one in days]


def _counted(day: DailyRegisterView, count: int, first: int | None, last: int | None) -> DailyRegisterView:
    return replace(day, registrations=count, first_number=first, last_number=last, whole=False)


def overdue_days() -> int:
    """Return how many days of the open scope's registers should have been frozen by now and are not."""
    overdue, today = 0, clock.today()
    for register in Register.objects.filter(kind=RegisterKind.ORDINARY).select_related("area__body"):
        last = register.days.order_by("-day").values_list("day", flat=True).first()
        patron_day = register.area.body.patron_day
        days = days_to_freeze(opened_on=register.opened_on, last_frozen=last, today=today)
        overdue += sum(due_on(day, patron_day=patron_day) < today for day in days)
    return overdue


def daily_view(one: DailyRegister) -> DailyRegisterView:
    """Describe a frozen day."""
    return DailyRegisterView(
        id=one.id,
        area_id=one.register.area_id,
        register_code=one.register.code,
        day=one.day,
        due_on=one.due_on,
        registrations=one.registrations,
        first_number=one.first_number,
        last_number=one.last_number,
        json_document_id=one.json_document_id,
        pdf_document_id=one.pdf_document_id,
        sha256=one.sha256,
        frozen_at=one.frozen_at,
    )


def _days(area_id: UUID) -> QuerySet[DailyRegister]:
    return DailyRegister.objects.filter(
        register__area_id=area_id, register__kind=RegisterKind.ORDINARY
    ).select_related("register")


def emergencies(*, actor: Actor, area_id: UUID) -> list[EmergencyView]:
    """Return the interruptions of an area, the newest first, with how much of their days is entered."""
    permissions.require(actor, "protocol.view", area_id=area_id)
    found = EmergencyPeriod.objects.filter(register__area_id=area_id).select_related("register")
    return [
        emergency_view(one)
        for one in found.prefetch_related("acts", "totals", "entries").order_by("-started_at")
    ]


def emergency_entries(*, actor: Actor, area_id: UUID, emergency_id: UUID) -> list[EmergencyEntryView]:
    """Return the lines of an interruption that were entered, by emergency number; none tells its content."""
    permissions.require(actor, "protocol.view", area_id=area_id)
    found = EmergencyEntry.objects.filter(period_id=emergency_id, register__area_id=area_id)
    return [
        EmergencyEntryView(
            number_text=format_number(one.number),
            entered_on_paper_at=one.entered_on_paper_at,
            direction=one.direction,  # type: ignore[arg-type]
            registration_id=one.registration_id,
            registration_number=format_number(one.registration.number),
            registration_year=one.registration.year,
            entered_at=one.entered_at,
            entered_by_name=one.entered_by_name,
        )
        for one in found.select_related("registration").order_by("number")[:MOST_ENTRIES]
    ]


def next_emergency_number(*, actor: Actor, area_id: UUID) -> int:
    """Return the number after the last one that was entered, in whatever interruption (c.4)."""
    permissions.require(actor, "protocol.emergency", area_id=area_id)
    entered = EmergencyEntry.objects.filter(register__area_id=area_id)
    return (entered.aggregate(last=Max("number"))["last"] or 0) + 1


def emergency_view(period: EmergencyPeriod) -> EmergencyView:
    """Describe an interruption."""
    acts = sorted(period.acts.all(), key=lambda act: act.valid_from)
    days: defaultdict[date, int | None] = defaultdict(lambda: None)
    days.update({one.day: one.total for one in period.totals.all()})
    entered = Counter(clock.legal_day(one.entered_on_paper_at) for one in period.entries.all())
    return EmergencyView(
        id=period.id,
        area_id=period.register.area_id,
        cause=period.cause,
        authorisation=period.authorisation,
        acts=tuple(one.act for one in acts),
        started_at=period.started_at,
        allowed_until=allowed_until(
            period.started_at, [Extension(one.act, one.valid_from, one.valid_to) for one in acts]
        ),
        restored_at=period.restored_at,
        closed_at=period.closed_at,
        days=tuple(EmergencyDay(day, days[day], entered[day]) for day in sorted({*days, *entered})),
    )
