"""The journey of a document as a clerk reads it: states in words, steps with their evidence, verdicts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography.x509.oid import NameOID
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from crinale.spine.exchange.ports import seal_trust
from crinale.spine.records.signatures.seal_verdict import verify_seal
from crinale.ui.sentences import said, without_field

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography import x509

    from crinale.spine.exchange.queries import MessageRow, TimelineEntry

Tone = str  # "good", "wait", "bad", "plain": how a state is drawn

SENT: Final[dict[str, tuple[Tone, str]]] = {
    "composed": ("wait", gettext_noop("Being sealed")),
    "sealed": ("wait", gettext_noop("Ready to leave")),
    "sending": ("wait", gettext_noop("Not delivered yet, will be tried again")),
    "handed_over": ("wait", gettext_noop("Handed to the mail provider")),
    "taken": ("wait", gettext_noop("Accepted by the mail provider")),
    "sent": ("plain", gettext_noop("Sent by ordinary mail, without proof of delivery")),
    "accepted": ("wait", gettext_noop("Received there, waiting for their number")),
    "delivered": ("good", gettext_noop("Delivered")),
    "registered": ("good", gettext_noop("Registered by the recipient")),
    "refused": ("bad", gettext_noop("Refused")),
    "failed": ("bad", gettext_noop("Not delivered")),
    "withdrawn": ("plain", gettext_noop("Withdrawn before delivery")),
}
RECEIVED: Final[dict[str, tuple[Tone, str]]] = {
    "accepted": ("wait", gettext_noop("Being registered")),
    "to_register": ("wait", gettext_noop("To register")),
    "registered": ("good", gettext_noop("Registered")),
    "refused": ("bad", gettext_noop("Refused")),
}
TONES: Final[dict[str, Tone]] = {
    "attempt_failed": "wait",
    "exhausted": "bad",
    "accepted": "good",
    "refused_at_door": "bad",
    "waiting": "wait",
    "registered": "good",
    "refused": "bad",
    "notified": "good",
    "annulled": "bad",
    "annulment_refused": "bad",
    "annulled_there": "bad",
    "handed_over": "wait",
    "taken": "good",
    "not_taken": "bad",
    "delivered": "good",
    "not_delivered": "bad",
    "warned": "wait",
}
ANOMALIES: Final[dict[str, str]] = {
    "000": gettext_noop("not receivable"),
    "001": gettext_noop("the seal of the segnatura is not valid"),
    "002": gettext_noop("a document differs from its digest"),
    "003": gettext_noop("a document cannot be read"),
    "004": gettext_noop("the signature of a document is not valid"),
    "005": gettext_noop("the time stamp of a document is not valid"),
    "006": gettext_noop("the seal of a document is not valid"),
    "007": gettext_noop("the registration is not known there"),
}
FAILURES: Final[dict[str, str]] = {
    "timeout": gettext_noop("it did not answer in time"),
    "connection": gettext_noop("it could not be reached"),
    "tls": gettext_noop("the secure connection did not succeed"),
    "http": gettext_noop("it answered with an error"),
    "fault": gettext_noop("its service did not accept the request"),
    "answer": gettext_noop("its answer could not be trusted or understood"),
}


@dataclass(frozen=True)
class Proof:
    """A link to the signed evidence of a step."""

    label: str
    url: str


@dataclass(frozen=True)
class Step:
    """One step of a journey."""

    at: datetime
    tone: Tone
    what: str
    proofs: tuple[Proof, ...] = ()
    technical: str = ""  # the network's own words, for the technical office


@dataclass(frozen=True)
class SealShown:
    """A segnatura with the verdict on its seal, at the time when it was made."""

    title: str
    tone: Tone
    verdict: str
    reasons: tuple[str, ...]
    signer: str
    signed_at: datetime | None
    sha256: str
    url: str
    file_name: str


def state_words(state: str, *, direction: str) -> tuple[Tone, str]:
    """Return tone and label of the state of a message."""
    tone, label = (SENT if direction == "out" else RECEIVED).get(state, ("plain", state))
    return tone, _(label)


def message_words(row: MessageRow) -> tuple[Tone, str]:
    """Return tone and label of a message: what could not be told to the other side comes before its state."""
    if row.stuck and row.owed == "annul":
        return "bad", _("Annulment not told")
    if row.stuck and row.owed == "confirm":
        return "bad", _("Answer not delivered")
    return state_words(row.state, direction=row.direction)


def anomaly_words(code: str, reason: str = "") -> str:
    """Say an anomaly: its code, what it means, the reason that the other side gave."""
    if not code:  # by mail there are none
        return said(reason)
    meaning = _("Anomaly %(code)s, %(meaning)s") % {"code": code, "meaning": _(ANOMALIES.get(code, ""))}
    return f"{meaning}: {said(reason)}" if reason else meaning


def failure_words(code: str, reason: str = "") -> str:
    """Say why an attempt failed; the network's own words only when the kind is not known."""
    return _(FAILURES[code]) if code in FAILURES else said(without_field(reason))


def step(entry: TimelineEntry) -> Step:
    """Describe one step of the timeline, with links to its envelopes."""
    proofs = []
    for envelope in entry.envelopes:
        part = _("signed request") if envelope.part == "request" else _("signed answer")
        part = _("mail") if envelope.mail else part
        proofs.append(Proof(part, reverse("protocol_office:evidence", args=[envelope.id])))
    reason, code = entry.params["reason"], entry.params["failure"]
    words = failure_words(code, reason)
    return Step(
        at=entry.at,
        tone=TONES.get(entry.kind, "plain"),
        what=(_(entry.template) % {**entry.params, "reason": words}).strip(),
        proofs=tuple(proofs),
        technical=said(reason) if code and said(reason) != words else "",
    )


def seal_shown(xml: bytes, *, title: str, sha256: str, at: datetime, url: str, file_name: str) -> SealShown:
    """Verify the seal of a segnatura as it was at an instant, and describe the verdict."""
    verdict = verify_seal(xml, trust=seal_trust.get(), at=at)
    return SealShown(
        title=title,
        tone="good" if verdict.valid else "bad",
        verdict=_("The seal is valid") if verdict.valid else _("The seal is not valid"),
        reasons=()
        if verdict.valid
        else tuple(said(one) for one in (verdict.sentence, verdict.detail) if one),
        signer=_signer(verdict.certificate),
        signed_at=verdict.signing_time,
        sha256=sha256,
        url=url,
        file_name=file_name,
    )


def _signer(certificate: x509.Certificate | None) -> str:
    if certificate is None:
        return ""
    names = [
        attribute.value
        for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME, NameOID.ORGANIZATION_IDENTIFIER)
        for attribute in certificate.subject.get_attributes_for_oid(oid)
        if isinstance(attribute.value, str)
    ]
    return ", ".join(dict.fromkeys(names))
