"""The anomalies with which an area refuses a message (Allegato 6, sections 3.1.1 to 3.1.3).

The text of Allegato 6 and its WSDLs spell some of them differently. We emit what the WSDL of the operation at
hand enumerates, because the receiver validates against it, and understand every spelling that was published:

====  ==========================================  =====================================================
code  spelling emitted (WSDL)                     also understood
====  ==========================================  =====================================================
000   ``000_Irricevibile`` in a confirmation,     each in place of the other
      ``000_Irricevibilita`` in an annulment
001   ``001_ValidazioneFirma``
002   ``002_AnomaliaImpronte``                    ``002_AnomaliaImpronta`` (text)
003   ``003_DocumentoAllegatiNonLeggibili``
004   ``004_...ErroreValidazioneFirma``           ``004_...ErrorreValidazioneFirma`` (text)
005   ``005_...ErroreVaidazioneMarcaTemporale``   ``005_...ErroreValidazioneMarcaTemporale`` (text)
006   ``006_...ErroreValidazioneSigillo``
007   ``007_ErroreIdentificatoreNonTrovato``
====  ==========================================  =====================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Literal

from crinale.kernel.errors import CrinaleError

Operation = Literal["forward", "confirm", "annul_by_sender", "annul_by_recipient"]


class AnomalyCode(StrEnum):
    """Why a message or an annulment is refused."""

    UNRECEIVABLE = "000"
    SEAL = "001"
    DIGEST = "002"
    UNREADABLE = "003"
    SIGNATURE = "004"
    TIMESTAMP = "005"
    DOCUMENT_SEAL = "006"
    NOT_FOUND = "007"


@dataclass(frozen=True, slots=True)
class Anomaly:
    """One refusal: its code and the reason in words, carried in the attribute ``info``.

    The reason is read by another administration, so it is Italian whatever the language of the node.
    ``detail`` is technical, in English, and stays here.
    """

    code: AnomalyCode
    info: str = ""
    detail: str = ""


def refusal(anomaly: Anomaly) -> dict[str, Any]:
    """Return what the receipt of a refusal says; the detail only if there is one."""
    said = {"anomaly": str(anomaly.code), "info": anomaly.info}
    return {**said, "detail": anomaly.detail} if anomaly.detail else said


class UnknownAnomaly(CrinaleError):
    """The anomaly is none of those that Allegato 6 knows."""


_CONFIRM: Final = {
    AnomalyCode.UNRECEIVABLE: "000_Irricevibile",
    AnomalyCode.UNREADABLE: "003_DocumentoAllegatiNonLeggibili",
    AnomalyCode.SIGNATURE: "004_DocumentoAllegatiErroreValidazioneFirma",
    AnomalyCode.TIMESTAMP: "005_DocumentoAllegatiErroreVaidazioneMarcaTemporale",
    AnomalyCode.DOCUMENT_SEAL: "006_DocumentoAllegatiErroreValidazioneSigillo",
}
_FORWARD: Final = {
    AnomalyCode.SEAL: "001_ValidazioneFirma",
    AnomalyCode.DIGEST: "002_AnomaliaImpronte",
}
_ANNUL: Final = {
    AnomalyCode.UNRECEIVABLE: "000_Irricevibilita",
    AnomalyCode.NOT_FOUND: "007_ErroreIdentificatoreNonTrovato",
}
SPELLINGS: Final[dict[Operation, dict[AnomalyCode, str]]] = {
    "forward": _FORWARD,
    "confirm": _CONFIRM,
    "annul_by_sender": _ANNUL,
    "annul_by_recipient": _ANNUL,
}
_FROM_THE_TEXT: Final = {
    "002_AnomaliaImpronta": AnomalyCode.DIGEST,
    "004_DocumentoAllegatiErrorreValidazioneFirma": AnomalyCode.SIGNATURE,
    "005_DocumentoAllegatiErroreValidazioneMarcaTemporale": AnomalyCode.TIMESTAMP,
}
_UNDERSTOOD: Final = {
    spelling: code for table in SPELLINGS.values() for code, spelling in table.items()
} | _FROM_THE_TEXT


def spell(operation: Operation, code: AnomalyCode) -> str:
    """Return the literal that the WSDL of the operation enumerates; ``UnknownAnomaly`` if it has none."""
    try:
        return SPELLINGS[operation][code]
    except KeyError as missing:
        raise UnknownAnomaly from missing


def understand(text: str, info: str = "") -> Anomaly:
    """Read an anomaly in any published spelling; ``UnknownAnomaly`` for anything else."""
    try:
        return Anomaly(code=_UNDERSTOOD[text.strip()], info=info.strip())
    except KeyError as missing:
        raise UnknownAnomaly from missing
