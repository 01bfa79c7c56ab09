"""Copies of the register and its figures, on their pages."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from crinale.kernel import clock
from crinale.services.protocol_office.tests.desks import text_of
from crinale.spine import jobs
from crinale.spine.audit import queries as audit
from crinale.spine.protocol.actions import copies
from crinale.spine.protocol.tests.town import SYSTEM
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    import pytest

    from crinale.services.protocol_office.tests.desks import Desks

SECRET = "Provvedimento disciplinare da non leggere in giro"
COPY, FIGURES = "/protocollo/registro/copia", "/protocollo/statistiche"


def _receive(desks: Desks, *, confidential: bool = False) -> None:
    with scope(desks.massa.body_id):
        desks.massa.receive(
            subject=SECRET if confidential else "Lavori sulla strada",
            confidential=confidential,
            channel="post" if confidential else "hand",
            arrived_at=clock.now() - timedelta(minutes=90),
        )


def _page(answer: Any) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", text_of(answer))


def test_a_small_copy_is_sent_at_once_and_noted(desks: Desks) -> None:
    _receive(desks)
    reader = desks.at(desks.massa, role="reader")
    assert "registro/copia" in text_of(reader.get("/protocollo/registro"))
    for kind, begin in (("csv", b"\xef\xbb\xbfNumero;"), ("ods", b"PK"), ("pdf", b"%PDF-")):
        answer = reader.post(COPY, {"kind": kind})
        assert answer.getvalue().startswith(begin)
        assert f".{kind}" in answer.headers["Content-Disposition"]
    with scope(desks.massa.body_id):
        noted = audit.accesses(actor=SYSTEM, object_id=desks.massa.area_id)
    assert [one.what for one in noted] == ["register_copy"] * 3


def test_a_large_copy_tells_how_far_it_is_and_then_where_it_is(
    desks: Desks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "AT_ONCE", 0)
    _receive(desks)
    reader, other = desks.at(desks.massa, role="reader"), desks.at(desks.massa)
    page = reader.post(COPY, {"kind": "csv"}).url
    waiting = text_of(reader.get(page))
    assert '<progress id="copy-progress" max="1" value="0">' in waiting
    assert reader.get(f"{page}/file").status_code == 404
    jobs.drain()
    assert f"{page}/file" in text_of(reader.get(page))
    assert b"Lavori sulla strada" in reader.get(f"{page}/file").getvalue()
    assert page in text_of(reader.get(COPY))
    assert other.get(page).status_code == 404
    assert other.get(f"{page}/file").status_code == 404
    assert desks.at(desks.sassetta).get(page).status_code == 404


def test_the_wrong_days_are_said_at_their_field_and_what_was_chosen_stays(desks: Desks) -> None:
    answer = desks.at(desks.massa).post(COPY, {"kind": "ods", "since": "2026-11-24", "until": "2026-11-01"})
    text = text_of(answer)
    assert answer.status_code == 422
    assert 'href="#id_until"' in text
    assert 'value="2026-11-24"' in text


def test_the_figures_are_a_picture_and_a_table_and_a_file(desks: Desks) -> None:
    _receive(desks)
    reader = desks.at(desks.massa, role="reader")
    text = text_of(reader.get(FIGURES))
    assert text.count('<svg class="bars"') == 2
    assert re.search(r'aria-labelledby="(hour-alternative)"><title id="\1">[^<]+</title>', text)
    assert "1 h 30 min" in text
    file = reader.get(FIGURES, {"as": "csv"}).content.decode("utf-8-sig")
    assert "canale;hand;1;0;1;5400;5400" in file
    today = clock.today()
    empty = {
        "since": (today - timedelta(days=9)).isoformat(),
        "until": (today - timedelta(days=8)).isoformat(),
    }
    assert '<svg class="bars"' not in text_of(reader.get(FIGURES, empty))
    assert reader.get(FIGURES, {"since": "ieri"}).status_code == 422
    assert reader.get(FIGURES, {"since": "2020-01-01"}).status_code == 422


def test_the_figures_of_a_stranger_have_no_trace_of_confidential_registrations(desks: Desks) -> None:
    with clock.frozen(clock.now()):
        _receive(desks)
        reader, head = desks.at(desks.massa, role="reader"), desks.at(desks.massa)
        pages = [(browser, query) for browser in (reader, head) for query in ({}, {"as": "csv"})]
        before = [_page(browser.get(FIGURES, query)) for browser, query in pages]
        _receive(desks, confidential=True)
        after = [_page(browser.get(FIGURES, query)) for browser, query in pages]
    assert after[:2] == before[:2]
    assert after[2] != before[2]
    assert after[3] != before[3]
