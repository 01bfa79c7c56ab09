"""What the law lets a program say of a registration: who, when, by which act; and what it may put right."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from crinale.kernel import clock
from crinale.services.program_interface.tests.callers import CITIZEN, SUBJECT, make_caller

if TYPE_CHECKING:
    from crinale.services.program_interface.tests.callers import Caller
    from crinale.spine.exchange.tests.pair import Pair

pytestmark = pytest.mark.django_db
FIRM = {"kind": "legal_person", "name": "Edilizia Maremmana S.r.l.", "email": "info@edilizia.example"}


def test_several_senders_stay_in_their_order(caller: Caller) -> None:
    made = caller.register(senders=[FIRM, CITIZEN])
    assert made.status_code == 201, made.content
    assert [one["kind"] for one in made.json()["senders"]] == ["legal_person", "natural_person"]
    assert caller.register(senders=[]).json()["errors"][0]["pointer"] == "/senders"


def test_a_copy_for_information_is_told_apart(caller: Caller) -> None:
    body = {
        "subject": SUBJECT,
        "classification": "6.10",
        "recipients": [CITIZEN, {**FIRM, "for_information": True}],
        "documents": [{"document_id": caller.deliver()["document_id"]}],
    }
    made = caller.ask("POST", "/registrations/outgoing", body, Idempotency_Key="o").json()
    assert [one["for_information"] for one in made["recipients"]] == [False, True]


def test_what_is_registered_late_tells_the_act_and_the_arrival(caller: Caller) -> None:
    arrived = (clock.now() - timedelta(days=2)).isoformat()
    late = {"deferred_act": "Det. 7/2026", "deferred_reason": "Bando con molte domande"}
    made = caller.register(arrived_at=arrived, **late)
    assert made.status_code == 201, made.content
    assert made.json()["deferral"] == {"act": "Det. 7/2026", "reason": "Bando con molte domande"}
    refused = caller.register(**late)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/arrived_at")


def test_links_are_given_added_and_removed(caller: Caller) -> None:
    first, second = caller.register().json(), caller.register().json()
    given = [{"registration_id": first["registration_id"], "relation": "integration"}]
    made = caller.register(links=given, reply_to=second["registration_id"])
    assert made.status_code == 201, made.content
    (held,) = made.json()["links"]
    assert (held["relation"], held["registration_id"]) == ("integration", first["registration_id"])
    at = made["Location"]
    other = {"registration_id": second["registration_id"], "relation": "related", "reason": "Stessa pratica"}
    added = caller.ask("POST", f"{at}/links", other)
    assert len(added.json()["links"]) == 2, added.content
    assert caller.ask("POST", f"{at}/links", other).status_code == 409
    gone = caller.ask("POST", f"{at}/links/{held['link_id']}/removal", {"reason": "Sbagliato"}).json()
    assert [("removed_at" in one) for one in gone["links"]] == [True, False]
    # From the other side the link is seen, and is not there to be removed.
    elsewhere = f"/registrations/{second['registration_id']}/links"
    inbound = caller.ask("GET", f"/registrations/{second['registration_id']}").json()["links"]
    assert [one["inbound"] for one in inbound] == [True]
    removal = caller.ask("POST", f"{elsewhere}/{inbound[0]['link_id']}/removal", {"reason": "x"})
    assert removal.status_code == 404


def test_a_confidential_companion_is_not_named(caller: Caller, pair: Pair) -> None:
    hidden = caller.register(confidential=True).json()["registration_id"]
    at = caller.register(links=[{"registration_id": hidden, "relation": "previous"}], reply_to=hidden)[
        "Location"
    ]
    plain = make_caller(pair.massa, scopes=("protocol.read",))
    assert hidden in caller.ask("GET", at).content.decode()
    seen = plain.ask("GET", at)
    assert seen.status_code == 200
    assert hidden not in seen.content.decode()


def test_a_correction_shows_both_values_and_the_rest_is_fixed(caller: Caller) -> None:
    at = caller.register(senders=[FIRM])["Location"]
    right = {"field": "senders.0.email", "value": "protocollo@edilizia.example"}
    done = caller.ask("POST", f"{at}/corrections", {"changes": [right], "reason": "Refuso"})
    assert done.status_code == 200, done.content
    assert done.json()["senders"][0]["email"] == "protocollo@edilizia.example"
    (told,) = done.json()["corrections"]
    assert (told["before"], told["after"]) == ("info@edilizia.example", "protocollo@edilizia.example")
    for changes, pointer in (
        ([right, {"field": "subject", "value": "Altro"}], "/changes/1"),
        ([right, right], "/changes"),
    ):
        refused = caller.ask("POST", f"{at}/corrections", {"changes": changes, "reason": "Refuso"})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)


def test_an_annulment_keeps_its_act(caller: Caller, pair: Pair) -> None:
    act = caller.deliver(b"Determinazione 9", "determinazione.txt")["document_id"]
    stranger = make_caller(pair.massa)
    at = caller.register()["Location"]
    body: dict[str, Any] = {"act": "Det. 9/2026", "reason": "Doppia"}
    foreign = stranger.deliver(b"Altro", "altro.txt")["document_id"]
    for unknown in (foreign, str(uuid4())):
        refused = caller.ask("POST", f"{at}/annulment", {**body, "document_id": unknown})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/document_id")
    gone = caller.ask("POST", f"{at}/annulment", {**body, "document_id": act})
    assert gone.json()["annulment"]["document_id"] == act, gone.content


def test_an_assignment_tells_how_far_it_is(caller: Caller) -> None:
    at, day = caller.register()["Location"], str(clock.today() + timedelta(days=30))
    given = caller.ask("POST", f"{at}/assignments", {"office_code": "UFF1", "deadline": day}).json()
    (told,) = given["assignments"][-1:]
    assert (told["purpose"], told["state"], told["deadline"]) == ("action", "waiting", day)
