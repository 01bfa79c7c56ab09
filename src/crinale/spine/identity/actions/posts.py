"""Posts open and close; people take them up and leave them. What was stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Q

from crinale.kernel import clock
from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.spine.identity import facts, permissions
from crinale.spine.identity.models import Incumbency, Person, Post
from crinale.spine.identity.post_kinds import POST_KINDS
from crinale.spine.tenancy import queries as tenancy

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from django.db.models import QuerySet

    from crinale.spine.identity.actor import Actor


class PostHeld(Conflict):
    """Somebody else holds this post on one of these days: end that first."""


def open_post(
    *,
    actor: Actor,
    body_id: UUID,
    kind: str,
    title: str = "",
    office_id: UUID | None = None,
    act: str = "",
    opened_on: date | None = None,
) -> Post:
    """Set up a post of a body, for one of its offices or for the whole of it.

    :param title: how it is called; without it, as its kind.
    :raises Forbidden: when the actor does not manage the offices of that body.
    """
    permissions.require(actor, "admin.areas", body_id=body_id)
    if kind not in POST_KINDS:
        raise Invalid("kind", "choose one of the kinds of posts")
    office = tenancy.office(office_id, on=opened_on) if office_id else None
    if office_id and (office is None or office.body_id != body_id):
        raise Invalid("office", "choose an office of this body that is open then")
    post = Post(
        body_id=body_id,
        office_id=office_id,
        kind=kind,
        title=_words(title, "title") or str(POST_KINDS[kind]),
        act=_words(act, "act"),
        opened_on=opened_on,
    )
    with transaction.atomic():
        post.save(force_insert=True)
        fact = facts.PostOpened(
            subject_id=post.id, what=kind, title=post.title, office_id=office_id, act=post.act
        )
        facts.tell(fact, actor=actor, body_id=body_id)
    return post


def close_post(*, actor: Actor, post_id: UUID, on: date) -> Post:
    """Close a post, and end who holds it: ``on`` is the first day without it.

    :raises Forbidden: when the actor does not manage the offices of its body.
    """
    with transaction.atomic():
        post = _post(actor, post_id)
        if post.closed_on is not None:
            raise Invalid("post", "this post is closed already")
        if post.opened_on is not None and on <= post.opened_on:
            raise Invalid("on", "a post closes after the day on which it opens")
        for held in _lasting(on).filter(post=post):
            _end(actor, held, on)
        post.closed_on = on
        post.save(update_fields=["closed_on"])
        fact = facts.PostClosed(subject_id=post.id, title=post.title, on=on)
        facts.tell(fact, actor=actor, body_id=post.body_id)
    return post


def appoint(
    *,
    actor: Actor,
    post_id: UUID,
    person_id: UUID,
    valid_from: date,
    valid_to: date | None = None,
    act: str = "",
) -> Incumbency:
    """Put a person in a post from a day, until another if that is known (excluded).

    :raises Forbidden: when the actor does not manage the offices of its body.
    :raises PostHeld: when somebody holds it on one of these days.
    """
    with transaction.atomic():
        post = _post(actor, post_id)
        person = Person.objects.filter(id=person_id).first()
        if person is None:
            raise NotVisible
        if valid_to is not None and valid_to <= valid_from:
            raise Invalid("valid_to", "a post is held until a day after the first")
        if post.opened_on is not None and valid_from < post.opened_on:
            raise Invalid("valid_from", "the post opens later: choose its first day or a later one")
        if post.closed_on is not None and (valid_to is None or valid_to > post.closed_on):
            raise Invalid("valid_to", "the post closes earlier: choose its last day or an earlier one")
        held = Incumbency(
            post=post, person=person, act=_words(act, "act"), valid_from=valid_from, valid_to=valid_to
        )
        try:
            with transaction.atomic():
                held.save(force_insert=True)
        except IntegrityError as error:
            raise PostHeld from error
        fact = facts.PostFilled(
            subject_id=post.id,
            title=post.title,
            person_id=person.id,
            username=person.username,
            act=held.act,
            valid_from=valid_from,
            valid_to=valid_to,
        )
        facts.tell(fact, actor=actor, body_id=post.body_id)
    return held


def end_appointment(*, actor: Actor, incumbency_id: UUID, on: date | None = None) -> Incumbency:
    """End the time of a person in a post: ``on``, today if not given, is the first day without him."""
    with transaction.atomic():
        held = Incumbency.objects.select_for_update().filter(id=incumbency_id).first()
        if held is None:
            raise NotVisible
        _post(actor, held.post_id)
        day = on or clock.today()
        if held.valid_to is not None and held.valid_to <= day:
            raise Invalid("on", "this appointment is over by then")
        _end(actor, held, day)
    return held


def end_appointments_of(actor: Actor, person: Person, *, on: date, body_id: UUID | None) -> int:
    """End what a person holds in a body, or in all, from a day on; part of leaving."""
    held = _lasting(on).filter(person=person)
    rows = list(held if body_id is None else held.filter(post__body_id=body_id))
    for row in rows:
        _end(actor, row, on)
    return len(rows)


def close_posts_of(actor: Actor, office_id: UUID, *, on: date) -> None:
    """Close the posts of an office that closes."""
    for post_id in Post.objects.filter(office_id=office_id, closed_on=None).values_list("id", flat=True):
        close_post(actor=actor, post_id=post_id, on=on)


def _lasting(day: date) -> QuerySet[Incumbency]:
    return Incumbency.objects.select_for_update().filter(Q(valid_to=None) | Q(valid_to__gt=day))


def _end(actor: Actor, held: Incumbency, on: date) -> None:
    held.valid_to = max(on, held.valid_from)
    held.save(update_fields=["valid_to"])
    fact = facts.PostVacated(
        subject_id=held.post_id,
        title=held.post.title,
        person_id=held.person_id,
        username=held.person.username,
        on=held.valid_to,
    )
    facts.tell(fact, actor=actor, body_id=held.post.body_id)


def _post(actor: Actor, post_id: UUID) -> Post:
    post = Post.objects.select_for_update().filter(id=post_id).first()
    if post is None:
        raise NotVisible
    permissions.require(actor, "admin.areas", body_id=post.body_id)
    return post


def _words(text: str, field: str) -> str:
    words = " ".join(text.split())
    if len(words) > 300:
        raise Invalid(field, "shorten it to 300 characters")
    return words
