"""How the frozen days of a register stand: their seal, their delivery to preservation, its report."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.db.models import F
from django.db.models.fields.tuple_lookups import Tuple, TupleIn

from crinale.kernel import clock
from crinale.spine.protocol.models import DailyDeposit, DailyManifest, DailyRegister, Registration
from crinale.spine.protocol.models.registers import RegisterKind
from crinale.spine.protocol.queries.visibility import seen_by
from crinale.spine.protocol.register_views import DayStanding, DepositView

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.register_views import DayStateName
    from crinale.spine.protocol.views import DailyRegisterView


def day_standings(days: Sequence[DailyRegisterView]) -> dict[UUID, DayStanding]:
    """Return the standing of frozen days that the caller was shown; two questions."""
    ids, today = [one.id for one in days], clock.today()
    manifests = {one.day_id: one for one in DailyManifest.objects.filter(day_id__in=ids)}
    deposits: defaultdict[UUID, list[DepositView]] = defaultdict(list)
    for row in DailyDeposit.objects.filter(day_id__in=ids).order_by("sequence"):
        deposits[row.day_id].append(_deposit(row))
    return {
        one.id: _standing(manifests.get(one.id), tuple(deposits[one.id]), late=one.due_on < today)
        for one in days
    }


def undelivered_days() -> int:
    """Return how many frozen days of the open scope should be with preservation by now and are not."""
    late = DailyRegister.objects.filter(due_on__lt=clock.today())
    return late.exclude(deposits__state__in=("sent", "accepted")).count()


def numbers_seen(
    *, actor: Actor, area_id: UUID, numbers: Collection[tuple[int, int]]
) -> set[tuple[int, int]]:
    """Return which of these of the ordinary register, by (year, number), are not hidden from an actor."""
    if not numbers:
        return set()
    wanted = TupleIn(Tuple(F("year"), F("number")), list(numbers))
    found = Registration.objects.filter(
        wanted, seen_by(actor, area_id), register__area_id=area_id, register__kind=RegisterKind.ORDINARY
    )
    return set(found.values_list("year", "number"))


def _deposit(row: DailyDeposit) -> DepositView:
    return DepositView(
        sequence=row.sequence,
        package_name=row.package_name,
        package_sha256=row.package_sha256,
        state=row.state,  # type: ignore[arg-type]
        receipt=row.receipt,
        sent_at=row.sent_at,
        concluded_at=row.concluded_at,
        reasons=tuple(row.reasons),
        report_document_id=row.report_document_id,
    )


def _standing(
    manifest: DailyManifest | None, deposits: tuple[DepositView, ...], *, late: bool
) -> DayStanding:
    state: DayStateName = "to_deposit" if manifest else "to_seal"
    if deposits:
        state = deposits[-1].state
    return DayStanding(
        state=state,
        overdue=late and state not in ("sent", "accepted"),
        manifest_document_id=manifest.document_id if manifest else None,
        manifest_sha256=manifest.sha256 if manifest else "",
        previous_sha256=manifest.previous_sha256 if manifest else "",
        sealed_at=manifest.sealed_at if manifest else None,
        deposits=deposits,
    )
