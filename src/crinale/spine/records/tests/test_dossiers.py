"""Dossiers: their kinds and parts, who sees them, how they close, what they hold."""

from __future__ import annotations

import io
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from crinale.kernel import clock
from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.spine.identity import Actor
from crinale.spine.identity.actor import GrantRef
from crinale.spine.records import actions, queries
from crinale.spine.records.queries import DossierData, DossierSubject, Procedure
from crinale.spine.records.rules.dossiers import DossierCode, read_code
from crinale.spine.tenancy import actions as tenancy

if TYPE_CHECKING:
    from uuid import UUID

SYSTEM = Actor.system("tests")
ROSSI = DossierSubject("holder", "natural_person", "Rossi Anna", "RSSNNA80A41F032F")
PERMIT = Procedure(name="Permesso di costruire", catalogue="https://comune.example/procedimenti")


@pytest.fixture
def plan(body_id: UUID) -> None:
    actions.import_filing_plan(actor=SYSTEM, name="Titolario", text=actions.municipal_plan())


@pytest.fixture
def office_id(area_id: UUID) -> UUID:
    return tenancy.create_office(area_id=area_id, code="UT", name="Ufficio tecnico").id


def clerk(
    body_id: UUID, *offices: UUID, role: str = "protocol_clerk", instead_of: UUID | None = None
) -> Actor:
    return Actor(
        name="Bianchi Carlo",
        kind="staff",
        person_id=uuid4(),
        grants=(GrantRef(body_id=body_id, role=role, valid_from=clock.now() - timedelta(days=1)),),
        offices=frozenset(offices),
        stands_in_for=frozenset() if instead_of is None else frozenset({instead_of}),
    )


def opened(area_id: UUID, title: str = "Strada di Niccioleta", **known: object) -> queries.DossierRef:
    return actions.open_dossier(
        actor=SYSTEM,
        area_id=area_id,
        title=title,
        classification_code="6.3",
        **known,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("code", "read"),
    [
        ("2026-6.3.12", DossierCode(2026, "6.3", 12)),
        ("2026-6.3.12/2/1", DossierCode(2026, "6.3", 12, (2, 1))),
        ("2026/6.3/12", DossierCode(2026, "6.3", 12)),
        ("sessanta", None),
    ],
)
def test_a_code_is_taken_apart(code: str, read: DossierCode | None) -> None:
    assert read_code(code) == read


def test_headings_of_different_depth_have_numbers_of_their_own(plan: None, area_id: UUID) -> None:
    def code(heading: str) -> str:
        return actions.open_dossier(
            actor=SYSTEM, area_id=area_id, title="Uno", classification_code=heading
        ).code

    year = clock.today().year
    assert [code("6.3"), code("6"), code("6.3"), code("6")] == [
        f"{year}-6.3.1", f"{year}-6.1", f"{year}-6.3.2", f"{year}-6.2"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "data", "field"),
    [
        ("other", DossierData(), "kind"),
        ("natural_person", DossierData(), "holder"),
        ("legal_person", DossierData(subjects=(ROSSI,)), "holder"),
        (
            "natural_person",
            DossierData(subjects=(DossierSubject("holder", "natural_person", "Rossi", "RSS"),)),
            "holder_code",
        ),
        ("procedure", DossierData(), "procedure"),
        ("procedure", DossierData(procedure=Procedure(name="Permesso", catalogue="casa")), "catalogue"),
        ("procedure", DossierData(procedure=Procedure(name="Permesso", phase="poi")), "phase"),
        (
            "procedure",
            DossierData(
                procedure=Procedure(name="Permesso", started_on=date(2026, 5, 2), ended_on=date(2026, 5, 1))
            ),
            "ended_on",
        ),
        ("matter", DossierData(procedure=PERMIT), "procedure"),
        ("matter", DossierData(retention_years=0), "retention"),
        ("matter", DossierData(keywords=("a",) * 21), "keywords"),
        ("matter", DossierData(note="\x00"), "note"),
    ],
)
def test_each_kind_has_its_data(plan: None, area_id: UUID, kind: str, data: DossierData, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        opened(area_id, kind=kind, data=data)
    assert refused.value.field == field


def test_what_is_known_is_kept_and_its_changes_stay_readable(
    plan: None, area_id: UUID, office_id: UUID
) -> None:
    data = DossierData(keywords=("strada",), retention_years=10, procedure=PERMIT, position="Piano 1")
    one = opened(area_id, kind="procedure", data=data, office_id=office_id)
    found = queries.dossier(actor=SYSTEM, dossier_id=one.id)
    assert (found.data, found.office_name, found.kind) == (data, "Ufficio tecnico", "procedure")
    later = DossierData(keywords=("strada",), retention_years=queries.PERMANENT, procedure=PERMIT)
    actions.change_dossier(actor=SYSTEM, dossier_id=one.id, data=later)
    actions.change_dossier(actor=SYSTEM, dossier_id=one.id, data=later)  # nothing new: no step
    steps = queries.dossier_steps(actor=SYSTEM, dossier_id=one.id)
    assert [step.kind for step in steps] == ["opened", "changed"]
    assert steps[1].before == {"retention_years": 10, "position": "Piano 1", "office": "Ufficio tecnico"}
    assert steps[1].after == {"retention_years": queries.PERMANENT, "position": "", "office": ""}
    actions.change_dossier(actor=SYSTEM, dossier_id=one.id, data=data)
    again = queries.dossier_steps(actor=SYSTEM, dossier_id=one.id)
    assert again[1] == steps[1]  # what it became then, not what it is now
    assert again[2].after == {"retention_years": 10, "position": "Piano 1"}
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("update records_dossierstep set reason = 'altro'")


def test_parts_stand_in_a_tree_of_at_most_five_levels(plan: None, area_id: UUID) -> None:
    top = opened(area_id)
    second = actions.open_part(actor=SYSTEM, parent_id=top.id, title="Varianti")
    insert = actions.open_part(actor=SYSTEM, parent_id=second.id, title="Disegni", form="insert")
    first = above = actions.open_part(actor=SYSTEM, parent_id=top.id, title="Espropri")
    assert [one.code for one in (second, insert, first)] == [
        f"{top.code}/1", f"{top.code}/1/1", f"{top.code}/2"
    ]  # fmt: skip
    for _level in range(4):
        above = actions.open_part(actor=SYSTEM, parent_id=above.id, title="Dentro")
    with pytest.raises(Invalid):
        actions.open_part(actor=SYSTEM, parent_id=above.id, title="Troppo")
    with pytest.raises(Invalid):
        actions.open_part(actor=SYSTEM, parent_id=insert.id, title="In un inserto")
    with CaptureQueriesContext(connection) as asked:
        tree = queries.dossier_tree(actor=SYSTEM, dossier_id=insert.id)
    assert len(asked) <= 4
    assert [(one.dossier.code.removeprefix(top.code), one.depth) for one in tree] == [
        ("", 0), ("/1", 1), ("/1/1", 2), ("/2", 1), ("/2/1", 2), ("/2/1/1", 3), ("/2/1/1/1", 4),
        ("/2/1/1/1/1", 5),
    ]  # fmt: skip
    assert [one.code for one in queries.dossier_line(actor=SYSTEM, dossier_id=insert.id)] == [
        top.code, second.code
    ]  # fmt: skip


def test_a_dossier_closes_after_its_parts_and_opens_again_with_a_reason(plan: None, area_id: UUID) -> None:
    top = opened(area_id)
    part = actions.open_part(actor=SYSTEM, parent_id=top.id, title="Varianti")
    with pytest.raises(Invalid, match=part.code):
        actions.close_dossier(actor=SYSTEM, dossier_id=top.id)
    for one in (part, top):
        actions.close_dossier(actor=SYSTEM, dossier_id=one.id)
    with pytest.raises(Conflict):
        actions.open_part(actor=SYSTEM, parent_id=top.id, title="Tardi")
    with pytest.raises(Conflict):
        actions.change_dossier(actor=SYSTEM, dossier_id=top.id, data=DossierData(note="Tardi"))
    for refused, reason in ((part, "Ricorso"), (top, " ")):
        with pytest.raises(Invalid):
            actions.reopen_dossier(actor=SYSTEM, dossier_id=refused.id, reason=reason)
    actions.reopen_dossier(actor=SYSTEM, dossier_id=top.id, reason="Ricorso al TAR")
    with pytest.raises(Conflict):
        actions.reopen_dossier(actor=SYSTEM, dossier_id=top.id, reason="Ancora")
    assert queries.dossier(actor=SYSTEM, dossier_id=top.id).closed_at is None
    last = queries.dossier_steps(actor=SYSTEM, dossier_id=top.id)[-1]
    assert (last.kind, last.reason) == ("reopened", "Ricorso al TAR")
    assert "closed_at" in last.before


def test_a_restricted_dossier_leaves_no_trace(
    plan: None, body_id: UUID, area_id: UUID, office_id: UUID
) -> None:
    stranger, colleague, manager = (
        clerk(body_id),
        clerk(body_id, office_id),
        clerk(body_id, role="records_manager"),
    )
    named = clerk(body_id)
    substitute = clerk(body_id, instead_of=named.person_id)
    assert named.person_id is not None
    everyone = opened(area_id, "Aperto")
    of_office = opened(area_id, "Dell'ufficio", office_id=office_id, visibility="office")
    of_people = opened(area_id, "Di pochi", visibility="people", readers={named.person_id: named.name})
    inside = actions.open_part(actor=SYSTEM, parent_id=of_people.id, title="Certificati")
    all_of_them = [everyone, of_office, of_people, inside]
    for actor, seen in (
        (stranger, [everyone]),
        (colleague, [everyone, of_office]),
        (named, [everyone, of_people, inside]),
        (substitute, [everyone, of_people, inside]),
        (manager, all_of_them),
    ):
        listed = queries.dossiers(actor=actor, area_id=area_id)
        assert {one.id for one in listed} == {one.id for one in seen}
        counted = sum(queries.dossier_counts(actor=actor, area_id=area_id).values())
        assert counted == len([one for one in seen if one.form == "dossier"])
        assert queries.visible_among(actor, area_id, [one.id for one in all_of_them]) == {
            one.id for one in seen
        }
        for hidden in (one for one in all_of_them if one not in seen):
            for question in (queries.dossier, queries.dossier_tree, queries.dossier_steps):
                with pytest.raises(NotVisible):
                    question(actor=actor, dossier_id=hidden.id)
            with pytest.raises(NotVisible):
                actions.close_dossier(actor=actor, dossier_id=hidden.id)
    with pytest.raises(NotVisible):
        queries.dossiers(actor=clerk(uuid4()), area_id=area_id)


def test_a_part_may_be_narrower_than_what_is_above_it(plan: None, body_id: UUID, area_id: UUID) -> None:
    top, stranger, named = opened(area_id), clerk(body_id), clerk(body_id)
    part = actions.open_part(actor=SYSTEM, parent_id=top.id, title="Certificati")
    assert named.person_id is not None
    actions.show_dossier(
        actor=SYSTEM,
        dossier_id=part.id,
        visibility="people",
        reason="Dati sanitari",
        readers={named.person_id: named.name},
    )
    assert [one.dossier.id for one in queries.dossier_tree(actor=stranger, dossier_id=top.id)] == [top.id]
    with pytest.raises(Invalid) as refused:  # there is something, and it is not said what
        actions.close_dossier(actor=stranger, dossier_id=top.id)
    assert part.code not in refused.value.remedy
    assert queries.dossier_readers(actor=named, dossier_id=part.id) == [(named.person_id, named.name)]
    actions.show_dossier(actor=named, dossier_id=part.id, visibility="open", reason="Non serve più")
    assert queries.dossier(actor=stranger, dossier_id=part.id).visibility == "open"
    last = queries.dossier_steps(actor=stranger, dossier_id=part.id)[-1]
    assert last.before == {"visibility": "people", "readers": [named.name]}


@pytest.mark.parametrize(
    ("visibility", "field"), [("office", "office"), ("people", "readers"), ("nobody", "visibility")]
)
def test_somebody_sees_every_dossier(plan: None, area_id: UUID, visibility: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        opened(area_id, visibility=visibility)
    assert refused.value.field == field
    with pytest.raises(Invalid):
        actions.show_dossier(
            actor=SYSTEM, dossier_id=opened(area_id).id, visibility=visibility, reason="Perché sì"
        )


def test_unregistered_documents_move_between_dossiers_and_leave_a_trace(
    plan: None, body_id: UUID, area_id: UUID
) -> None:
    first, second = opened(area_id), opened(area_id, "Altra")
    stored = actions.store_document(actor=SYSTEM, file_name="nota.txt", stream=io.BytesIO(b"Sopralluogo"))
    for _time in range(2):
        actions.put_document(actor=SYSTEM, document_id=stored.id, dossier_id=first.id)
    assert [one.document.id for one in queries.placed_documents(actor=SYSTEM, dossier_id=first.id)] == [
        stored.id
    ]
    move = partial(actions.move_document, actor=SYSTEM, document_id=stored.id)
    move(source_id=first.id, target_id=second.id)
    with pytest.raises(NotVisible):
        move(source_id=first.id, target_id=second.id)
    move(source_id=second.id, target_id=first.id)
    (gone,) = queries.placed_documents(actor=SYSTEM, dossier_id=second.id, history=True)
    assert (gone.document.id, gone.moved_to, gone.removed_by_name) == (stored.id, first.code, SYSTEM.name)
    assert len(queries.placed_documents(actor=SYSTEM, dossier_id=first.id)) == 1
    actions.show_dossier(
        actor=SYSTEM, dossier_id=first.id, visibility="people", reason="Riservato", readers={uuid4(): "Verdi"}
    )
    (gone,) = queries.placed_documents(actor=clerk(body_id), dossier_id=second.id, history=True)
    assert gone.moved_to == ""
    actions.close_dossier(actor=SYSTEM, dossier_id=second.id)
    with pytest.raises(Conflict):
        move(source_id=first.id, target_id=second.id)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("update records_dossierdocument set removed_at = null where removed_at is not null")


def test_pages_of_the_list_miss_and_repeat_none_of_those_opened_at_one_instant(
    plan: None, area_id: UUID
) -> None:
    with clock.frozen(clock.now()):
        same = [opened(area_id, f"Concessione {number}") for number in range(5)]
    later = opened(area_id, "Un'altra")
    before, pages = None, []
    while page := queries.dossiers(actor=SYSTEM, area_id=area_id, before=before, limit=2):
        pages.append([one.id for one in page])
        before = (page[-1].opened_at, page[-1].id)
    listed = [identifier for page in pages for identifier in page]
    assert listed == [later.id, *sorted((one.id for one in same), reverse=True)]
    with CaptureQueriesContext(connection) as asked:
        queries.dossiers(actor=SYSTEM, area_id=area_id, before=before, limit=2)
    assert len(asked) == 1
