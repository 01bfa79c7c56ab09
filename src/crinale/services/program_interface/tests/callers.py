"""Programs that call the interface, as their suppliers would write them."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.test import Client

from crinale.spine.identity import Actor, programs

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.protocol.tests.town import Town

ROOT = Actor.system("tests")
EVERYTHING = tuple(programs.SCOPES)
CITIZEN = {"kind": "natural_person", "first_name": "Giulia", "last_name": "Fabbrì"}
SUBJECT = "Istanza di accesso agli atti della pratica edilizia"


@dataclass
class Caller:
    """A program of a town, with its secret and its token."""

    town: Town
    program_id: UUID
    secret: str
    client: Client = field(default_factory=Client)
    token: str = ""

    @property
    def base(self) -> str:
        return f"/api/v1/aoo/{self.town.code}"

    def sign_in(self, scope: str = "") -> Any:
        basic = base64.b64encode(f"{self.program_id}:{self.secret}".encode()).decode()
        form = {"grant_type": "client_credentials", **({"scope": scope} if scope else {})}
        answer = post_form(self.client, "/api/oauth2/token", form, Authorization=f"Basic {basic}")
        if answer.status_code == 200:
            self.token = answer.json()["access_token"]
        return answer

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Call; names of headers are written with underscores. A body that is no bytes goes as JSON."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        kind = told.pop("Content-Type", "application/json")
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        length: dict[str, Any] = {"CONTENT_LENGTH": str(len(raw))} if method in {"POST", "PUT"} else {}
        return self.client.generic(
            method,
            path if path.startswith("/api/") else self.base + path,
            raw,
            content_type=kind,
            headers={"Authorization": f"Bearer {self.token}", "Accept-Language": "en", **told},
            **length,
        )

    def deliver(self, content: bytes = b"Si chiede l'accesso agli atti.", name: str = "istanza.txt") -> Any:
        answer = self.ask("POST", f"/documents?file_name={name}", content, Content_Type="text/plain")
        assert answer.status_code == 201, answer.content
        return answer.json()

    def register(self, key: str = "", **changes: Any) -> Any:
        """Register an incoming document, delivered before."""
        body = incoming(self.deliver()["document_id"], **changes)
        return self.ask("POST", "/registrations/incoming", body, Idempotency_Key=key or str(uuid4()))


def incoming(document_id: str, **changes: Any) -> dict[str, Any]:
    asked = {
        "subject": SUBJECT,
        "classification": "6.10",
        "senders": [CITIZEN],
        "channel": "portal",
        "documents": [{"document_id": document_id}],
    }
    return {**asked, **changes}


def post_form(client: Client, path: str, form: dict[str, str], **headers: str) -> Any:
    from urllib.parse import urlencode

    return client.post(
        path, urlencode(form), content_type="application/x-www-form-urlencoded", headers=headers
    )


def make_caller(town: Town, *, scopes: tuple[str, ...] = EVERYTHING, rate: int = 10_000) -> Caller:
    """Make a program known to a town, and sign it in."""
    made = programs.add(
        actor=ROOT,
        name="Sportello unico",
        area_id=town.area_id,
        body_id=town.body_id,
        scopes=scopes,
        requests_per_minute=rate,
    )
    caller = Caller(town, made.id, programs.new_secret(actor=ROOT, program_id=made.id))
    assert caller.sign_in().status_code == 200
    return caller
