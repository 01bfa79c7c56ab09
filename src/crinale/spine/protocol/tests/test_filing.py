"""What dossiers hold: registrations moved with their history, counted and shown to those who may see them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from crinale.kernel import clock
from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.spine.identity import Actor
from crinale.spine.identity.actor import GrantRef
from crinale.spine.protocol import actions, queries
from crinale.spine.records import actions as records
from crinale.spine.records import queries as records_queries

if TYPE_CHECKING:
    from crinale.spine.protocol.tests.town import Town

SYSTEM = Actor.system("tests")


def dossier(town: Town, title: str, **known: object) -> records_queries.DossierRef:
    return records.open_dossier(
        actor=SYSTEM,
        area_id=town.area_id,
        title=title,
        classification_code="6.3",
        **known,  # type: ignore[arg-type]
    )


def clerk(town: Town, role: str = "protocol_clerk") -> Actor:
    grant = GrantRef(body_id=town.body_id, role=role, valid_from=clock.now() - timedelta(days=1))
    return Actor(name="Bianchi Carlo", kind="staff", person_id=uuid4(), grants=(grant,))


def test_a_registration_moves_and_that_it_was_there_stays_readable(town: Town) -> None:
    first, second, kept = dossier(town, "Prima"), dossier(town, "Seconda"), dossier(town, "Terza")
    view = town.send(dossier_id=first.id)
    actions.add_to_dossier(actor=SYSTEM, registration_id=view.id, dossier_id=kept.id)

    def move(source: records_queries.DossierRef, target: records_queries.DossierRef) -> None:
        actions.move_to_dossier(
            actor=SYSTEM, registration_id=view.id, source_id=source.id, target_id=target.id
        )

    move(first, second)
    held = queries.registration(actor=SYSTEM, registration_id=view.id).dossiers
    assert {one.id for one in held} == {second.id, kept.id}
    (gone,) = queries.moved_away(actor=SYSTEM, dossier=first)
    assert (gone.registration_id, gone.moved_to, gone.by_name) == (view.id, second.code, SYSTEM.name)
    with pytest.raises(NotVisible):
        move(first, second)  # it is not there any more
    with pytest.raises(Invalid):
        move(second, kept)
    move(second, first)
    assert queries.filed_counts(
        actor=SYSTEM, area_id=town.area_id, dossier_ids=[first.id, second.id, kept.id]
    ) == {first.id: 1, kept.id: 1}
    narrowed = queries.RegistrationFilter(dossier_id=second.id)
    assert not queries.registrations(actor=SYSTEM, area_id=town.area_id, narrowed=narrowed)
    records.close_dossier(actor=SYSTEM, dossier_id=second.id)
    with pytest.raises(Conflict):
        move(first, second)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("update protocol_dossieritem set removed_at = null where removed_at is not null")


def test_the_index_lists_documents_with_their_digests_in_a_fixed_number_of_questions(town: Town) -> None:
    one = dossier(town, "Prima")
    views = [town.send(dossier_id=one.id) for _number in range(3)]
    with CaptureQueriesContext(connection) as asked:
        lines = queries.index_lines(actor=SYSTEM, dossier=one)
    assert len(asked) <= 3
    assert [(line.registration_id, line.sha256) for line in lines] == [
        (view.id, document.sha256) for view in views for document in view.documents
    ]


def test_a_hidden_dossier_is_named_nowhere(town: Town) -> None:
    hidden = dossier(town, "Riservato", visibility="people", readers={uuid4(): "Verdi"})
    view, stranger = town.send(dossier_id=hidden.id), clerk(town)
    assert queries.registration(actor=SYSTEM, registration_id=view.id).dossiers
    assert queries.registration(actor=stranger, registration_id=view.id).dossiers == ()
    (metadata, *_rest) = queries.document_metadata(actor=stranger, registration_id=view.id)
    assert metadata["Agg"] == []
    narrowed = queries.RegistrationFilter(dossier_id=hidden.id)
    assert not queries.registrations(actor=stranger, area_id=town.area_id, narrowed=narrowed)
    assert queries.registration_count(actor=stranger, area_id=town.area_id, narrowed=narrowed).count == 0
    assert queries.filed_counts(actor=stranger, area_id=town.area_id, dossier_ids=[hidden.id]) == {}
    assert queries.index_lines(actor=stranger, dossier=hidden) == []
    shown = dossier(town, "Aperto")
    with pytest.raises(NotVisible):
        actions.add_to_dossier(actor=stranger, registration_id=view.id, dossier_id=hidden.id)
    for source, target in ((hidden, shown), (shown, hidden)):
        with pytest.raises(NotVisible):
            actions.move_to_dossier(
                actor=stranger, registration_id=view.id, source_id=source.id, target_id=target.id
            )
    with pytest.raises(NotVisible):
        town.send(actor=stranger, dossier_id=hidden.id)


def test_confidential_registrations_are_neither_counted_nor_indexed(town: Town) -> None:
    one = dossier(town, "Prima")
    view, reader = town.send(dossier_id=one.id, confidential=True), clerk(town, "reader")
    assert queries.filed_counts(actor=SYSTEM, area_id=town.area_id, dossier_ids=[one.id]) == {one.id: 1}
    assert queries.filed_counts(actor=reader, area_id=town.area_id, dossier_ids=[one.id]) == {}
    assert [line.registration_id for line in queries.index_lines(actor=SYSTEM, dossier=one)] == [view.id]
    assert queries.index_lines(actor=reader, dossier=one) == []


def test_registering_takes_the_edition_of_the_day(town: Town) -> None:
    text = "code,title\n6,Territorio\n6.3,Edilizia nuova"
    records.import_filing_plan(
        actor=SYSTEM, name="Nuovo", text=text, valid_from=clock.today() + timedelta(days=9)
    )
    before = town.send(classification="3.1")
    with pytest.raises(Invalid):
        town.send(classification="99")
    with clock.frozen(clock.now() + timedelta(days=9)):
        after = town.send(classification="6.3")
        with pytest.raises(Invalid):
            town.send(classification="3.1")
        kept = queries.registration(actor=SYSTEM, registration_id=before.id)
    assert after.classification.title == "Edilizia nuova"
    assert kept.classification == before.classification
