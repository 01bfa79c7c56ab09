"""What the system promises of a body's own sign-in: only a fresh token of that provider, to us, counts."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import OctKey, RSAKey

from crinale.connectors.oidc import tokens
from crinale.connectors.oidc.client import OpenId
from crinale.connectors.oidc.tests.provider import SECRET
from crinale.kernel.errors import NotVisible
from crinale.spine.identity.ports import ProviderRefused, ProviderUnavailable

if TYPE_CHECKING:
    from crinale.connectors.oidc.tests.provider import FakeProvider
    from crinale.spine.identity.ports import Confirmed

BACK = "https://protocollo.example/accedi/ritorno"


def walk(provider: FakeProvider, openid: OpenId | None = None, **claims: Any) -> Confirmed:
    party = openid or OpenId([provider.settings()])
    departure = party.depart("c_f032", redirect_uri=BACK)
    brought = provider.consent(departure.url, **claims)
    assert brought["state"] == departure.state
    return party.arrive("c_f032", departure, answer=brought["code"], redirect_uri=BACK)


def test_a_confirmed_person_is_named_by_the_chosen_claim(provider: FakeProvider) -> None:
    assert walk(provider).value == "anna@comune.example"
    openid = OpenId([provider.settings(claim="fiscal_number", matches="tax_code")])
    assert walk(provider, openid, fiscal_number="TINIT-RSSMRA80A01H501U").value == "RSSMRA80A01H501U"


def test_the_browser_is_sent_with_what_must_come_back(provider: FakeProvider) -> None:
    openid = OpenId([provider.settings(strong=frozenset({"mfa"}))])
    asked = parse_qs(urlsplit(openid.depart("c_f032", redirect_uri=BACK).url).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [BACK]
    assert asked["acr_values"] == ["mfa"]
    again = parse_qs(urlsplit(openid.depart("c_f032", redirect_uri=BACK).url).query)
    for once in ("state", "nonce", "code_challenge"):
        assert again[once] != asked[once]


@pytest.mark.parametrize(("acr", "strong"), [("mfa", True), ("password", False), (None, False)])
def test_a_second_factor_shown_there_counts_where_the_settings_say(
    provider: FakeProvider, acr: str | None, strong: bool
) -> None:
    openid = OpenId([provider.settings(strong=frozenset({"mfa"}))])
    assert walk(provider, openid, acr=acr).strong is strong
    assert walk(provider, acr=acr).strong is False


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://another.example"},
        {"aud": "another"},
        {"aud": ["crinale", "another"]},
        {"azp": "another"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"iat": 1},
        {"iat": 4_000_000_000},
        {"nbf": 4_000_000_000},
        {"sub": ""},
        {"email": ""},
        {"email": ["anna@comune.example"]},
        {"email_verified": False},
        {"email_verified": "true"},
    ],
    ids=str,
)
def test_a_token_with_a_wrong_claim_confirms_nobody(provider: FakeProvider, wrong: dict[str, Any]) -> None:
    with pytest.raises(ProviderRefused):
        walk(provider, **wrong)


def test_a_token_for_several_that_names_us_as_its_party_is_right(provider: FakeProvider) -> None:
    assert walk(provider, aud=["crinale", "another"], azp="crinale").value


def test_a_token_of_another_key_is_refused(provider: FakeProvider) -> None:
    provider.signing_key = RSAKey.generate_key(2048, {"kid": provider.key.kid or ""})
    with pytest.raises(ProviderRefused):
        walk(provider)


def test_a_shared_secret_signs_nothing(provider: FakeProvider) -> None:
    provider.algorithm = "HS256"
    provider.signing_key = OctKey.import_key(SECRET * 2, {"kid": provider.key.kid or ""})
    with pytest.raises(ProviderRefused):
        walk(provider)


@pytest.mark.parametrize("algorithm", ["none", "None", ""])
def test_an_unsigned_token_is_refused(
    provider: FakeProvider, algorithm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    openid = OpenId([provider.settings()])
    departure = openid.depart("c_f032", redirect_uri=BACK)
    brought = provider.consent(departure.url)

    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    unsigned = f"{part({'alg': algorithm})}.{part(provider.claims)}."
    monkeypatch.setattr(provider, "_token", lambda *_asked: (200, {"id_token": unsigned}))
    with pytest.raises(ProviderRefused):
        openid.arrive("c_f032", departure, answer=brought["code"], redirect_uri=BACK)


def test_a_code_is_good_for_the_browser_that_asked(provider: FakeProvider) -> None:
    openid = OpenId([provider.settings()])
    mine, other = (openid.depart("c_f032", redirect_uri=BACK) for _ in range(2))
    brought = provider.consent(other.url)
    with pytest.raises(ProviderRefused):
        openid.arrive("c_f032", mine, answer=brought["code"], redirect_uri=BACK)


def test_keys_are_kept_and_asked_again_for_one_that_is_new(
    provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    openid = OpenId([provider.settings()])
    for _ in range(2):
        walk(provider, openid)
    assert provider.asked.count("/keys") == 1
    assert provider.asked.count("/.well-known/openid-configuration") == 1
    provider.key = RSAKey.generate_key(2048, {"kid": "two"})
    with pytest.raises(ProviderRefused):
        walk(provider, openid)
    assert provider.asked.count("/keys") == 1, "not again at once"
    monkeypatch.setattr(tokens, "_AGAIN_AFTER_SECONDS", -1.0)
    walk(provider, openid)
    assert provider.asked.count("/keys") == 2


@pytest.mark.parametrize("fault", ["status", "words", "list", "large", "issuer", "gone"])
def test_a_provider_that_does_not_answer_well_is_told_apart(provider: FakeProvider, fault: str) -> None:
    settings = provider.settings()
    match fault:
        case "status":
            provider.status = 503
        case "words":
            provider.raw = b"<html>"
        case "list":
            provider.raw = b"[]"
        case "large":
            provider.raw = b'{"x": "' + b"x" * (1 << 20) + b'"}'
        case "issuer":
            provider.issuer = "https://another.example"
        case "gone":
            settings = provider.settings(issuer="http://127.0.0.1:9")
    with pytest.raises(ProviderUnavailable):
        OpenId([settings]).depart("c_f032", redirect_uri=BACK)


def test_nothing_is_asked_without_tls_beyond_the_loopback(provider: FakeProvider) -> None:
    with pytest.raises(ProviderUnavailable):
        OpenId([provider.settings(issuer="http://id.comune.example")]).depart("c_f032", redirect_uri=BACK)


def test_a_body_without_a_provider_has_none(provider: FakeProvider) -> None:
    openid = OpenId([provider.settings()])
    assert [one.code for one in openid.providers()] == ["c_f032"]
    with pytest.raises(NotVisible):
        openid.depart("c_i454", redirect_uri=BACK)
