"""How fast other areas answered in a month, against the targets of Allegato 6."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from crinale.kernel.clock import ROME
from crinale.spine.exchange.models import Receipt
from crinale.spine.exchange.queries.visibility import visible
from crinale.spine.exchange.rules.service_levels import TARGET_SHARE, in_window, percentile
from crinale.spine.exchange.rules.states import Kind

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.identity import Actor


@dataclass(frozen=True, slots=True)
class ServiceLevels:
    """MessaggioInoltro calls of a month within the measuring window."""

    calls: int
    within: int
    failed: int
    median_ms: int
    p98_ms: int

    @property
    def share_within(self) -> float | None:
        """Share of the answered calls that kept the target (1 s at 50 KB, in proportion above)."""
        return self.within / self.calls if self.calls else None

    @property
    def kept(self) -> bool:
        """Whether 98 % of the calls kept it."""
        return self.share_within is None or self.share_within >= TARGET_SHARE


def service_levels(*, actor: Actor, area_id: UUID, year: int, month: int) -> ServiceLevels:
    """Measure the calls that an area made in a month, as far as the actor may see what they carried.

    :raises NotVisible: when the actor may not see the exchanges of the area.
    """
    seen = visible(actor, area_id, of="message__")
    start = datetime(year, month, 1, tzinfo=ROME)
    end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=ROME)
    receipts = Receipt.objects.filter(
        seen,
        message__area_id=area_id,
        message__direction="out",
        message__channel="aoo",
        kind__in=(Kind.ACCEPTED, Kind.REFUSED_AT_DOOR, Kind.ATTEMPT_FAILED),
        at__gte=start,
        at__lt=end,
    ).values_list("kind", "at", "data")
    counted = [(kind, data) for kind, at, data in receipts.iterator() if in_window(at)]
    answered = [data for kind, data in counted if kind != Kind.ATTEMPT_FAILED]
    times = [data["round_trip_ms"] for data in answered]
    return ServiceLevels(
        calls=len(answered),
        within=sum(1 for data in answered if data["within_target"]),
        failed=len(counted) - len(answered),
        median_ms=percentile(times, 0.5),
        p98_ms=percentile(times, TARGET_SHARE),
    )
