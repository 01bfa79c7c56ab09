"""Correct what may be corrected of a registration; what stood there before stays beside it.

Number, date, subject, senders, recipients and documents are not among it: see
:mod:`crinale.spine.protocol.rules.corrections`.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction

from crinale.kernel import clock
from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.spine import audit
from crinale.spine.identity import permissions
from crinale.spine.protocol import facts
from crinale.spine.protocol.actions.checking import CHANNELS, LONGEST_DESCRIPTION, LONGEST_TEXT
from crinale.spine.protocol.models import Correction, Registration, State
from crinale.spine.protocol.queries.registration import views
from crinale.spine.protocol.queries.visibility import may_see
from crinale.spine.protocol.rules.content import CorrectionContent, correction_digest
from crinale.spine.protocol.rules.corrections import correctable, value_of
from crinale.spine.protocol.rules.parties import check_contact

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.views import RegistrationView

LONGEST_NUMBER = 100
Value = str | dt.date | dt.datetime | None
_ARRIVALS = frozenset({"arrived_at", "received_number", "received_date"})


class AnnulledStays(Conflict):
    """An annulled registration stays as it is; nothing in it is corrected."""


def correct(
    *, actor: Actor, registration_id: UUID, changes: Mapping[str, Value], reason: str
) -> RegistrationView:
    """Correct values of a registration, each named by its path, and return it with the current ones.

    Paths are ``channel``, ``arrived_at``, ``received_number``, ``received_date``, ``documents.N.description``
    and, for ``senders.N`` and ``recipients.N``, ``.email``, ``.phone`` and ``.postal_address``. A value that
    is the present one changes nothing.

    :raises NotVisible: when the registration is not visible to the actor, or he may not register such.
    :raises Invalid: when a value may not be corrected, with the remedy, or when no reason is given.
    :raises AnnulledStays: when it is annulled.
    """
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_TEXT:
        raise Invalid("reason", f"say why, in at most {LONGEST_TEXT} characters")
    with transaction.atomic():
        view = _locked(actor, registration_id)
        after = {field: _checked(view, field, value) for field, value in changes.items()}
        before = {field: value_of(view, field) for field in after}
        changed = [field for field in after if after[field] != before[field]]
        if not changed:
            raise Invalid("changes", "nothing differs from what is registered: change a value")
        for sequence, field in enumerate(changed, start=len(view.corrections) + 1):
            content = CorrectionContent(
                registration=view.id,
                sequence=sequence,
                field=field,
                before=before[field],
                after=after[field],
                reason=reason,
                corrected_at=clock.now(),
                corrected_by=actor.person_id,
                corrected_by_name=actor.name[:200],
            )
            _write(actor, content)
        return views([view.id])[0]


def _locked(actor: Actor, registration_id: UUID) -> RegistrationView:
    rows = Registration.objects.select_for_update(of=("self",)).exclude(state=State.BEING_SEALED)
    if not rows.filter(id=registration_id).exists():
        raise NotVisible
    [view] = views([registration_id])
    if not may_see(actor, view):
        raise NotVisible
    permission = "protocol.register_incoming" if view.direction == "incoming" else "protocol.register"
    permissions.require(actor, permission, area_id=view.area_id)
    if view.annulment is not None:
        raise AnnulledStays
    return view


def _write(actor: Actor, content: CorrectionContent) -> None:
    Correction(
        registration_id=content.registration,
        sequence=content.sequence,
        field=content.field,
        before=content.before,
        after=content.after,
        reason=content.reason,
        corrected_at=content.corrected_at,
        corrected_by=content.corrected_by,
        corrected_by_name=content.corrected_by_name,
    ).save(force_insert=True)
    audit.write(
        facts.RegistrationCorrected(
            subject_id=content.registration,
            sequence=content.sequence,
            field=content.field,
            digest=correction_digest(content),
        ),
        actor=actor,
    )


def _checked(view: RegistrationView, field: str, value: Value) -> str:
    """Return a new value as the text that is kept."""
    found = correctable(field)
    if found.name in _ARRIVALS and view.direction != "incoming":
        raise Invalid(field, "only what came in has an arrival: leave it out")
    if found.name == "arrived_at":
        return _arrival(view, field, value)
    if found.name == "received_date":
        return _received_date(view, field, value)
    text = value.strip() if isinstance(value, str) else ""
    if found.part in {"senders", "recipients"}:
        return check_contact(text, field=field)
    if found.name == "channel" and text not in CHANNELS:
        raise Invalid(field, "choose how the document travelled")
    longest = LONGEST_NUMBER if found.name == "received_number" else LONGEST_DESCRIPTION
    if len(text) > longest or "\x00" in text:
        raise Invalid(field, f"shorten it to {longest} characters")
    return text


def _arrival(view: RegistrationView, field: str, value: Value) -> str:
    if isinstance(value, str):
        try:
            value = dt.datetime.fromisoformat(value) if value else None
        except ValueError:
            value = dt.date.min
    if value is None:
        if view.deferral is not None:
            raise Invalid(field, "a deferred registration keeps the date of arrival: give one")
        return ""
    if not isinstance(value, dt.datetime):
        raise Invalid(field, "write date and time of the arrival")
    at = value if value.tzinfo is not None else value.replace(tzinfo=clock.ROME)
    if at > view.registered_at:
        raise Invalid(field, "a document cannot arrive after it was registered")
    return at.astimezone(dt.UTC).isoformat()


def _received_date(view: RegistrationView, field: str, value: Value) -> str:
    if isinstance(value, str):
        try:
            value = dt.date.fromisoformat(value) if value else None
        except ValueError:
            raise Invalid(field, "write the date as day, month and year") from None
    if value is None:
        return ""
    day = value.date() if isinstance(value, dt.datetime) else value
    # One day of grace, as when registering: clocks of two bodies may differ around midnight.
    if day > clock.legal_day(view.registered_at) + dt.timedelta(days=1):
        raise Invalid(field, "the sender's protocol cannot be of a day after the registration")
    return day.isoformat()
