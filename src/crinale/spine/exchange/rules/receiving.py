"""Decide whether a verified message can be received here.

Anomaly 000 with its reason (Allegato 6, section 3.1.1 C).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from crinale.spine.exchange.rules.anomalies import Anomaly, AnomalyCode

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Addressee:
    """A recipient as the segnatura names it; codes are empty when the sender left them out."""

    ipa_code: str
    aoo_code: str
    confirm: bool = True
    for_information: bool = False


@dataclass(frozen=True, slots=True)
class Presented:
    """What of a segnatura decides whether it can be received."""

    addressees: Sequence[Addressee]
    subject: str
    classification_code: str
    file_names: Sequence[str]
    online: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Here:
    """The receiving area; ``former_aoo_code`` is the cod_AOO of before 2022."""

    ipa_code: str
    aoo_code: str
    former_aoo_code: str = ""


_FORBIDDEN: Final = ("/", "\\", "\x00")


def our_addressee(addressees: Sequence[Addressee], here: Here) -> Addressee | None:
    """Return the recipient that is this area; one that names the area goes before one of its body only."""
    codes = {code.upper() for code in (here.aoo_code, here.former_aoo_code) if code}
    ours = [a for a in addressees if a.ipa_code.upper() == here.ipa_code.upper()]
    named = [a for a in ours if a.aoo_code.upper() in codes]
    of_the_body = [a for a in ours if not a.aoo_code]
    return next(iter(named or of_the_body), None)


def unreceivable(presented: Presented, here: Here) -> Anomaly | None:
    """Return anomaly 000 with the reason in words, or None if the message can be received."""
    reason = _reason(presented, here)
    return Anomaly(code=AnomalyCode.UNRECEIVABLE, info=reason) if reason else None


def _reason(presented: Presented, here: Here) -> str:
    if our_addressee(presented.addressees, here) is None:
        return f"L'AOO {here.aoo_code} ({here.ipa_code}) non è tra i destinatari della segnatura."
    if not presented.subject.strip():
        return "La segnatura non ha l'oggetto."
    if not presented.classification_code.strip():
        return "La segnatura non ha la classificazione."
    return _reason_of_files(presented)


def _reason_of_files(presented: Presented) -> str:
    if presented.online:
        # Allegato 6, appendix A, CollocazioneTelematica: fetching them is not built
        names = ", ".join(presented.online)
        return f"Documenti indicati con CollocazioneTelematica, da inviare invece come file: {names}."
    if any(mark in name for name in presented.file_names for mark in _FORBIDDEN):
        return "Il nome di un file contiene caratteri di percorso."
    if len(set(presented.file_names)) != len(presented.file_names):
        return "Due file della segnatura hanno lo stesso nome."
    return ""
