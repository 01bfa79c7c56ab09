"""The check of an ``id_token`` (OpenID Connect Core 1.0, section 3.1.3.7)."""

from __future__ import annotations

import hmac
import time
from typing import TYPE_CHECKING, Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from crinale.kernel import clock
from crinale.spine.identity.ports import ProviderRefused, ProviderUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

# Signatures by a private key only: a shared secret, or none, proves nothing to a third party.
ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA")
LEEWAY_SECONDS: Final = 60
OLDEST_SECONDS: Final = 600
_AGAIN_AFTER_SECONDS: Final = 30.0


class Keys:
    """The public keys of a provider, kept; fetched anew when a token names one that is not known."""

    def __init__(self, fetch: Callable[[], dict[str, Any]]) -> None:
        """Take how to fetch them."""
        self._fetch = fetch
        self._known: KeySet | None = None
        self._fetched = 0.0

    def for_token(self, token: str) -> KeySet:
        """Return the keys among which the one of a token should be.

        :raises ProviderRefused: when the token cannot be read.
        :raises ProviderUnavailable: when the keys cannot be had.
        """
        identifier = _key_id(token)
        # A stranger's tokens must not make the node ask without end.
        rested = time.monotonic() - self._fetched > _AGAIN_AFTER_SECONDS
        if self._known is None or (rested and not self._has(identifier)):
            self._refresh()
        if self._known is None:
            raise ProviderUnavailable
        return self._known

    def _has(self, identifier: str | None) -> bool:
        return self._known is not None and (
            identifier is None or any(key.kid == identifier for key in self._known.keys)
        )

    def _refresh(self) -> None:
        self._fetched = time.monotonic()
        found = [
            key
            for key in self._fetch().get("keys", [])
            if isinstance(key, dict) and key.get("kty") in {"RSA", "EC", "OKP"} and key.get("use") != "enc"
        ]
        try:
            self._known = KeySet.import_key_set({"keys": found})
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise ProviderUnavailable from error


def claims_of(token: str, keys: KeySet, *, issuer: str, client_id: str, nonce: str) -> dict[str, Any]:
    """Return the claims of a token that is from this provider, to us, in answer to this sign-in, and fresh.

    :raises ProviderRefused: when it is not.
    """
    try:
        claims = jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise ProviderRefused from error
    now = clock.now().timestamp()
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    right = (
        claims.get("iss") == issuer
        and client_id in audiences
        and claims.get("azp", client_id) == client_id
        and (len(audiences) == 1 or "azp" in claims)
        and hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode())
        and _seconds(claims.get("exp")) > now - LEEWAY_SECONDS
        and now - OLDEST_SECONDS < _seconds(claims.get("iat")) < now + LEEWAY_SECONDS
        and _seconds(claims.get("nbf", 0)) < now + LEEWAY_SECONDS
        and bool(claims.get("sub"))
    )
    if not right:
        raise ProviderRefused
    return claims


def _key_id(token: str) -> str | None:
    from joserfc.jws import extract_compact

    try:
        identifier = extract_compact(token.encode()).headers().get("kid")
    except (JoseError, ValueError, TypeError) as error:
        raise ProviderRefused from error
    return None if identifier is None else str(identifier)


def _seconds(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else -1.0
