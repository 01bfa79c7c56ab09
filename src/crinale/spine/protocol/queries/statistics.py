"""How much is registered, by office, channel, direction, hour and day, and how long it takes.

One question for everything. Registrations that an actor may not see are not counted for him: a count that
grows would tell that they are there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import connection

from crinale.kernel.errors import Invalid
from crinale.spine.identity import permissions
from crinale.spine.protocol.queries.visibility import seen_by_sql
from crinale.spine.tenancy import current_body

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from crinale.spine.identity import Actor

LONGEST: Final = timedelta(days=366)

_QUERY = """
with counted as (
    select registration.direction, registration.channel, registration.legal_date,
        extract(hour from registration.registered_at at time zone 'Europe/Rome')::int as hour,
        coalesce(office.name, '') as office,
        registration.annulled_at is not null as annulled,
        case when registration.arrived_at <= registration.registered_at
            then extract(epoch from registration.registered_at - registration.arrived_at) end as waited
    from protocol_registration as registration
    join protocol_register as register on register.id = registration.register_id
    left join tenancy_office as office on office.id = registration.current_office_id
    where register.body_id = %s and register.area_id = %s and register.kind = 'ordinary'
        and registration.state <> 'being_sealed'
        and registration.legal_date between %s and %s
        and {seen}
)
select grouping(direction, channel, office, hour, legal_date),
    coalesce(direction, channel, office, hour::text, legal_date::text, ''),
    count(*), count(*) filter (where annulled), count(waited),
    percentile_cont(0.5) within group (order by waited),
    percentile_cont(0.9) within group (order by waited)
from counted
group by grouping sets ((), (direction), (channel), (office), (hour), (legal_date))
order by 1, 2
"""
# What grouping() answers: a bit for each column that was not grouped by.
_WHAT: Final = {
    0b11111: "all",
    0b01111: "direction",
    0b10111: "channel",
    0b11011: "office",
    0b11101: "hour",
    0b11110: "day",
}


@dataclass(frozen=True, slots=True)
class Group:
    """The registrations of one office, channel, ...: how many, how many annulled, how long they waited.

    ``timed`` are those whose arrival is known; ``median`` and ``ninth`` (the time in which nine of ten were
    registered) are seconds from the arrival to the registration, None where no arrival is known.
    """

    name: str
    count: int
    annulled: int
    timed: int
    median: float | None
    ninth: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a period; each list is in the order of its names."""

    whole: Group
    by_direction: tuple[Group, ...]
    by_channel: tuple[Group, ...]
    by_office: tuple[Group, ...]
    by_hour: tuple[Group, ...]
    by_day: tuple[Group, ...]


def statistics(*, actor: Actor, area_id: UUID, since: date, until: date) -> Figures:
    """Return the figures of an area's register for the days from ``since`` to ``until``.

    :raises NotVisible: when the actor may not see the area's registrations.
    :raises Invalid: when the days are the wrong way round or more than a year.
    """
    permissions.require(actor, "protocol.view", area_id=area_id)
    if until < since:
        raise Invalid("until", "the last day cannot come before the first")
    if until - since > LONGEST:
        raise Invalid("until", "ask for one year at most")
    seen, parameters = seen_by_sql(actor, area_id, registration="registration")
    found: dict[str, list[Group]] = {what: [] for what in _WHAT.values()}
    with connection.cursor() as cursor:
        cursor.execute(_QUERY.format(seen=seen), [current_body(), area_id, since, until, *parameters])
        for mask, *values in cursor.fetchall():
            found[_WHAT[mask]].append(_group(values))
    return Figures(
        whole=found["all"][0],
        by_direction=tuple(found["direction"]),
        by_channel=tuple(found["channel"]),
        by_office=tuple(found["office"]),
        by_hour=tuple(sorted(found["hour"], key=lambda one: int(one.name))),
        by_day=tuple(found["day"]),
    )


def _group(values: list[Any]) -> Group:
    name, count, annulled, timed, median, ninth = values
    return Group(name, count, annulled, timed, median, ninth)
