"""The filing plan: its headings on a day, its editions, and how headings go on from one to the next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from crinale.kernel import clock
from crinale.kernel.errors import Invalid, NotVisible
from crinale.spine.identity import permissions
from crinale.spine.records.models import ClassificationEntry, FilingPlan
from crinale.spine.records.rules.editions import PlanDifference, compare
from crinale.spine.records.rules.filing import Heading, read_plan
from crinale.spine.tenancy.statements import every

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from uuid import UUID

    from crinale.spine.identity import Actor


@dataclass(frozen=True, slots=True)
class ClassificationRef:
    """An open heading of the filing plan in force; ``path`` are the titles from the top."""

    id: UUID
    code: str
    title: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EditionRef:
    """An edition of the filing plan; its state is ``future``, ``in_force``, ``past`` or ``withdrawn``."""

    id: UUID
    name: str
    valid_from: date
    valid_to: date | None
    state: str
    headings: int

    @property
    def last_day(self) -> date | None:
        """The last day on which it is in force, if it has one."""
        return None if self.valid_to is None else self.valid_to - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class EditionHeading:
    """A heading of an edition, whatever its day; ``depth`` is 0 for a titolo."""

    id: UUID
    code: str
    title: str
    parent: str
    depth: int
    valid_to: date | None


def plan_on(day: date, *, of: str = "") -> Q:
    """Return the condition on an edition to be in force on a day; ``of`` is the way to it."""
    return Q(**{f"{of}valid_from__lte": day}) & (
        Q(**{f"{of}valid_to": None}) | Q(**{f"{of}valid_to__gt": day})
    )


def classification(code: str, *, on: date | None = None) -> ClassificationRef:
    """Return the open heading with this code in the body's filing plan of a day, today if none is given.

    :raises Invalid: when there is none.
    """
    found = next((one for one in classifications(on=on) if one.code == code), None)
    if found is None:
        raise Invalid("classification", f"the filing plan in force has no open heading {code!r}")
    return found


def classifications(*, text: str = "", on: date | None = None) -> list[ClassificationRef]:
    """Return the open headings of the filing plan of a day, in order; ``text`` narrows by code or title."""
    day = on or clock.today()
    entries = list(
        ClassificationEntry.objects.filter(plan_on(day), plan_on(day, of="plan__")).order_by("position")
    )
    by_id = {entry.id: entry for entry in entries}
    wanted = text.strip().casefold()
    return [
        ClassificationRef(id=entry.id, code=entry.code, title=entry.title, path=_path(entry, by_id))
        for entry in entries
        if not wanted or entry.code == wanted or wanted in entry.title.casefold()
    ]


_HEADINGS = """
select entry.code, entry.title
from records_classificationentry as entry join records_filingplan as plan on plan.id = entry.plan_id
where entry.body_id = crinale_body() and plan.valid_from <= %s
    and (plan.valid_to is null or plan.valid_to > %s) and entry.code = any(%s::varchar[])
    and entry.valid_from <= %s and (entry.valid_to is null or entry.valid_to > %s)
"""


def headings(codes: Iterable[str], *, on: date | None = None) -> dict[str, str]:
    """Return the titles of those of these codes that are open headings of the filing plan of a day."""
    day = on or clock.today()
    return dict(every(_HEADINGS, [day, day, [code for code in codes if code], day, day]))


def editions(*, actor: Actor) -> list[EditionRef]:
    """Return the editions of the body's filing plan, the newest first.

    :raises NotVisible: when the actor may not read what the body holds.
    """
    permissions.require(actor, "records.read")
    rows = FilingPlan.objects.annotate(headings=Count("entries")).order_by("-valid_from", "-id")
    return [_edition(row, row.headings) for row in rows]


def edition_headings(*, actor: Actor, plan_id: UUID) -> list[EditionHeading]:
    """Return every heading of an edition, in order, also of one that is over.

    :raises NotVisible: when there is no such edition.
    """
    permissions.require(actor, "records.read")
    rows = list(ClassificationEntry.objects.filter(plan_id=plan_id).order_by("position"))
    if not rows:
        raise NotVisible
    return [
        EditionHeading(
            row.id, row.code, row.title, row.code.rpartition(".")[0], row.code.count("."), row.valid_to
        )
        for row in rows
    ]


def plan_difference(*, actor: Actor, text: str) -> PlanDifference:
    """Say what an edition (CSV) would change, without changing anything.

    :raises Invalid: when the CSV cannot be used.
    """
    permissions.require(actor, "records.manage_plan")
    return compare(open_headings(clock.today()), read_plan(text))


def edition_difference(*, actor: Actor, plan_id: UUID) -> PlanDifference:
    """Say what an edition changed of the one before it.

    :raises NotVisible: when there is no such edition.
    """
    permissions.require(actor, "records.read")
    plan = FilingPlan.objects.filter(id=plan_id).first()
    if plan is None:
        raise NotVisible
    before = (
        FilingPlan.objects.filter(valid_to=plan.valid_from, withdrawn_at=None)
        .exclude(id=plan.id)
        .order_by("-valid_from", "-id")
        .first()
    )
    old = [] if before is None else _plain(ClassificationEntry.objects.filter(plan=before))
    return compare(old, _continuing(plan))


def open_headings(day: date) -> list[Heading]:
    """Return the open headings of a day as the rules know them."""
    return _plain(ClassificationEntry.objects.filter(plan_on(day), plan_on(day, of="plan__")))


_LINE = """
with recursive line(id) as (
    select entry.id
    from records_classificationentry as entry join records_filingplan as plan on plan.id = entry.plan_id
    where entry.body_id = crinale_body()
        and plan.valid_from <= %s and (plan.valid_to is null or plan.valid_to > %s)
        and (entry.code = %s or entry.code like %s)
    union
    select one.previous_id from line join records_headingsuccession as one on one.current_id = line.id
)
select id from line
"""


def heading_line(code: str, *, on: date | None = None) -> list[UUID]:
    """Return a heading of a day, those below it and all that these continue, for searches."""
    day, below = on or clock.today(), code.replace("\\", "").replace("%", "").replace("_", "")
    return [row[0] for row in every(_LINE, [day, day, code, f"{below}.%"])]


_TODAY = """
with recursive way(start, id) as (
    select entry.id, entry.id from records_classificationentry as entry
    where entry.body_id = crinale_body() and entry.id = any(%s)
    union
    select way.start, one.current_id
    from way join records_headingsuccession as one on one.previous_id = way.id
    join records_filingplan as of on of.id = one.plan_id and of.withdrawn_at is null and of.valid_from <= %s
)
select way.start, entry.code
from way join records_classificationentry as entry on entry.id = way.id
join records_filingplan as plan on plan.id = entry.plan_id
where plan.valid_from <= %s and (plan.valid_to is null or plan.valid_to > %s)
    and entry.valid_from <= %s and (entry.valid_to is null or entry.valid_to > %s)
order by entry.position
"""


def headings_today(heading_ids: Iterable[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Return under which open codes of today some headings go on; those that were closed have none."""
    day = clock.today()
    found: dict[UUID, tuple[str, ...]] = {}
    for start, code in every(_TODAY, [list(heading_ids), day, day, day, day, day]):
        found[start] = (*found.get(start, ()), code)
    return found


def _path(entry: ClassificationEntry, by_id: dict[UUID, ClassificationEntry]) -> tuple[str, ...]:
    above: list[str] = []
    step: ClassificationEntry | None = entry
    while step is not None:
        above.append(step.title)
        step = by_id.get(step.parent_id)
    return tuple(reversed(above))


def _plain(rows: Iterable[ClassificationEntry]) -> list[Heading]:
    return [
        Heading(row.code, row.title, row.code.rpartition(".")[0], row.position)
        for row in sorted(rows, key=lambda row: row.position)
    ]


def _continuing(plan: FilingPlan) -> list[Heading]:
    """Return the headings of an edition with what was recorded that they continue."""
    before: dict[UUID, tuple[str, ...]] = {}
    for current, code in plan.successions.values_list("current_id", "previous__code"):
        before[current] = (*before.get(current, ()), code)
    rows = ClassificationEntry.objects.filter(plan=plan).order_by("position")
    return [
        Heading(row.code, row.title, row.code.rpartition(".")[0], row.position, before.get(row.id, ()))
        for row in rows
    ]


def _edition(row: FilingPlan, count: int) -> EditionRef:
    today = clock.today()
    if row.withdrawn_at is not None:
        state = "withdrawn"
    elif row.valid_from > today:
        state = "future"
    else:
        state = "in_force" if row.valid_to is None or row.valid_to > today else "past"
    return EditionRef(row.id, row.name, row.valid_from, row.valid_to, state, count)
