"""The one place that appends receipts, and so the one place where a message changes.

A ledger holds the locked row of one message and its standing. Receipts are folded into the standing as they
are appended; ``close`` writes them with the columns that follow from them, in the transaction that the
caller opened.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from django.conf import settings

from crinale.kernel import clock
from crinale.kernel.digests import canonical_json, sha256
from crinale.kernel.errors import NotVisible
from crinale.spine import audit
from crinale.spine.exchange import facts
from crinale.spine.exchange.actions import rows
from crinale.spine.exchange.models import Message, Receipt
from crinale.spine.exchange.rules import mail, schedule
from crinale.spine.exchange.rules.states import Errand, Kind, Standing, State, step
from crinale.spine.exchange.standings import standing_of
from crinale.spine.tenancy.statements import Statement, execute, insertion

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.exchange.models import WireMessage
    from crinale.spine.identity import Actor

_ENDS_THE_WAIT = frozenset(
    {
        Kind.REGISTERED,
        Kind.REFUSED,
        Kind.REFUSED_AT_DOOR,
        Kind.DISPATCHED,
        Kind.NOT_TAKEN,
        Kind.NOT_DELIVERED,
        Kind.RETRY_ORDERED,
    }
)


def retry_scale() -> float:
    """By how much this node shortens the retry schedule; 1 but on demonstration networks."""
    return float(getattr(settings, "CRINALE_RETRY_SCALE", 1.0))


@dataclass(slots=True)
class Ledger:
    """The receipts of one message, open for writing."""

    message: Message
    standing: Standing
    actor: Actor
    fresh: bool = False
    _new: list[Receipt] = field(default_factory=list)
    _wires: list[WireMessage] = field(default_factory=list)

    @classmethod
    def open(cls, message_id: UUID, *, actor: Actor) -> Self:
        """Lock the message; ``NotVisible`` if it is not of the open scope."""
        message = rows.message_where(rows.BY_ID, message_id, lock=True)
        if message is None:
            raise NotVisible
        return cls.of(message, actor=actor)

    @classmethod
    def of(cls, message: Message, *, actor: Actor) -> Self:
        """Continue the ledger of a message that the caller has locked."""
        return cls(message=message, standing=standing_of(message), actor=actor)

    @classmethod
    def begin(cls, message: Message, *, actor: Actor) -> Self:
        """Start the ledger of a new message; ``close`` inserts it."""
        return cls(message=message, standing=standing_of(message), actor=actor, fresh=True)

    @property
    def owes(self) -> Errand:
        """What this side owes next."""
        return self.standing.errand

    def keep(self, *wires: WireMessage) -> WireMessage | None:
        """Have envelopes written with the receipts that they prove; return the first."""
        self._wires += wires
        return wires[0] if wires else None

    def append(self, kind: Kind, *, wire: WireMessage | None = None, **data: Any) -> None:
        """Add a receipt; ``data`` is JSON and goes into the proof."""
        before = self.owes
        self.standing = step(self.standing, kind)
        if wire is not None:
            data["evidence_sha256"] = wire.sha256
        self.message.receipts_count += 1
        self._new.append(
            Receipt(
                message_id=self.message.id,
                seq=self.message.receipts_count,
                kind=kind,
                at=clock.now(),
                data=data,
                wire_id=wire.id if wire else None,
                actor_name=self.actor.name,
                actor_person=self.actor.person_id,
            )
        )
        self._follow(kind, before)

    def fail(
        self, *, wire: WireMessage | None, code: str, reason: str, final: bool = False, **told: Any
    ) -> bool:
        """Record a failed attempt and plan the next; return whether the retries are used up.

        ``final``: another attempt would fail as well.
        """
        errand = self.owes
        self.append(Kind.ATTEMPT_FAILED, wire=wire, errand=errand, code=code, reason=reason, **told)
        if self.owes is Errand.NONE:  # settled meanwhile from the other side
            return False
        message = self.message
        message.failures += 1
        message.first_failure_at = message.first_failure_at or clock.now()
        message.next_attempt_at = schedule.next_attempt(
            first_failure_at=message.first_failure_at, failures=message.failures, scale=retry_scale()
        )
        if message.next_attempt_at is not None and not final:
            return False
        self.append(Kind.EXHAUSTED, errand=errand, attempts=message.failures)
        return True

    def _follow(self, kind: Kind, before: Errand) -> None:
        """Keep the planning columns in step with the standing."""
        message, now = self.message, clock.now()
        if self.owes != before or kind is Kind.RETRY_ORDERED:
            message.failures, message.first_failure_at = 0, None
            message.next_attempt_at = now if self.owes else None
        if kind in _ENDS_THE_WAIT:
            message.confirmation_due_at = None
        sent = message.direction == "out"
        if kind is Kind.ACCEPTED or (sent and kind is Kind.DELIVERED):
            message.accepted_at = message.accepted_at or now
            if sent:
                awaited = self.standing.state is State.ACCEPTED
                message.confirmation_due_at = schedule.confirmation_due(now) if awaited else None
        if sent and kind in (Kind.HANDED_OVER, Kind.TAKEN) and self.standing.state in mail.WITHIN:
            message.confirmation_due_at = now + mail.WITHIN[self.standing.state]

    def close(self) -> Message:
        """Write the new receipts, the columns that follow from them and the audit facts."""
        message, standing = self.message, self.standing
        message.state, message.errand = standing.state, standing.errand
        message.annulment = standing.annulment
        message.at_door, message.notified, message.stuck = standing.at_door, standing.notified, standing.stuck
        if message.next_attempt_at is None and standing.errand:
            message.next_attempt_at = clock.now()
        self._write()
        self.fresh, self._new, self._wires = False, [], []
        return message

    def _write(self) -> None:
        """Write everything in one statement: every step of an exchange pays for it."""
        parts = [insertion(rows) for rows in (self._wires, self._new) if rows]
        if self._new:
            told = [fact_of(self.message, receipt) for receipt in self._new]
            parts.append(audit.insertion(told, actor=self.actor))
        execute(*parts, insertion([self.message]) if self.fresh else _change_of(self.message))


_JSON: Final = frozenset({"recipient_identifier"})
_SET: Final = ", ".join(
    f"{name} = %s::text::jsonb" if name in _JSON else f"{name} = %s" for name in Message.MUTABLE
)
_UPDATE: Final = f"update exchange_message set {_SET} where id = %s"  # noqa: S608  our own column names


def _change_of(message: Message) -> Statement:
    values = [getattr(message, name) for name in Message.MUTABLE]
    plain = [
        json.dumps(value) if name in _JSON and value is not None else value
        for name, value in zip(Message.MUTABLE, values, strict=True)
    ]
    return Statement(_UPDATE, [*plain, message.id])


def fact_of(message: Message, receipt: Receipt) -> facts.ReceiptWritten:
    """The audit fact of a receipt; its digest lets the verifier find any later change of the receipt."""
    return facts.ReceiptWritten(
        subject_id=message.id,
        direction=message.direction,
        identifier=message.sender_key,
        counterpart=message.counterpart_aoo,
        seq=receipt.seq,
        step=str(receipt.kind),
        sha256=receipt_digest(receipt),
    )


def receipt_digest(receipt: Receipt) -> str:
    """SHA-256, in hexadecimal, of everything that a receipt says."""
    said = [
        str(receipt.message_id),
        receipt.seq,
        str(receipt.kind),
        receipt.at.isoformat(),
        receipt.data,
        str(receipt.wire_id),
        receipt.actor_name,
        str(receipt.actor_person or ""),
    ]
    return sha256(canonical_json(said)).hex()
