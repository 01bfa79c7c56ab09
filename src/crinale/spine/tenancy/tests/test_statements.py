"""What the system promises of statements that go together, on a table of the exchange as on any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from crinale.kernel import clock
from crinale.spine import tenancy
from crinale.spine.records.models import Document
from crinale.spine.tenancy import ScopeMissing, WrongScope, actions
from crinale.spine.tenancy.statements import (
    NoTransaction,
    every,
    execute,
    first,
    in_one_go,
    insert,
    insert_if_new,
    insertion,
    together,
)

if TYPE_CHECKING:
    from uuid import UUID

_NAMES = "select file_name from records_document order by file_name"


def _document(name: str) -> Document:
    return Document(
        sha256="0" * 64,
        size=1,
        media_type="text/plain",
        file_name=name,
        metadata={"Identificativo": {"Nome": "perché"}},
        created_at=clock.now(),
    )


@pytest.fixture
def body_id(fresh_database: object) -> UUID:
    return actions.create_body(ipa_code="c_f032", name="Massa Marittima", kind="municipality").id


def test_a_row_is_inserted_as_the_orm_would(body_id: UUID) -> None:
    one, another = _document("a.txt"), _document("b.txt")
    with tenancy.scope(body_id):
        insert([one])
        another.save(force_insert=True)
        kept, orms = Document.objects.order_by("file_name")
        assert kept.body_id == body_id
        assert not one._state.adding
        for field in Document._meta.concrete_fields:
            if field.attname not in {"id", "file_name", "created_at"}:
                assert getattr(kept, field.attname) == getattr(orms, field.attname), field.attname


def test_a_row_goes_into_the_open_scope_only(body_id: UUID) -> None:
    other = actions.create_body(ipa_code="c_i454", name="Sassetta", kind="municipality").id
    with pytest.raises(ScopeMissing):
        insert([_document("a.txt")])
    foreign = _document("a.txt")
    foreign.body_id = other
    with tenancy.scope(body_id), pytest.raises(WrongScope):
        insert([foreign])


def test_a_known_row_is_not_inserted_again(body_id: UUID) -> None:
    row = _document("a.txt")
    with tenancy.scope(body_id):
        assert insert_if_new(row)
        assert not insert_if_new(row)
        assert every(_NAMES, []) == [("a.txt",)]


def test_what_goes_in_one_go_is_kept_as_a_whole(body_id: UUID) -> None:
    with tenancy.scope(body_id):
        with in_one_go():
            insert([_document("a.txt")])
            assert first("select count(*) from records_document", []) == (1,)
            insert([_document("b.txt")])
        connection.rollback()
        assert every(_NAMES, []) == [("a.txt",), ("b.txt",)]


def test_one_wrong_statement_takes_all_of_them_back(body_id: UUID) -> None:
    twice = _document("b.txt")
    with tenancy.scope(body_id):
        with pytest.raises(IntegrityError), in_one_go():
            insert([_document("a.txt")])
            insert([twice])
            insert([twice])
        assert every(_NAMES, []) == []
        insert([_document("c.txt")])
        assert every(_NAMES, []) == [("c.txt",)]


def test_a_part_taken_back_leaves_the_rest(body_id: UUID) -> None:
    """A savepoint inside, and the scope of the session after it."""
    twice = _document("b.txt")
    with tenancy.scope(body_id):
        with transaction.atomic():
            insert([_document("a.txt")])
            with pytest.raises(IntegrityError), in_one_go():
                insert([twice, twice])
            insert([_document("c.txt")])
        assert every(_NAMES, []) == [("a.txt",), ("c.txt",)]
        with in_one_go():
            with pytest.raises(ValueError, match="given up"), transaction.atomic():
                insert([_document("d.txt")])
                raise ValueError("given up")
            assert every(_NAMES, []) == [("a.txt",), ("c.txt",)]


def test_the_scope_is_right_after_a_savepoint_in_which_it_was_told(body_id: UUID) -> None:
    """Rolling back to a savepoint takes the session's scope back; the next statement must tell it again."""
    with in_one_go():
        first("select 1", [])
        with pytest.raises(ValueError, match="given up"), transaction.atomic(), tenancy.scope(body_id):
            insert([_document("a.txt")])
            raise ValueError("given up")
        with tenancy.scope(body_id):
            insert([_document("b.txt")])
    with tenancy.scope(body_id):
        assert every(_NAMES, []) == [("b.txt",)]


def test_statements_go_together_in_a_transaction_only(body_id: UUID) -> None:
    with pytest.raises(NoTransaction), together():
        pass


def test_statements_made_one_are_written_as_a_whole(body_id: UUID) -> None:
    known = _document("a.txt")
    with tenancy.scope(body_id):
        execute(insertion([_document("b.txt")]), insertion([known]))
        assert every(_NAMES, []) == [("a.txt",), ("b.txt",)]
        with pytest.raises(IntegrityError):
            execute(insertion([_document("c.txt")]), insertion([known]))
        assert every(_NAMES, []) == [("a.txt",), ("b.txt",)]


def test_an_error_inside_a_savepoint_takes_back_all_that_goes_in_one_go(body_id: UUID) -> None:
    known = _document("a.txt")
    with tenancy.scope(body_id):
        with pytest.raises(DatabaseError), in_one_go():
            insert([known])
            with transaction.atomic():
                insert([known])
                first("select 1", [])
        assert every(_NAMES, []) == []
