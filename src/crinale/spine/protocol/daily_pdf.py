"""The daily register on paper: PDF/A-2b by typst, in Italian, with the digest of the JSON file."""

from __future__ import annotations

import json
from importlib import resources
from typing import TYPE_CHECKING, Any

import typst

from crinale.kernel import clock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from crinale.spine.protocol.views import PartyView, RegistrationView

_FLOW = {"incoming": "E", "outgoing": "U", "internal": "I"}


def daily_pdf(
    *,
    header: Mapping[str, str],
    day: date,
    sha256: str,
    lines: Sequence[RegistrationView],
    annulled: Sequence[RegistrationView],
) -> bytes:
    """Return the printable register of a day. Nothing is read from the network; the fonts are typst's own."""
    template = (resources.files("crinale.spine.protocol") / "data" / "daily_register.typ").read_bytes()
    data = {
        **header,
        "day": f"{day:%d/%m/%Y}",
        "date": [day.year, day.month, day.day],
        "sha256": sha256,
        "registrations": [_line(one) for one in lines],
        "annulments": [_annulment(one) for one in annulled],
    }
    return typst.compile(
        template,
        format="pdf",
        pdf_standards="a-2b",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        ignore_system_fonts=True,
    )


def _line(one: RegistrationView) -> dict[str, Any]:
    local = one.registered_at.astimezone(clock.ROME)
    others = one.senders if one.direction == "incoming" else one.recipients
    return {
        "number": one.number_text,
        "time": f"{local:%H:%M:%S}",
        "flow": _FLOW[one.direction],
        "subject": "(riservato)" if one.confidential else one.subject,
        "correspondents": "(riservato)" if one.confidential else _names(others),
        "classification": one.first_classification.code,
        "documents": len(one.documents),
        "digest": one.digest[:16],
    }


def _annulment(one: RegistrationView) -> dict[str, str]:
    annulled = one.annulment
    if annulled is None:
        return {"number": one.number_text, "year": str(one.year), "time": "", "act": "", "operator": ""}
    return {
        "number": one.number_text,
        "year": str(one.year),
        "time": f"{annulled.at.astimezone(clock.ROME):%H:%M:%S}",
        "act": annulled.act,
        "operator": annulled.by_name,
    }


def _names(parties: Sequence[PartyView]) -> str:
    return "; ".join(one.name for one in parties)
