"""The package with which a day of the register goes to preservation: files and a SInCRO index.

The index is a PIndex of UNI 11386:2020 (SInCRO 2.0). The same day gives the same bytes each time, so that a
delivery can be repeated without making another package.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Final

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

SINCRO: Final = "http://www.uni.com/U3011/sincro-v2/"
INDEX: Final = "PIndex.xml"
_ROOT: Final = f"{{{SINCRO}}}"
_PRODUCER: Final = "Crinale"
_LAWS: Final = "DPR 445/2000 art. 53; Linee guida AgID sui documenti informatici, 3.1.6 e capitolo 4"


@dataclass(frozen=True, slots=True)
class PackedFile:
    """A file of the package."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageContent:
    """What goes to preservation: one day of a register."""

    identifier: str
    body_name: str
    ipa_code: str
    aoo_code: str
    register_code: str
    day: date
    made_at: datetime
    files: Sequence[PackedFile]


def package_identifier(*, aoo_code: str, register_code: str, day: date, sequence: int) -> str:
    """Name a delivery; a repeated one after a refusal has the next sequence."""
    return f"registro-{aoo_code}-{register_code}-{day.isoformat()}-{sequence}"


def package(content: PackageContent) -> bytes:
    """Write the package: a zip of the files with their index."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in ((INDEX, package_index(content)), *((one.name, one.data) for one in content.files)):
            # Without the time of now, so that the same day is the same package.
            archive.writestr(_member(name), data)
    return target.getvalue()


def package_index(content: PackageContent) -> bytes:
    """Write the PIndex of a package."""
    root = etree.Element(
        f"{_ROOT}PIndex",
        {f"{_ROOT}language": "it", f"{_ROOT}uri": f"{SINCRO}PIndex.xsd", f"{_ROOT}sincroVersion": "2.0"},
        nsmap={"sincro": SINCRO},
    )
    about = _add(root, "SelfDescription")
    _add(about, "ID", f"{content.identifier}-indice", scheme="locale")
    application = _add(about, "CreatingApplication")
    for name, value in (("Name", _PRODUCER), ("Version", "1"), ("Producer", content.body_name)):
        _add(application, name, value)
    volume = _add(root, "PVolume")
    _add(volume, "ID", content.identifier, scheme="locale")
    _add(volume, "Label", f"Registro giornaliero di protocollo del {content.day:%d/%m/%Y}")
    _add(volume, "Description", f"{content.ipa_code} {content.aoo_code} {content.register_code}")
    group = _add(root, "FileGroup")
    _add(group, "ID", f"{content.identifier}-file", scheme="locale")
    for one in content.files:
        _add_file(group, one)
    _add_process(root, content)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _add_file(group: etree._Element, one: PackedFile) -> None:
    file = _add(
        group, "File", encoding="binary", extension=one.name.rpartition(".")[2], format=one.media_type
    )
    _add(file, "ID", one.name, scheme="locale")
    _add(file, "Path", one.name)
    _add(file, "Hash", hashlib.sha256(one.data).hexdigest(), hashFunction="SHA-256")


def _add_process(root: etree._Element, content: PackageContent) -> None:
    process = _add(root, "Process")
    _add_agent(process, "Submitter", content)
    _add_agent(process, "Holder", content, holderRole="soggetto produttore")
    _add_agent(process, "AuthorizedSigner", content, signerRole="Sigillo elettronico della AOO")
    reference = _add(process, "TimeReference")
    made_at = content.made_at.astimezone(UTC).isoformat(timespec="seconds")
    _add(reference, "TimeInfo", made_at, attachedTimeStamp="false")
    _add(process, "LawsAndRegulations", _LAWS)


def _add_agent(process: etree._Element, role: str, content: PackageContent, **attributes: str) -> None:
    agent = _add(process, role, agentType="legal person", **attributes)
    _add(_add(agent, "AgentName"), "FormalName", content.body_name)
    _add(agent, "RelevantDocument", f"Manuale di gestione documentale della AOO {content.aoo_code}")


def _add(parent: etree._Element, name: str, value: str | None = None, **attributes: str) -> etree._Element:
    qualified = {f"{_ROOT}{key}": value for key, value in attributes.items()}
    element = etree.SubElement(parent, f"{_ROOT}{name}", qualified)
    element.text = value
    return element


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o444 << 16
    return info
