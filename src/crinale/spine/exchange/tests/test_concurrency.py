"""Two arrivals at the same instant, two workers on one message: one registration, one call at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Thread
from typing import TYPE_CHECKING

from django.db import connection

from crinale.kernel.errors import Conflict
from crinale.spine import jobs, tenancy
from crinale.spine.exchange import actions
from crinale.spine.exchange.jobs import run_errand
from crinale.spine.exchange.models import Message
from crinale.spine.exchange.values import IncomingFile
from crinale.spine.protocol import queries as protocol
from crinale.spine.protocol.models import Registration
from crinale.spine.protocol.tests.town import SYSTEM

if TYPE_CHECKING:
    from collections.abc import Callable

    from crinale.spine.exchange.tests.pair import Pair


def together(number: int, work: Callable[[], object]) -> list[object]:
    """Run the same thing in several threads at once; errors are results."""
    start = Barrier(number)

    def one() -> object:
        try:
            start.wait(10)
            return work()
        except Exception as error:  # noqa: BLE001  the test looks at it
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return [future.result(30) for future in [pool.submit(one) for _ in range(number)]]


def test_the_same_message_arriving_twice_at_once_is_one_message(committed_pair: Pair) -> None:
    pair = committed_pair
    view = pair.send()
    with tenancy.scope(pair.massa.body_id):
        xml = protocol.segnatura_xml(actor=SYSTEM, registration_id=view.id)
    (document,) = view.documents
    file = IncomingFile(
        name=document.file_name, media_type=document.media_type, size=document.size, sha256=document.sha256
    )

    def arrive() -> object:
        return actions.receive_forward(
            area_code="AAAA002",
            peer=pair.wire._peer("AAAA001"),
            segnatura=xml,
            files=[file],
            evidence_request=b"<forward/>",
        )

    replies = together(4, arrive)
    assert [getattr(reply, "anomaly", reply) for reply in replies] == [None] * 4
    with tenancy.scope(pair.sassetta.body_id):
        assert Message.objects.filter(direction="in").count() == 1
    pair.run()
    with tenancy.scope(pair.sassetta.body_id):
        assert Registration.objects.filter(direction="incoming").count() == 1
    assert pair.sent(view.id).state == "registered"


def test_two_segnature_with_one_identifier_arriving_at_once_are_one_message_and_a_conflict(
    committed_pair: Pair,
) -> None:
    pair = committed_pair
    view = pair.send()
    with tenancy.scope(pair.massa.body_id):
        xml = protocol.segnatura_xml(actor=SYSTEM, registration_id=view.id)
    (document,) = view.documents
    file = IncomingFile(
        name=document.file_name, media_type=document.media_type, size=document.size, sha256=document.sha256
    )
    variants = [xml, xml + b"\n"]

    def arrive() -> object:
        return actions.receive_forward(
            area_code="AAAA002",
            peer=pair.wire._peer("AAAA001"),
            segnatura=variants.pop(),
            files=[file],
            evidence_request=b"<forward/>",
        )

    replies = together(2, arrive)
    assert sorted(isinstance(reply, Conflict) for reply in replies) == [False, True]
    with tenancy.scope(pair.sassetta.body_id):
        assert Message.objects.filter(direction="in").count() == 1


def test_two_workers_never_send_the_same_message_at_once_nor_inside_a_transaction(
    committed_pair: Pair,
) -> None:
    pair = committed_pair
    view = pair.send()
    original, states, ran_beside = pair.wire.forward, [], []

    def second_worker() -> None:
        try:
            with tenancy.scope(pair.massa.body_id):
                jobs.enqueue(run_errand, body_id=pair.massa.body_id, message_id=pair.sent(view.id).id)
            ran_beside.append(jobs.drain(queues=["exchange"]))
        finally:
            connection.close()

    def watched(**said: object) -> object:
        states.append(connection.in_atomic_block)
        beside = Thread(target=second_worker)
        beside.start()
        beside.join(30)
        return original(**said)  # type: ignore[arg-type]

    pair.wire.forward = watched  # type: ignore[method-assign,assignment]

    assert jobs.drain(queues=["exchange"]) > 1, "the job that waited for its like runs too"
    assert ran_beside == [0]
    assert states == [False]
    assert pair.sent(view.id).state == "registered"
