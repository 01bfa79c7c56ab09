"""The rows of a copy of the register: everything that was registered and what was changed, line by line.

What was annulled or corrected shows both values (AgID guidelines section 3.1.5). Registrations that the
reader may not see are left out, as in the lists.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan

from crinale.kernel import clock
from crinale.spine.protocol.queries.listing import of_area
from crinale.spine.protocol.queries.registration import views

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries.listing import RegistrationFilter
    from crinale.spine.protocol.views import CorrectionView, PartyView, RegistrationView

AT_A_TIME = 500
_FLOW = {"incoming": "E", "outgoing": "U", "internal": "I"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyRow:
    """One line of a copy; values are text unless they are counted, or days."""

    number: int
    number_text: str
    year: int
    registered_at: datetime
    subject: str
    flow: str = ""
    senders: str = ""
    recipients: str = ""
    classification: str = ""
    first_classification: str = ""
    office: str = ""
    channel: str = ""
    arrived_at: datetime | None = None
    received_number: str = ""
    received_date: date | None = None
    documents: int | None = None
    emergency_number: str = ""
    confidential: bool = False
    operator: str = ""
    annulled_at: datetime | None = None
    annulment: str = ""
    corrections: str = ""
    digest: str = ""

    @property
    def day(self) -> date:
        """The legal day."""
        return clock.legal_day(self.registered_at)

    @property
    def time(self) -> str:
        """The time of the day in Rome."""
        return f"{self.registered_at.astimezone(clock.ROME):%H:%M:%S}"


def copy_rows(*, actor: Actor, area_id: UUID, narrowed: RegistrationFilter) -> Iterator[CopyRow]:
    """Give the rows in the order of their numbers, some at a time, so that memory does not grow with them.

    :raises NotVisible: when the actor may not see the area's registrations.
    """
    found = of_area(actor, area_id, narrowed).order_by("year", "number")
    after: tuple[int, int] | None = None
    while True:
        page = found if after is None else found.filter(TupleGreaterThan(Tuple("year", "number"), after))
        ids = list(page.values_list("id", flat=True)[:AT_A_TIME])
        some = views(ids)
        for one in some:
            yield _row(one)
        if len(ids) < AT_A_TIME or not some:
            return
        after = (some[-1].year, some[-1].number)


def _row(one: RegistrationView) -> CopyRow:
    received = one.received
    return CopyRow(
        number=one.number,
        number_text=one.number_text,
        year=one.year,
        registered_at=one.registered_at,
        flow=_FLOW[one.direction],
        subject=one.subject,
        senders=_names(one.senders),
        recipients=_names(one.recipients),
        classification=one.classification.code,
        first_classification=one.first_classification.code,
        office=one.assignments[-1].office_name if one.assignments else "",
        channel=one.channel,
        arrived_at=one.arrived_at,
        received_number=received.number if received else "",
        received_date=received.date if received else None,
        documents=len(one.documents),
        emergency_number=one.emergency_number,
        confidential=one.confidential,
        operator=one.registered_by_name,
        annulled_at=one.annulment.at if one.annulment else None,
        annulment=f"{one.annulment.act}: {one.annulment.reason}" if one.annulment else "",
        corrections="; ".join(_correction(change) for change in one.corrections),
        digest=one.digest,
    )


def _correction(change: CorrectionView) -> str:
    day = f"{change.corrected_at.astimezone(clock.ROME):%d/%m/%Y}"
    return f"{change.field}: {change.before or '-'} → {change.after or '-'} ({day}, {change.reason})"


def _names(parties: Sequence[PartyView]) -> str:
    return "; ".join(one.name for one in parties)
