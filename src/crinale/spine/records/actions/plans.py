"""Editions of the filing plan: prepared, in force from a day, withdrawn before it; headings that close."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from django.db import transaction

from crinale.kernel import clock
from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.spine import audit
from crinale.spine.identity import permissions
from crinale.spine.records import facts
from crinale.spine.records.models import ClassificationEntry, FilingPlan, HeadingSuccession
from crinale.spine.records.queries.plans import open_headings, plan_on
from crinale.spine.records.rules.editions import PlanDifference, compare
from crinale.spine.records.rules.filing import Heading, read_plan

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from crinale.spine.identity import Actor

_LONGEST_NAME = 200
_LONGEST_REASON = 1000


class PlanNotWaiting(Conflict):
    """This edition of the filing plan has its day behind it, or was withdrawn."""


def municipal_plan() -> str:
    """Return the text of the model filing plan for municipalities, to import or to start from."""
    data = resources.files("crinale.spine.records") / "data" / "titolario_comuni.csv"
    return data.read_text(encoding="utf-8")


def import_filing_plan(*, actor: Actor, name: str, text: str, valid_from: date | None = None) -> int:
    """Bring an edition of the filing plan (CSV) into force on a day, today if none is given.

    The edition before it ends on that day; what was registered keeps the heading that it had, and under which
    headings the old ones go on is recorded. Return the number of headings.

    :raises Invalid: when the CSV cannot be used, the day is past, or another edition waits for its day.
    """
    permissions.require(actor, "records.manage_plan")
    headings, today = read_plan(text), clock.today()
    day = valid_from or today
    if not name.strip() or len(name) > _LONGEST_NAME:
        raise Invalid("name", f"name the edition, in at most {_LONGEST_NAME} characters")
    if day < today:
        raise Invalid("valid_from", "an edition enters into force today or later")
    with transaction.atomic():
        before = FilingPlan.objects.select_for_update().filter(valid_to=None).first()
        if before is not None and before.valid_from > today:
            raise Invalid("valid_from", "another edition waits for its day: withdraw it first")
        difference = compare(open_headings(today), headings)
        entries = {} if before is None else _by_code(before)
        if before is not None:
            before.valid_to = day
            before.save(update_fields=["valid_to"])
        plan = FilingPlan(name=name.strip(), valid_from=day)
        plan.save(force_insert=True)
        made = _entries(plan, headings)
        ClassificationEntry.objects.bulk_create(made.values())
        _record_succession(plan, difference, entries, made)
        audit.write(
            facts.FilingPlanImported(
                subject_id=plan.id, name=plan.name, headings=len(headings), valid_from=day.isoformat()
            ),
            actor=actor,
        )
    return len(headings)


def withdraw_filing_plan(*, actor: Actor, plan_id: UUID, reason: str) -> None:
    """Withdraw an edition before its day; the one in force goes on.

    :raises NotVisible: when there is no such edition.
    :raises PlanNotWaiting: when it is in force already, was, or is withdrawn.
    """
    permissions.require(actor, "records.manage_plan")
    if not reason.strip() or len(reason) > _LONGEST_REASON:
        raise Invalid("reason", f"say why, in at most {_LONGEST_REASON} characters")
    with transaction.atomic():
        plan = FilingPlan.objects.select_for_update().filter(id=plan_id).first()
        if plan is None:
            raise NotVisible
        if plan.valid_to is not None or plan.valid_from <= clock.today():
            raise PlanNotWaiting
        plan.valid_to, plan.withdrawn_at = plan.valid_from, clock.now()
        plan.save(update_fields=["valid_to", "withdrawn_at"])
        FilingPlan.objects.filter(plan_on(clock.today())).update(valid_to=None)
        audit.write(
            facts.FilingPlanWithdrawn(subject_id=plan.id, name=plan.name, reason=reason.strip()), actor=actor
        )


def close_classification(*, actor: Actor, code: str) -> None:
    """End a heading today: what is filed there stays, nothing new may be.

    :raises NotVisible: when the filing plan in force has no such open heading.
    """
    permissions.require(actor, "records.manage_plan")
    with transaction.atomic():
        in_force = plan_on(clock.today(), of="plan__")
        entry = ClassificationEntry.objects.filter(in_force, code=code, valid_to=None).first()
        if entry is None:
            raise NotVisible
        entry.valid_to = clock.today()
        entry.save(update_fields=["valid_to"])
        audit.write(facts.ClassificationClosed(subject_id=entry.id, code=code), actor=actor)


def _by_code(plan: FilingPlan) -> dict[str, ClassificationEntry]:
    return {entry.code: entry for entry in ClassificationEntry.objects.filter(plan=plan)}


def _entries(plan: FilingPlan, headings: tuple[Heading, ...]) -> dict[str, ClassificationEntry]:
    made: dict[str, ClassificationEntry] = {}
    for heading in headings:
        made[heading.code] = ClassificationEntry(
            body_id=plan.body_id,
            plan=plan,
            code=heading.code,
            title=heading.title,
            parent=made.get(heading.parent),
            position=heading.position,
            valid_from=plan.valid_from,
        )
    return made


def _record_succession(
    plan: FilingPlan,
    difference: PlanDifference,
    before: dict[str, ClassificationEntry],
    after: dict[str, ClassificationEntry],
) -> None:
    HeadingSuccession.objects.bulk_create(
        HeadingSuccession(
            body_id=plan.body_id, plan=plan, previous=before[pair.old.code], current=after[pair.new.code]
        )
        for pair in difference.continued
    )
