"""Who gets a token, what it covers, how long it counts; and how requests that are too many are told."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from joserfc import jwk, jwt

from crinale.kernel import clock
from crinale.services.program_interface import actions
from crinale.services.program_interface.http import rates
from crinale.services.program_interface.http.tokens import ASSERTION
from crinale.services.program_interface.models import RateWindow
from crinale.services.program_interface.tests.callers import ROOT, incoming, make_caller, post_form
from crinale.spine.identity import programs
from crinale.spine.identity.models_programs import ProgramCredential, ProgramToken

if TYPE_CHECKING:
    from django.test import Client, RequestFactory
    from pytest_django.fixtures import Settings

    from crinale.services.program_interface.tests.callers import Caller
    from crinale.spine.exchange.tests.pair import Pair

pytestmark = pytest.mark.django_db
TOKEN = "/api/oauth2/token"
REVOKE = "/api/oauth2/revoke"


def test_secrets_and_tokens_are_kept_as_digests_only(caller: Caller) -> None:
    assert not ProgramCredential.objects.filter(secret_sha256=caller.secret).exists()
    assert not ProgramToken.objects.filter(sha256=caller.token).exists()
    assert ProgramToken.objects.count() == 1


@pytest.mark.parametrize("secret", ["", "wrong", "x" * 5000])
def test_a_wrong_secret_gets_no_token(caller: Caller, secret: str) -> None:
    caller.secret = secret
    refused = caller.sign_in()
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert refused["WWW-Authenticate"].startswith("Basic")


def test_a_token_ends_after_fifteen_minutes(caller: Caller) -> None:
    with clock.frozen(clock.now() + timedelta(minutes=14)):
        assert caller.ask("GET", "/registrations").status_code == 200
    with clock.frozen(clock.now() + timedelta(minutes=16)):
        refused = caller.ask("GET", "/registrations")
        assert refused.status_code == 401
        assert 'error="invalid_token"' in refused["WWW-Authenticate"]


def test_a_revoked_program_is_out_at_once(caller: Caller) -> None:
    programs.revoke(actor=ROOT, program_id=caller.program_id)
    assert caller.ask("GET", "/registrations").status_code == 401
    assert caller.sign_in().status_code == 401


def test_a_program_ends_its_own_token(caller: Caller, pair: Pair) -> None:
    other = make_caller(pair.massa)
    import base64

    for whose, left in ((other, 200), (caller, 401)):
        basic = base64.b64encode(f"{whose.program_id}:{whose.secret}".encode()).decode()
        form = {"token": caller.token}
        done = post_form(caller.client, "/api/oauth2/revoke", form, Authorization=f"Basic {basic}")
        assert done.status_code == 200
        assert caller.ask("GET", "/registrations").status_code == left


def test_during_a_renewal_both_secrets_are_good_and_then_one(caller: Caller) -> None:
    old, new = caller.secret, programs.new_secret(actor=ROOT, program_id=caller.program_id)
    for secret in (old, new):
        caller.secret = secret
        assert caller.sign_in().status_code == 200
    with clock.frozen(clock.now() + timedelta(days=15)):
        assert caller.sign_in().status_code == 200
        caller.secret = old
        assert caller.sign_in().status_code == 401


def test_a_token_covers_no_more_than_was_asked(caller: Caller) -> None:
    assert caller.sign_in("protocol.read").json()["scope"] == "protocol.read"
    assert caller.ask("GET", "/registrations").status_code == 200
    refused = caller.ask("POST", "/documents?file_name=a.txt", b"a", Content_Type="text/plain")
    assert refused.status_code == 403
    assert 'scope="documents.store"' in refused["WWW-Authenticate"]


def test_a_scope_that_is_not_held_is_not_given(pair: Pair) -> None:
    reader = make_caller(pair.massa, scopes=("protocol.read",))
    refused = reader.sign_in("protocol.read protocol.annul")
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_scope")


def test_scopes_of_programs_cannot_be_given_to_people() -> None:
    from crinale.spine.identity import permissions

    assert not [one for one in permissions.roles() if one.code.startswith("program_")]


def _assert(caller: Caller, key: Any, **changes: Any) -> Any:
    form = {"grant_type": "client_credentials", **_signed(caller, key, **changes)}
    return post_form(caller.client, TOKEN, form)


def _signed(caller: Caller, key: Any, **changes: Any) -> dict[str, str]:
    now = int(time.time())
    me = str(caller.program_id)
    claims = {
        "iss": me,
        "sub": me,
        "aud": "http://testserver/api/oauth2/token",
        "iat": now,
        "exp": now + 120,
        "jti": "1",
        **changes,
    }
    claims = {name: value for name, value in claims.items() if value is not None}
    return {
        "client_assertion_type": ASSERTION,
        "client_assertion": jwt.encode({"alg": "ES256"}, claims, key),
    }


@pytest.fixture
def key(caller: Caller) -> Any:
    made = jwk.ECKey.generate_key("P-256")
    programs.new_key(actor=ROOT, program_id=caller.program_id, public_key=made.as_pem(private=False))
    return made


def test_a_signed_assertion_gets_a_token_once(caller: Caller, key: Any) -> None:
    good = _assert(caller, key)
    assert good.status_code == 200, good.content
    assert _assert(caller, key).json() == {"error": "invalid_client", "error_description": ""}
    assert _assert(caller, key, jti="2").status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://elsewhere.example/token"},
        {"aud": None},
        {"aud": [{}]},
        {"exp": 1},
        {"exp": int(time.time()) + 86_400},
        {"iat": int(time.time()) + 3600},
        {"nbf": int(time.time()) + 3600},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"iss": "somebody"},
    ],
)
def test_an_assertion_that_is_not_good_gets_none(caller: Caller, key: Any, changes: dict[str, Any]) -> None:
    assert _assert(caller, key, **changes).status_code == 401
    assert _assert(caller, key).status_code == 200


def test_a_program_without_a_secret_ends_its_token(caller: Caller, key: Any, pair: Pair) -> None:
    other = make_caller(pair.massa)
    for token, left in ((other.token, 200), (caller.token, 401)):
        form = {"token": token, **_signed(caller, key, jti=token)}
        assert post_form(caller.client, REVOKE, form).status_code == 200
        assert post_form(caller.client, REVOKE, form).status_code == 401, "an assertion is taken once"
        assert caller.ask("GET", "/registrations").status_code == left
    assert other.ask("GET", "/registrations").status_code == 200


def test_an_assertion_of_another_key_gets_none(caller: Caller, key: Any) -> None:
    assert _assert(caller, jwk.ECKey.generate_key("P-256")).status_code == 401


def test_a_private_key_is_not_taken(caller: Caller) -> None:
    from crinale.kernel.errors import Invalid

    private = jwk.ECKey.generate_key("P-256").as_pem(private=True)
    with pytest.raises(Invalid, match="public key only"):
        programs.new_key(actor=ROOT, program_id=caller.program_id, public_key=private)


def test_too_many_requests_are_told_to_wait(pair: Pair) -> None:
    hasty = make_caller(pair.massa, rate=2)
    now = clock.now().replace(second=10) + timedelta(minutes=1)
    with clock.frozen(now):
        hasty.sign_in()
        left = [hasty.ask("GET", "/offices") for _time in range(3)]
        assert [one.status_code for one in left] == [200, 200, 429]
        assert [one["X-RateLimit-Remaining"] for one in left] == ["1", "0", "0"]
        assert left[2]["Retry-After"] == left[2]["X-RateLimit-Reset"] == "50"
    with clock.frozen(now + timedelta(minutes=1)):
        assert hasty.ask("GET", "/offices").status_code == 200


@pytest.mark.parametrize("path", [TOKEN, REVOKE, "/api/v1/aoo/AAAA001/offices", "/api/v1/none"])
def test_whoever_is_not_known_is_counted_by_the_address(
    caller: Caller, settings: Settings, path: str
) -> None:
    settings.CRINALE_REQUESTS_PER_ADDRESS = 3
    caller.token = "guessed"
    now = clock.now().replace(second=10) + timedelta(minutes=1)
    with clock.frozen(now):
        statuses = [
            caller.client.post(path, "", content_type="text/plain", REMOTE_ADDR="192.0.2.1").status_code
            for _time in range(3)
        ]
        assert 429 not in statuses
        refused = caller.client.post(path, "", content_type="text/plain", REMOTE_ADDR="192.0.2.1")
        assert (refused.status_code, refused["Content-Type"]) == (429, "application/problem+json")
        assert refused["Retry-After"] == refused["X-RateLimit-Reset"] == "50"
        assert (refused["X-RateLimit-Limit"], refused["X-RateLimit-Remaining"]) == ("3", "0")
        elsewhere = caller.client.post(path, "", content_type="text/plain", REMOTE_ADDR="192.0.2.2")
        assert elsewhere.status_code == statuses[0]
        assert elsewhere["X-RateLimit-Remaining"] == "2"


def test_a_program_that_is_known_does_not_suffer_from_its_neighbours(
    caller: Caller, settings: Settings
) -> None:
    settings.CRINALE_REQUESTS_PER_ADDRESS = 0
    assert caller.sign_in().status_code == 429
    assert caller.ask("GET", "/offices").status_code == 200


@pytest.mark.parametrize(
    ("trusted", "told", "counted"),
    [
        ("", {"X-Real-IP": "192.0.2.9", "X-Forwarded-For": "192.0.2.9"}, "127.0.0.1"),
        ("X-Real-IP", {"X-Real-IP": "192.0.2.9"}, "192.0.2.9"),
        ("X-Real-IP", {"X-Forwarded-For": "192.0.2.9"}, "127.0.0.1"),
        ("X-Forwarded-For", {"X-Forwarded-For": "198.51.100.7, 192.0.2.9"}, "192.0.2.9"),
        ("X-Forwarded-For", {"X-Forwarded-For": "nonsense"}, "127.0.0.1"),
        ("X-Real-IP", {"X-Real-IP": "2001:db8:1:2:3:4:5:6"}, "2001:db8:1:2::/64"),
        ("X-Real-IP", {"X-Real-IP": "::ffff:192.0.2.9"}, "192.0.2.9"),
    ],
)
def test_only_the_header_of_the_own_proxy_is_believed(
    rf: RequestFactory, settings: Settings, trusted: str, told: dict[str, str], counted: str
) -> None:
    settings.CRINALE_ADDRESS_HEADER = trusted
    assert rates.address_of(rf.get("/api/v1/status", headers=told)) == counted


def test_addresses_are_not_kept_and_counts_are_forgotten(client: Client) -> None:
    client.get("/api/v1/status")
    (row,) = RateWindow.objects.all()
    assert row.caller == rates.caller_at("127.0.0.1")
    actions.forget_counts(before=clock.now())
    assert RateWindow.objects.count() == 1
    actions.forget_counts(before=clock.now() + timedelta(minutes=2))
    assert RateWindow.objects.count() == 0


def test_sessions_and_forms_have_no_part_in_it(client: Client) -> None:
    client.cookies["crinale"] = "x"
    answer = client.get("/api/v1/status")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/problem+json")
    assert not answer.cookies
    unknown = client.post("/api/v1/nothing")
    assert (unknown.status_code, unknown["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("DELETE", "/registrations", {}, 405),
        ("GET", "/registrations", {"Accept": "text/html"}, 406),
        ("POST", "/dossiers", {"Content_Type": "text/plain"}, 415),
        ("POST", "/dossiers", {}, 400),
        ("GET", "/registrations?limit=0", {}, 400),
        ("GET", "/registrations?unknown=1", {}, 400),
        ("GET", "/registrations/no-id", {}, 404),
    ],
)
def test_what_is_wrong_with_a_request_is_told(
    caller: Caller, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    refused = caller.ask(method, path, None if method == "GET" else b"{", **headers)
    assert (refused.status_code, refused["Content-Type"]) == (status, "application/problem+json")
    assert (status == 405) == ("Allow" in refused)


def test_problems_are_told_in_italian_and_english(caller: Caller) -> None:
    titles = {
        language: caller.ask("GET", "/nothing", Accept_Language=language).json()["title"]
        for language in ("it-IT,it;q=0.9", "en-GB", "de")
    }
    assert titles["en-GB"] == "Not found, or not yours to see"
    assert titles["it-IT,it;q=0.9"] == titles["de"] == "Non trovato, o non visibile a questo programma"


def test_a_body_that_is_too_large_is_refused(caller: Caller) -> None:
    body = incoming("x", subject="x" * (1 << 20))
    assert caller.ask("POST", "/registrations/incoming", body, Idempotency_Key="1").status_code == 413
