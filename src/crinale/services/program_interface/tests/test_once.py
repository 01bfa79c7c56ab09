"""A request with an Idempotency-Key has its effect once, also when it comes twice at the same time."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection

from crinale.kernel import clock
from crinale.services.program_interface import actions
from crinale.services.program_interface.models import KeptAnswer
from crinale.services.program_interface.tests.callers import incoming, make_caller
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from crinale.services.program_interface.tests.callers import Caller
    from crinale.spine.exchange.tests.pair import Pair


def listed(caller: Caller) -> int:
    return len(caller.ask("GET", "/registrations").json()["items"])


@pytest.mark.django_db
def test_the_same_request_gets_the_same_answer(caller: Caller, pair: Pair) -> None:
    body = incoming(caller.deliver()["document_id"])
    first, second = (
        caller.ask("POST", "/registrations/incoming", body, Idempotency_Key="k") for _time in range(2)
    )
    assert (second.status_code, second.content) == (201, first.content)
    assert second["Location"] == first["Location"]
    assert second["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    other = caller.ask(
        "POST", "/registrations/incoming", {**body, "subject": "Altro oggetto"}, Idempotency_Key="k"
    )
    assert other.status_code == 422
    stranger = make_caller(pair.massa)
    assert stranger.register(key="k").status_code == 201
    assert listed(caller) == 2


@pytest.mark.django_db
def test_a_program_that_begins_anew_delivers_again_and_gets_the_same_number(caller: Caller) -> None:
    first, second = (
        caller.ask(
            "POST",
            "/registrations/incoming",
            incoming(caller.deliver(b"Si chiede")["document_id"]),
            Idempotency_Key="k",
        )
        for _time in range(2)
    )
    assert second["Idempotency-Replayed"] == "true", second.content
    assert second.json() == first.json()
    other = incoming(caller.deliver(b"Altro")["document_id"])
    assert caller.ask("POST", "/registrations/incoming", other, Idempotency_Key="k").status_code == 422


@pytest.mark.django_db
def test_nothing_of_an_answer_is_kept_but_what_it_was_about(caller: Caller) -> None:
    made = caller.register(key="k")
    with scope(caller.town.body_id):
        (kept,) = KeptAnswer.objects.values()
    assert {str(value) for name, value in kept.items() if name not in {"id", "made_at", "body_id"}} == {
        str(caller.program_id),
        "k",
        kept["request_sha256"],
        "201",
        made["Location"],
        made.json()["registration_id"],
    }


@pytest.mark.django_db
def test_an_answer_given_again_tells_the_present_state(caller: Caller) -> None:
    at, body = caller.register()["Location"], {"act": "Det. 1", "reason": "Doppia"}
    moved = {"classification": "6.3", "reason": "Sbagliata"}
    caller.ask("POST", f"{at}/classification", moved, Idempotency_Key="m")
    caller.ask("POST", f"{at}/annulment", body, Idempotency_Key="a")
    again = caller.ask("POST", f"{at}/classification", moved, Idempotency_Key="m")
    assert (again.status_code, again["Idempotency-Replayed"]) == (200, "true")
    assert again.json() == caller.ask("GET", at).json()
    assert again.json()["annulment"]["act"] == "Det. 1"


@pytest.mark.django_db
def test_who_may_only_register_gets_its_answer_again_too(caller: Caller, pair: Pair) -> None:
    writer = make_caller(pair.massa, scopes=("protocol.register", "documents.store"))
    body = incoming(writer.deliver()["document_id"], confidential=True)
    first, second = (
        writer.ask("POST", "/registrations/incoming", body, Idempotency_Key="k") for _time in range(2)
    )
    assert (first.status_code, second.status_code) == (201, 201), second.content
    assert first.json() == second.json()
    assert writer.ask("GET", first["Location"]).status_code == 403


@pytest.mark.django_db
def test_a_dossier_and_a_subscription_are_made_once(caller: Caller) -> None:
    for path, body in (
        ("/dossiers", {"title": "Pratica", "classification": "6.3"}),
        ("/subscriptions", {"url": "https://sil.example.it/", "kinds": ["registration.created"]}),
    ):
        first, second = (caller.ask("POST", path, body, Idempotency_Key=path) for _time in range(2))
        assert (second.status_code, second.json()) == (201, first.json())
        assert len(caller.ask("GET", path).json()["items"]) == 1


@pytest.mark.django_db
def test_registering_asks_for_a_key(caller: Caller) -> None:
    body = incoming(caller.deliver()["document_id"])
    refused = caller.ask("POST", "/registrations/incoming", body)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["parameter"] == "Idempotency-Key"


@pytest.mark.django_db
def test_what_failed_may_be_asked_again(caller: Caller) -> None:
    assert caller.register(key="k", classification="99.99").status_code == 422
    assert caller.register(key="k").status_code == 201


@pytest.mark.django_db
def test_answers_are_forgotten_after_a_month(caller: Caller) -> None:
    assert caller.register(key="k").status_code == 201
    with scope(caller.town.body_id):
        actions.forget(before=clock.now() + timedelta(seconds=1))
    assert caller.register(key="k", subject="Altro oggetto").status_code == 201


def test_two_at_the_same_time_register_once(committed_pair: Pair) -> None:
    caller = make_caller(committed_pair.massa)
    body = incoming(caller.deliver()["document_id"])
    together = threading.Barrier(2)
    answers: list[Any] = []

    def register() -> None:
        together.wait()
        try:
            answers.append(caller.ask("POST", "/registrations/incoming", body, Idempotency_Key="k"))
        finally:
            connection.close()

    threads = [threading.Thread(target=register) for _one in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert listed(caller) == 1
