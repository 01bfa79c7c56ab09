"""Subscribers are told of what they may see, signed, without personal data, until somebody takes it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import ssl
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test import override_settings

from crinale.connectors.web_calls import WebCalls
from crinale.connectors.web_calls.tests.receivers import receiver as receiving
from crinale.kernel import clock
from crinale.services.program_interface import events
from crinale.services.program_interface.models import Delivery, Subscription
from crinale.services.program_interface.ports import web_caller
from crinale.services.program_interface.tests.callers import ROOT, SUBJECT, make_caller
from crinale.spine.identity import programs
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crinale.connectors.web_calls.tests.receivers import Receiver
    from crinale.services.program_interface.tests.callers import Caller
    from crinale.spine.exchange.tests.pair import Pair

KINDS = ["registration.created", "registration.annulled", "message.state_changed"]


@pytest.fixture
def receiver(calls: None) -> Iterator[Receiver]:
    """The other side of the deliveries; it refuses as long as it is told to."""
    with receiving() as made:
        made.location = "http://127.0.0.1:1/elsewhere"
        yield made


def bodies(receiver: Receiver) -> list[dict[str, Any]]:
    return [json.loads(content) for _headers, content in receiver.heard]


@pytest.fixture
def caller(committed_pair: Pair) -> Caller:
    return make_caller(committed_pair.massa)


def subscribe(caller: Caller, receiver: Receiver, *kinds: str) -> dict[str, Any]:
    answer = caller.ask("POST", "/subscriptions", {"url": receiver.url, "kinds": list(kinds) or KINDS})
    assert answer.status_code == 201, answer.content
    made: dict[str, Any] = answer.json()
    return made


def position(of: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"select {of}(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


def work(caller: Caller) -> None:
    """What the worker does: follow the facts, deliver what is due.

    Facts are told when no older transaction is open, and other tests may have some in the same cluster.
    """
    written, deadline = position("pg_snapshot_xmax"), time.monotonic() + 30
    while position("pg_snapshot_xmin") < written:
        assert time.monotonic() < deadline, "some transaction does not end"
        time.sleep(0.02)
    with scope(caller.town.body_id):
        events.collect()
        for one in events.due():
            events.deliver(delivery_id=one)


def test_a_registration_is_told_signed_and_without_personal_data(caller: Caller, receiver: Receiver) -> None:
    secret = subscribe(caller, receiver)["secret"]
    made = caller.register().json()
    work(caller)
    ((headers, content),) = receiver.heard
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + content
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    told = json.loads(content)
    assert told["type"] == "registration.created"
    assert told["data"] == {
        "aoo_code": caller.town.code,
        "registration_id": made["registration_id"],
        "year": made["year"],
        "number": made["number"],
        "direction": "incoming",
    }
    assert SUBJECT.encode() not in content
    work(caller)
    assert len(receiver.heard) == 1


def test_messages_and_annulments_are_told_and_nothing_from_before(
    caller: Caller, receiver: Receiver, committed_pair: Pair
) -> None:
    caller.register()
    subscribe(caller, receiver)
    to = {"kind": "administration", "name": "Sassetta", "ipa_code": "c_i454", "aoo_code": "AAAA002"}
    body = {
        "subject": SUBJECT,
        "classification": "6.10",
        "recipients": [to],
        "documents": [{"document_id": caller.deliver()["document_id"]}],
        "send": True,
    }
    at = caller.ask("POST", "/registrations/outgoing", body, Idempotency_Key="o")["Location"]
    committed_pair.run()
    assert caller.ask("POST", f"{at}/annulment", {"act": "Det. 1", "reason": "Errore"}).status_code == 200
    work(caller)
    kinds = [one["type"] for one in bodies(receiver)]
    assert kinds.count("registration.created") == 1
    assert kinds.count("registration.annulled") == 1
    states = [one["data"]["state"] for one in bodies(receiver) if one["type"] == "message.state_changed"]
    assert "registered" in states


def test_what_is_confidential_is_told_only_to_who_may_see_it(
    caller: Caller, receiver: Receiver, committed_pair: Pair
) -> None:
    plain = make_caller(committed_pair.massa, scopes=("protocol.read", "events.subscribe"))
    subscribe(plain, receiver)
    caller.register(confidential=True)
    work(caller)
    assert receiver.heard == []
    subscribe(caller, receiver)
    caller.register(confidential=True)
    work(caller)
    assert len(receiver.heard) == 1


def test_a_delivery_that_fails_is_tried_again_later(caller: Caller, receiver: Receiver) -> None:
    at = f"/subscriptions/{subscribe(caller, receiver)['subscription_id']}"
    receiver.status = 503
    caller.register()
    now = clock.now()
    work(caller)
    work(caller)
    assert len(receiver.heard) == 1
    receiver.status = 204
    with clock.frozen(now + timedelta(seconds=10)):
        work(caller)
    assert [one["id"] for one in bodies(receiver)] == [bodies(receiver)[0]["id"]] * 2
    (told,) = caller.ask("GET", f"{at}/deliveries").json()["items"]
    assert (told["attempts"], told["last_status"]) == (2, 204)
    assert "delivered_at" in told
    again = caller.ask("POST", f"{at}/deliveries/{told['delivery_id']}/redelivery")
    assert again.status_code == 202
    work(caller)
    assert len(receiver.heard) == 3


def test_a_subscriber_that_is_gone_is_given_up_and_may_come_back(caller: Caller, receiver: Receiver) -> None:
    at = f"/subscriptions/{subscribe(caller, receiver)['subscription_id']}"
    receiver.status = 302
    caller.register()
    now = clock.now()
    work(caller)
    with clock.frozen(now + timedelta(days=3, minutes=1)):
        work(caller)
        caller.sign_in()
        told = caller.ask("GET", at).json()
        assert (told["active"], told["ended_because"]) == (False, "unreachable")
        heard = len(receiver.heard)
        work(caller)
        assert len(receiver.heard) == heard
        receiver.status = 200
        assert caller.ask("POST", f"{at}/resumption").json()["active"]
        work(caller)
    assert len(receiver.heard) == heard + 1


def test_a_revoked_program_is_told_nothing_more(caller: Caller, receiver: Receiver) -> None:
    subscribe(caller, receiver)
    caller.register()
    programs.revoke(actor=ROOT, program_id=caller.program_id)
    work(caller)
    assert receiver.heard == []
    with scope(caller.town.body_id):
        assert Delivery.objects.count() == 0


def test_the_secret_of_a_subscription_is_kept_sealed(caller: Caller, receiver: Receiver) -> None:
    made = subscribe(caller, receiver)
    with scope(caller.town.body_id):
        kept = Subscription.objects.get().sealed_secret
    assert made["secret"] not in kept
    assert programs.unseal(kept) == made["secret"]


def test_a_subscription_whose_secret_was_sealed_elsewhere_ends_and_says_so(
    caller: Caller, receiver: Receiver
) -> None:
    at = f"/subscriptions/{subscribe(caller, receiver)['subscription_id']}"
    caller.register()
    with override_settings(CRINALE_FACTOR_KEY="of another node"):
        work(caller)
    assert receiver.heard == []
    assert caller.ask("GET", at).json()["ended_because"] == "secret"


def test_a_subscription_is_nobody_elses(caller: Caller, receiver: Receiver, committed_pair: Pair) -> None:
    at = f"/subscriptions/{subscribe(caller, receiver)['subscription_id']}"
    other = make_caller(committed_pair.massa)
    assert other.ask("GET", at).status_code == 404
    assert other.ask("DELETE", at).status_code == 404
    assert other.ask("GET", "/subscriptions").json()["items"] == []
    assert "secret" not in caller.ask("GET", at).json()
    assert caller.ask("DELETE", at).status_code == 204
    assert caller.ask("GET", at).status_code == 404


def test_an_address_behind_the_walls_is_not_called(caller: Caller, receiver: Receiver) -> None:
    subscribe(caller, receiver)
    caller.register()
    with web_caller.replaced(WebCalls(tls=ssl.create_default_context)):
        work(caller)
        refused = caller.ask("POST", "/subscriptions", {"url": receiver.url, "kinds": KINDS})
    assert receiver.heard == []
    assert refused.json()["errors"][0]["pointer"] == "/url"
    with scope(caller.town.body_id):
        assert [one.last_failure for one in Delivery.objects.all()] == ["address"]
