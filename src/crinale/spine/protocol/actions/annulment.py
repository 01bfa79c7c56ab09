"""Annul a registration; it stays readable, marked, with date, operator and act (DPR 445/2000 art. 54)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from crinale.kernel import clock
from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.spine import audit
from crinale.spine.identity import permissions
from crinale.spine.protocol import facts
from crinale.spine.protocol.actions.assigning import settle_annulled
from crinale.spine.protocol.models import AnnulmentAct, Counter, Registration, State
from crinale.spine.protocol.queries.registration import views
from crinale.spine.protocol.rules.numbering import legal_year
from crinale.spine.records.models import Document

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.views import RegistrationView

LONGEST_ACT = 300
LONGEST_REASON = 2000


class AlreadyAnnulled(Conflict):
    """This registration is annulled already; an annulment cannot be changed."""


def annul(
    *, actor: Actor, registration_id: UUID, act: str, reason: str, document_id: UUID | None = None
) -> RegistrationView:
    """Annul a registration. ``act`` is the provision that authorises it, ``reason`` why.

    ``document_id`` is the act itself, where the body holds it; it is kept with the annulment.

    :raises NotVisible: when there is no such registration or document, or the actor may not annul it.
    :raises Invalid: when act or reason is missing.
    :raises AlreadyAnnulled: when it is annulled.
    """
    act, reason = act.strip(), reason.strip()
    with transaction.atomic():
        row = (
            Registration.objects.select_for_update(of=("self",))
            .exclude(state=State.BEING_SEALED)
            .filter(id=registration_id)
            .first()
        )
        if row is None:
            raise NotVisible
        permissions.require(actor, "protocol.annul", area_id=row.area_id)
        _check(act, reason)
        if row.annulled_at is not None:
            raise AlreadyAnnulled
        if document_id is not None and not Document.objects.filter(id=document_id).exists():
            raise NotVisible
        row.annulled_at = _instant(row.register_id)
        row.annulled_by, row.annulled_by_name = actor.person_id, actor.name[:200]
        row.annulment_act, row.annulment_reason = act, reason
        row.save(
            update_fields=[
                "annulled_at",
                "annulled_by",
                "annulled_by_name",
                "annulment_act",
                "annulment_reason",
            ]
        )
        settle_annulled(actor=actor, row=row)
        if document_id is not None:
            AnnulmentAct(registration=row, document_id=document_id).save(force_insert=True)
        audit.write(
            facts.RegistrationAnnulled(
                subject_id=row.id, at=row.annulled_at, act=act, reason=reason, document=document_id
            ),
            actor=actor,
        )
        return views([row.id])[0]


def _check(act: str, reason: str) -> None:
    if not act or len(act) > LONGEST_ACT:
        raise Invalid(
            "act", f"name the act that authorises the annulment, in at most {LONGEST_ACT} characters"
        )
    if not reason or len(reason) > LONGEST_REASON:
        raise Invalid("reason", f"say why, in at most {LONGEST_REASON} characters")


def _instant(register_id: UUID) -> datetime:
    """Return now, but not within a frozen day: the daily register tells the annulments of its day."""
    now = clock.now()
    counter = (
        Counter.objects.select_for_update().filter(register_id=register_id, year=legal_year(now)).first()
    )
    return max(now, counter.last_at) if counter and counter.last_at else now
