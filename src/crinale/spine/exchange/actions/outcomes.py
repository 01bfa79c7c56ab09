"""Write down how an attempt ended: envelopes, receipt, next attempt or incident, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from crinale.spine.exchange.actions import evidence, incidents
from crinale.spine.exchange.actions.ledger import Ledger
from crinale.spine.identity import Actor
from crinale.spine.tenancy.statements import in_one_go

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.exchange.models import Message
    from crinale.spine.exchange.rules.anomalies import Anomaly, Operation
    from crinale.spine.exchange.rules.states import Kind
    from crinale.spine.exchange.values import TransportFailure, WireEvidence

_SYSTEM = Actor.system("exchange")


def record_failure(
    message_id: UUID, operation: Operation, failure: TransportFailure, *, round_trip_ms: int
) -> None:
    """Record an attempt without a usable answer: it is planned again, or escalated when it was the last."""
    with transaction.atomic():
        ledger = Ledger.open(message_id, actor=_SYSTEM)
        rows = evidence.call_rows(message_id=message_id, operation=operation, evidence=failure.evidence)
        wire = ledger.keep(*rows)
        exhausted = ledger.fail(
            wire=wire, code=failure.code, reason=failure.text, round_trip_ms=round_trip_ms
        )
        message = ledger.close()
        if exhausted:
            incidents.open_incident(message, kind=incidents.RETRIES_EXHAUSTED, blocking=True)


def record_answer(
    message_id: UUID,
    operation: Operation,
    *,
    kept: WireEvidence,
    good: Kind,
    refused: Kind,
    anomaly: Anomaly | None,
    **measured: Any,
) -> Message:
    """Record an answer, ``good`` without an anomaly and ``refused`` with one; return the message."""
    with in_one_go():
        ledger = Ledger.open(message_id, actor=_SYSTEM)
        wire = ledger.keep(*evidence.call_rows(message_id=message_id, operation=operation, evidence=kept))
        if anomaly is None:
            ledger.append(good, wire=wire, **measured)
        else:
            ledger.append(refused, wire=wire, anomaly=anomaly.code, info=anomaly.info, **measured)
        message = ledger.close()
        incidents.settle(message, kinds=[incidents.RETRIES_EXHAUSTED])
    return message
