"""What the node found in a file when it was stored, said to the clerk before anything is sent.

Allegato 6 AgID, section 2, leaves it to the sender to check signatures and readability first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from crinale.ui.sentences import sentence

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from crinale.spine.protocol.views import EnclosureView

_KINDS: Final = {
    "application/pdf": "PDF",
    "application/pkcs7-mime": gettext_noop("signed file (p7m)"),
    "application/xml": "XML",
    "text/xml": "XML",
    "application/zip": "ZIP",
    "text/plain": gettext_noop("text"),
    "image/jpeg": gettext_noop("JPEG image"),
    "image/png": gettext_noop("PNG image"),
    "image/tiff": gettext_noop("TIFF image"),
    "message/rfc822": gettext_noop("mail message"),
    "application/rtf": "RTF",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": gettext_noop("Word document"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": gettext_noop("Excel sheet"),
    "application/vnd.oasis.opendocument.text": gettext_noop("OpenDocument text"),
    "application/vnd.oasis.opendocument.spreadsheet": gettext_noop("OpenDocument sheet"),
}


@dataclass(frozen=True)
class Findings:
    """What the examination of a file found."""

    problems: tuple[str, ...] = ()
    signed: bool = False
    time_stamped: bool = False

    @classmethod
    def of(cls, metadata: Mapping[str, Any]) -> Findings:
        """Read them from the metadata of a document."""
        checks = metadata.get("Verifica", {})
        return cls(
            problems=tuple(metadata.get("Rilievi", ())),
            signed=bool(checks.get("FirmatoDigitalmente")),
            time_stamped=bool(checks.get("MarcaturaTemporale")),
        )

    @property
    def sentences(self) -> list[str]:
        """The problems in the language of the page."""
        return [sentence(problem) for problem in self.problems]

    @property
    def marks(self) -> str:
        """What the file carries, in words; nothing when it carries nothing, or when it is not in order."""
        if self.problems:
            return ""
        if self.signed:
            return _("digitally signed, whole")
        return _("time-stamped, whole") if self.time_stamped else ""


@dataclass(frozen=True)
class DocumentShown:
    """A document on the page of its registration."""

    document_id: UUID
    position: int
    description: str
    file_name: str
    sha256: str
    size: int
    kind: str
    findings: Findings


def document_shown(one: EnclosureView) -> DocumentShown:
    """Describe a document of a registration."""
    return DocumentShown(
        document_id=one.document_id,
        position=one.position,
        description=one.description,
        file_name=one.file_name,
        sha256=one.sha256,
        size=one.size,
        kind=kind_of_file(one.media_type),
        findings=Findings.of(one.metadata),
    )


def kind_of_file(media_type: str) -> str:
    """Name a media type as people do."""
    known = _KINDS.get(media_type)
    return _(known) if known else media_type
