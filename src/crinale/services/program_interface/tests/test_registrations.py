"""A program registers, reads, handles and annuls; another town's program finds nothing of it."""

from __future__ import annotations

import base64
import json
from io import BytesIO
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crinale.kernel import clock
from crinale.services.program_interface.tests.callers import (
    CITIZEN,
    EVERYTHING,
    ROOT,
    SUBJECT,
    incoming,
    make_caller,
)
from crinale.spine.audit.models import Access, FactRow
from crinale.spine.protocol import actions as protocol
from crinale.spine.records import actions as records
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

    from crinale.services.program_interface.tests.callers import Caller
    from crinale.spine.exchange.tests.pair import Pair

pytestmark = pytest.mark.django_db


def test_a_document_is_delivered_registered_read_and_told_in_the_facts(caller: Caller) -> None:
    made = caller.register(key="first")
    assert made.status_code == 201, made.content
    found = caller.ask("GET", made["Location"])
    assert found.status_code == 200
    assert found.json() == made.json()
    assert (found.json()["subject"], found.json()["direction"]) == (SUBJECT, "incoming")
    assert found.json()["documents"][0]["file_name"] == "istanza.txt"
    with scope(caller.town.body_id):
        fact = FactRow.objects.get(kind="registration.created", subject_id=made.json()["registration_id"])
        assert (fact.actor_kind, fact.service) == ("program", str(caller.program_id))
        assert fact.actor_name == "Sportello unico"
        assert Access.objects.filter(what="registration", actor_kind="program").count() == 1


def test_files_may_come_with_the_registration(caller: Caller) -> None:
    body = incoming("", documents=[])
    answer = caller.client.post(
        f"{caller.base}/registrations/incoming",
        {
            "registration": json.dumps(body),
            "document": [SimpleUploadedFile("a.txt", b"primo"), SimpleUploadedFile("b.txt", b"secondo")],
        },
        headers={"Authorization": f"Bearer {caller.token}", "Idempotency-Key": "form"},
    )
    assert answer.status_code == 201, answer.content
    assert [one["file_name"] for one in answer.json()["documents"]] == ["a.txt", "b.txt"]


def _multipart(caller: Caller, raw: bytes, **headers: str) -> Any:
    return caller.ask(
        "POST",
        "/registrations/incoming",
        raw,
        Content_Type="multipart/form-data; boundary=x",
        Idempotency_Key=str(uuid4()),
        **headers,
    )


def _broken(caller: Caller, path: str, whole: bytes, cut: int) -> Any:
    """A request whose connection ends in its midst, as the server hands it over."""
    environ: dict[str, Any] = {
        "CONTENT_LENGTH": str(len(whole)),
        "wsgi.input": BytesIO(whole[:cut]),
        "HTTP_AUTHORIZATION": f"Bearer {caller.token}",
        "HTTP_IDEMPOTENCY_KEY": str(uuid4()),
    }
    kind = "multipart/form-data; boundary=x" if whole.startswith(b"--x") else "text/plain"
    return caller.client.generic("POST", caller.base + path, whole, content_type=kind, **environ)


def _form(content: bytes) -> bytes:
    told = json.dumps(incoming("", documents=[])).encode()
    return (
        b'--x\r\nContent-Disposition: form-data; name="registration"\r\n\r\n' + told + b"\r\n"
        b'--x\r\nContent-Disposition: form-data; name="document"; filename="a.txt"\r\n'
        b"Content-Type: text/plain\r\n\r\n" + content + b"\r\n--x--\r\n"
    )


def test_a_body_that_broke_off_is_not_registered(caller: Caller) -> None:
    whole = _form(b"Si chiede")
    assert _multipart(caller, whole).status_code == 201
    for cut in (len(whole) - 40, len(whole) - 3):
        assert _broken(caller, "/registrations/incoming", whole, cut).status_code == 400
    assert _broken(caller, "/documents?file_name=a.txt", b"half of it", 4).status_code == 400
    assert len(caller.ask("GET", "/registrations").json()["items"]) == 1


def test_files_with_a_registration_have_the_limit_of_documents(caller: Caller, settings: Settings) -> None:
    settings.CRINALE_DOCUMENT_LIMIT_BYTES = 1000
    assert _multipart(caller, _form(b"x" * 1000)).status_code == 201
    assert _multipart(caller, _form(b"x" * 1001)).status_code == 413
    assert _multipart(caller, _form(b"x" * (2 << 20))).status_code == 413


@pytest.mark.parametrize("path", ["/documents?file_name=a.txt", "/registrations/incoming"])
def test_a_body_whose_length_is_not_told_is_refused(caller: Caller, path: str) -> None:
    refused = caller.ask("POST", path, b"{}", Transfer_Encoding="chunked", Idempotency_Key="x")
    assert refused.status_code == 411
    assert "Content-Length" in refused.json()["detail"]


def test_outgoing_is_sent_and_its_state_is_seen(caller: Caller, pair: Pair) -> None:
    to = {"kind": "administration", "name": "Comune di Sassetta", "ipa_code": "c_i454", "aoo_code": "AAAA002"}
    body = {
        "subject": SUBJECT,
        "classification": "6.10",
        "recipients": [to],
        "documents": [{"document_id": caller.deliver()["document_id"]}],
        "send": True,
    }
    made = caller.ask("POST", "/registrations/outgoing", body, Idempotency_Key="out")
    assert made.status_code == 201, made.content
    pair.run()
    seen = caller.ask("GET", f"{made['Location']}/messages").json()["items"]
    assert [(one["state"], one["counterpart_aoo"]) for one in seen] == [("registered", "AAAA002")]
    xml = caller.ask("GET", f"{made['Location']}/segnatura")
    assert (xml.status_code, xml["Content-Type"]) == (200, "application/xml")
    assert b"AAAA001" in xml.content


def test_what_may_change_after_registering_changes(caller: Caller) -> None:
    at = caller.register()["Location"]
    moved = caller.ask("POST", f"{at}/classification", {"classification": "6.3", "reason": "Sbagliata"})
    assert moved.json()["classification"]["code"] == "6.3", moved.content
    given = caller.ask("POST", f"{at}/assignments", {"office_code": "UFF1", "note": "Urgente"})
    assert given.json()["assignments"][-1]["office_name"] == "Ufficio tecnico"
    opened = caller.ask("POST", "/dossiers", {"title": "Pratica", "classification": "6.3"})
    assert opened.status_code == 201
    dossier = opened.json()["dossier_id"]
    for _time in range(2):
        filed = caller.ask("PUT", f"{at}/dossiers/{dossier}")
        assert [one["dossier_id"] for one in filed.json()["dossiers"]] == [dossier]
    gone = caller.ask("POST", f"{at}/annulment", {"act": "Det. 3/2026", "reason": "Doppia"})
    assert gone.json()["annulment"]["act"] == "Det. 3/2026"
    again = caller.ask("POST", f"{at}/annulment", {"act": "Det. 3/2026", "reason": "Doppia"})
    assert again.status_code == 409


def test_a_change_is_answered_without_dossiers_that_the_program_may_not_see(
    caller: Caller, pair: Pair
) -> None:
    town = pair.massa
    at = caller.register()["Location"]
    with scope(town.body_id):
        dossier = records.open_dossier(
            actor=ROOT,
            area_id=town.area_id,
            title="Riservato all'ufficio",
            classification_code="6.3",
            office_id=town.office_id,
            visibility="office",
        )
        protocol.add_to_dossier(
            actor=ROOT, registration_id=UUID(at.rpartition("/")[2]), dossier_id=dossier.id
        )
    scopes = tuple(one for one in EVERYTHING if one != "protocol.read_confidential")
    stranger = make_caller(town, scopes=scopes)
    for who, titles in ((caller, ["Riservato all'ufficio"]), (stranger, [])):
        moved = who.ask("POST", f"{at}/classification", {"classification": "6.3", "reason": "Sbagliata"})
        assert [one["title"] for one in moved.json()["dossiers"]] == titles
        caller.ask("POST", f"{at}/classification", {"classification": "6.10", "reason": "Sbagliata"})


def test_a_document_is_never_added_afterwards_and_the_reason_is_told(caller: Caller) -> None:
    refused = caller.ask("POST", f"{caller.register()['Location']}/documents")
    assert refused.status_code == 409
    assert "never change" in refused.json()["detail"]


def test_the_register_is_listed_page_by_page_and_searched(caller: Caller) -> None:
    numbers = [caller.register(subject=f"{SUBJECT} numero {n}").json()["number"] for n in range(3)]
    first = caller.ask("GET", "/registrations?limit=2").json()
    second = caller.ask("GET", f"/registrations?limit=2&cursor={first['next']}").json()
    assert [one["number"] for one in first["items"] + second["items"]] == numbers[::-1]
    assert "next" not in second
    assert len(caller.ask("GET", "/registrations?text=edilizia").json()["items"]) == 3
    assert caller.ask("GET", "/registrations?direction=outgoing").json()["items"] == []
    assert caller.ask("GET", "/registrations?cursor=nonsense").status_code == 400


def test_a_longer_list_asks_no_more_of_the_database(caller: Caller) -> None:
    asked = []
    for _time in range(2):
        for path in ("/registrations", "/registrations?text=edilizia"):
            caller.register()
            with CaptureQueriesContext(connection) as queries:
                assert caller.ask("GET", path).json()["items"]
            asked.append(len(queries))
    assert asked[:2] == asked[2:]
    assert max(asked) <= 24


def test_the_program_of_another_town_finds_nothing(caller: Caller, pair: Pair) -> None:
    made = caller.register()
    stranger = make_caller(pair.sassetta)
    registration, sha256 = made.json()["registration_id"], made.json()["documents"][0]["sha256"]
    for base in (caller.base, stranger.base):
        for path in (
            f"/registrations/{registration}",
            f"/registrations/{registration}/segnatura",
            f"/registrations/{registration}/messages",
            f"/documents/{sha256}",
        ):
            answer = stranger.ask("GET", base + path, If_Match="*")
            assert answer.status_code == 404, path
    absent = stranger.ask("GET", f"/registrations/{uuid4()}")
    forbidden = stranger.ask("GET", f"/registrations/{registration}")
    assert absent.content == forbidden.content


def test_a_document_of_somebody_else_is_not_registered(caller: Caller, pair: Pair) -> None:
    """Registering it would let a program read what it may not see."""
    with scope(caller.town.body_id):
        secret = pair.massa.store(b"riservato")
    refused = caller.ask("POST", "/registrations/incoming", incoming(str(secret)), Idempotency_Key="x")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/documents/0/document_id"


def test_a_confidential_registration_is_for_those_who_may_see_it(caller: Caller, pair: Pair) -> None:
    at = caller.register(confidential=True)["Location"]
    plain = make_caller(pair.massa, scopes=("protocol.read", "documents.read"))
    assert caller.ask("GET", at).status_code == 200
    assert plain.ask("GET", at).status_code == 404
    assert plain.ask("GET", "/registrations").json()["items"] == []
    assert plain.ask("GET", "/registrations?text=edilizia").json()["items"] == []


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"subject": ""}, "/subject"),
        ({"subject": 3}, "/subject"),
        ({"subject": "a\x00b"}, "/subject"),
        ({"channel": "pigeon"}, "/channel"),
        ({"senders": [{"kind": "natural_person"}]}, "/senders/0"),
        ({"senders": [CITIZEN, {**CITIZEN, "e/mail": "x"}]}, "/senders/1/e~1mail"),
        ({"classification": "99.99"}, "/classification"),
        ({"arrived_at": "2026-11-23T10:00:00"}, "/arrived_at"),
        ({"documents": []}, "/documents"),
        ({"confidential": "yes"}, "/confidential"),
    ],
)
def test_what_must_be_corrected_is_pointed_at(caller: Caller, changes: dict[str, Any], pointer: str) -> None:
    refused = caller.register(**changes)
    assert refused.status_code == 422, refused.content
    assert refused["Content-Type"] == "application/problem+json"
    (fault,) = [one for one in refused.json()["errors"] if one["pointer"].startswith(pointer)]
    assert fault["remedy"]


def test_the_list_of_dossiers_goes_on_where_the_page_before_ended(caller: Caller) -> None:
    with scope(caller.town.body_id), clock.frozen(clock.now()):
        made = {
            str(
                records.open_dossier(
                    actor=ROOT,
                    area_id=caller.town.area_id,
                    title=f"Pratica {number}",
                    classification_code="6.3",
                ).id
            )
            for number in range(5)
        }
    found, path = [], "/dossiers?limit=2"
    while path:
        page = caller.ask("GET", path).json()
        found += [one["dossier_id"] for one in page["items"]]
        path = f"/dossiers?limit=2&cursor={page['next']}" if page.get("next") else ""
    assert (len(found), set(found)) == (5, made)
    for place in (["2026-01-01T00:00:00+00:00"], ["2026-01-01T00:00:00+00:00", 7], [1, 2], {"a": 1}):
        cursor = base64.urlsafe_b64encode(json.dumps(place).encode()).decode()
        assert caller.ask("GET", f"/dossiers?cursor={cursor}").status_code == 400
