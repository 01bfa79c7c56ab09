"""What a preservation service checks when a package arrives, for nodes that have none to deliver to.

A node whose setting ``preservation.simulated`` is true answers itself with this: for demonstrations and
tests, never as preservation according to the law.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from typing import TYPE_CHECKING, Final

from crinale.connectors.deposit_folder.report import Report
from crinale.kernel import clock
from crinale.spine.records.signatures.parsing import XmlRefused, parse_xml

if TYPE_CHECKING:
    from lxml import etree

_SINCRO: Final = "{http://www.uni.com/U3011/sincro-v2/}"
_INDEX: Final = "PIndex.xml"
_LARGEST: Final = 512 * 1024 * 1024
_CHUNK: Final = 1 << 20


def judge(identifier: str, data: bytes) -> Report:
    """Check a package against its index, and report."""
    files, reasons = _examine(data)
    return Report(
        identifier=f"rdv-{identifier}",
        package=identifier,
        package_sha256=hashlib.sha256(data).hexdigest(),
        accepted=not reasons,
        made_at=clock.now(),
        reasons=tuple(reasons),
        files=files,
    )


def _examine(data: bytes) -> tuple[dict[str, str], list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(one.file_size for one in archive.infolist()) > _LARGEST:
                return {}, ["Il pacchetto è troppo grande"]
            names = set(archive.namelist()) - {_INDEX}
            found = {name: _digest(archive, name) for name in sorted(names)}
            index = parse_xml(archive.read(_INDEX))
    except (zipfile.BadZipFile, KeyError, XmlRefused, NotImplementedError, RuntimeError):
        return {}, ["Il pacchetto non è leggibile o non ha un indice leggibile"]
    return found, _differences(index, found)


def _digest(archive: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with archive.open(name) as member:
        while chunk := member.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _differences(index: etree._Element, found: dict[str, str]) -> list[str]:
    declared = {
        one.findtext(f"{_SINCRO}Path") or "": (one.findtext(f"{_SINCRO}Hash") or "").lower()
        for one in index.iter(f"{_SINCRO}File")
    }
    reasons = [f"Manca il file {name}" for name in sorted(declared.keys() - found.keys())]
    reasons += [f"Il file {name} non è nell'indice" for name in sorted(found.keys() - declared.keys())]
    reasons += [
        f"L'impronta del file {name} non corrisponde all'indice"
        for name in sorted(declared.keys() & found.keys())
        if declared[name] != found[name]
    ]
    return reasons if declared else ["L'indice non elenca alcun file"]
