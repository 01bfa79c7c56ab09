"""What the database refuses, whoever asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import DatabaseError, connection, transaction

from crinale.kernel.errors import Invalid, NotVisible
from crinale.spine.protocol import actions, queries
from crinale.spine.protocol.actions.annulment import AlreadyAnnulled
from crinale.spine.protocol.tests.town import SYSTEM, Town

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.protocol.views import RegistrationView


def _refused(statement: str, *values: UUID) -> str:
    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
    return str(refused.value)


@pytest.fixture
def made(town: Town) -> RegistrationView:
    return town.send(seal=True)


@pytest.mark.parametrize(
    "change",
    [
        "subject = 'Altro oggetto'",
        "number = 7",
        "registered_at = registered_at - interval '1 second'",
        "direction = 'incoming'",
        "confidential = true",
        "digest = repeat('0', 64)",
        "state = 'unsealed'",
        "annulled_at = now()",
    ],
)
def test_a_registration_cannot_be_changed(made: RegistrationView, change: str) -> None:
    _refused(f"update protocol_registration set {change} where id = %s", made.id)
    assert queries.registration(actor=SYSTEM, registration_id=made.id) == made


@pytest.mark.parametrize(
    "table", ["protocol_registration", "protocol_party", "protocol_enclosure", "protocol_segnatura"]
)
def test_nothing_of_a_registration_can_be_removed(made: RegistrationView, table: str) -> None:
    column = "id" if table == "protocol_registration" else "registration_id"
    _refused(f"delete from {table} where {column} = %s", made.id)
    _refused(f"truncate {table} cascade")


def test_parties_and_documents_cannot_be_changed(made: RegistrationView) -> None:
    _refused("update protocol_party set name = 'Altro' where registration_id = %s", made.id)
    _refused("update protocol_enclosure set position = 5 where registration_id = %s", made.id)
    _refused(
        "update records_document set file_name = 'altro.txt' where id = %s", made.documents[0].document_id
    )
    assert queries.registration(actor=SYSTEM, registration_id=made.id) == made


def test_current_classification_and_assignment_move_only_with_their_history(
    town: Town, made: RegistrationView
) -> None:
    other = "(select id from records_classificationentry where code = '3.1')"
    said = _refused(
        f"update protocol_registration set current_classification_id = {other} where id = %s", made.id
    )
    assert "history" in said
    said = _refused(
        "update protocol_registration set current_office_id = %s where id = %s", town.office_id, made.id
    )
    assert "history" in said


def test_an_annulment_stays(town: Town, made: RegistrationView) -> None:
    annulled = actions.annul(
        actor=town.clerk("records_manager"),
        registration_id=made.id,
        act="Determina 12/2026",
        reason="Doppione",
    )
    assert annulled.annulment is not None
    assert (annulled.annulment.act, annulled.annulment.by_name) == ("Determina 12/2026", "Paola Neri")
    assert annulled.subject == made.subject
    assert annulled.stamp.endswith("ANNULLATO")
    assert annulled.digest == made.digest
    with pytest.raises(AlreadyAnnulled):
        actions.annul(actor=SYSTEM, registration_id=made.id, act="Altro atto", reason="Altro")
    for change in (
        "annulled_at = null, annulled_by_name = '', annulment_act = '', annulment_reason = ''",
        "annulment_reason = 'Altro motivo'",
    ):
        assert "annulment" in _refused(f"update protocol_registration set {change} where id = %s", made.id)


def test_only_who_may_annul_annuls(town: Town, made: RegistrationView) -> None:
    with pytest.raises(NotVisible):
        actions.annul(
            actor=town.clerk("protocol_clerk"), registration_id=made.id, act="Atto", reason="Errore"
        )
    with pytest.raises(Invalid):
        actions.annul(actor=SYSTEM, registration_id=made.id, act=" ", reason="Errore")


def test_nothing_joins_a_registration_after_its_transaction(
    committed_town: Town, committed: RegistrationView
) -> None:
    party = (
        "insert into protocol_party (id, body_id, registration_id, role, position, name, data)"
        " values (gen_random_uuid(), %s, %s, 'recipient', 9, 'Aggiunto', '{}')"
    )
    assert "after it was made" in _refused(party, committed_town.body_id, committed.id)
    document = (
        "insert into protocol_enclosure (id, body_id, registration_id, position, document_id, description)"
        " values (gen_random_uuid(), %s, %s, 9, %s, '')"
    )
    assert "after it was made" in _refused(
        document, committed_town.body_id, committed.id, committed_town.document_id
    )


@pytest.fixture
def committed(committed_town: Town) -> RegistrationView:
    return committed_town.send()


def test_parts_may_come_in_any_order_within_the_transaction(town: Town) -> None:
    # As the import of a body does: registrations first, then what belongs to them; here inside a savepoint.
    made: UUID = town.send().id
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "insert into protocol_party (id, body_id, registration_id, role, position, name, data)"
            " values (gen_random_uuid(), %s, %s, 'recipient', 9, 'Insieme', '{\"kind\": \"legal_person\"}')",
            [town.body_id, made],
        )
    assert queries.registration(actor=SYSTEM, registration_id=made).recipients[-1].name == "Insieme"


def test_counters_never_go_back(town: Town) -> None:
    town.send()
    assert "never goes back" in _refused("update protocol_counter set last_number = last_number - 1")
    assert "never goes back" in _refused("update protocol_counter set last_number = last_number + 2")
    _refused("delete from protocol_counter")
