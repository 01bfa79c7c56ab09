"""People and programs who may not see what is confidential, a few who may, and all that each of them sees."""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from unittest import mock
from urllib.parse import quote

from django.db import transaction
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

from crinale.connectors.web_calls import Called
from crinale.kernel import clock
from crinale.services.program_interface import events
from crinale.services.program_interface.ports import web_caller
from crinale.services.program_interface.rules import KINDS
from crinale.services.program_interface.tests.callers import EVERYTHING, make_caller
from crinale.services.protocol_office.tests.desks import ROOT, Desks, file, outgoing_form, text_of
from crinale.spine.audit import following
from crinale.spine.identity import actions as identity
from crinale.spine.notify.models import Notice
from crinale.spine.tenancy import queries as tenancy
from crinale.spine.tenancy import scope
from tests.strangers import pictures, story

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crinale.services.program_interface.tests.callers import Caller
    from crinale.spine.protocol.tests.town import Town
    from tests.strangers.pictures import Picture
    from tests.strangers.story import Story

NUMBERS = range(1, 31)
DIGESTS = [hashlib.sha256(one).hexdigest() for one in (story.SHARED, story.SECRET_FILE)]
# Who works in the very town and sees its register asks for everything; the others for some of it.
THOROUGH = ("reader", "clerk of another office")
_RECIPIENT = re.compile(r'name="recipient" value="([^"]+)"')
_AS_IF_COMMITTED = "select pg_current_xact_id()::text::bigint + 1"


@dataclass
class Listener:
    """The addresses of programs that are told of events."""

    heard: list[str] = field(default_factory=list)

    def refusal(self, url: str) -> str:  # noqa: ARG002
        return ""

    def post(self, url: str, *, headers: Mapping[str, str], content: bytes) -> Called:
        self.heard.append(f"{url} {headers['webhook-id']} {content.decode()}")
        return Called(200, "")


class Viewers:
    """No one of the strangers registered anything, or works where anything went."""

    def __init__(self, told: Story) -> None:
        self.told, self.desks, self.listener = told, Desks(told.pair), Listener()
        massa, sassetta = told.pair.massa, told.pair.sassetta
        self.people = {
            "reader": (self.desks.person(massa, role="reader"), massa),
            "clerk of another office": (self._elsewhere(massa), massa),
            "clerk of another body": (self.desks.person(sassetta, role="protocol_clerk"), sassetta),
            "administrator": (self.desks.person(massa, role="administrator"), massa),
        }
        self.heads = {"head": (self.desks.person(massa), massa)}
        scopes = tuple(one for one in EVERYTHING if one != "protocol.read_confidential")
        self.programs = {
            "program": make_caller(massa, scopes=scopes),
            # What was refused at the door is no registration: who decides on arrivals there may know of it.
            "program of another body": make_caller(
                sassetta, scopes=tuple(one for one in scopes if one != "protocol.register")
            ),
            "program for documents": make_caller(massa, scopes=("events.subscribe", "documents.read")),
        }
        self.entrusted = {"entrusted program": make_caller(massa)}
        with web_caller.replaced(self.listener):
            for who, caller in (self.programs | self.entrusted).items():
                _subscribe(who, caller)

    def _elsewhere(self, town: Town) -> Any:
        office = next(one for one in tenancy.offices(area_id=town.area_id) if one.code == "UFF2")
        person = self.desks.person()
        identity.grant_role(
            actor=ROOT,
            person_id=person.id,
            body_id=town.body_id,
            area_id=town.area_id,
            office_id=office.id,
            role="protocol_clerk",
        )
        return person

    def strangers(self) -> dict[str, Picture]:
        """What they see who may not see what is confidential."""
        with tomorrow(self.told):
            found = {who: self._of_person(*one, thorough=who in THOROUGH) for who, one in self.people.items()}
            return found | self._of_programs(self.programs, story.WORDS)

    def entitled(self) -> dict[str, Picture]:
        """What they see who may."""
        with tomorrow(self.told):
            begin = list(plain_addresses())
            found = {
                who: pictures.pages(self.desks.sits(*one), begin, alike=2) for who, one in self.heads.items()
            }
            return found | self._of_programs(self.entrusted, story.WORDS[:1])

    def _of_person(self, person: Any, town: Town, *, thorough: bool) -> Picture:
        browser = self.desks.sits(person, town)
        assert self.told.answer is not None
        sent = f"/protocollo/registrazioni/{self.told.answer.id}/destinatari"
        seen = pictures.pages(browser, [*plain_addresses(), *asked_addresses(thorough=thorough), sent])
        if thorough:
            seen |= forms(browser, self.told)
        with scope(town.body_id):
            notices = Notice.objects.filter(person=person.id).values_list("kind", "reference")
            return seen | {"notices": json.dumps(sorted(notices))}

    def _of_programs(self, programs: dict[str, Caller], words: Sequence[str]) -> dict[str, Picture]:
        told, found = self._told_of_events(), {}
        for who, caller in programs.items():
            assert caller.sign_in().status_code == 200
            events_of = "\n".join(one for one in told if one.startswith(address_of(who)))
            more = {"events": events_of, "deliveries": deliveries(caller)}
            found[who] = pictures.interface(caller, words, DIGESTS) | more
        return found

    def _told_of_events(self) -> list[str]:
        """Follow every fact of the story and deliver what comes of it, as the worker would."""
        self.listener.heard.clear()
        committed = mock.patch.object(following, "_HORIZON", _AS_IF_COMMITTED)
        with web_caller.replaced(self.listener), committed:
            for town in (self.told.pair.massa, self.told.pair.sassetta):
                with scope(town.body_id):
                    while events.collect() == events.FACTS_AT_ONCE:
                        pass
                    for one in events.due(limit=1000):
                        events.deliver(delivery_id=one)
        return sorted(self.listener.heard)


@contextmanager
def tomorrow(told: Story) -> Iterator[None]:
    """The day after, when the register of the day is frozen; nothing of it remains."""
    with clock.frozen(clock.now() + timedelta(days=1)), undone():
        told.freeze_day()
        yield


@contextmanager
def undone() -> Iterator[None]:
    """Take everything back at the end; what would be durable is no more than a savepoint here."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(True)


def deliveries(caller: Caller) -> str:
    """What became of the events of one instant, in an order of their own; each delivery is a new one."""
    (subscribed,) = caller.ask("GET", "/subscriptions").json()["items"]
    answer = caller.ask("GET", f"/subscriptions/{subscribed['subscription_id']}/deliveries?limit=100").json()
    assert not answer.get("next")
    kept = [{name: one[name] for name in one if name != "delivery_id"} for one in answer["items"]]
    return json.dumps(sorted(kept, key=lambda one: str(one["event"])))


def address_of(who: str) -> str:
    """Where a program wants to be told of events."""
    return f"https://example.it/{quote(who)}/"


def _subscribe(who: str, caller: Caller) -> None:
    asked = {"url": address_of(who), "kinds": list(KINDS)}
    answer = caller.ask("POST", "/subscriptions", asked)
    assert answer.status_code == 201, answer.content


def plain_addresses() -> Iterator[str]:
    """Every address of the pages that takes no identifier."""
    for address, pattern in _patterns(get_resolver("crinale.config.urls_pages"), "/"):
        if not pattern.pattern.converters and not address.startswith(pictures.ELSEWHERE):
            yield address


def page_names() -> set[str]:
    """Every page of the protocol office, by its name."""
    resolver = get_resolver("crinale.services.protocol_office.web.urls")
    return {pattern.name or "" for _address, pattern in _patterns(resolver, "/")}


def _patterns(resolver: Any, base: str) -> Iterator[tuple[str, URLPattern]]:
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from _patterns(one, f"{base}{one.pattern}")
        else:
            yield f"{base}{one.pattern}", one


def asked_addresses(*, thorough: bool) -> Iterator[str]:
    """Every word, name and number of the confidential documents, asked wherever something can be asked."""
    for number in NUMBERS if thorough else NUMBERS[:3]:
        yield f"/protocollo/cerca?q={number}"
    for text in story.WORDS if thorough else story.WORDS[:1]:
        yield f"/protocollo/cerca?q={text}"
        yield f"/protocollo/fascicoli?q={text}"
        yield f"/protocollo/rubrica?q={text}"
        for address in ("nuovo/arrivo/mittenti", "nuovo/uscita/indice", "nuovo/uscita/oggetto"):
            yield f"/protocollo/{address}?q={text}&subject={text}"
    for direction in ("incoming", "outgoing", "internal"):
        yield f"/protocollo/cerca?q={story.WORDS[0]}&direction={direction}"
        yield f"/protocollo/cerca?q={story.ORDINARY_WORD}&direction={direction}"


def forms(browser: Any, told: Story) -> Picture:
    """What forms answer: copies of the register, advice, choices by number. None leaves anything behind."""
    found: Picture = {}

    def send(name: str, address: str, **fields: Any) -> None:
        with undone():
            found[f"{name} {address}"] = pictures.shown(browser.post(address, fields))

    for kind in ("csv", "ods", "pdf"):
        send(kind, "/protocollo/registro/copia", kind=kind)
    assert told.first is not None
    outgoing = "/protocollo/nuovo/uscita"
    chosen = _RECIPIENT.findall(text_of(browser.post(outgoing, outgoing_form(do="add:AAAA002"))))
    for number in NUMBERS[::2]:
        written = f"{number}/{clock.today().year}"
        at = f"/protocollo/registrazioni/{told.first.id}/collega"
        send(str(number), at, number=written, relation="related", reason="Prova")
        for name in ("reply_to", "links") if chosen and number % 5 == 0 else ():
            form = outgoing_form(recipient=chosen[0], primary=file(), relation="related")
            send(f"{name} {number}", outgoing, **(form | {name: written}))
    for party in (story.FIRM, story.PERSON):
        for content in (story.SHARED, story.SECRET_FILE):
            for address in ("/protocollo/nuovo/arrivo", "/protocollo/nuovo/arrivo/consigli"):
                send(
                    f"{party.display_name} {content.decode()}",
                    address,
                    do="next",
                    email=party.email,
                    tax_code=party.tax_code,
                    subject=story.SUBJECT,
                    received_number=story.THEIR_NUMBER,
                    primary=file(content=content),
                )
    return found
