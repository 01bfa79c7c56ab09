"""Absences, during which another stands in, and the end of somebody's work here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from crinale.kernel import clock
from crinale.kernel.errors import Invalid, NotVisible
from crinale.spine.identity import facts, permissions, queries, rules
from crinale.spine.identity.actions.people import managed
from crinale.spine.identity.actions.posts import end_appointments_of
from crinale.spine.identity.models import Absence, AbsenceReason, Grant, Person

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from crinale.spine.identity.actor import Actor


def enter_absence(
    *,
    actor: Actor,
    person_id: UUID,
    substitute_id: UUID,
    valid_from: date,
    valid_to: date,
    reason: str = AbsenceReason.OTHER,
) -> Absence:
    """Let another stand in for a person, oneself or one whom the actor manages, until a day (excluded).

    The substitute sees what is assigned to the person, with his own roles; not what that person sees as
    somebody else's substitute.

    :raises Forbidden: when the person is neither the actor nor managed by him.
    :raises Invalid: when the days are past, or the substitute works in none of the person's bodies.
    """
    rules.check_absence(valid_from, valid_to, today=clock.today())
    if reason not in AbsenceReason.values:
        raise Invalid("reason", "choose one of the reasons")
    if person_id == substitute_id:
        raise Invalid("substitute", "choose somebody else")
    with transaction.atomic():
        person = _whose(actor, person_id)
        first = max(clock.now(), rules.start_of_day(valid_from))
        bodies = Grant.objects.filter(queries.in_force(first), person=person).values("body_id")
        working = Grant.objects.filter(queries.in_force(first), person_id=substitute_id, body_id__in=bodies)
        substitute = Person.objects.filter(
            queries.present(valid_from), id__in=working.values("person_id")
        ).first()
        if substitute is None:
            raise Invalid("substitute", "choose somebody who works for the same body")
        overlapping = Absence.objects.filter(
            person=person, valid_from__lt=valid_to, valid_to__gt=valid_from, substitute=substitute
        )
        if overlapping.exists():
            raise Invalid("valid_from", "this person stands in already on one of these days")
        absence = Absence(
            person=person,
            substitute=substitute,
            valid_from=valid_from,
            valid_to=valid_to,
            reason=reason,
            created_by_id=actor.person_id,
            created_at=clock.now(),
        )
        absence.save(force_insert=True)
        fact = facts.AbsenceEntered(
            subject_id=absence.id,
            username=person.username,
            substitute=substitute.username,
            valid_from=valid_from,
            valid_to=valid_to,
        )
        facts.tell(fact, actor=actor)
    return absence


def end_absence(*, actor: Actor, absence_id: UUID) -> Absence:
    """End an absence today, or take back one that has not begun.

    :raises NotVisible: when the person is neither the actor nor managed by him.
    """
    with transaction.atomic():
        absence = Absence.objects.select_for_update().filter(id=absence_id).first()
        if absence is None:
            raise NotVisible
        _whose(actor, absence.person_id)
        _end(actor, absence, clock.today())
    return absence


def leave(*, actor: Actor, person_id: UUID, on: date, body_id: UUID | None = None) -> Person:
    """End all that a person is here from a day on, the first without him; everything stays as history.

    Grants, posts and substitutions end, and sessions if the day has come. With ``body_id`` he leaves that
    body only and keeps his account.

    :raises Forbidden: when the actor does not manage the people of the body, or of all of his bodies.
    :raises Invalid: when the day is past.
    """
    day = clock.today()
    if on < day:
        raise Invalid("on", "this day is past: choose today or a day to come")
    with transaction.atomic():
        person = managed(actor, person_id) if body_id is None else _in_body(actor, person_id, body_id)
        grants = _end_grants(person, on, body_id)
        posts = end_appointments_of(actor, person, on=on, body_id=body_id)
        if body_id is None:
            theirs = Absence.objects.filter(Q(person=person) | Q(substitute=person), valid_to__gt=on)
            for absence in theirs.select_for_update(of=("self",)):
                _end(actor, absence, on)
            person.left_on = on
        person.session_series += on == day
        person.save(update_fields=["left_on", "session_series"])
        fact = facts.PersonLeft(
            subject_id=person.id, username=person.username, on=on, grants=grants, posts=posts
        )
        facts.tell(fact, actor=actor, body_id=body_id)
    return person


def _end_grants(person: Person, on: date, body_id: UUID | None) -> int:
    end = max(clock.now(), rules.start_of_day(on))
    rows = Grant.objects.select_for_update().filter(Q(valid_to=None) | Q(valid_to__gt=end), person=person)
    ended = 0
    for grant in rows if body_id is None else rows.filter(body_id=body_id):
        grant.valid_to = max(end, grant.valid_from)
        grant.save(update_fields=["valid_to"])
        ended += 1
    return ended


def _end(actor: Actor, absence: Absence, on: date) -> None:
    if absence.valid_to <= on:
        return
    absence.valid_to = max(on, absence.valid_from)
    absence.save(update_fields=["valid_to"])
    fact = facts.AbsenceEnded(
        subject_id=absence.id,
        username=absence.person.username,
        substitute=absence.substitute.username,
        on=absence.valid_to,
    )
    facts.tell(fact, actor=actor)


def _whose(actor: Actor, person_id: UUID) -> Person:
    if actor.person_id != person_id:
        return managed(actor, person_id)
    return Person.objects.select_for_update().get(id=person_id)


def _in_body(actor: Actor, person_id: UUID, body_id: UUID) -> Person:
    permissions.require(actor, "admin.people", body_id=body_id)
    person = Person.objects.select_for_update().filter(id=person_id).first()
    if person is None:
        raise NotVisible
    return person
