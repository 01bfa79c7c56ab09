"""The emergency register between paper and system, on its pages."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from crinale.kernel import clock
from crinale.services.protocol_office.tests.desks import file, text_of
from crinale.spine.protocol import actions as protocol
from crinale.spine.protocol.tests.town import SYSTEM
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from crinale.services.protocol_office.tests.desks import Desks
    from crinale.spine.protocol.queries import EmergencyView

HEAD = "numero;data;ora;flusso;nome;cognome;oggetto;classificazione"


@pytest.fixture
def closed(desks: Desks) -> EmergencyView:
    """An emergency of an hour with two documents registered by hand."""
    now = clock.now()
    with scope(desks.massa.body_id):
        opened = protocol.open_emergency(
            actor=SYSTEM,
            area_id=desks.massa.area_id,
            cause="Guasto della rete",
            authorisation="Nota 3 del responsabile",
            started_at=now - timedelta(hours=2),
        )
        begin, end = clock.legal_day(opened.started_at), clock.legal_day(now)
        return protocol.close_emergency(
            actor=SYSTEM,
            emergency_id=opened.id,
            restored_at=now - timedelta(seconds=1),
            totals={begin: 2} if begin == end else {begin: 2, end: 0},
        )


def _row(closed: EmergencyView, number: int, subject: str = "Richiesta di accesso") -> str:
    at = (closed.started_at + timedelta(minutes=2)).astimezone(clock.ROME)
    return f"{number};{at:%d/%m/%Y};{at:%H:%M};E;Giulia;Fabbri;{subject};6.10"


def _page(closed: EmergencyView, tail: str = "") -> str:
    return f"/protocollo/emergenza/{closed.id}{tail}"


def test_lines_are_tried_then_entered_and_linked_with_their_registrations(
    desks: Desks, closed: EmergencyView
) -> None:
    head = desks.at(desks.massa)
    table = "\n".join([HEAD, _row(closed, 1), _row(closed, 2)])
    tried = head.post(_page(closed, "/righe"), {"lines": table, "do": "try"})
    assert tried.status_code == 200
    assert "Giulia;Fabbri" in text_of(tried)
    assert "next-wait" in text_of(head.get(_page(closed)))
    entered = head.post(_page(closed, "/righe"), {"lines": table, "do": "enter"})
    assert entered.url == _page(closed)
    text = text_of(head.get(_page(closed)))
    assert "next-good" in text
    assert f"0000001/{clock.today().year}" in text


def test_a_file_with_a_fault_enters_nothing_and_stays_to_be_corrected(
    desks: Desks, closed: EmergencyView
) -> None:
    head = desks.at(desks.massa)
    table = "\n".join([HEAD, _row(closed, 1), _row(closed, 2, subject="")])
    upload = file("righe.csv", table.encode("windows-1252"))
    answer = head.post(_page(closed, "/righe"), {"lines": "", "file": upload, "do": "enter"})
    text = text_of(answer)
    assert answer.status_code == 422
    assert '<th scope="row">3</th><td>oggetto</td>' in text
    assert "Richiesta di accesso" in text
    assert "0000001/" not in text_of(head.get(_page(closed)))


@pytest.mark.parametrize("lines", ["", "una;tabella\nqualunque;1"])
def test_what_is_no_table_is_an_error_of_the_field(desks: Desks, closed: EmergencyView, lines: str) -> None:
    answer = desks.at(desks.massa).post(_page(closed, "/righe"), {"lines": lines, "do": "try"})
    assert answer.status_code == 422
    assert 'href="#id_lines"' in text_of(answer)


def test_the_forms_are_printed_from_the_next_free_number(desks: Desks, closed: EmergencyView) -> None:
    import typst

    head = desks.at(desks.massa)
    head.post(_page(closed, "/righe"), {"lines": f"{HEAD}\n{_row(closed, 41)}", "do": "enter"})
    seen: list[dict[str, Any]] = []
    genuine = typst.compile

    def compiled(template: bytes, **options: Any) -> Any:
        seen.append(options["sys_inputs"])
        return genuine(template, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typst, "compile", compiled)
        answer = head.get("/protocollo/emergenza/modulo.pdf", {"righe": "30"})
    assert answer.content.startswith(b"%PDF-")
    assert '"numbers": ["0000042"' in seen[0]["data"]
    assert '"0000071"]' in seen[0]["data"]
    assert head.get("/protocollo/emergenza/autorizzazione.pdf").content.startswith(b"%PDF-")


def test_only_who_keeps_the_emergency_register_finds_its_pages(desks: Desks, closed: EmergencyView) -> None:
    clerk, stranger = desks.at(desks.massa, role="protocol_clerk"), desks.at(desks.sassetta)
    for address in (_page(closed), _page(closed, "/righe")):
        assert clerk.get(address).status_code == 404
        assert stranger.get(address).status_code == 404
    for paper in ("modulo", "autorizzazione"):
        assert clerk.get(f"/protocollo/emergenza/{paper}.pdf").status_code == 404
