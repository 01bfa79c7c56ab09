"""Labels for paper and the receipt of who presented a document: PDF by typst, with a QR code by segno.

The label carries the segnatura of art. 55 of DPR 445/2000, in Italian whatever the language of the page; the
receipt is that of art. 18-bis of Law 241/1990, in Italian or English.
"""

from __future__ import annotations

import io
import json
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, Literal

import segno
import typst

from crinale.kernel import clock
from crinale.kernel.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from crinale.spine.protocol.views import LabelView, ReceiptView

ROLL: Final = (89, 36)  # millimetres
ON_SHEET: Final = 24
MOST_LABELS: Final = 240
_FLOW: Final = {"incoming": "In entrata", "outgoing": "In uscita", "internal": "Interno"}


def roll_pdf(labels: Sequence[LabelView], *, width: int = ROLL[0], height: int = ROLL[1]) -> bytes:
    """Return labels for a roll, one a page; sizes in millimetres.

    :raises Invalid: when there are too many labels, or the size is none that they fit on.
    """
    if not 50 <= width <= 210 or not 25 <= height <= 100:
        raise Invalid("size", "choose labels of 50 to 210 by 25 to 100 millimetres")
    return _labels(labels, {"sheet": False, "width": width, "height": height, "position": 1})


def sheet_pdf(labels: Sequence[LabelView], *, position: int = 1) -> bytes:
    """Return labels on A4 sheets of 3 by 8; ``position`` is the first free one, from 1, row by row.

    :raises Invalid: when there are too many labels, or no such position.
    """
    if not 1 <= position <= ON_SHEET:
        raise Invalid("position", f"choose a position from 1 to {ON_SHEET}")
    return _labels(labels, {"sheet": True, "width": 0, "height": 0, "position": position})


def receipt_pdf(receipt: ReceiptView, *, language: Literal["it", "en"] = "it") -> bytes:
    """Return the receipt for whoever presented a document."""
    return _compile(
        "receipt.typ",
        {
            "language": language,
            "date": _date(receipt.registered_at),
            "body": receipt.body_name,
            "aoo": receipt.aoo_code,
            "aoo_name": receipt.aoo_name,
            "register": receipt.register_code,
            "number": receipt.number_text,
            "day": _day(receipt.registered_at),
            "time": _time(receipt.registered_at),
            "presented_day": _day(receipt.presented_at),
            "presented_time": _time(receipt.presented_at),
            "senders": receipt.senders,
            "subject": receipt.subject,
            "office": receipt.office_name,
            "term": f"{receipt.term:%d/%m/%Y}" if receipt.term else "",
            "documents": [
                {"name": one.file_name, "size": one.size, "sha256": one.sha256} for one in receipt.documents
            ],
            "annulled": receipt.annulled,
            "payload": receipt.payload,
            "qr": qr_svg(receipt.payload),
        },
    )


def qr_svg(payload: str) -> str:
    """Return the QR code of a text as SVG; it survives a quarter of it being soiled (level Q)."""
    drawn = io.BytesIO()
    segno.make(payload, error="q", micro=False).save(drawn, kind="svg", border=2, xmldecl=False)
    return drawn.getvalue().decode()


def _labels(labels: Sequence[LabelView], form: Mapping[str, Any]) -> bytes:
    if not labels or len(labels) > MOST_LABELS:
        raise Invalid("labels", f"print from 1 to {MOST_LABELS} labels together")
    data = {
        **form,
        "title": f"Etichette di protocollo, {labels[0].body_name}",
        "alt": "Codice QR con i dati della registrazione",
        "date": _date(labels[0].registered_at),
        "labels": [
            {
                "body": one.body_name,
                "aoo": one.aoo_code,
                "register": one.register_code,
                "number": one.number_text,
                "day": _day(one.registered_at),
                "time": _time(one.registered_at),
                "direction": _FLOW[one.direction],
                "classification": one.classification,
                "annulled": one.annulled,
                "qr": qr_svg(one.payload),
            }
            for one in labels
        ],
    }
    return _compile("label.typ", data)


def _compile(name: str, data: Mapping[str, Any]) -> bytes:
    template = (resources.files("crinale.spine.protocol") / "data" / name).read_bytes()
    return typst.compile(
        template,
        format="pdf",
        pdf_standards="a-2b",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        ignore_system_fonts=True,
    )


def _date(instant: datetime) -> list[int]:
    day = clock.legal_day(instant)
    return [day.year, day.month, day.day]


def _day(instant: datetime) -> str:
    return f"{clock.legal_day(instant):%d/%m/%Y}"


def _time(instant: datetime) -> str:
    return f"{instant.astimezone(clock.ROME):%H:%M:%S}"
