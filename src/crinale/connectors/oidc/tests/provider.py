"""An OpenID provider on the loopback, honest unless a test makes it otherwise."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, make_server

from joserfc import jwt
from joserfc.jwk import RSAKey

from crinale.connectors.oidc.client import ProviderSettings
from crinale.kernel import clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from joserfc.jwk import OctKey

CLIENT, SECRET = "crinale", "segreto: molto+lungo"


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  its name in the library
        """Say nothing."""


@dataclass
class FakeProvider:
    """Its keys, the claims of the next token, the codes that it gave, and what it was asked."""

    claims: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}, auto_kid=True))
    algorithm: str = "RS256"
    signing_key: RSAKey | OctKey | None = None
    issuer: str = ""
    status: int = 200
    raw: bytes | None = None
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Listen on a port of the loopback."""
        self._server = make_server("127.0.0.1", 0, self._answer, handler_class=_Silent)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.issuer = self.url
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def settings(self, **changes: Any) -> ProviderSettings:
        """How a node knows this provider."""
        wanted = {
            "code": "c_f032",
            "name": "Account del Comune",
            "issuer": self.url,
            "client_id": CLIENT,
            "secret": SECRET,
            **changes,
        }
        return ProviderSettings(**wanted)

    def consent(self, url: str, **claims: Any) -> dict[str, str]:
        """Play the browser and the person: follow the link, agree, bring back code and state."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert url.startswith(f"{self.url}/authorize?")
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        now = int(clock.now().timestamp())
        self.claims = {
            "iss": self.url,
            "aud": CLIENT,
            "sub": "42",
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "email": "anna@comune.example",
            "email_verified": True,
            **claims,
        }
        return {"code": code, "state": asked["state"]}

    def _answer(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        self.asked.append(path)
        length = int(environ.get("CONTENT_LENGTH") or 0)
        form = {
            name: values[0] for name, values in parse_qs(environ["wsgi.input"].read(length).decode()).items()
        }
        status, content = self._content(path, form, environ.get("HTTP_AUTHORIZATION", ""))
        body = self.raw if self.raw is not None else json.dumps(content).encode()
        start(
            f"{self.status if self.status != 200 else status} x",
            [("Content-Type", "application/json"), ("Content-Length", str(len(body)))],
        )
        return [body]

    def _content(self, path: str, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
            }
        if path == "/keys":
            return 200, {"keys": [self.key.as_dict(private=False)]}
        if path == "/token":
            return self._token(form, authorization)
        return 404, {}

    def _token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        pair = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        asked = self.codes.pop(form.get("code", ""), None)
        if pair != "crinale:segreto%3A+molto%2Blungo" or asked is None:
            return 401, {"error": "invalid_client"}
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if challenge != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        key = self.signing_key or self.key
        header = {"alg": self.algorithm, "kid": key.kid}
        token = jwt.encode(header, self.claims, key, algorithms=[self.algorithm])
        return 200, {"token_type": "Bearer", "access_token": "x", "id_token": token}
