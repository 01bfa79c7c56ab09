"""Freeze the days of a register that are over (AgID guidelines section 3.1.6)."""

from __future__ import annotations

import io
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from crinale.kernel import clock
from crinale.kernel.errors import Invalid, NotVisible
from crinale.spine import audit
from crinale.spine.identity import Actor
from crinale.spine.protocol import facts
from crinale.spine.protocol.actions.manifests import seal_at_once
from crinale.spine.protocol.daily_pdf import daily_pdf
from crinale.spine.protocol.models import DailyRegister, Register, Registration
from crinale.spine.protocol.models.registers import RegisterKind
from crinale.spine.protocol.queries.registers import daily_view
from crinale.spine.protocol.queries.registration import views
from crinale.spine.protocol.rules.daily import daily_file, day_end, days_to_freeze, due_on, file_digest
from crinale.spine.records.actions import store_document
from crinale.spine.records.models import Document

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from uuid import UUID

    from crinale.spine.protocol.views import DailyRegisterView, RegistrationView

_VIEWS_AT_ONCE = 500
_SYSTEM = "protocol"
_ONE_DAY = timedelta(days=1)


def freeze_due_days(*, most: int = 31) -> int:
    """Freeze the days that are over in every register of the open scope; return how many were frozen."""
    frozen, today = 0, clock.today()
    for register in Register.objects.filter(kind=RegisterKind.ORDINARY).order_by("code"):
        days = DailyRegister.objects.filter(register=register)
        last = days.order_by("-day").values_list("day", flat=True).first()
        for day in days_to_freeze(opened_on=register.opened_on, last_frozen=last, today=today):
            if frozen >= most:
                return frozen
            freeze_daily_register(area_id=register.area_id, day=day)
            frozen += 1
    return frozen


def days_are_due() -> bool:
    """Say whether a register of the open scope has a day that is over and not frozen."""
    yesterday = clock.today() - _ONE_DAY
    registers = Register.objects.filter(kind=RegisterKind.ORDINARY, opened_on__lte=yesterday)
    return registers.exclude(days__day=yesterday).exists()


def freeze_daily_register(*, area_id: UUID, day: date) -> DailyRegisterView:
    """Freeze a day that is over; when it is frozen already, return it as it is.

    No registration can enter the day any more: its counter is moved past the day's end before that.

    :raises NotVisible: when the area has no register in the open scope.
    :raises Invalid: when the day is not over, or the register was not open then.
    """
    register = (
        Register.objects.filter(area_id=area_id, kind=RegisterKind.ORDINARY)
        .select_related("area__body")
        .first()
    )
    if register is None:
        raise NotVisible
    if not register.opened_on <= day < clock.today():
        raise Invalid("day", "only a day that is over, since the register was opened, can be frozen")
    with connection.cursor() as cursor:
        cursor.execute("select protocol_close_day(%s, %s, %s)", (register.id, day.year, day_end(day)))
    with transaction.atomic():
        # The row serialises those who freeze; it does not stop those who register.
        Register.objects.select_for_update(no_key=True).get(id=register.id)
        found = DailyRegister.objects.select_related("register").filter(register=register, day=day).first()
        return daily_view(found or _freeze(register, day))


def _freeze(register: Register, day: date) -> DailyRegister:
    registrations = _of_day(register, day)
    annulments = _annulled_on(register, day)
    body = register.area.body
    header = {
        "administration": body.ipa_code,
        "administration_name": body.name,
        "aoo": register.area.code,
        "aoo_name": register.area.name,
        "register": register.code,
    }
    data = daily_file(
        register=header,
        day=day,
        registrations=[_line(one) for one in registrations],
        annulments=[_annulment(one) for one in annulments],
    )
    actor, stem = Actor.system(_SYSTEM), f"registro-{register.area.code}-{register.code}-{day.isoformat()}"
    sha256 = file_digest(data)
    kept = _document(actor, f"{stem}.json", data)
    printed = _document(
        actor,
        f"{stem}.pdf",
        daily_pdf(header=header, day=day, sha256=sha256, lines=registrations, annulled=annulments),
    )
    frozen = DailyRegister(
        register=register,
        day=day,
        due_on=due_on(day, patron_day=body.patron_day),
        registrations=len(registrations),
        first_number=registrations[0].number if registrations else None,
        last_number=registrations[-1].number if registrations else None,
        json_document=kept,
        pdf_document=printed,
        sha256=sha256,
        frozen_at=clock.now(),
    )
    frozen.save(force_insert=True)
    seal_at_once(frozen)
    audit.write(
        facts.DailyRegisterFrozen(
            subject_id=frozen.id,
            register=register.id,
            day=day,
            registrations=len(registrations),
            sha256=sha256,
        ),
        actor=actor,
    )
    return frozen


def _document(actor: Actor, file_name: str, data: bytes) -> Document:
    stored = store_document(actor=actor, file_name=file_name, stream=io.BytesIO(data), acquired=False)
    return Document.objects.get(id=stored.id)


def _of_day(register: Register, day: date) -> list[RegistrationView]:
    ids = list(
        Registration.objects.filter(register=register, legal_date=day)
        .order_by("number")
        .values_list("id", flat=True)
    )
    return _described(ids)


def _annulled_on(register: Register, day: date) -> list[RegistrationView]:
    begin, end = day_end(day - _ONE_DAY), day_end(day)
    ids = list(
        Registration.objects.filter(
            area_id=register.area_id, register=register, annulled_at__gte=begin, annulled_at__lt=end
        )
        .order_by("annulled_at", "number")
        .values_list("id", flat=True)
    )
    return _described(ids)


def _described(ids: Sequence[UUID]) -> list[RegistrationView]:
    """Describe in slices; one being sealed has its number and stands in the register like the others."""
    found: list[RegistrationView] = []
    for start in range(0, len(ids), _VIEWS_AT_ONCE):
        found += views(ids[start : start + _VIEWS_AT_ONCE], being_sealed=True)
    return found


def _line(one: RegistrationView) -> dict[str, Any]:
    return {
        "number": one.number,
        "registered_at": _instant(one.registered_at),
        "operator": one.registered_by_name,
        "direction": one.direction,
        "subject": one.subject,
        "confidential": one.confidential,
        "classification": one.first_classification.code,
        "senders": [party.data.as_json() for party in one.senders],
        "recipients": [party.data.as_json() for party in one.recipients],
        "received": _received(one),
        "documents": [
            {"file_name": document.file_name, "sha256": document.sha256, "size": document.size}
            for document in one.documents
        ],
        "segnatura": one.segnatura.sha256 if one.segnatura else None,
        "emergency_number": one.emergency_number or None,
        "digest": one.digest,
    }


def _received(one: RegistrationView) -> dict[str, Any] | None:
    if one.received is None:
        return None
    return {
        "administration": one.received.ipa_code,
        "aoo": one.received.aoo_code,
        "register": one.received.register_code,
        "number": one.received.number,
        "date": one.received.date.isoformat() if one.received.date else None,
    }


def _annulment(one: RegistrationView) -> dict[str, Any]:
    annulled = one.annulment
    return {
        "number": one.number,
        "year": one.year,
        "annulled_at": _instant(annulled.at) if annulled else None,
        "operator": annulled.by_name if annulled else "",
        "act": annulled.act if annulled else "",
        "reason": annulled.reason if annulled else "",
    }


def _instant(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds")
