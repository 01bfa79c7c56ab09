"""Compare the received files with the digests of the segnatura.

Anomaly 002 (Allegato 6, section 3.1.1 B b and c).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crinale.spine.exchange.rules.anomalies import Anomaly, AnomalyCode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crinale.spine.protocol.rules.segnatura_data import DocumentData


def digest_anomaly(
    named: Sequence[DocumentData], received: Sequence[tuple[str, Mapping[str, bytes]]]
) -> Anomaly | None:
    """Return anomaly 002 with the file at fault, None when every file is named once and agrees.

    Documents that the sender keeps online do not come with the message, so theirs is compared only if it did.

    ``received``: name of each file and its raw digests by the short name of the algorithm (``SHA-256``).
    """
    files = dict(received)
    reason = _mismatch(named, files)
    if not reason and len(files) != len(received):
        reason = "Due file del messaggio hanno lo stesso nome."
    if not reason and (extra := sorted(files.keys() - _expected(named))):
        reason = f"File non previsti dalla segnatura: {', '.join(extra)}."
    return Anomaly(code=AnomalyCode.DIGEST, info=reason) if reason else None


def _expected(named: Sequence[DocumentData]) -> set[str]:
    marks = [mark for one in named for mark in (one.signed, one.sealed, one.time_stamped) if mark]
    return {one.file_name for one in named} | {file.file_name for mark in marks for file in mark.detached}


def _mismatch(named: Sequence[DocumentData], files: Mapping[str, Mapping[str, bytes]]) -> str:
    for document in named:
        digests, stated = files.get(document.file_name), document.digest
        if digests is None and document.carrier == "online":
            continue
        if digests is None:
            return f"Manca il file {document.file_name}."
        if stated is None:
            return f"La segnatura non riporta l'impronta di {document.file_name}."
        computed = digests.get(stated.algorithm)
        if computed is None:
            return f"Algoritmo di impronta non verificabile per {document.file_name}: {stated.algorithm}."
        if not stated.matches(computed):
            return f"L'impronta di {document.file_name} non corrisponde al file ricevuto."
    return ""
