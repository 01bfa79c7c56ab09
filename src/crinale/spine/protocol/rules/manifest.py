"""The manifest of a day of the register: its files by their digests, chained to the day before.

The register of the day must not be changeable (AgID guidelines section 3.1.6). The area's seal on the
manifest shows whose it is and that its files are those of the day; the digest of the manifest before shows
that no day is missing or was made anew. ``schemas/daily_manifest.xsd`` is its form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from crinale.spine.records.signatures.canonical import attribute, text

if TYPE_CHECKING:
    from datetime import date

NAMESPACE: Final = "urn:crinale:registro-giornaliero:1"


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """A file of the day."""

    name: str
    media_type: str
    sha256: str


@dataclass(frozen=True, slots=True)
class PreviousManifest:
    """The sealed manifest of the day before: its SHA-256 covers the seal as well."""

    day: date
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DayContent:
    """What the manifest of a day says."""

    ipa_code: str
    aoo_code: str
    register_code: str
    day: date
    registrations: int
    first_number: int | None
    last_number: int | None
    files: tuple[ManifestFile, ...]
    previous: PreviousManifest | None


def daily_manifest(content: DayContent) -> bytes:
    """Write the manifest as canonical XML, ready to be sealed."""
    parts = [
        f'<rg:RegistroGiornaliero xmlns:rg="{NAMESPACE}">',
        _element("Amministrazione", content.ipa_code),
        _element("AOO", content.aoo_code),
        _element("Registro", content.register_code),
        _element("Giorno", content.day.isoformat()),
        _element("Registrazioni", str(content.registrations)),
    ]
    if content.first_number is not None and content.last_number is not None:
        parts += [
            _element("PrimoNumero", str(content.first_number)),
            _element("UltimoNumero", str(content.last_number)),
        ]
    parts += [_file(one) for one in content.files]
    if content.previous is not None:
        day = attribute(content.previous.day.isoformat())
        parts.append(
            f'<rg:ManifestoPrecedente giorno="{day}">{content.previous.sha256}</rg:ManifestoPrecedente>'
        )
    parts.append("</rg:RegistroGiornaliero>")
    return "".join(parts).encode()


def _file(one: ManifestFile) -> str:
    name, media_type = attribute(one.name), attribute(one.media_type)
    return f'<rg:File formato="{media_type}" nome="{name}">{one.sha256}</rg:File>'


def _element(name: str, value: str) -> str:
    return f"<rg:{name}>{text(value)}</rg:{name}>"
