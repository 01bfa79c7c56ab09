"""A clerk of one body, given any identifier of another body's objects, finds nothing on any page."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import UUID

import pytest
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver

from crinale.kernel import clock
from crinale.services.protocol_office import actions
from crinale.services.protocol_office.models import Preset
from crinale.services.protocol_office.tests.desks import file, text_of
from crinale.services.protocol_office.tests.letters import PICTURE, arrives
from crinale.spine.exchange import actions as exchange
from crinale.spine.exchange.queries import queue
from crinale.spine.exchange.tests.post import certified
from crinale.spine.exchange.tests.post import file as mailed
from crinale.spine.identity.queries import actor_for_person
from crinale.spine.protocol import actions as protocol
from crinale.spine.protocol.actions import address_book
from crinale.spine.protocol.queries import PartyData, RegistrationFilter
from crinale.spine.protocol.tests.town import SUBJECT, SYSTEM
from crinale.spine.protocol.views import EnclosureData
from crinale.spine.records import actions as records
from crinale.spine.records import queries as records_queries
from crinale.spine.tenancy import scope
from crinale.spine.tenancy.models import Area

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crinale.services.protocol_office.tests.desks import Desks


def patterns(root: Any = None, space: str = "") -> Iterator[tuple[str, set[str]]]:
    """Every address of the pages that takes an identifier: its name and its arguments."""
    for one in (root or get_resolver("crinale.config.urls_pages")).url_patterns:
        if isinstance(one, URLResolver):
            yield from patterns(one, f"{one.namespace}:" if one.namespace else space)
        elif isinstance(one, URLPattern) and one.pattern.converters:
            yield f"{space}{one.name}", set(one.pattern.converters)


# The other services say in their own tests whom their addresses let in: a person, not a body.
WITH_IDS = [one for one in sorted(patterns()) if one[0].startswith("protocol_office:")]
# Nobody else of the same body finds these either: what a person asked for is his.
OF_A_PERSON = {"protocol_office:register_copy", "protocol_office:copy_file"}


@pytest.fixture
def theirs(desks: Desks, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Any]]:
    """Identifiers of everything that Massa Marittima has, by the name of the argument."""
    failed = desks.pair.send()
    desks.unanswered()
    Area.objects.filter(id=desks.massa.area_id).update(registers_incoming="by_clerk")
    with scope(desks.massa.body_id):
        drawing = desks.massa.store(PICTURE, name="pianta.png")
    view = desks.pair.send(documents=[EnclosureData(drawing)])
    with scope(desks.sassetta.body_id):
        theirs = desks.sassetta.store(PICTURE, name="foto.png")
        exchange.register_and_send(
            actor=SYSTEM,
            area_id=desks.sassetta.area_id,
            subject=SUBJECT,
            classification="6.10",
            recipients=[desks.pair.party(desks.massa)],
            documents=[EnclosureData(theirs)],
        )
    desks.pair.run()
    message = desks.pair.sent(view.id)
    wires = [wire.id for entry in desks.pair.story(desks.massa, message.id) for wire in entry.envelopes]
    with scope(desks.massa.body_id):
        (arrived,) = queue(actor=SYSTEM, area_id=desks.massa.area_id, box="received").rows
        emergency = protocol.open_emergency(
            actor=SYSTEM,
            area_id=desks.massa.area_id,
            cause="Guasto",
            authorisation="Provvedimento n. 1",
            started_at=clock.now(),
        )
        dossier = records.open_dossier(
            actor=SYSTEM, area_id=desks.massa.area_id, title="Strada", classification_code="6.10"
        )
        protocol.add_to_dossier(actor=SYSTEM, registration_id=view.id, dossier_id=dossier.id)
        records.put_document(actor=SYSTEM, document_id=view.documents[0].document_id, dossier_id=dossier.id)
        (plan,) = records_queries.editions(actor=SYSTEM)
        day = clock.today()
        with clock.frozen(clock.now() + timedelta(days=1)):
            protocol.freeze_daily_register(area_id=desks.massa.area_id, day=day)
    with scope(desks.massa.body_id):
        presented, mistaken = desks.massa.receive(), desks.massa.receive()
        protocol.annul(
            actor=SYSTEM,
            registration_id=mistaken.id,
            act="Determinazione n. 1",
            reason="Errata",
            document_id=desks.massa.store(b"Determinazione n. 1"),
        )
        linked = protocol.link_registration(
            actor=SYSTEM,
            registration_id=view.id,
            other_id=presented.id,
            relation="previous",
            reason="Segue",
        )
        assigned = protocol.assign(
            actor=SYSTEM, registration_id=view.id, office_id=desks.massa.office_id
        ).assignments[-1]
        monkeypatch.setattr("crinale.spine.protocol.actions.copies.AT_ONCE", 0)
        copy, _waits = protocol.copy_register(
            actor=actor_for_person(desks.person(desks.massa).id),
            area_id=desks.massa.area_id,
            kind="csv",
            narrowed=RegistrationFilter(),
        )
        one, other = (
            address_book.add_correspondent(
                actor=SYSTEM, party=PartyData(kind="legal_person", name=name), another=True
            ).id
            for name in ("Edil Maremma Srl", "Edil Maremma")
        )
        group = address_book.open_group(actor=SYSTEM, area_id=desks.massa.area_id, name="Imprese")
        preset = Preset(
            area=desks.massa.area_id,
            name="Convocazione",
            direction="outgoing",
            content=actions.PresetContent(subject="Convocazione").as_json(),
            made_at=clock.now(),
            made_by_name="tests",
        )
        preset.save()
    mail = arrives(desks.massa, certified(files=(mailed("foto.png", PICTURE),)))
    return {
        "correspondent_id": [one],
        "other_id": [other],
        "group_id": [group],
        "preset_id": [preset.id],
        "mail_id": [mail],
        "page": [1],
        "assignment_id": [assigned.id],
        "step": ["prendi"],
        "copy_id": [copy.id],
        "registration_id": [view.id, presented.id, mistaken.id],
        "link_id": [linked.links[0].id],
        "place": [0],
        "document_id": [view.documents[0].document_id],
        "message_id": [message.id, arrived.id, desks.pair.sent(failed.id).id],
        "wire_id": wires,
        "emergency_id": [emergency.id],
        "dossier_id": [dossier.id],
        "what": ["registration"],
        "object_id": [view.id],
        "plan_id": [plan.id],
        "position": [0],
        "day": [day.isoformat()],
        "kind": ["pdf", "json"],
    }


def addresses(theirs: dict[str, list[Any]], arguments: set[str]) -> Iterator[dict[str, Any]]:
    """The identifiers to put in an address, each at least once."""
    for place in range(max(len(theirs[argument]) for argument in arguments)):
        yield {argument: theirs[argument][place % len(theirs[argument])] for argument in arguments}


@pytest.mark.parametrize(("name", "arguments"), WITH_IDS, ids=[name for name, _ in WITH_IDS])
def test_who_may_finds_something_there(
    desks: Desks, theirs: dict[str, list[Any]], name: str, arguments: set[str]
) -> None:
    """Else the next test would say nothing: what is not there, a stranger does not find either."""
    clerk, found = desks.at(desks.massa), set()
    for given in addresses(theirs, arguments):
        answer = clerk.get(reverse(name, kwargs=given))
        found.add(answer.status_code)
        if answer.streaming:
            answer.getvalue()  # to the end, which closes the file
    assert found & ({404} if name in OF_A_PERSON else {200, 302, 405, 409, 422}), found


def test_every_argument_is_known_to_this_test(theirs: dict[str, list[Any]]) -> None:
    assert {name for _, arguments in WITH_IDS for name in arguments} <= set(theirs)
    assert len(WITH_IDS) >= 20


@pytest.mark.parametrize(("name", "arguments"), WITH_IDS, ids=[name for name, _ in WITH_IDS])
def test_an_address_with_another_bodys_identifiers_is_not_found(
    desks: Desks, theirs: dict[str, list[Any]], name: str, arguments: set[str]
) -> None:
    stranger = desks.at(desks.sassetta)
    form = {
        "do": "refuse",
        "reason": "x",
        "act_number": "1",
        "act_date": "2020-01-01",
        "note": "",
        "office": "",
    }
    for given in addresses(theirs, arguments):
        address = reverse(name, kwargs=given)
        absent = reverse(
            name,
            kwargs={key: UUID(int=7) if isinstance(value, UUID) else value for key, value in given.items()},
        )
        for method in (stranger.get, stranger.post):
            answer = method(address, form) if method == stranger.post else method(address)
            assert answer.status_code in {404, 405}
            alike = method(absent, form) if method == stranger.post else method(absent)
            assert answer.status_code == alike.status_code
            assert _without_token(text_of(answer), address) == _without_token(text_of(alike), absent)


def _without_token(page: str, address: str) -> str:
    own = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"|data-ends-seconds="[0-9]+"', "", page)
    return own.replace(address, "ADDRESS").replace(quote(address, safe=""), "ADDRESS")


def test_lists_of_another_body_show_none_of_it(desks: Desks, theirs: dict[str, list[Any]]) -> None:
    with scope(desks.massa.body_id):
        desks.massa.send(subject="Solo per Massa Marittima, parola segreta melograno")
    stranger = desks.at(desks.sassetta)
    for address in (
        "/protocollo/",
        "/protocollo/registro",
        "/protocollo/cerca?q=melograno",
        "/protocollo/emergenza",
        "/protocollo/?box=mails",
        "/protocollo/posta/accantonata",
    ):
        assert "melograno" not in text_of(stranger.get(address)).replace("?q=melograno", "").replace(
            'value="melograno"', ""
        ).replace("Ricerca: melograno", "").replace("q%3Dmelograno", "")


def test_documents_and_registrations_of_another_body_cannot_be_used_in_a_form(
    desks: Desks, theirs: dict[str, list[Any]]
) -> None:
    stranger = desks.at(desks.sassetta)
    page = text_of(stranger.get("/protocollo/nuovo/uscita", {"reply_to": theirs["registration_id"][0]}))
    assert "Richiesta di parere" not in page
    answer = stranger.post(
        "/protocollo/nuovo/documenti", {"primary": file(), "primary_kept": str(theirs["document_id"][0])}
    )
    assert str(theirs["document_id"][0]) not in text_of(answer)


def test_a_grant_that_ended_closes_the_pages(desks: Desks) -> None:
    from crinale.services.protocol_office.tests.desks import ROOT
    from crinale.spine.identity import actions as identity
    from crinale.spine.identity.models import Grant

    browser = desks.at(desks.massa)
    assert browser.get("/protocollo/").status_code == 200
    for grant in Grant.objects.all():
        identity.revoke_grant(actor=ROOT, grant_id=grant.id)
    answer = browser.get("/protocollo/")
    assert answer.status_code == 302
    assert answer.url.startswith("/accedi?")  # with the last role the session ends
