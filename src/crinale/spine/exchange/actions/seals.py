"""Is the seal good, and is it the sender's? (Allegato 6, section 3.1.1 B a: anomaly 001 with the reason)."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from crinale.kernel import clock
from crinale.spine.exchange.ports import seal_trust
from crinale.spine.exchange.rules.anomalies import Anomaly, AnomalyCode
from crinale.spine.records.signatures.certificates import fingerprint
from crinale.spine.records.signatures.xades import SealReason, verify_seal
from crinale.spine.tenancy.statements import first_of_node

if TYPE_CHECKING:
    from crinale.spine.exchange.actions.presented import ReadSegnatura
    from crinale.spine.exchange.values import PeerIdentity

_REASONS = {
    SealReason.UNREADABLE: "La segnatura non è leggibile",
    SealReason.NO_SEAL: "La segnatura non ha il sigillo",
    SealReason.MALFORMED: "Il sigillo non è conforme a XAdES baseline B",
    SealReason.ALGORITHM: "Il sigillo usa un algoritmo o una trasformazione non ammessi",
    SealReason.REFERENCE: "Il sigillo non copre l'intera segnatura",
    SealReason.CONTENT_CHANGED: "La segnatura è stata modificata dopo il sigillo",
    SealReason.SIGNATURE_WRONG: "Il valore del sigillo non corrisponde al certificato",
    SealReason.CERTIFICATE_MISSING: "Il sigillo non riporta il certificato",
    SealReason.CERTIFICATE_MISMATCH: "Il certificato non è quello dichiarato dal sigillo",
    SealReason.UNKNOWN_ISSUER: "Il certificato del sigillo è emesso da un'autorità non riconosciuta",
    SealReason.EXPIRED: "Il certificato del sigillo è scaduto",
    SealReason.NOT_YET_VALID: "Il certificato del sigillo non è ancora valido",
    SealReason.REVOKED: "Il certificato del sigillo è revocato",
    SealReason.WRONG_USE: "Il certificato del sigillo non è abilitato alla firma",
    SealReason.WEAK: "La chiave del sigillo è troppo debole",
}

_LISTED = """
select seal_certificates, organization_identifier from exchange_indexedarea where aoo_code = %s and active
"""


@dataclass(frozen=True, slots=True)
class SealJudgement:
    """The anomaly, if any, and the certificate that sealed, if one could be read."""

    anomaly: Anomaly | None
    certificate_sha256: str = ""


def judge_seal(read: ReadSegnatura, *, peer: PeerIdentity) -> SealJudgement:
    """Say whether the seal is good and belongs to the sender's area; else anomaly 001 with the reason."""
    sender = read.identifier.aoo_code
    if peer.aoo_code.upper() != sender.upper():
        return _refused(f"Il messaggio è firmato dall'AOO {peer.aoo_code}, la segnatura è dell'AOO {sender}.")
    verdict = verify_seal(read.xml, trust=seal_trust.get(), at=clock.now())
    if not verdict.valid or verdict.certificate is None:
        return _refused(f"{_REASONS[verdict.reason]}.", detail=verdict.detail)
    if not _is_of(verdict.certificate, sender):
        return _refused(f"Il certificato del sigillo non è tra quelli dell'AOO {sender} nell'indice.")
    return SealJudgement(anomaly=None, certificate_sha256=fingerprint(verdict.certificate).hex())


def _refused(reason: str, *, detail: str = "") -> SealJudgement:
    return SealJudgement(anomaly=Anomaly(code=AnomalyCode.SEAL, info=reason, detail=detail))


def _is_of(certificate: x509.Certificate, aoo_code: str) -> bool:
    """Whether the index lists the certificate for the area, or knows the organisation that it names."""
    listed = first_of_node(_LISTED, [aoo_code.upper()])
    if listed is None:
        return False
    certificates, organization = listed
    if b64encode(certificate.public_bytes(Encoding.DER)).decode() in certificates:
        return True
    named = certificate.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_IDENTIFIER)
    return bool(organization) and any(one.value == organization for one in named)
