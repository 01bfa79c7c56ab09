"""Tell people that something waits for them, and send what is to be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils import translation

from crinale.kernel import clock
from crinale.kernel.errors import Invalid
from crinale.spine.identity.models import Absence, Grant, Person
from crinale.spine.identity.queries import in_force
from crinale.spine.notify import rules
from crinale.spine.notify.models import Delivery, Notice, Preference
from crinale.spine.notify.ports import NoticeNotSent, mailer
from crinale.spine.tenancy import current_body
from crinale.spine.tenancy import queries as tenancy

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from crinale.spine.identity import Actor

LANGUAGES = ("it", "en")


def tell(
    *,
    kind: str,
    object_id: UUID,
    reference: str,
    people: Collection[UUID] = (),
    offices: Collection[UUID] = (),
    but: UUID | None = None,
) -> None:
    """Make a notice for people, for those who work in offices, and for who stands in for any of them.

    Joins the transaction of the change that it tells. What a person was told and not sent yet is not told
    again.

    :param reference: the number of the thing, the only word about it that leaves the node.
    :param but: who need not be told, because he did it.
    """
    now, today = clock.now(), clock.today()
    told = set(people)
    if offices:
        working = Grant.objects.filter(in_force(now), body_id=current_body(), office_id__in=offices)
        told.update(working.values_list("person_id", flat=True))
    away = Absence.objects.filter(person_id__in=told, valid_from__lte=today, valid_to__gt=today)
    told.update(away.values_list("substitute_id", flat=True))
    if but is not None:
        told.discard(but)
    wishes = dict(Preference.objects.filter(person_id__in=told).values_list("person_id", "delivery"))
    wanted = {one: wishes.get(one, Delivery.IMMEDIATELY) for one in told}
    Notice.objects.bulk_create(
        [
            Notice(
                body_id=current_body(),
                person=person_id,
                kind=kind,
                object_id=object_id,
                reference=reference[:60],
                created_at=now,
                due_at=rules.due_at(now, delivery),
            )
            for person_id, delivery in sorted(wanted.items())
            if delivery != Delivery.NEVER
        ],
        ignore_conflicts=True,
    )


def prefer(*, actor: Actor, delivery: str, language: str = "it") -> None:
    """Choose how to get notices from now on; after "never" what waits is not sent either.

    :raises Invalid: when it is not one of the ways, or not a language.
    """
    if actor.person_id is None or delivery not in Delivery.values:
        raise Invalid("delivery", f"choose one of {', '.join(Delivery.values)}")
    if language not in LANGUAGES:
        raise Invalid("language", f"choose one of {', '.join(LANGUAGES)}")
    Preference.objects.update_or_create(
        person_id=actor.person_id, defaults={"delivery": delivery, "language": language}
    )


def send_waiting(*, person_id: UUID) -> None:
    """Send a person, in one mail, all that waits for him in the open scope; a failure is noted and waits.

    One process at a time does so for a person. A crash between sending and noting sends it twice.
    """
    now = clock.now()
    waiting = Notice.objects.filter(
        person=person_id, sent_at=None, created_at__gt=now - rules.TRIED_FOR, due_at__lte=now + rules.TOGETHER
    )
    notices = list(waiting.order_by("created_at", "id"))
    person = Person.objects.filter(id=person_id, active=True).first()
    body = tenancy.body(current_body())
    if not notices or person is None or body is None:
        return
    ids = [one.id for one in notices]
    references = list(dict.fromkeys(one.reference for one in notices))
    wish = Preference.objects.filter(person_id=person_id).first() or Preference(person_id=person_id)
    if wish.delivery == Delivery.NEVER:
        Notice.objects.filter(id__in=ids).delete()
        return
    with translation.override(wish.language):
        subject, text = rules.subject(len(references)), rules.text(references, body.name)
    try:
        if not person.email:
            raise NoticeNotSent("The person has no e-mail address.")  # noqa: TRY301  told as any other failure
        mailer.get().send(person.email, subject, text)
    except NoticeNotSent as refused:
        with transaction.atomic():
            attempts = max(one.attempts for one in notices) + 1
            Notice.objects.filter(id__in=ids).update(
                attempts=F("attempts") + 1,
                error=str(refused)[:300],
                due_at=rules.next_attempt(clock.now(), attempts),
            )
        return
    Notice.objects.filter(id__in=ids).update(attempts=F("attempts") + 1, sent_at=clock.now(), error="")


def forget() -> None:
    """Remove notices of the open scope that are of no use any more."""
    Notice.objects.filter(created_at__lt=clock.now() - rules.KEPT_FOR).delete()
