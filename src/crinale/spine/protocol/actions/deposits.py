"""Deliver sealed days to preservation, and keep what it reports (AgID guidelines 3.1.6 and chapter 4).

The service is called outside of any transaction. A delivery that was not noted down is made again: the same
package has the same name and the same bytes, and the service gives the same receipt.
"""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING

from django.db import transaction

from crinale.kernel import clock
from crinale.kernel.errors import Conflict, CrinaleError, NotVisible
from crinale.spine import audit, jobs
from crinale.spine.identity import Actor, permissions
from crinale.spine.protocol import facts
from crinale.spine.protocol.models import DailyDeposit, DailyRegister, DepositState, Register
from crinale.spine.protocol.models.registers import RegisterKind
from crinale.spine.protocol.ports import DepositPackage, DepositRefused, deposit
from crinale.spine.protocol.rules.preservation import (
    PackageContent,
    PackedFile,
    package,
    package_identifier,
)
from crinale.spine.records import queries as records
from crinale.spine.records.actions import store_document

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from crinale.spine.protocol.ports import DepositReport
    from crinale.spine.records.models import Document

_SYSTEM = Actor.system("protocol")


class NothingToRepeat(Conflict):
    """Only a day that preservation refused is delivered again."""


class ForeignReport(CrinaleError):
    """The report of preservation is about other bytes than those delivered."""


def days_to_deposit(*, most: int = 31) -> list[UUID]:
    """Return the sealed days of the open scope that were never delivered, the oldest first."""
    if not deposit.is_bound:
        return []
    found = DailyRegister.objects.filter(deposits=None).exclude(manifest=None).order_by("day")
    return list(found.values_list("id", flat=True)[:most])


def deposits_without_report(*, most: int = 100) -> list[UUID]:
    """Return the deliveries of the open scope that wait for their report, the oldest first."""
    if not deposit.is_bound:
        return []
    found = DailyDeposit.objects.filter(state=DepositState.SENT).order_by("sent_at")
    return list(found.values_list("id", flat=True)[:most])


def deposit_daily_register(*, day_id: UUID, sequence: int = 1) -> bool:
    """Deliver a sealed day; return False when this delivery was made before.

    :raises CrinaleError: when the service cannot be reached.
    """
    related = ("register__area__body", "json_document", "pdf_document", "manifest__document")
    day = DailyRegister.objects.select_related(*related).get(id=day_id)
    if DailyDeposit.objects.filter(day=day, sequence__gte=sequence).exists():
        return False
    made = _package(day, sequence)
    receipt = ""
    reasons: tuple[str, ...] = ()
    try:
        receipt = deposit.get().submit(made)
    except DepositRefused as error:
        reasons = error.reasons
    now = clock.now()
    with transaction.atomic():
        Register.objects.select_for_update(no_key=True).get(id=day.register_id)
        if DailyDeposit.objects.filter(day=day, sequence__gte=sequence).exists():
            return False
        DailyDeposit(
            day=day,
            sequence=sequence,
            package_name=made.identifier,
            package_sha256=made.sha256,
            state=DepositState.SENT if receipt else DepositState.REFUSED,
            receipt=receipt,
            sent_at=now,
            concluded_at=None if receipt else now,
            reasons=list(reasons),
        ).save(force_insert=True)
        audit.write(
            facts.DailyRegisterDeposited(
                subject_id=day_id, package=made.identifier, package_sha256=made.sha256
            ),
            actor=_SYSTEM,
        )
        if not receipt:
            _write_conclusion(day_id, made.identifier, accepted=False, reasons=reasons)
    return True


def collect_deposit_report(*, deposit_id: UUID) -> bool:
    """Ask for the report of a delivery and keep it as a document; return False while there is none.

    :raises ForeignReport: when it tells of other bytes; the delivery goes on waiting.
    """
    waiting = DailyDeposit.objects.filter(id=deposit_id, state=DepositState.SENT).first()
    if waiting is None:
        return False
    report = deposit.get().status(waiting.receipt)
    if report is None:
        return False
    if report.package_sha256 != waiting.package_sha256:
        raise ForeignReport
    with transaction.atomic():
        row = DailyDeposit.objects.select_for_update().get(id=deposit_id)
        if row.state != DepositState.SENT:
            return False
        _conclude(row, report)
    return True


def repeat_deposit(*, actor: Actor, area_id: UUID, day: date) -> None:
    """Have a day that preservation refused delivered again, in a package with the next sequence.

    :raises NothingToRepeat: when the last delivery was not refused.
    :raises NotVisible: when the day is not frozen or the actor may not register.
    """
    permissions.require(actor, "protocol.register", area_id=area_id)
    with transaction.atomic():
        found = DailyRegister.objects.filter(
            register__area_id=area_id, register__kind=RegisterKind.ORDINARY, day=day
        ).first()
        if found is None:
            raise NotVisible
        last = DailyDeposit.objects.filter(day=found).order_by("-sequence").first()
        if last is None or last.state != DepositState.REFUSED:
            raise NothingToRepeat
        from crinale.spine.protocol.jobs import deposit_day

        jobs.enqueue(deposit_day, body_id=found.body_id, day_id=found.id, sequence=last.sequence + 1)


def _package(day: DailyRegister, sequence: int) -> DepositPackage:
    area = day.register.area
    identifier = package_identifier(
        aoo_code=area.code, register_code=day.register.code, day=day.day, sequence=sequence
    )
    documents = (day.json_document, day.pdf_document, day.manifest.document)
    content = PackageContent(
        identifier=identifier,
        body_name=area.body.name,
        ipa_code=area.body.ipa_code,
        aoo_code=area.code,
        register_code=day.register.code,
        day=day.day,
        made_at=day.manifest.sealed_at,
        files=[PackedFile(one.file_name, one.media_type, _bytes(one)) for one in documents],
    )
    data = package(content)
    return DepositPackage(identifier, data, hashlib.sha256(data).hexdigest())


def _bytes(document: Document) -> bytes:
    with records.open_document(actor=_SYSTEM, document_id=document.id) as stream:
        return stream.read()


def _conclude(row: DailyDeposit, report: DepositReport) -> None:
    kept = store_document(
        actor=_SYSTEM, file_name=report.file_name, stream=io.BytesIO(report.data), acquired=True
    )
    row.state = DepositState.ACCEPTED if report.accepted else DepositState.REFUSED
    row.concluded_at, row.reasons = clock.now(), list(report.reasons)
    row.report_document_id = kept.id
    row.save(update_fields=["state", "concluded_at", "reasons", "report_document"])
    _write_conclusion(row.day_id, row.package_name, accepted=report.accepted, reasons=report.reasons)


def _write_conclusion(day_id: UUID, package_name: str, *, accepted: bool, reasons: tuple[str, ...]) -> None:
    audit.write(
        facts.DepositConcluded(
            subject_id=day_id, package=package_name, accepted=accepted, reasons=list(reasons)
        ),
        actor=_SYSTEM,
    )
