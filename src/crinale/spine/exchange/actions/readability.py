"""Check that received files can be read and that their own marks are whole.

Anomalies 003 to 006 (Allegato 6, section 3.1.1 C).
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final

from crinale.spine.exchange.rules.anomalies import Anomaly, AnomalyCode
from crinale.spine.records.ports import blob_store
from crinale.spine.records.signatures.file_checks import FileFinding, FileFlags, FindingCode, check_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crinale.spine.exchange.actions.presented import ReadSegnatura
    from crinale.spine.protocol.rules.segnatura_data import DocumentData, Mark

_CODES: Final = {
    FindingCode.UNREADABLE: AnomalyCode.UNREADABLE,
    FindingCode.SIGNATURE: AnomalyCode.SIGNATURE,
    FindingCode.TIMESTAMP: AnomalyCode.TIMESTAMP,
    FindingCode.SEAL: AnomalyCode.DOCUMENT_SEAL,
}
_WORDS: Final = {
    FindingCode.UNREADABLE: "Il file {name} manca, è danneggiato o non è del tipo dichiarato.",
    FindingCode.SIGNATURE: "La firma digitale del file {name} manca o non è valida.",
    FindingCode.TIMESTAMP: "La marca temporale del file {name} manca o non è valida.",
    FindingCode.SEAL: "Il sigillo elettronico del file {name} manca o non è valido.",
}


def file_anomaly(read: ReadSegnatura, files: Sequence[Mapping[str, Any]]) -> Anomaly | None:
    """Return the anomaly of the first file at fault, None when all are sound."""
    digests = {file["name"]: file["sha256"] for file in files}
    for document in read.documents:
        for finding in _findings(document, digests):
            words = _WORDS[finding.code].format(name=finding.file_name)
            return Anomaly(code=_CODES[finding.code], info=words, detail=finding.detail)
    return None


def _findings(document: DocumentData, digests: Mapping[str, str]) -> list[FileFinding]:
    found: list[FileFinding] = []
    with ExitStack() as stack:
        flags = FileFlags(
            signed=_inside(document.signed),
            sealed=_inside(document.sealed),
            time_stamped=_inside(document.time_stamped),
        )
        stream = stack.enter_context(blob_store.get().open(digests[document.file_name]))
        found += check_file(
            stream, file_name=document.file_name, declared_mime=document.mime_type, flags=flags
        )
        for name, mime_type, kind in _detached(document):
            if name not in digests:
                found.append(FileFinding(FindingCode.UNREADABLE, name, "the file did not arrive"))
                continue
            found += check_file(
                stack.enter_context(blob_store.get().open(digests[name])),
                file_name=name,
                declared_mime=mime_type,
                flags=kind,
                content=stack.enter_context(blob_store.get().open(digests[document.file_name])),
            )
    return found


def _inside(mark: Mark | None) -> bool:
    return mark is not None and not mark.detached


def _detached(document: DocumentData) -> list[tuple[str, str, FileFlags]]:
    """The files that hold a signature, seal or time stamp of the document, with what they should hold."""
    marks = (
        (document.signed, FileFlags(signed=True)),
        (document.sealed, FileFlags(sealed=True)),
        (document.time_stamped, FileFlags(time_stamped=True)),
    )
    return [(one.file_name, one.mime_type, flags) for mark, flags in marks if mark for one in mark.detached]
