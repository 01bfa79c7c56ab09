"""The address book: one place for who we write with, with everything that was ever written in it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from crinale.kernel.errors import Invalid, NotVisible
from crinale.spine.protocol.actions import address_book as book
from crinale.spine.protocol.models import Correspondent
from crinale.spine.protocol.queries import address_book as queries
from crinale.spine.protocol.rules.parties import PartyData
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

    from crinale.spine.protocol.tests.town import Town

FIRM = PartyData(kind="legal_person", name="Tirrenica Costruzioni S.r.l.", tax_code="01533300537")
PERSON = PartyData(
    kind="natural_person", first_name="Niccolò", last_name="Bartolini", email="N.Bartolini@pec.example.it"
)


def test_a_correspondent_is_found_by_any_part_of_what_is_known(town: Town) -> None:
    clerk = town.clerk("protocol_clerk")
    made = book.add_correspondent(actor=clerk, party=PERSON)
    book.add_correspondent(actor=clerk, party=FIRM)
    assert made.party.email == "n.bartolini@pec.example.it"
    for text in ("bartolini niccolo", "BARTO", "n.bartolini@pec"):
        assert [one.id for one in queries.correspondents(actor=clerk, text=text)] == [made.id]
    assert [one.name for one in queries.known_as(actor=clerk, tax_code="01533300537")] == [FIRM.name]
    assert [one.id for one in queries.known_as(actor=clerk, email="N.BARTOLINI@pec.example.it")] == [made.id]
    assert queries.known_as(actor=clerk) == []


def test_codes_are_checked_and_the_error_names_the_field(town: Town) -> None:
    clerk = town.clerk("protocol_clerk")
    with pytest.raises(Invalid) as refused:
        book.add_correspondent(actor=clerk, party=replace(FIRM, tax_code="01533300538"))
    assert refused.value.field == "party.tax_code"
    with pytest.raises(Invalid) as refused:
        book.add_correspondent(actor=clerk, party=replace(PERSON, tax_code="BRTNCL80A01E202X"))
    assert refused.value.field == "party.tax_code"
    assert not Correspondent.objects.exists()


def test_the_same_correspondent_is_not_added_twice_unless_it_is_another(town: Town) -> None:
    clerk = town.clerk("protocol_clerk")
    book.add_correspondent(actor=clerk, party=FIRM)
    with pytest.raises(book.AlreadyKnown):
        book.add_correspondent(actor=clerk, party=replace(FIRM, name="TIRRENICA COSTRUZIONI"))
    namesake = book.add_correspondent(actor=clerk, party=PERSON)
    other = book.add_correspondent(actor=clerk, party=replace(PERSON, email=""), another=True)
    assert [
        (one.correspondent.id, one.why) for one in queries.alike(actor=clerk, correspondent_id=other.id)
    ] == [(namesake.id, "name")]


def test_what_was_known_before_a_change_stays(town: Town) -> None:
    clerk = town.clerk("protocol_clerk", person_id=uuid4())
    made = book.add_correspondent(actor=clerk, party=PERSON)
    moved = replace(PERSON, postal_address="Via Roma 1, 58024 Massa Marittima")
    changed = book.change_correspondent(
        actor=clerk, correspondent_id=made.id, party=moved, seen_version=1, reason="cambio di residenza"
    )
    assert changed.version == 2
    first, second = reversed(queries.correspondent_history(actor=clerk, correspondent_id=made.id))
    assert (first.party.postal_address, second.party.postal_address) == ("", moved.postal_address)
    assert (second.reason, second.by_name) == ("cambio di residenza", "Paola Neri")
    with pytest.raises(book.ChangedMeanwhile):
        book.change_correspondent(actor=clerk, correspondent_id=made.id, party=PERSON, seen_version=1)
    # saying the same again is no change
    same = book.change_correspondent(actor=clerk, correspondent_id=made.id, party=moved, seen_version=2)
    assert same.version == 2


def test_a_merge_keeps_both_pasts_and_the_groups(town: Town) -> None:
    clerk = town.clerk("protocol_clerk")
    kept = book.add_correspondent(actor=clerk, party=PERSON)
    twin = book.add_correspondent(actor=clerk, party=replace(PERSON, email=""), another=True)
    group = book.open_group(actor=clerk, area_id=town.area_id, name="Proprietari di boschi")
    book.change_members(actor=clerk, group_id=group, add=[twin.id])
    book.merge_correspondents(actor=clerk, keep_id=kept.id, absorbed_id=twin.id, reason="stessa persona")
    assert [one.id for one in queries.correspondents(actor=clerk, text="bartolini")] == [kept.id]
    gone = queries.correspondent(actor=clerk, correspondent_id=twin.id)
    assert gone.merged_into == kept.id
    assert gone.closed_at is not None
    assert len(queries.correspondent_history(actor=clerk, correspondent_id=kept.id)) == 2
    assert [one.id for one in queries.group_members(actor=clerk, group_id=group)] == [kept.id]
    with pytest.raises(NotVisible):
        book.merge_correspondents(actor=clerk, keep_id=kept.id, absorbed_id=twin.id, reason="ancora")
    with pytest.raises(Invalid):
        book.merge_correspondents(actor=clerk, keep_id=kept.id, absorbed_id=kept.id, reason="x")


def test_a_group_gives_its_parties_and_remembers_who_was_in_it(town: Town) -> None:
    clerk = town.clerk("protocol_clerk")
    one = book.add_correspondent(actor=clerk, party=PERSON)
    two = book.add_correspondent(actor=clerk, party=FIRM)
    group = book.open_group(actor=clerk, area_id=town.area_id, name="  Imprese   del bosco ")
    book.change_members(actor=clerk, group_id=group, add=[one.id, two.id])
    book.change_members(actor=clerk, group_id=group, remove=[one.id])
    assert [(view.name, view.members) for view in queries.groups(actor=clerk, area_id=town.area_id)] == [
        ("Imprese del bosco", 1)
    ]
    assert queries.members_of(actor=clerk, group_ids=[group]) == [FIRM]
    with pytest.raises(Invalid):
        book.open_group(actor=clerk, area_id=town.area_id, name="Imprese del bosco")
    with pytest.raises(NotVisible):
        book.change_members(actor=clerk, group_id=group, add=[uuid4()])
    book.close_group(actor=clerk, group_id=group)
    with pytest.raises(NotVisible):
        queries.members_of(actor=clerk, group_ids=[group])


def test_who_has_no_role_finds_nothing_and_readers_change_nothing(town: Town, other_town: Town) -> None:
    made = book.add_correspondent(actor=town.clerk("protocol_clerk"), party=PERSON)
    stranger, reader = town.clerk(), town.clerk("reader")
    with pytest.raises(NotVisible):
        queries.correspondents(actor=stranger)
    assert [one.id for one in queries.correspondents(actor=reader)] == [made.id]
    with pytest.raises(NotVisible):
        book.close_correspondent(actor=reader, correspondent_id=made.id, reason="x")
    with scope(other_town.body_id):
        clerk = other_town.clerk("protocol_clerk")
        assert queries.correspondents(actor=clerk) == []
        with pytest.raises(NotVisible):
            queries.correspondent(actor=clerk, correspondent_id=made.id)


def test_a_page_of_the_book_costs_a_fixed_number_of_questions(
    town: Town, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    clerk = town.clerk("protocol_clerk")
    for number in range(30):
        book.add_correspondent(
            actor=clerk, party=PartyData(kind="legal_person", name=f"Azienda agricola {number:02}")
        )
    with django_assert_num_queries(2):  # the areas of the body, the correspondents
        page = queries.correspondents(actor=clerk, text="agricola", limit=20)
    following = queries.correspondents(actor=clerk, limit=20, after=(page[-1].name, page[-1].id))
    assert [one.name[-2:] for one in (*page, *following)] == [f"{number:02}" for number in range(30)]


def test_the_database_keeps_every_version(town: Town) -> None:
    made = book.add_correspondent(actor=town.clerk("protocol_clerk"), party=PERSON)
    with pytest.raises(DatabaseError), transaction.atomic():
        Correspondent.objects.get(id=made.id).versions.update(name="Altro")
    with pytest.raises(DatabaseError), transaction.atomic():
        Correspondent.objects.filter(id=made.id).delete()
