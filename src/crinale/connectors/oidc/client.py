"""The port ``identity.single_sign_on``: authorization code with PKCE, one provider per body."""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import quote_plus, urlencode

from crinale.connectors.oidc.channel import Channel
from crinale.connectors.oidc.tokens import Keys, claims_of
from crinale.kernel.errors import NotVisible
from crinale.spine.identity.ports import (
    Confirmed,
    Departure,
    Provider,
    ProviderRefused,
    ProviderUnavailable,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MATCHES: Final = ("email", "tax_code", "username")
_KNOWN_SECONDS: Final = 3600.0
_TAX_CODE_PREFIX: Final = "TINIT-"  # eIDAS and SPID write it so


@dataclass(frozen=True, kw_only=True)
class ProviderSettings:
    """A provider as the node's settings tell it. ``code`` is the IPA code of its body.

    ``claim`` of the ``id_token`` names the person by his ``matches``; ``strong`` are the values of ``acr``
    that stand for a second factor shown there.
    """

    code: str
    name: str
    issuer: str
    client_id: str
    secret: str = field(default="", repr=False)
    claim: str = "email"
    matches: Literal["email", "tax_code", "username"] = "email"
    strong: frozenset[str] = frozenset()


class OpenId:
    """The OpenID providers of the bodies of this node."""

    def __init__(self, providers: Sequence[ProviderSettings], *, channel: Channel | None = None) -> None:
        """Take what is configured; nobody is asked yet."""
        asked = channel or Channel()
        self._parties = {one.code: _Party(one, asked) for one in providers}

    def providers(self) -> list[Provider]:
        """Return them, by name."""
        known = [
            Provider(code=one.settings.code, name=one.settings.name, matches=one.settings.matches)
            for one in self._parties.values()
        ]
        return sorted(known, key=lambda one: one.name)

    def depart(self, code: str, *, redirect_uri: str) -> Departure:
        """Return where the browser goes, and what must come back with it."""
        party = self._party(code)
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        digest = hashlib.sha256(verifier.encode()).digest()
        query = {
            "response_type": "code",
            "scope": "openid profile email",
            "client_id": party.settings.client_id,
            "redirect_uri": redirect_uri,
            "state": state,
            "nonce": nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        if party.settings.strong:
            query["acr_values"] = " ".join(sorted(party.settings.strong))
        endpoint = party.endpoint("authorization_endpoint")
        joint = "&" if "?" in endpoint else "?"
        return Departure(
            url=f"{endpoint}{joint}{urlencode(query)}", state=state, nonce=nonce, verifier=verifier
        )

    def arrive(self, code: str, departure: Departure, *, answer: str, redirect_uri: str) -> Confirmed:
        """Exchange the code that came back, and return whom the provider confirmed."""
        party = self._party(code)
        settings = party.settings
        token = party.id_token(answer=answer, verifier=departure.verifier, redirect_uri=redirect_uri)
        claims = claims_of(
            token,
            party.keys.for_token(token),
            issuer=settings.issuer,
            client_id=settings.client_id,
            nonce=departure.nonce,
        )
        value = claims.get(settings.claim)
        if not isinstance(value, str) or not value.strip():
            raise ProviderRefused
        # An address that nobody checked may be anybody's.
        if settings.claim == "email" and claims.get("email_verified") is not True:
            raise ProviderRefused
        if settings.matches == "tax_code":
            value = value.strip().upper().removeprefix(_TAX_CODE_PREFIX)
        return Confirmed(value=value, strong=claims.get("acr") in settings.strong, claims=claims)

    def _party(self, code: str) -> _Party:
        try:
            return self._parties[code]
        except KeyError:
            raise NotVisible from None


class _Party:
    """One provider: its settings, what it says of itself, and its keys."""

    def __init__(self, settings: ProviderSettings, channel: Channel) -> None:
        self.settings = settings
        self.keys = Keys(lambda: channel.get(self.endpoint("jwks_uri")))
        self._channel = channel
        self._lock = threading.Lock()
        self._said: dict[str, Any] = {}
        self._until = 0.0

    def endpoint(self, name: str) -> str:
        """Return one of the addresses that the provider says (OpenID Connect Discovery 1.0).

        :raises ProviderUnavailable: when it does not say it, or speaks for another issuer.
        """
        with self._lock:
            if time.monotonic() > self._until:
                issuer = self.settings.issuer
                said = self._channel.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
                if said.get("issuer") != issuer:
                    raise ProviderUnavailable
                self._said, self._until = said, time.monotonic() + _KNOWN_SECONDS
            found = self._said.get(name)
        if not isinstance(found, str):
            raise ProviderUnavailable
        return found

    def id_token(self, *, answer: str, verifier: str, redirect_uri: str) -> str:
        fields = {
            "grant_type": "authorization_code",
            "code": answer,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        headers: Mapping[str, str] = {}
        if self.settings.secret:
            # RFC 6749, section 2.3.1: each part is form-encoded before the two are joined.
            pair = f"{quote_plus(self.settings.client_id)}:{quote_plus(self.settings.secret)}"
            headers = {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        else:
            fields["client_id"] = self.settings.client_id
        token = self._channel.post(self.endpoint("token_endpoint"), fields, headers=headers).get("id_token")
        if not isinstance(token, str):
            raise ProviderRefused
        return token
