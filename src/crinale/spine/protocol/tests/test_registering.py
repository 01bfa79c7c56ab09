from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from django.db import connection

from crinale.kernel import clock
from crinale.kernel.errors import Invalid, NotVisible
from crinale.spine.protocol import actions, queries
from crinale.spine.protocol.ports import seal_keys
from crinale.spine.protocol.rules.parties import PartyData
from crinale.spine.protocol.rules.segnatura import parse
from crinale.spine.protocol.tests.town import SUBJECT, SYSTEM, Keys, Town, citizen, seal_key
from crinale.spine.protocol.views import EnclosureData, ReceivedReference, ReceivedSegnatura
from crinale.spine.records import actions as records
from crinale.spine.search import queries as search
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

NEW_YEARS_EVE = datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC)  # 23:59:59 in Rome


def test_the_answer_of_registering_is_what_a_reader_sees_later(town: Town) -> None:
    made = town.send(seal=True, recipients=[citizen(), citizen("Marco", "Rossi")])
    assert queries.registration(actor=SYSTEM, registration_id=made.id) == made
    received = town.receive(
        received_identifier=ReceivedReference(number="A/17", date=date(2020, 1, 2)),
        received_segnatura=ReceivedSegnatura(b"<a/>"),
        arrived_at=clock.now() - timedelta(hours=1),
    )
    assert queries.registration(actor=SYSTEM, registration_id=received.id) == received


def test_numbers_follow_each_other_and_have_seven_digits(town: Town) -> None:
    assert [town.send().number_text, town.receive().number_text] == ["0000001", "0000002"]


def test_the_year_that_counts_is_the_one_in_rome(town: Town) -> None:
    with clock.frozen(NEW_YEARS_EVE):
        last = [town.send(), town.send()][1]
    with clock.frozen(NEW_YEARS_EVE + timedelta(seconds=1)):
        first = town.send()
    assert (last.year, last.number, last.identifier.date) == (2026, 2, date(2026, 12, 31))
    assert (first.year, first.number, first.identifier.date) == (2027, 1, date(2027, 1, 1))


def test_instants_never_go_back_in_a_register(town: Town) -> None:
    now = clock.now()
    with clock.frozen(now):
        before = town.send()
    with clock.frozen(now - timedelta(minutes=5)):
        after = town.send()
    assert after.registered_at == before.registered_at
    assert after.number == before.number + 1


def test_the_segnatura_names_number_parties_and_digests(town: Town) -> None:
    attachment = town.store(b"planimetria", name="planimetria.txt")
    made = town.send(
        seal=True, documents=[EnclosureData(town.document_id, "Parere"), EnclosureData(attachment)]
    )
    assert made.segnatura is not None
    xml = queries.segnatura_xml(actor=SYSTEM, registration_id=made.id)
    assert hashlib.sha256(xml).hexdigest() == made.segnatura.sha256
    read = parse(xml)
    assert read.identifier == made.identifier
    assert read.subject == SUBJECT
    assert read.sender.aoo_code == town.code
    assert [one.digest.hex for one in read.documents if one.digest] == [one.sha256 for one in made.documents]


def test_an_answer_names_the_message_as_its_sender_did(town: Town) -> None:
    sent = town.send(seal=True)
    xml = queries.segnatura_xml(actor=SYSTEM, registration_id=sent.id)
    received = town.receive(received_identifier=sent.identifier, received_segnatura=ReceivedSegnatura(xml))
    by_segnatura = town.send(seal=True, reply_to=received.id)
    by_hand = town.receive()
    by_own_number = town.send(seal=True, reply_to=by_hand.id)
    named = [
        parse(queries.segnatura_xml(actor=SYSTEM, registration_id=one.id)).reply
        for one in (by_segnatura, by_own_number)
    ]
    assert [one.identifier.number if one else None for one in named] == [sent.number, by_hand.number]
    assert queries.registration(actor=SYSTEM, registration_id=received.id).replies[0].id == by_segnatura.id
    by_post = town.receive(
        received_identifier=ReceivedReference(
            ipa_code="r_toscan",
            aoo_code="AOOGRT",
            register_code="P",
            number="0000000123",
            date=date(2020, 1, 2),
        )
    )
    answer = town.send(seal=True, reply_to=by_post.id)
    reply = parse(queries.segnatura_xml(actor=SYSTEM, registration_id=answer.id)).reply
    assert reply is not None
    assert reply.identifier.number_text == "0000000123"


def test_a_remote_seal_comes_later_and_nobody_sees_the_registration_before(town: Town) -> None:
    with seal_keys.replaced(Keys(seal_key(remote=True))):
        made = town.send(seal=True)
        assert made.state == "being_sealed"
        assert search.find(area_ids=[town.area_id], text=str(made.number)) == []
        assert queries.registrations(actor=SYSTEM, area_id=town.area_id) == []
        with pytest.raises(NotVisible):
            queries.registration(actor=SYSTEM, registration_id=made.id)
        assert actions.complete_seal(registration_id=made.id)
        assert not actions.complete_seal(registration_id=made.id)
    seen = queries.registration(actor=SYSTEM, registration_id=made.id)
    assert (seen.state, seen.number) == ("sealed", made.number)
    assert parse(queries.segnatura_xml(actor=SYSTEM, registration_id=made.id)).identifier == made.identifier
    assert [hit.object_id for hit in search.find(area_ids=[town.area_id], text=str(made.number))] == [made.id]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"subject": "  "}, "subject"),
        ({"classification": "99.1"}, "classification"),
        ({"recipients": []}, "recipients"),
        ({"documents": []}, "documents"),
        ({"channel": "pigeon"}, "channel"),
    ],
)
def test_what_must_be_corrected_is_said_before_a_number_is_taken(
    town: Town, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        town.send(**changes)
    assert refused.value.field == field
    assert town.send().number == 1


def test_a_closed_heading_takes_nothing_new(town: Town) -> None:
    made = town.send()
    records.close_classification(actor=SYSTEM, code="6.10")
    with pytest.raises(Invalid):
        town.send()
    assert queries.registration(actor=SYSTEM, registration_id=made.id).classification.code == "6.10"


def test_what_others_sealed_is_registered_as_it_stands(town: Town) -> None:
    """DPR 445/2000 art. 53: what arrives is registered, also where we would have written it better."""
    asked = {
        "subject": "Varie",
        "sender": PartyData(kind="legal_person", name="Ditta Bruni\x00", tax_code="12345678900"),
        "recipients": [
            PartyData(kind="administration", name="Regione", ipa_code="r_toscan", aoo_code="AOOGRT"),
            PartyData(kind="administration", name="Regione", ipa_code="r_toscan", aoo_code="AOOGRT"),
            PartyData(kind="natural_person", first_name="Ada", last_name="Bini", tax_code="BNIDAA80A41F032X"),
        ],
        "documents": [EnclosureData(town.document_id, "x" * 900)],
    }
    with pytest.raises(Invalid):
        town.receive(**asked)

    made = town.receive(**asked, received_segnatura=ReceivedSegnatura(b"<a/>"))

    assert made.subject == "Varie"
    assert [one.data.name for one in made.senders] == ["Ditta Bruni"]
    assert [one.data.aoo_code for one in made.recipients] == ["AOOGRT", "AOOGRT", ""]
    assert made.documents[0].description == "x" * 500


def test_a_firm_of_one_person_has_that_persons_code(town: Town) -> None:
    firm = PartyData(kind="legal_person", name="Bar di Ada Rossi", tax_code="RSSMRA85T10A562S")
    assert town.receive(sender=firm).senders[0].data.tax_code == "RSSMRA85T10A562S"
    with pytest.raises(Invalid, match="tax_code"):
        town.receive(sender=replace(firm, tax_code="RSSMRA85T10A562X"))


def test_who_may_not_see_a_registration_cannot_answer_it(town: Town) -> None:
    """Its subject would stand in the segnatura of the answer."""
    hidden = town.receive(confidential=True, actor=town.clerk("protocol_clerk", person_id=UUID(int=7)))
    with pytest.raises(NotVisible):
        town.send(reply_to=hidden.id, actor=town.clerk("protocol_clerk", person_id=UUID(int=8)))
    answer = town.send(reply_to=hidden.id, actor=town.clerk("protocol_clerk", person_id=UUID(int=7)))
    assert answer.reply_to is not None


def test_without_the_permission_nothing_is_registered(town: Town) -> None:
    with pytest.raises(NotVisible):
        town.send(actor=town.clerk("reader"))
    assert town.send(actor=town.clerk("protocol_clerk")).registered_by_name == "Paola Neri"


def test_nothing_of_another_body_can_be_named_or_seen(town: Town, other_town: Town) -> None:
    with scope(other_town.body_id):
        foreign = other_town.receive()
    for changes in (
        {"area_id": other_town.area_id},
        {"documents": [EnclosureData(other_town.document_id)]},
        {"reply_to": foreign.id},
        {"reply_to": uuid4()},
    ):
        with pytest.raises(NotVisible):
            town.send(**changes)
    for ask in (
        lambda: queries.registration(actor=SYSTEM, registration_id=foreign.id),
        lambda: queries.segnatura_xml(actor=SYSTEM, registration_id=foreign.id, received=True),
        lambda: actions.annul(actor=SYSTEM, registration_id=foreign.id, act="Atto 1", reason="Errore"),
        lambda: actions.assign(actor=SYSTEM, registration_id=foreign.id, office_id=town.office_id),
    ):
        with pytest.raises(NotVisible):
            ask()
    assert queries.registration_by_identifier(identifier=foreign.identifier) is None
    assert search.find(area_ids=[other_town.area_id], text="") == []


def test_an_identifier_finds_its_registration(town: Town) -> None:
    made = town.send()
    assert queries.registration_by_identifier(identifier=made.identifier) == made


def test_a_confidential_registration_is_in_no_list_of_who_may_not_see_it(town: Town) -> None:
    writer = UUID(int=7)
    made = town.receive(confidential=True, actor=town.clerk("protocol_clerk", person_id=writer))
    clerk, head = town.clerk("protocol_clerk"), town.clerk("records_manager")
    assert queries.registrations(actor=clerk, area_id=town.area_id) == []
    assert [row.id for row in queries.registrations(actor=head, area_id=town.area_id)] == [made.id]
    with pytest.raises(NotVisible):
        queries.registration(actor=clerk, registration_id=made.id)
    for actor in (head, town.clerk("protocol_clerk", person_id=writer)):
        assert queries.registration(actor=actor, registration_id=made.id).subject == SUBJECT


def test_a_list_takes_the_same_number_of_questions_however_long(
    town: Town, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    made = [town.send() for _ in range(6)]
    for page in (1, 6):
        with django_assert_num_queries(3):
            rows = queries.registrations(actor=SYSTEM, area_id=town.area_id, limit=page)
        assert [row.number for row in rows] == [one.number for one in reversed(made)][:page]
        with django_assert_num_queries(10):
            queries.registration_views(actor=SYSTEM, registration_ids=[one.id for one in made[:page]])
    older = queries.registrations(actor=SYSTEM, area_id=town.area_id, before=(made[3].year, made[3].number))
    assert [row.number for row in older] == [3, 2, 1]
    next_year = queries.registrations(
        actor=SYSTEM, area_id=town.area_id, before=(made[3].year + 1, 3), limit=4
    )
    assert [row.number for row in next_year] == [6, 5, 4, 3]
    for before, expected in (((made[3].year, 4), [5, 6]), ((made[3].year - 1, 9), [1, 2, 3])):
        newer = queries.registrations(
            actor=SYSTEM, area_id=town.area_id, before=before, limit=3, oldest_first=True
        )
        assert [row.number for row in newer] == expected
    everything = queries.RegistrationFilter()
    counted = queries.registration_count(actor=SYSTEM, area_id=town.area_id, narrowed=everything, at_most=4)
    assert (counted.count, counted.oldest) == (4, made[0].registered_at)


def test_registering_takes_few_questions(
    town: Town, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(7):
        town.send(seal=True)


def test_a_list_is_narrowed(town: Town) -> None:
    sent, received = town.send(), town.receive(classification="3.1")
    narrowed = [
        (queries.RegistrationFilter(direction="incoming"), [received.number]),
        (queries.RegistrationFilter(classification_code="6"), [sent.number]),
        (queries.RegistrationFilter(since=clock.today() + timedelta(days=1)), []),
        (queries.RegistrationFilter(annulled=True), []),
        (
            queries.RegistrationFilter(unassigned=True, year=clock.today().year),
            [received.number, sent.number],
        ),
    ]
    for wanted, numbers in narrowed:
        rows = queries.registrations(actor=SYSTEM, area_id=town.area_id, narrowed=wanted)
        assert [row.number for row in rows] == numbers


def test_a_reading_by_a_person_is_noted(town: Town) -> None:
    made = town.send()
    queries.registration(actor=town.clerk("reader"), registration_id=made.id)
    with connection.cursor() as cursor:
        cursor.execute("select what, actor_name from audit_access where object_id = %s", [made.id])
        assert cursor.fetchall() == [("registration", "Paola Neri")]
