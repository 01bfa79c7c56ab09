"""What the interface changes of its own: answers kept, files delivered, requests counted, subscriptions."""

from __future__ import annotations

import base64
import binascii
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db import transaction

from crinale.kernel import clock
from crinale.kernel.errors import CrinaleError, Invalid, NotVisible
from crinale.services.program_interface.models import (
    Delivery,
    EventCursor,
    KeptAnswer,
    RateWindow,
    Subscription,
    Upload,
)
from crinale.services.program_interface.ports import web_caller
from crinale.services.program_interface.rules import SECRET_PREFIX
from crinale.spine.audit import queries as audit
from crinale.spine.identity import programs
from crinale.spine.records import actions as records
from crinale.spine.tenancy.statements import first_of_node, insert_if_new

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from typing import BinaryIO
    from uuid import UUID

    from crinale.spine.identity import Actor
    from crinale.spine.records.queries import DocumentRef

MOST_SUBSCRIPTIONS: Final = 20
_SECRET_BYTES: Final = range(24, 65)
_COUNT: Final = """
insert into program_interface_ratewindow as known (caller, minute, used) values (%s, %s, 1)
on conflict (caller) do update set minute = excluded.minute,
    used = case when known.minute = excluded.minute then known.used + 1 else 1 end
returning used
"""


class KeyUsedOtherwise(CrinaleError):
    """This Idempotency-Key was used for another request."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer: status, JSON, Location, what was made; ``again`` (without JSON) when it was given before."""

    status: int
    content: str = ""
    location: str = ""
    made: UUID | None = None
    again: bool = False


def perform(*, program_id: UUID, key: str, request_sha256: str, work: Callable[[], Answered]) -> Answered:
    """Do something once for an Idempotency-Key: a second request waits, and is told of the first.

    What fails is not kept, and may be asked again with the same key.

    :raises KeyUsedOtherwise: when the key came with another request.
    """
    with transaction.atomic(durable=True):
        if not key:
            return work()
        kept = KeptAnswer(program=program_id, key=key, request_sha256=request_sha256, made_at=clock.now())
        if not insert_if_new(kept):
            before = KeptAnswer.objects.get(program=program_id, key=key)
            if before.request_sha256 != request_sha256:
                raise KeyUsedOtherwise
            return Answered(before.status, location=before.location, made=before.made, again=True)
        answered = work()
        kept.status, kept.location, kept.made = answered.status, answered.location, answered.made
        kept.save(update_fields=["status", "location", "made"])
        return answered


def count_request(*, caller: UUID) -> tuple[int, int]:
    """Count a request; return how many the caller made in this minute, and the seconds that remain."""
    now = int(clock.now().timestamp())
    row = first_of_node(_COUNT, [caller, now // 60])
    return (row[0] if row else 0), 60 - now % 60


def deliver_document(
    *,
    actor: Actor,
    program_id: UUID,
    area_id: UUID,
    file_name: str,
    stream: BinaryIO,
    declared_type: str,
) -> DocumentRef:
    """Store what a program delivers to be registered; joins an open transaction."""
    with transaction.atomic():
        stored = records.store_document(
            actor=actor, file_name=file_name, stream=stream, declared_type=declared_type
        )
        Upload(
            program=program_id, area=area_id, document=stored.id, sha256=stored.sha256, at=clock.now()
        ).save(force_insert=True)
    return stored


def subscribe(
    *, program_id: UUID, area_id: UUID, url: str, kinds: Sequence[str], secret: str = ""
) -> Subscription:
    """Have a program told of events from now on; the caller has checked that it may.

    :raises Invalid: when the address or the secret is not usable, or there are too many already.
    """
    with transaction.atomic():
        if Subscription.objects.filter(program=program_id, area=area_id).count() >= MOST_SUBSCRIPTIONS:
            raise Invalid("url", "keep at most 20 subscriptions: remove one")
        made = Subscription(
            program=program_id,
            area=area_id,
            url=_checked_url(url),
            kinds=list(dict.fromkeys(kinds)),
            sealed_secret=programs.seal(_checked_secret(secret) if secret else new_secret()),
            created_at=clock.now(),
        )
        made.save(force_insert=True)
        here = audit.present_position()
        insert_if_new(EventCursor(txid=here.txid, fact=here.fact_id))
    return made


def unsubscribe(*, subscription: Subscription) -> None:
    """Remove a subscription with its deliveries."""
    with transaction.atomic():
        subscription.delete()


def resume(*, subscription: Subscription) -> Subscription:
    """Begin again to deliver to a subscription that was ended; what waited is due at once."""
    now = clock.now()
    with transaction.atomic():
        subscription.active, subscription.failing_since = True, None
        subscription.ended_at, subscription.ended_because = None, ""
        subscription.save(update_fields=["active", "failing_since", "ended_at", "ended_because"])
        Delivery.objects.filter(subscription=subscription, delivered_at=None).update(due_at=now)
    return subscription


def redeliver(*, subscription: Subscription, delivery_id: UUID) -> Delivery:
    """Deliver an event once more, whatever came of it before.

    :raises NotVisible: when the subscription has no such delivery.
    """
    with transaction.atomic():
        found = Delivery.objects.filter(subscription=subscription, id=delivery_id)
        if not found.update(due_at=clock.now(), delivered_at=None, attempts=0):
            raise NotVisible
        return found.get()


def forget(*, before: datetime) -> int:
    """Remove what is older than an instant: answers, deliveries, notes of files; return how many."""
    with transaction.atomic(durable=True):
        gone = KeptAnswer.objects.filter(made_at__lt=before).delete()[0]
        gone += Delivery.objects.filter(created_at__lt=before).delete()[0]
        return gone + Upload.objects.filter(at__lt=before).delete()[0]


def forget_counts(*, before: datetime) -> int:
    """Remove the counts of callers that made no request since an instant; return how many."""
    return RateWindow.objects.filter(minute__lt=int(before.timestamp()) // 60).delete()[0]


def new_secret() -> str:
    """Make a secret for signatures, 256 bits of chance."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def _checked_url(url: str) -> str:
    if remedy := web_caller.get().refusal(url):
        raise Invalid("url", remedy)
    return url


def _checked_secret(secret: str) -> str:
    try:
        raw = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) not in _SECRET_BYTES or not secret.startswith(SECRET_PREFIX):
        raise Invalid("secret", "write whsec_ and 24 to 64 bytes in base64, or leave it out to get one")
    return secret
