"""Certification data (daticert.xml) and the kinds of certified mail, by DM 2 November 2005 (RFC 6109)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Final

from crinale.connectors.pec.texts import without_controls
from crinale.spine.exchange.mail_values import CertificationData
from crinale.spine.records.signatures.parsing import parse_xml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    from lxml import etree

    from crinale.connectors.pec.headers import Headers
    from crinale.spine.exchange.mail_values import MailKind

RECEIPTS: Final[Mapping[str, MailKind]] = {
    "accettazione": "acceptance",
    "non-accettazione": "non_acceptance",
    "presa-in-carico": "taken_charge",
    "avvenuta-consegna": "delivery",
    "errore-consegna": "non_delivery",
    "preavviso-errore-consegna": "delivery_warning",
    "rilevazione-virus": "virus_detected",
}
ENVELOPES: Final[Mapping[str, MailKind]] = {
    "posta-certificata": "certified",
    "errore": "anomaly_envelope",
}
TYPES: Final[Mapping[str, MailKind]] = {**RECEIPTS, "posta-certificata": "certified"}
ERRORS: Final[Mapping[str, str]] = {
    "nessuno": "none",
    "no-dest": "no_recipient",
    "no-dominio": "no_domain",
    "virus": "virus",
    "altro": "other",
}
FORMS: Final[Mapping[str, Literal["", "complete", "short", "synthetic"]]] = {
    "completa": "complete",
    "breve": "short",
    "sintetica": "synthetic",
}
_DAY: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_HOUR: Final = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_ZONE: Final = re.compile(r"([+-])(\d{2}):?(\d{2})")
_MAX_TEXT: Final = 4000
_MAX_RECIPIENTS: Final = 1000


class NotCertification(ValueError):
    """The XML is not certification data."""


def claimed_kind(headers: Headers) -> MailKind | None:
    """Give the kind that the headers claim: None when none, ``unreadable`` for an unknown one."""
    receipt, transport = headers.token("x-ricevuta"), headers.token("x-trasporto")
    if receipt:
        return RECEIPTS.get(receipt, "unreadable")
    return ENVELOPES.get(transport, "unreadable") if transport else None


def read_certification(data: bytes, *, limit: int) -> CertificationData:
    """Read certification data.

    :raises XmlRefused: when the XML is not acceptable.
    :raises NotCertification: when it is something else.
    """
    root = parse_xml(data, max_bytes=limit)
    kind = TYPES.get(root.get("tipo", "").strip().lower())
    if root.tag != "postacert" or kind is None:
        raise NotCertification
    return CertificationData(
        kind=kind,
        error=ERRORS.get(root.get("errore", "nessuno").strip().lower(), "other"),
        error_text=_text(root, "dati/errore-esteso"),
        sender=_text(root, "intestazione/mittente"),
        recipients=tuple(
            (_clean(one.text), one.get("tipo", "certificato").strip().lower() == "certificato")
            for one in root.findall("intestazione/destinatari")[:_MAX_RECIPIENTS]
        ),
        subject=_text(root, "intestazione/oggetto"),
        provider=_text(root, "dati/gestore-emittente"),
        at=_instant(root.find("dati/data")),
        identifier=_text(root, "dati/identificativo").strip("<>"),
        original_message_id=_text(root, "dati/msgid").strip("<>"),
        receipt_form=_form(root, kind),
        delivered_to=_text(root, "dati/consegna"),
    )


def _form(root: etree._Element, kind: MailKind) -> Literal["", "complete", "short", "synthetic"]:
    found = root.find("dati/ricevuta")
    named = FORMS.get(found.get("tipo", "").strip().lower(), "") if found is not None else ""
    return named or ("complete" if kind == "delivery" else "")


def _text(root: etree._Element, path: str) -> str:
    return _clean(root.findtext(path))


def _clean(text: str | None) -> str:
    return " ".join(without_controls(text or "").split())[:_MAX_TEXT]


def _instant(found: etree._Element | None) -> datetime | None:
    if found is None:
        return None
    day = _DAY.fullmatch((found.findtext("giorno") or "").strip())
    hour = _HOUR.fullmatch((found.findtext("ora") or "").strip())
    zone = _ZONE.fullmatch(found.get("zona", "").strip())
    if not (day and hour and zone):
        return None
    try:
        away = timedelta(hours=int(zone[2]), minutes=int(zone[3])) * (-1 if zone[1] == "-" else 1)
        return datetime(
            int(day[3]),
            int(day[2]),
            int(day[1]),
            int(hour[1]),
            int(hour[2]),
            int(hour[3] or 0),
            tzinfo=timezone(away),
        ).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
