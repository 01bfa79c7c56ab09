"""What administrators do on the pages of the console, and what each page promises."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pyotp
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crinale.kernel import clock
from crinale.services.console.ports import Finding, checkup
from crinale.services.console.queries import health
from crinale.services.console.rules import FACTS, in_words, safe_cell
from crinale.services.console.tests.halls import NodeAsSaid
from crinale.services.protocol_office.tests.desks import ROOT, text_of
from crinale.spine.audit.models import Access, FactRow
from crinale.spine.exchange.mail_ports import postman
from crinale.spine.exchange.mail_values import MailFailure
from crinale.spine.identity import actions as identity
from crinale.spine.identity import queries as people
from crinale.spine.identity.models import Grant, Person
from crinale.spine.notify import queries as notices
from crinale.spine.protocol import queries as protocol
from crinale.spine.tenancy import queries as tenancy
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from crinale.services.console.tests.halls import Halls


def test_an_office_opens_moves_and_closes_and_each_day_keeps_its_organigram(halls: Halls) -> None:
    town, today = halls.massa, clock.today()
    browser = halls.at(town)
    form = {"code": "RAG", "name": "Ragioneria", "area_id": str(town.area_id), "opened_on": f"{today}"}
    answer = browser.post(reverse("console:open_office"), form)
    assert answer.status_code == 302, text_of(answer)
    (made,) = [one for one in tenancy.offices(area_id=town.area_id) if one.code == "RAG"]
    later = today + timedelta(days=30)
    moved = {"name": "Ragioneria e tributi", "parent_id": str(town.office_id), "on": f"{later}"}
    assert browser.post(reverse("console:move_office", args=[made.id]), moved).status_code == 302
    page = reverse("console:organigram")
    assert "Ragioneria e tributi" not in text_of(browser.get(page))
    assert "Ragioneria e tributi" in text_of(browser.get(page, {"giorno": f"{later}"}))
    close = reverse("console:close_office", args=[made.id])
    assert "Che cosa resta" in text_of(browser.get(close))
    assert browser.post(close, {"on": f"{today}"}).status_code == 422
    assert browser.post(close, {"on": f"{later + timedelta(days=1)}"}).status_code == 302
    gone = text_of(browser.get(page, {"giorno": f"{later + timedelta(days=2)}"}))
    assert "Ragioneria" not in gone


def test_a_mistake_names_its_field_and_keeps_what_was_written(halls: Halls) -> None:
    answer = halls.at(halls.massa).post(reverse("console:open_office"), {"name": "Ragioneria"})
    page = text_of(answer)
    assert answer.status_code == 422
    assert 'id="error-summary"' in page
    assert 'value="Ragioneria"' in page
    assert "Scrivi un codice breve" in page


def test_a_post_is_held_by_one_person_at_a_time_by_an_act(halls: Halls) -> None:
    town, today = halls.massa, clock.today()
    browser = halls.at(town)
    first, second = halls.desks.person(town), halls.desks.person(town)
    browser.post(reverse("console:open_post"), {"kind": "head", "office_id": str(town.office_id)})
    (post,) = people.posts(body_id=town.body_id)
    appoint = reverse("console:appoint", args=[post.id])
    form = {"act": "Decreto n. 4/2026", "valid_from": f"{today}"}
    assert browser.post(appoint, {**form, "person_id": str(first.id)}).status_code == 302
    refused = browser.post(appoint, {**form, "person_id": str(second.id)})
    assert refused.status_code == 422
    assert "Decreto n. 4/2026" in text_of(browser.get(reverse("console:organigram")))
    (held,) = people.post_history(post.id)
    end = reverse("console:end_appointment", args=[post.id, held.id])
    assert browser.post(end, {"on": f"{today + timedelta(days=1)}"}).status_code == 302
    assert people.post_history(post.id)[0].valid_to == today + timedelta(days=1)


def test_a_person_is_added_gets_a_role_and_loses_it(halls: Halls) -> None:
    town = halls.massa
    browser = halls.at(town)
    form = {"name": "Anna Verdi", "username": "anna.verdi", "password": "una lunga passeggiata"}
    answer = browser.post(reverse("console:add_person"), form)
    assert answer.url == reverse("console:grant") + "?utente=anna.verdi"
    role = {"username": "anna.verdi", "role": "reader", "office_id": str(town.office_id)}
    assert browser.post(reverse("console:grant"), role).status_code == 302
    anna = Person.objects.get(username="anna.verdi")
    (grant,) = people.grants(anna.id)
    assert (grant.body_id, grant.office_id) == (town.body_id, town.office_id)
    end = reverse("console:end_grant", args=[anna.id, grant.id])
    assert "Lettore" in text_of(browser.get(end)) or "Consultazione" in text_of(browser.get(end))
    assert browser.post(end, {"on": ""}).status_code == 302
    grant.refresh_from_db()
    assert grant.valid_to is not None
    again = browser.post(reverse("console:add_person"), form)
    assert again.status_code == 422
    assert "una lunga passeggiata" not in text_of(again)


def test_a_role_in_another_body_is_seen_and_ended_only_by_who_administers_it(halls: Halls) -> None:
    clerk = halls.desks.person(halls.massa, halls.sassetta, role="protocol_clerk")
    page = reverse("console:person", args=[clerk.id])
    one = halls.at(halls.massa)
    assert "Sassetta" not in text_of(one.get(page))
    assert one.get(reverse("console:password", args=[clerk.id])).status_code == 404
    both = halls.desks.sits(halls.administrator(halls.massa, halls.sassetta), halls.massa)
    assert "Comune di Sassetta" in text_of(both.get(page))
    assert both.get(reverse("console:password", args=[clerk.id])).status_code == 200
    theirs = Grant.objects.get(person=clerk, body_id=halls.sassetta.body_id)
    end = reverse("console:end_grant", args=[clerk.id, theirs.id])
    assert one.post(end, {"on": ""}).status_code == 404
    assert both.post(end, {"on": ""}).status_code == 302


def test_who_leaves_is_shown_what_ends_first(halls: Halls) -> None:
    ids = halls.everything_of(halls.massa)
    browser = halls.at(halls.massa)
    leave = reverse("console:leave", args=[ids["person_id"]])
    page = text_of(browser.get(leave))
    assert "L&#x27;incarico:" in page
    assert "in sostituzione" in page
    assert browser.post(leave, {"on": f"{clock.today()}", "where": "body"}).status_code == 302
    assert not [one for one in people.posts(body_id=halls.massa.body_id) if one.holder]
    former = text_of(browser.get(reverse("console:staff"), {"chi": "usciti"}))
    assert str(ids["person_id"]) in former


def test_a_second_factor_is_reset_with_a_reason_that_the_fact_keeps(halls: Halls) -> None:
    person = halls.desks.person(halls.massa, role="reader")
    browser = halls.at(halls.massa)
    reset = reverse("console:reset_second_factor", args=[person.id])
    assert browser.post(reset, {"reason": ""}).status_code == 422
    assert browser.post(reset, {"reason": "Telefono perso, visto di persona"}).status_code == 302
    person.refresh_from_db()
    assert person.session_series == 1


def test_the_rules_of_sign_in_are_changed_and_show_who_is_protected(halls: Halls) -> None:
    town, today = halls.massa, clock.today()
    reader, other = halls.desks.person(town, role="reader"), halls.desks.person(town, role="reader")
    prepared = identity.prepare_authenticator(actor=(anna := people.actor_for_person(reader.id)))
    code = pyotp.TOTP(prepared.secret).at(clock.now())
    identity.add_authenticator(actor=anna, sealed=prepared.sealed, code=code, name="Telefono")
    identity.deactivate_person(actor=ROOT, person_id=halls.desks.person(town, role="reader").id)
    browser, page = halls.at(town), reverse("console:sign_in_policy")
    shown = browser.get(page)
    assert "Basta la password" in text_of(shown)
    (readers,) = [one for _title, one in shown.context["rows"] if one.role == "reader"]
    assert (readers.people, readers.protected) == (2, 1)
    wrong = browser.post(page, {"second_factor_from": f"{today}", "review_months": "61"})
    assert wrong.status_code == 422
    assert f'value="{today}"' in text_of(wrong)
    assert tenancy.body(town.body_id).second_factor_from is None  # type: ignore[union-attr]
    later = today + timedelta(days=30)
    kept = browser.post(page, {"second_factor_from": f"{later}", "review_months": "6"}, follow=True)
    assert "da quel giorno serve a tutti" in text_of(kept)
    body = tenancy.body(town.body_id)
    assert body is not None
    assert (body.second_factor_from, body.review_months) == (later, 6)
    with scope(town.body_id):
        told = FactRow.objects.get(kind="body.sign_in_policy_set").payload
    assert told["review_months"] == 6
    browser.post(page, {"second_factor_from": f"{today}", "review_months": "6"})
    assert halls.desks.sits(other, town).get("/protocollo/").url.startswith("/sicurezza")


def test_roles_are_confirmed_or_ended_several_at_once_and_ending_asks_first(halls: Halls) -> None:
    town = halls.massa
    with clock.frozen(clock.now() - timedelta(days=500)):
        grants = [halls.desks.person(town, role="reader").grants.get() for _ in range(3)]
    browser, page = halls.at(town), reverse("console:review")
    ids = [str(one.id) for one in grants]
    assert all(one in text_of(browser.get(page)) for one in ids)
    assert browser.post(page, {"do": "confirm"}).status_code == 422
    assert browser.post(page, {"do": "confirm", "grant": ids[:1]}).status_code == 302
    asked = browser.post(page, {"do": "end", "grant": ids[1:]})
    assert "Che cosa resta" in text_of(asked)
    assert len(people.due_for_review(actor=ROOT, body_id=town.body_id)) == 2
    assert browser.post(page, {"do": "ended", "grant": ids[1:]}).status_code == 302
    assert not people.due_for_review(actor=ROOT, body_id=town.body_id)
    assert browser.post(page, {"do": "ended", "grant": ids[:1]}).status_code == 404


def test_who_saw_a_registration_and_that_somebody_asked(halls: Halls) -> None:
    town = halls.massa
    with scope(town.body_id):
        made = town.send(subject="Pratica di melograno")
        clerk = halls.desks.person(town)
        protocol.registration(actor=people.actor_for_person(clerk.id), registration_id=made.id)
    browser = halls.at(town)
    asked = {"what": "readings", "number": f"{made.number}/{made.year}"}
    page = text_of(browser.get(reverse("console:activity"), asked))
    assert clerk.name in page
    assert "melograno" not in page
    told = browser.get(reverse("console:activity_csv"), asked).content.decode("utf-8-sig")
    assert f"{clerk.name};Ha aperto la registrazione;{made.number_text}/{made.year}" in told
    with scope(town.body_id):
        assert Access.objects.filter(what="audit_log", object_id=made.id).count() == 2
    by_person = text_of(browser.get(reverse("console:activity"), {"person": str(clerk.id)}))
    assert f"{made.number_text}/{made.year}" in by_person


def test_the_subject_is_shown_to_who_may_see_it_and_of_a_confidential_one_to_nobody_else(
    halls: Halls,
) -> None:
    town = halls.massa
    with scope(town.body_id):
        made = town.send(subject="Pratica di melograno", confidential=True)
    asked = {"what": "facts", "number": f"{made.number}/{made.year}"}
    page = reverse("console:activity")
    assert "melograno" in text_of(halls.desks.at(town).get(page, asked))
    person = halls.administrator(town)
    identity.grant_role(actor=ROOT, person_id=person.id, body_id=town.body_id, role="reader")
    seen = text_of(halls.desks.sits(person, town).get(page, asked))
    assert "melograno" not in seen
    assert "Ha registrato un documento" in seen


def test_the_log_goes_on_page_by_page(halls: Halls) -> None:
    town = halls.massa
    reader = halls.desks.person(town)
    with scope(town.body_id):
        made = town.send()
        for _ in range(60):
            protocol.registration(actor=people.actor_for_person(reader.id), registration_id=made.id)
    browser, page = halls.at(town), reverse("console:activity")
    first = browser.get(page, {"person": str(reader.id)})
    assert text_of(first).count("<tr>") == 51
    older = str(first.context["older_url"])
    assert text_of(browser.get(older)).count("<tr>") == 11


@pytest.mark.parametrize("wrong", ["domani", "999999/2026"])
def test_a_number_that_is_none_is_an_error_of_its_field(halls: Halls, wrong: str) -> None:
    answer = halls.at(halls.massa).get(reverse("console:activity"), {"number": wrong})
    assert answer.status_code == 422
    assert 'id="id_number_error"' in text_of(answer)


def queries_of(ask: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as seen:
        ask()
    return len(seen)


@pytest.mark.parametrize("name", ["staff", "organigram", "review", "mailboxes", "activity", "sign_in_policy"])
def test_a_longer_list_asks_no_more(halls: Halls, name: str) -> None:
    town = halls.massa
    browser = halls.at(town)
    address = reverse(f"console:{name}") + ("?what=facts" if name == "activity" else "")
    with clock.frozen(clock.now() - timedelta(days=500)):
        halls.desks.person(town, role="reader")
    identity.open_post(actor=ROOT, body_id=town.body_id, kind="head", office_id=town.office_id)
    browser.get(address)
    few = queries_of(lambda: browser.get(address))
    with clock.frozen(clock.now() - timedelta(days=500)):
        for number in range(5):
            halls.desks.person(town, role="reader")
            made = identity.open_office(
                actor=ROOT, area_id=town.area_id, code=f"U{number}", name=f"Ufficio {number}"
            )
            identity.open_post(actor=ROOT, body_id=town.body_id, kind="head", office_id=made.id)
    assert queries_of(lambda: browser.get(address)) == few
    assert few <= 16


def test_the_health_is_looked_at_once_a_minute_and_on_demand(halls: Halls) -> None:
    said = [
        Finding(level="good", subject="disk", seen="5.1 GB free of 20"),
        Finding(
            level="bad",
            subject="mailbox a@pec.example",
            seen="this node has no password for it",
            remedy="crinale mailbox password a@pec.example",
        ),
    ]
    browser, page = halls.at(halls.massa), reverse("console:health")
    with checkup.replaced(node := NodeAsSaid(said)):
        text = text_of(browser.get(page))
        assert text.index("casella a@pec.example") < text.index("5.1 GB liberi su 20")
        assert "crinale mailbox password a@pec.example" in text
        browser.get(page)
        assert node.looked == 1
        assert browser.post(page).status_code == 302
        assert node.looked == 2


def test_the_node_says_that_it_does_not_work_when_nothing_can_be_registered() -> None:
    health.forget()
    with checkup.replaced(NodeAsSaid([Finding(level="warning", subject="disk", seen="")])):
        health.node_works()
    health.forget()
    with (
        checkup.replaced(NodeAsSaid([Finding(level="bad", subject="disk", seen="")])),
        pytest.raises(health.NodeFails),
    ):
        health.node_works()
    health.forget()


class Locked:
    """Mail servers that let nobody in."""

    def check(self, _mailbox: object) -> None:
        raise MailFailure("authentication", "la password non va bene")


def test_a_mailbox_is_tried_and_its_failure_told(halls: Halls) -> None:
    box = halls.mailbox(halls.massa)
    browser = halls.at(halls.massa)
    with postman.replaced(Locked()):  # type: ignore[arg-type]
        answer = browser.post(reverse("console:check_mailbox", args=[box]), follow=True)
    assert "la password non va bene" in text_of(answer)
    assert "./crinale mailbox add" in text_of(answer)


def test_everybody_has_preferences_and_they_are_kept(halls: Halls) -> None:
    browser = halls.desks.at(halls.massa, role="reader")
    page = reverse("console:preferences")
    assert browser.post(page, {"language": "xx", "delivery": "daily"}).status_code == 422
    answer = browser.post(page, {"language": "en", "delivery": "daily"}, follow=True)
    assert "Your preferences are kept." in text_of(answer)
    person = Person.objects.get(grants__role="reader")
    assert notices.preference(people.actor_for_person(person.id)) == ("daily", "en")


def test_an_administrator_alone_signs_in_to_the_console(halls: Halls) -> None:
    browser = halls.at(halls.massa)
    assert browser.get("/").url == reverse("console:home")


def test_the_search_box_is_for_who_may_search_in_the_present_area(halls: Halls) -> None:
    box = 'role="search"'
    assert box not in text_of(halls.at(halls.massa).get(reverse("console:home")))
    assert box in text_of(halls.desks.at(halls.massa).get(reverse("console:home")))
    person = halls.administrator(halls.massa, halls.sassetta)
    identity.grant_role(
        actor=ROOT,
        person_id=person.id,
        body_id=halls.sassetta.body_id,
        area_id=halls.sassetta.area_id,
        role="reader",
    )
    assert box not in text_of(halls.desks.sits(person, halls.massa).get(reverse("console:home")))
    assert box in text_of(halls.desks.sits(person, halls.sassetta).get(reverse("console:home")))


def test_every_kind_of_fact_has_words(halls: Halls) -> None:
    with scope(halls.massa.body_id):
        halls.massa.send()
        kinds = set(FactRow.objects.values_list("kind", flat=True))
    assert kinds <= set(FACTS)


def test_words_of_findings_and_cells() -> None:
    assert in_words("it answers") == "risponde"
    assert in_words("127.0.0.1:8000 answers") == "127.0.0.1:8000 risponde"
    assert in_words("see that the worker runs; then crinale mailbox check a@b.it").endswith(
        "crinale mailbox check a@b.it"
    )
    assert in_words("crinale doctor") == "crinale doctor"
    assert safe_cell("=1+1") == "'=1+1"
    assert safe_cell("Anna") == "Anna"
