from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from crinale.kernel.ids import new_id
from crinale.spine.search import actions, queries
from crinale.spine.search.entries import Entry
from crinale.spine.search.rules import read_text
from crinale.spine.tenancy import ScopeMissing, no_scope, scope
from crinale.spine.tenancy import actions as tenancy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

BEGIN = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
def area_id(db: None) -> Iterator[UUID]:
    body = tenancy.create_body(ipa_code="c_f032", name="Comune di Massa Marittima")
    area = tenancy.create_area(body_id=body.id, code="AAAA001", name="Protocollo")
    with scope(body.id):
        yield area.id


def _index(area_id: UUID, number: int, title: str, names: str = "", **options: object) -> UUID:
    identifier = new_id()
    entry = {
        "area_id": area_id,
        "kind": "registration",
        "object_id": identifier,
        "title": title,
        "names": names,
        "year": 2026,
        "number": number,
        "occurred_at": BEGIN + timedelta(minutes=number),
    }
    actions.index(Entry(**{**entry, **options}))  # type: ignore[arg-type]
    return identifier


def _numbers(area_id: UUID, text: str, **options: object) -> list[int | None]:
    return [hit.number for hit in queries.find(area_ids=[area_id], text=text, **options)]  # type: ignore[arg-type]


def _newer(area_id: UUID, many: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into search_entry"
            " (id, body_id, area_id, kind, year, number, title, names, restricted, occurred_at)"
            " select gen_random_uuid(), crinale_body(), %s, 'registration', 2026, n,"
            " 'Avviso' || case when n in (7, 2900) then ' raro' else '' end, '', false,"
            " '2026-01-02'::timestamptz + n * interval '1 minute' from generate_series(1, %s) as n",
            [area_id, many],
        )


@pytest.fixture
def filled(area_id: UUID) -> UUID:
    _index(area_id, 123, "Richieste di concessioni edilizie per l'area artigianale", "Giulia Fabbrì")
    _index(area_id, 124, "Ordinanza sulla viabilità comunale", "Impresa Edile Rossi S.r.l.")
    _index(area_id, 7, "Verbale della giunta, città di Follonica", "Niccolò D'Ambrosio")
    _index(
        area_id, 123, "Altro anno", "Comune di Sassetta", year=2025, occurred_at=BEGIN - timedelta(days=300)
    )
    return area_id


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("123/2026", [123]),
        ("0000123/2026", [123]),
        ("2026/0000123", [123]),
        ("0000123", [123, 123]),
        ("concessione", [123]),
        ("concessione edilizia", [123]),
        ("concessione -edilizia", []),
        ("viabilita", [124]),
        ("CITTA'", [7]),
        ("fabbri", [123]),
        ("Fabbrì giulia", [123]),
        ("ross", [124]),
        ("osambro", []),
        ("mbros", [7]),
        ("concess", [123]),
        ("impresa edil", [124]),
        ('"area artigianale"', [123]),
        ("d'ambrosio", [7]),
        ("impresa giunta", []),
        ("100%", []),
        ("'; drop table search_entry; --", []),
    ],
)
def test_numbers_words_and_names_are_found(filled: UUID, text: str, numbers: list[int]) -> None:
    assert _numbers(filled, text) == numbers


def test_the_name_of_a_file_is_found(area_id: UUID) -> None:
    _index(area_id, 1, "Trasmissione di letter.pdf")
    assert _numbers(area_id, "letter.pdf") == [1]


def test_without_text_everything_is_there_the_newest_first(filled: UUID) -> None:
    assert _numbers(filled, "") == [124, 123, 7, 123]


def test_pages_follow_each_other_without_a_gap(area_id: UUID) -> None:
    made = {_index(area_id, number, "Avviso pubblico", occurred_at=BEGIN) for number in range(10)}
    seen: list[UUID] = []
    before = None
    while hits := queries.find(area_ids=[area_id], text="avviso", limit=3, before=before):
        seen += [hit.object_id for hit in hits]
        before = hits[-1].position
    assert (len(seen), set(seen)) == (10, made)


def test_common_and_rare_words_are_found_among_many(area_id: UUID) -> None:
    _newer(area_id, 3000)
    assert _numbers(area_id, "avviso", limit=3) == [3000, 2999, 2998]
    assert _numbers(area_id, "raro", limit=3) == [2900, 7]
    assert _numbers(area_id, "avviso raro", limit=1) == [2900]
    last = queries.find(area_ids=[area_id], text="raro", limit=1)[0].position
    assert _numbers(area_id, "raro", before=last) == [7]


def test_a_year_is_found_behind_any_number_of_newer_hits(area_id: UUID) -> None:
    last = datetime(2025, 12, 31, 22, 30, tzinfo=UTC)
    old = [
        _index(area_id, number, "Avviso raro", year=2025, occurred_at=last - timedelta(minutes=number))
        for number in range(3)
    ]
    _index(area_id, 9, "Nessuna parola", "Giulia Fabbri", year=2025, occurred_at=last - timedelta(days=90))
    _newer(area_id, 2500)
    assert _numbers(area_id, "avviso", year=2025) == [0, 1, 2]
    assert _numbers(area_id, "", year=2025) == [0, 1, 2, 9]
    assert _numbers(area_id, "avviso", year=2025, limit=2) == [0, 1]
    first = queries.find(area_ids=[area_id], text="avviso", year=2025, limit=2)
    rest = queries.find(area_ids=[area_id], text="avviso", year=2025, before=first[-1].position)
    assert [hit.object_id for hit in first + rest] == old
    assert _numbers(area_id, "1", year=2025) == [1]
    assert _numbers(area_id, "1/2026", year=2025) == []
    assert _numbers(area_id, "abbr", year=2025) == [9]
    assert _numbers(area_id, "avviso", year=2026, limit=2) == [2500, 2499]
    for nowhere in (0, 1999, 9999):
        assert _numbers(area_id, "avviso", year=nowhere) == []


def test_the_first_minute_of_a_year_in_rome_is_of_that_year(area_id: UUID) -> None:
    _index(area_id, 1, "Avviso", year=2026, occurred_at=datetime(2025, 12, 31, 23, 0, tzinfo=UTC))
    assert _numbers(area_id, "avviso", year=2026) == [1]
    assert _numbers(area_id, "avviso", year=2025) == []


def test_restricted_things_are_found_only_when_asked(area_id: UUID) -> None:
    _index(area_id, 1, "Segnalazione riservata", restricted=True)
    assert _numbers(area_id, "segnalazione") == []
    assert _numbers(area_id, "segnalazione", include_restricted=True) == [1]


def test_another_body_finds_nothing_even_by_the_area(filled: UUID) -> None:
    other = tenancy.create_body(ipa_code="c_i454", name="Comune di Sassetta")
    with scope(other.id):
        for text in ("", "123/2026", "concessione", "fabbri"):
            assert _numbers(filled, text) == []
            assert _numbers(filled, text, year=2026) == []
    with no_scope(), pytest.raises(ScopeMissing):
        _numbers(filled, "concessione")


def test_the_application_cannot_step_over_the_scope_by_a_condition_of_its_own(filled: UUID) -> None:
    other = tenancy.create_body(ipa_code="c_i454", name="Comune di Sassetta")
    with scope(other.id), connection.cursor() as cursor:
        for condition in ("true", "true) or (true", "exists (select from search_entry)"):
            cursor.execute(
                "select * from crinale_search_where(%s, true, %s, true, null, null, 10)",
                [condition, [filled]],
            )
            assert cursor.fetchall() == []


def test_indexing_again_replaces_the_words(area_id: UUID) -> None:
    identifier = _index(area_id, 1, "Bozza di convenzione")
    _index(area_id, 1, "Convenzione firmata", object_id=identifier)
    assert _numbers(area_id, "bozza") == []
    assert _numbers(area_id, "firmata") == [1]


def test_how_a_search_box_is_read() -> None:
    assert read_text("  ").nothing
    assert (read_text("12").number, read_text("12").words) == (12, "12")
    assert read_text("Caffè del Corso").parts == ("%caffe%", "%del%", "%corso%")
    assert (read_text("Caffè del Corso").words, read_text("Caffè del Corso").beginning) == (
        "Caffè del",
        "Corso",
    )
    assert read_text("sei bis").beginning is None
    assert read_text('"piano regolatore" -variante').parts == ()
    assert read_text("a\x00b").words == "ab"


def test_among_restricted_things_one_s_own_are_found(area_id: UUID) -> None:
    own = _index(area_id, 1, "Segnalazione riservata", "Anna Bruni", restricted=True)
    _index(area_id, 2, "Altra segnalazione riservata", "Anna Brunetti", restricted=True)
    assert _numbers(area_id, "segnalazione") == []
    assert _numbers(area_id, "segnalazione", own=[own]) == [1]
    assert _numbers(area_id, "1/2026", own=[own]) == [1]
    assert _numbers(area_id, "runi", own=[own]) == [1]  # inside a name
    assert _numbers(area_id, "runetti", own=[own]) == []
    assert _numbers(area_id, "segnalazione", include_restricted=True) == [2, 1]
