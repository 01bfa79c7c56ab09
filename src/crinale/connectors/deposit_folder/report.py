"""The report of a delivery (rapporto di versamento): written by the service, read by us."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from lxml import etree

from crinale.kernel.errors import CrinaleError
from crinale.spine.records.signatures.parsing import XmlRefused, parse_xml

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMESPACE: Final = "urn:crinale:rapporto-di-versamento:1"
_ROOT: Final = f"{{{NAMESPACE}}}"
_OUTCOMES: Final = {"accettato": True, "rifiutato": False}


class UnreadableReport(CrinaleError):
    """The report of the preservation service cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the service says: of which package, with which outcome, over which files."""

    identifier: str
    package: str
    package_sha256: str
    accepted: bool
    made_at: datetime
    reasons: tuple[str, ...]
    files: Mapping[str, str]


def write_report(report: Report) -> bytes:
    """Write a report; times in UTC, digests over the whole package and over each of its files."""
    root = etree.Element(f"{_ROOT}RapportoDiVersamento", nsmap={None: NAMESPACE})
    _add(root, "Identificativo", report.identifier)
    _add(root, "PacchettoDiVersamento", report.package)
    _add(root, "ImprontaSHA256", report.package_sha256)
    _add(root, "Esito", "accettato" if report.accepted else "rifiutato")
    _add(root, "RiferimentoTemporale", report.made_at.astimezone(UTC).isoformat(timespec="seconds"))
    for reason in report.reasons:
        _add(root, "Motivo", reason)
    for name, digest in report.files.items():
        _add(root, "File", digest).set("nome", name)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def read_report(data: bytes) -> Report:
    """Read a report.

    :raises UnreadableReport: when it is not one.
    """
    try:
        root = parse_xml(data)
    except XmlRefused as error:
        raise UnreadableReport from error
    outcome, instant = _text(root, "Esito"), _text(root, "RiferimentoTemporale")
    if root.tag != f"{_ROOT}RapportoDiVersamento" or outcome not in _OUTCOMES:
        raise UnreadableReport
    try:
        made_at = datetime.fromisoformat(instant)
    except ValueError as error:
        raise UnreadableReport from error
    if made_at.tzinfo is None:
        raise UnreadableReport
    return Report(
        identifier=_text(root, "Identificativo"),
        package=_text(root, "PacchettoDiVersamento"),
        package_sha256=_text(root, "ImprontaSHA256").lower(),
        accepted=_OUTCOMES[outcome],
        made_at=made_at,
        reasons=tuple((one.text or "").strip()[:1000] for one in root.iter(f"{_ROOT}Motivo")),
        files={one.get("nome", ""): one.text or "" for one in root.iter(f"{_ROOT}File")},
    )


def _text(root: etree._Element, name: str) -> str:
    return (root.findtext(f"{_ROOT}{name}") or "").strip()


def _add(root: etree._Element, name: str, value: str) -> etree._Element:
    element = etree.SubElement(root, f"{_ROOT}{name}")
    element.text = value
    return element
