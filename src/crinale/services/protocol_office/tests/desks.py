"""Clerks in front of their pages, in two towns that exchange documents."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from crinale.kernel import clock, ids
from crinale.spine.identity import Actor
from crinale.spine.identity import actions as identity
from crinale.spine.tenancy import scope
from crinale.ui import session

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.exchange.tests.pair import Pair
    from crinale.spine.protocol.tests.town import Town
    from crinale.spine.protocol.views import RegistrationView

ROOT = Actor.system("tests")
PASSWORD = "una lunga passeggiata sul crinale"


@dataclass
class Desks:
    """The two towns and their clerks."""

    pair: Pair
    made: int = field(default=0)

    @property
    def massa(self) -> Town:
        return self.pair.massa

    @property
    def sassetta(self) -> Town:
        return self.pair.sassetta

    def person(self, *towns: Town, role: str = "records_manager", password: str | None = None) -> Any:
        """Make a person who holds a role in the areas of these towns."""
        self.made += 1
        person = identity.create_person(
            actor=ROOT, username=f"persona{self.made}", name=f"Persona {self.made}", password=password
        )
        for town in towns:
            identity.grant_role(
                actor=ROOT, person_id=person.id, body_id=town.body_id, area_id=town.area_id, role=role
            )
        return person

    def at(self, town: Town, *, role: str = "records_manager") -> Any:
        """A browser in which a clerk of a town is signed in and works for its area."""
        return self.sits(self.person(town, role=role), town)

    def sits(self, person: Any, town: Town) -> Any:
        """A browser in which a person is signed in and works for the area of a town."""
        browser = Client()
        store = browser.session
        session.begin(store, person.id)
        session.choose_area(store, town.area_id)
        store.save()
        browser.cookies[session_cookie()] = store.session_key or ""
        return browser

    def unanswered(self, *, beforehand: int = 0) -> None:
        """Let the calls after the first ones fail until no attempt is left; the network is well then."""
        start = clock.now()
        self.pair.wire.failures.extend([("", "")] * beforehand)
        self.pair.wire.fail(*["timeout"] * 4)
        self.pair.run()
        for hours in (2.1, 4.2, 8.3):
            with clock.frozen(start + timedelta(hours=hours)):
                self.pair.tick()
        assert not self.pair.wire.failures

    def registration_of(self, town: Town, message_id: UUID) -> UUID:
        """The registration that a message of a town carries."""
        from crinale.spine.exchange import queries as exchange

        with scope(town.body_id):
            found = exchange.message(actor=ROOT, message_id=message_id).registration_id
        assert found is not None
        return found

    def registration(self, town: Town, registration_id: UUID) -> RegistrationView:
        """A registration as the system sees it."""
        from crinale.spine.protocol import queries as protocol

        with scope(town.body_id):
            return protocol.registration(actor=ROOT, registration_id=registration_id)


def session_cookie() -> str:
    from django.conf import settings

    return str(settings.SESSION_COOKIE_NAME)


def file(
    name: str = "lettera.txt", content: bytes = b"Si chiede il parere in oggetto."
) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/plain")


def text_of(answer: Any) -> str:
    """The page as text; answers of the test client have attributes that its types do not tell."""
    return str(answer.content.decode())


def outgoing_form(**changes: Any) -> dict[str, Any]:
    """What a browser sends for a complete outgoing document, but for its recipients and files."""
    asked = {
        "token": str(ids.new_id()),
        "subject": "Richiesta di parere sulla strada comunale di Niccioleta",
        "classification": "6.10",
        "reply_to": "",
        "hand-kind": "natural_person",
        "do": "send",
    }
    return {**asked, **changes}
