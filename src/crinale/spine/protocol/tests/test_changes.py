"""What is said of a registration afterwards: corrections, links, the act of an annulment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from crinale.kernel import clock
from crinale.kernel.errors import Invalid, NotVisible
from crinale.spine.audit import Section
from crinale.spine.protocol import actions, queries, verification
from crinale.spine.protocol.actions.correcting import AnnulledStays
from crinale.spine.protocol.actions.linking import AlreadyLinked, LinkRemoved
from crinale.spine.protocol.queries.registration import views
from crinale.spine.protocol.rules.parties import PartyData
from crinale.spine.protocol.tests.town import SYSTEM, Town, citizen
from crinale.spine.protocol.views import LinkData

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django import DjangoAssertNumQueries

    from crinale.spine.protocol.views import RegistrationView


def _refused(statement: str, *values: UUID) -> str:
    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
    return str(refused.value)


def _faults(verify: Callable[[Section], None]) -> list[object]:
    section = Section(name="registrations")
    verify(section)
    assert section.checked
    return list(section.findings)


def _correct(made: RegistrationView, **changes: object) -> RegistrationView:
    asked = {"actor": SYSTEM, "registration_id": made.id, "changes": {"channel": "post"}, "reason": "Errore"}
    return actions.correct(**{**asked, **changes})  # type: ignore[arg-type]


def test_a_correction_shows_both_values_and_leaves_the_registration_as_it_was(town: Town) -> None:
    made = town.receive(
        sender=PartyData(kind="legal_person", name="Ditta Bruni", email="vecchia@bruni.example")
    )
    corrected = _correct(
        made,
        changes={
            "channel": "post",
            "arrived_at": made.registered_at - timedelta(days=2),
            "received_number": "A/17",
            "received_date": "2020-01-02",
            "documents.0.description": "Planimetria",
            "senders.0.email": "nuova@bruni.example",
            "senders.0.phone": "0566 123456",
            "recipients.0.postal_address": "Piazza Garibaldi 9, Massa Marittima",
        },
    )
    assert corrected == queries.registration(actor=SYSTEM, registration_id=made.id)
    assert (corrected.channel, corrected.arrived_at) == ("post", made.registered_at - timedelta(days=2))
    assert corrected.received is not None
    assert (corrected.received.number, str(corrected.received.date)) == ("A/17", "2020-01-02")
    assert corrected.documents[0].description == "Planimetria"
    assert corrected.senders[0].data.email == "nuova@bruni.example"
    assert corrected.digest == made.digest
    said = {one.field: (one.before, one.after) for one in corrected.corrections}
    assert said["channel"] == ("hand", "post")
    assert said["senders.0.email"] == ("vecchia@bruni.example", "nuova@bruni.example")
    assert [one.sequence for one in corrected.corrections] == list(range(1, 9))
    again = _correct(made, changes={"channel": "courier", "senders.0.phone": "0566 123456"})
    assert (again.corrections[-1].before, again.corrections[-1].after) == ("post", "courier")
    assert len(again.corrections) == 9
    [as_registered] = views([made.id], being_sealed=True)
    assert (as_registered.channel, as_registered.senders) == (made.channel, made.senders)
    assert not _faults(verification.verify_registrations)
    assert not _faults(verification.verify_corrections)
    [primary] = queries.document_metadata(actor=SYSTEM, registration_id=made.id)
    assert {one["TipoModifica"] for one in primary["TracciatureModificheDocumento"]} == {"Rettifica"}


@pytest.mark.parametrize(
    ("field", "remedy"),
    [
        ("subject", "annul the registration"),
        ("number", "annul the registration"),
        ("registered_at", "annul the registration"),
        ("senders.0.name", "annul the registration"),
        ("recipients.0.tax_code", "annul the registration"),
        ("documents", "link it to this registration as an integration"),
        ("documents.0.sha256", "as an integration"),
        ("documents.7.description", "there is no such"),
        ("senders.0.email", "write an address"),
        ("channel", "choose how"),
        ("arrived_at", "write date and time"),
        ("received_date", "write the date"),
    ],
)
def test_what_the_law_fixes_is_refused_with_its_remedy(town: Town, field: str, remedy: str) -> None:
    made = town.receive()
    with pytest.raises(Invalid, match=remedy) as refused:
        _correct(made, changes={field: "qualcosa"})
    assert refused.value.field == field
    assert queries.registration(actor=SYSTEM, registration_id=made.id) == made


def test_a_correction_needs_a_reason_a_difference_and_the_right_to_register(town: Town) -> None:
    made, sent = town.receive(), town.send(channel="pec")
    unchanged: dict[str, str] = {}
    for changes in ({"reason": " "}, {"changes": {"channel": "hand"}}, {"changes": unchanged}):
        with pytest.raises(Invalid):
            _correct(made, **changes)
    with pytest.raises(Invalid, match="has an arrival"):
        _correct(sent, changes={"arrived_at": ""})
    with pytest.raises(Invalid, match="after it was registered"):
        _correct(made, changes={"arrived_at": clock.now() + timedelta(days=1)})
    with pytest.raises(NotVisible):
        _correct(made, actor=town.clerk("reader"))
    with pytest.raises(NotVisible):
        _correct(made, registration_id=uuid4())
    actions.annul(actor=SYSTEM, registration_id=made.id, act="Determina 1", reason="Errore")
    with pytest.raises(AnnulledStays):
        _correct(made)


def test_what_was_said_afterwards_is_never_changed_or_removed(town: Town) -> None:
    first = town.receive()
    made = _correct(town.receive(links=[LinkData(first.id, "previous")]))
    actions.annul(
        actor=SYSTEM, registration_id=first.id, act="Det. 1", reason="Errore", document_id=town.document_id
    )
    for table in ("correction", "link", "annulmentact"):
        _refused(f"delete from protocol_{table}")
        _refused(f"truncate protocol_{table}")
    _refused("update protocol_correction set before = 'altro'")
    _refused("update protocol_link set reason = 'altro'")
    _refused("update protocol_annulmentact set document_id = document_id, registration_id = %s", made.id)
    assert "comes with the annulment" in _refused(
        "insert into protocol_annulmentact (id, body_id, registration_id, document_id)"
        " values (gen_random_uuid(), %s, %s, %s)",
        town.body_id,
        made.id,
        town.document_id,
    )
    for change in ("deferred_act = 'x', deferred_reason = 'y'", "channel = 'fax'"):
        _refused(f"update protocol_registration set {change} where id = %s", made.id)


def test_a_correction_that_nobody_made_is_found(town: Town) -> None:
    _correct(town.receive())
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into protocol_correction (id, body_id, registration_id, sequence, field, before, after,"
            " reason, corrected_at, corrected_by_name) select gen_random_uuid(), body_id, registration_id, 2,"
            " field, after, before, reason, corrected_at, corrected_by_name from protocol_correction"
        )
    assert len(_faults(verification.verify_corrections)) == 1


def test_the_act_of_an_annulment_is_kept_with_it(town: Town) -> None:
    made = town.receive()
    with pytest.raises(NotVisible):
        actions.annul(
            actor=SYSTEM, registration_id=made.id, act="Det. 1", reason="Errore", document_id=uuid4()
        )
    act = town.store(b"Determina 12", name="determina-12.txt")
    annulled = actions.annul(
        actor=SYSTEM, registration_id=made.id, act="Determina 12/2026", reason="Errore", document_id=act
    ).annulment
    assert annulled is not None
    assert (annulled.document_id, annulled.file_name) == (act, "determina-12.txt")


def test_links_are_made_when_registering_or_later_and_only_marked_as_removed(town: Town) -> None:
    first, second = town.receive(), town.receive()
    made = town.send(links=[LinkData(first.id, "previous", "Stessa pratica"), LinkData(second.id, "related")])
    assert queries.registration(actor=SYSTEM, registration_id=made.id) == made
    assert [(one.relation, one.inbound) for one in made.links] == [("previous", False), ("related", False)]
    seen = queries.registration(actor=SYSTEM, registration_id=first.id)
    assert [(one.related.id, one.inbound) for one in seen.links] == [(made.id, True)]

    late = actions.link_registration(
        actor=SYSTEM,
        registration_id=second.id,
        other_id=first.id,
        relation="integration",
        reason="Allegato dimenticato",
    )
    link = next(one for one in late.links if one.relation == "integration")
    [primary] = queries.document_metadata(actor=SYSTEM, registration_id=first.id)
    [traced] = primary["TracciatureModificheDocumento"]
    assert (traced["TipoModifica"], traced["Riferimento"]) == (
        "Integrazione",
        f"{second.number_text}/{second.year}",
    )
    with pytest.raises(AlreadyLinked):
        actions.link_registration(
            actor=SYSTEM,
            registration_id=second.id,
            other_id=first.id,
            relation="integration",
            reason="Ancora",
        )
    removed = actions.unlink_registration(actor=SYSTEM, link_id=link.id, reason="Pratica sbagliata")
    told = next(one for one in removed.links if one.id == link.id)
    assert (told.removal_reason, told.reason) == ("Pratica sbagliata", "Allegato dimenticato")
    with pytest.raises(LinkRemoved):
        actions.unlink_registration(actor=SYSTEM, link_id=link.id, reason="Di nuovo")
    assert "stays as it was" in _refused(
        "update protocol_link set removed_at = null, removal_reason = '' where id = %s", link.id
    )
    assert (
        "TracciatureModificheDocumento"
        not in queries.document_metadata(actor=SYSTEM, registration_id=first.id)[0]
    )


def test_nobody_links_what_he_may_not_see(town: Town) -> None:
    hidden = town.receive(confidential=True, actor=town.clerk("protocol_clerk", person_id=UUID(int=7)))
    seen, clerk = town.receive(), town.clerk("protocol_clerk", person_id=UUID(int=8))
    with pytest.raises(NotVisible):
        town.send(actor=clerk, links=[LinkData(hidden.id, "related")])
    for one, other in ((seen, hidden), (hidden, seen)):
        with pytest.raises(NotVisible):
            actions.link_registration(
                actor=clerk, registration_id=one.id, other_id=other.id, relation="related", reason="x"
            )
    for changes in ({"other_id": seen.id}, {"relation": "cousin"}, {"reason": " "}):
        asked = {"registration_id": seen.id, "other_id": hidden.id, "relation": "related", "reason": "x"}
        with pytest.raises(Invalid):
            actions.link_registration(actor=SYSTEM, **{**asked, **changes})  # type: ignore[arg-type]


def test_a_chain_is_the_whole_thread_both_ways(
    town: Town, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    question = town.receive()
    answer = town.send(reply_to=question.id)
    again = town.receive(reply_to=answer.id, links=[LinkData(question.id, "previous")])
    more = town.receive(
        links=[LinkData(again.id, "integration")],
        confidential=True,
        actor=town.clerk("protocol_clerk", person_id=UUID(int=7)),
    )
    town.receive()
    for start in (question, answer, again, more):
        with django_assert_num_queries(7):
            thread = queries.chain(actor=SYSTEM, registration_id=start.id)
        assert [one.id for one in thread.registrations] == [question.id, answer.id, again.id, more.id]
        assert thread.whole
    thread = queries.chain(actor=SYSTEM, registration_id=question.id)
    assert {(one.source_id, one.target_id, one.relation) for one in thread.edges} == {
        (answer.id, question.id, "reply"),
        (again.id, answer.id, "reply"),
        (again.id, question.id, "previous"),
        (more.id, again.id, "integration"),
    }
    stranger = town.clerk("reader", person_id=UUID(int=8))
    shown = queries.chain(actor=stranger, registration_id=question.id)
    assert [one.id for one in shown.registrations] == [question.id, answer.id, again.id]
    assert more.id not in {one.source_id for one in shown.edges}
    with pytest.raises(NotVisible):
        queries.chain(actor=stranger, registration_id=more.id)
    short = queries.chain(actor=SYSTEM, registration_id=question.id, limit=2)
    assert (len(short.registrations), short.whole) == (2, False)


def test_a_deferred_registration_names_its_act_and_keeps_the_arrival(town: Town) -> None:
    arrived = clock.now() - timedelta(days=3)
    asked = {"arrived_at": arrived, "deferred_act": "Det. 4/2026", "deferred_reason": "Concorso pubblico"}
    made = town.receive(**asked)
    assert made.deferral is not None
    assert (made.deferral.act, made.deferral.reason) == ("Det. 4/2026", "Concorso pubblico")
    assert queries.registration(actor=SYSTEM, registration_id=made.id) == made
    assert queries.receipt(actor=SYSTEM, registration_id=made.id).presented_at == arrived
    assert not _faults(verification.verify_registrations)
    with pytest.raises(Invalid, match="arrived_at"):
        _correct(made, changes={"arrived_at": ""})
    for changes, field in (
        ({"arrived_at": None}, "arrived_at"),
        ({"arrived_at": clock.now()}, "arrived_at"),
        ({"deferred_act": " "}, "deferred_act"),
        ({"deferred_reason": ""}, "deferred_reason"),
    ):
        with pytest.raises(Invalid) as refused:
            town.receive(**{**asked, **changes})
        assert refused.value.field == field


def test_a_petition_has_several_senders(town: Town) -> None:
    people = [citizen(), citizen("Marco", "Rossi"), citizen("Ada", "Bini")]
    made = town.receive(sender=None, senders=people)
    assert [one.data for one in made.senders] == people
    assert queries.registration(actor=SYSTEM, registration_id=made.id) == made
    [row] = queries.registrations(actor=SYSTEM, area_id=town.area_id)
    assert row.correspondents == tuple(one.display_name for one in people)
    for senders, field in (([], "sender"), ([*people, people[0]], "senders.3"), (people * 40, "senders")):
        with pytest.raises(Invalid) as refused:
            town.receive(sender=None, senders=senders)
        assert refused.value.field == field
    assert not _faults(verification.verify_registrations)


def test_two_thousand_recipients_are_one_registration(
    town: Town, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    group = [
        PartyData(
            kind="natural_person",
            first_name="Ada",
            last_name=f"Bini {n}",
            email=f"ada.{n}@posta.example",
            for_information=n > 0,
        )
        for n in range(queries.MOST_RECIPIENTS)
    ]
    begin = datetime.now(UTC)
    with django_assert_max_num_queries(7):
        made = town.send(recipients=group, seal=True)
    assert datetime.now(UTC) - begin < timedelta(seconds=10)
    assert len(made.recipients) == 2000
    assert queries.registration(actor=SYSTEM, registration_id=made.id) == made
    xml = queries.segnatura_xml(actor=SYSTEM, registration_id=made.id)
    assert xml.count(b'perConoscenza="true"') == 1999
    [row] = queries.registrations(actor=SYSTEM, area_id=town.area_id)
    assert (len(row.correspondents), row.more_correspondents) == (10, 1990)
    with pytest.raises(Invalid, match="at most 2000"):
        town.send(recipients=[*group, citizen()])


def test_a_label_says_what_finds_the_registration_and_compares_the_document(town: Town) -> None:
    made = town.receive()
    label = queries.label(actor=SYSTEM, registration_id=made.id)
    day = made.identifier.date.isoformat()
    digest = made.documents[0].sha256[:16]
    assert label.payload == f"c_f032|{town.code}|PG|0000001|{day}|{digest}"
    assert queries.receipt(actor=SYSTEM, registration_id=made.id).payload == label.payload
    with pytest.raises(Invalid):
        queries.receipt(actor=SYSTEM, registration_id=town.send().id)
    with pytest.raises(NotVisible):
        queries.labels(actor=SYSTEM, registration_ids=[made.id, uuid4()])
