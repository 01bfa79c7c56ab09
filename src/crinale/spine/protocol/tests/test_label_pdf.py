"""Labels and receipts as they are printed."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import segno

from crinale.kernel.errors import Invalid
from crinale.spine.protocol.label_pdf import ON_SHEET, qr_svg, receipt_pdf, roll_pdf, sheet_pdf
from crinale.spine.protocol.views import EnclosureView, LabelView, ReceiptView

PAYLOAD = "c_f032|AAAA001|PG|0000123|2026-11-23|0123456789abcdef"
AT = datetime(2026, 11, 23, 9, 5, 7, tzinfo=UTC)
LABEL = LabelView(
    body_name="Comune di Massa Marittima",
    aoo_code="AAAA001",
    register_code="PG",
    number_text="0000123",
    registered_at=AT,
    direction="incoming",
    classification="6.10",
    annulled=False,
    payload=PAYLOAD,
)
RECEIPT = ReceiptView(
    body_name="Comune di Massa Marittima",
    aoo_code="AAAA001",
    aoo_name="Protocollo generale",
    register_code="PG",
    number_text="0000123",
    registered_at=AT,
    presented_at=datetime(2026, 11, 20, 8, 0, tzinfo=UTC),
    senders=("Giulia Fabbrì",),
    subject='Richiesta #set text(red) di *parere* "urgente"',
    office_name="Ufficio tecnico",
    term=date(2026, 12, 20),
    documents=(EnclosureView(0, None, "", "parere.txt", "ab" * 32, 1234, "text/plain"),),  # type: ignore[arg-type]
    annulled=False,
    payload=PAYLOAD,
)


def _text(pdf: bytes, how: str = "-layout") -> str:
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    said = subprocess.run([program, how, "-", "-"], input=pdf, capture_output=True, check=True)
    return said.stdout.decode()


def test_a_label_on_a_roll_says_the_segnatura() -> None:
    pages = _text(roll_pdf([LABEL, replace(LABEL, number_text="0000124", annulled=True)])).split("\f")
    for part in (
        "Comune di Massa Marittima",
        "AAAA001",
        "0000123",
        "23/11/2026",
        "10:05:07",
        "In entrata",
        "6.10",
    ):
        assert part in pages[0]
    assert "ANNULLATO" not in pages[0]
    assert "0000124" in pages[1]
    assert "ANNULLATO" in pages[1]
    assert len(pages) == 3  # the text ends with a form feed


def test_a_sheet_begins_at_the_first_free_position() -> None:
    labels = [replace(LABEL, number_text=f"{number:07}") for number in range(1, 4)]
    [only, _end] = _text(sheet_pdf(labels, position=ON_SHEET - 2)).split("\f")
    assert re.findall(r"Prot\. n\. (\d+)", only) == ["0000001", "0000002", "0000003"]
    placed = _text(sheet_pdf(labels, position=ON_SHEET - 2), "-bbox")
    [from_top] = re.findall(r'yMin="([0-9.]+)"[^>]*>0000001<', placed)
    assert 7 * 296 / 8 < float(from_top) * 25.4 / 72 < 296  # millimetres: in the last of eight rows
    first, second, _end = _text(sheet_pdf(labels, position=ON_SHEET)).split("\f")
    assert re.findall(r"Prot\. n\. (\d+)", first) == ["0000001"]
    assert re.findall(r"Prot\. n\. (\d+)", second) == ["0000002", "0000003"]


def test_what_does_not_fit_on_paper_is_refused() -> None:
    for position in (0, ON_SHEET + 1):
        with pytest.raises(Invalid, match="position"):
            sheet_pdf([LABEL], position=position)
    with pytest.raises(Invalid, match="size"):
        roll_pdf([LABEL], width=10)
    for labels in ([], [LABEL] * 241):
        with pytest.raises(Invalid, match="labels"):
            roll_pdf(labels)


def test_the_longest_name_of_a_body_stays_on_its_label() -> None:
    name = "Unione di Comuni montana Colline Metallifere, Comuni di Massa Marittima, Monterotondo e Montieri"
    assert len(_text(roll_pdf([replace(LABEL, body_name=name)])).split("\f")) == 2
    assert "6.10" in _text(sheet_pdf([replace(LABEL, body_name=name, annulled=True)]))


def test_a_receipt_says_who_what_when_and_by_when() -> None:
    said = _text(receipt_pdf(RECEIPT))
    for part in (
        "Ricevuta di presentazione",
        "0000123 del 23/11/2026, ore 10:05:07",
        "20/11/2026, ore 09:00:00",
        "Giulia Fabbrì",
        'Richiesta #set text(red) di *parere* "urgente"',
        "Ufficio tecnico",
        "20/12/2026",
        "ab" * 32,
        "241",
        PAYLOAD,
    ):
        assert part in said
    english = _text(receipt_pdf(replace(RECEIPT, office_name="", term=None, annulled=True), language="en"))
    for part in ("Receipt", "Presented by", "being assigned", "Annulled registration"):
        assert part in english
    assert "Answer due by" not in english


def test_the_qr_code_is_the_payload() -> None:
    drawn = segno.make(PAYLOAD, error="q", micro=False)
    assert drawn.svg_inline(border=2).split("<path")[1] in qr_svg(PAYLOAD)
    assert qr_svg(PAYLOAD) != qr_svg(PAYLOAD.replace("0000123", "0000124"))
