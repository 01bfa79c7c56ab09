"""The metadata of a document when it enters the archive (Allegato 5 AgID; element names as there).

What depends on a registration is added by the protocol; here is what the file itself tells.
"""

from __future__ import annotations

from typing import Any

# Allegato 5, ModalitaDiFormazione: b) a copy or a document acquired from outside, a) one made with software.
ACQUIRED = "acquisizione di un documento informatico per via telematica o su supporto informatico"
MADE = "creazione tramite utilizzo di strumenti software"


def file_metadata(
    *,
    sha256: str,
    identifier: str,
    file_name: str,
    media_type: str,
    acquired: bool,
    signed: bool | None = None,
    time_stamped: bool | None = None,
    findings: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Return the metadata known from the file; ``None`` means not looked at yet, and is left out.

    ``findings`` say what is wrong with the file (``Rilievi``, an element of ours beside those of the norm).
    """
    checks = {"FirmatoDigitalmente": signed, "MarcaturaTemporale": time_stamped}
    known = {name: value for name, value in checks.items() if value is not None}
    metadata: dict[str, Any] = {
        "IdDoc": {
            "ImprontaCrittografica": {"Impronta": sha256, "Algoritmo": "SHA-256"},
            "Identificativo": identifier,
        },
        "ModalitaDiFormazione": ACQUIRED if acquired else MADE,
        "IdentificativoDelFormato": {"Formato": media_type},
        "NomeDelDocumento": file_name,
        "VersioneDelDocumento": 1,
    }
    if known:
        metadata["Verifica"] = known
    if findings:
        metadata["Rilievi"] = list(findings)
    return metadata
