"""Two towns on one node that reach each other through a wire of this process, and a wire that can be made
to fail.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.serialization import Encoding

from crinale.kernel import clock
from crinale.kernel.errors import Conflict, CrinaleError
from crinale.spine import jobs, tenancy
from crinale.spine.exchange import actions, queries
from crinale.spine.exchange.identifiers import as_json
from crinale.spine.exchange.rules.index import AreaEntry
from crinale.spine.exchange.values import (
    AnnulAnswer,
    AnnulReply,
    ConfirmReply,
    Endpoint,
    ForwardAnswer,
    ForwardReply,
    IncomingFile,
    OutgoingFile,
    PeerIdentity,
    TransportFailure,
    WireEvidence,
)
from crinale.spine.protocol.rules.parties import PartyData
from crinale.spine.protocol.tests.town import SUBJECT, SYSTEM
from crinale.spine.protocol.views import EnclosureData
from crinale.spine.records.ports import blob_store
from crinale.spine.records.signatures.tests import pki
from crinale.spine.tenancy.models import Area

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from crinale.spine.exchange.queries import MessageRow, TimelineEntry
    from crinale.spine.exchange.rules.anomalies import Anomaly
    from crinale.spine.protocol.rules.identifier import Identifier
    from crinale.spine.protocol.tests.town import Town
    from crinale.spine.protocol.views import RegistrationView

PEER = b"message certificate of "


@dataclass
class SealRing:
    """A seal key for each area."""

    identities: dict[str, pki.Identity] = field(default_factory=dict)

    def for_area(self, area_code: str) -> pki.Identity:
        return self.identities[area_code]


@dataclass
class Wire:
    """The transport port, answered at once by the same node's receiving actions.

    ``failures`` are consumed one per call: an exception to raise before or after the other side has heard.
    """

    failures: deque[tuple[str, str]] = field(default_factory=deque)
    tamper: Callable[[list[IncomingFile]], list[IncomingFile]] = list
    retouch: Callable[[bytes], bytes] = bytes
    peer: str = ""
    calls: list[str] = field(default_factory=list)
    in_transaction: list[bool] = field(default_factory=list)

    def restore(self, envelope: bytes, open_blob: object) -> list[bytes]:  # noqa: ARG002
        return [envelope]

    def fail(self, *kinds: str, when: str = "before") -> None:
        """Make the next calls fail."""
        self.failures.extend((kind, when) for kind in kinds)

    def _call(self, name: str, request: bytes, answer: Callable[[], Any]) -> tuple[Any, WireEvidence]:
        self.calls.append(name)
        kind, when = self.failures.popleft() if self.failures else ("", "")
        evidence = WireEvidence(request=request, response=None, content_type="text/xml")
        if kind and when == "before":
            raise TransportFailure(kind, "la rete non risponde", None if kind == "connection" else evidence)
        try:
            with tenancy.no_scope():
                reply: ForwardReply | ConfirmReply | AnnulReply = answer()
        except CrinaleError as refused:
            raise TransportFailure("fault", str(refused), evidence) from refused
        response = b"<answer>" + request + b"</answer>"
        with tenancy.no_scope():
            actions.keep_response(reply.wire_id, response)
        if kind:
            raise TransportFailure(kind, "la risposta si è persa", evidence)
        return reply, WireEvidence(request=request, response=response, content_type="text/xml")

    def forward(
        self, *, sender_aoo: str, to: Endpoint, segnatura: bytes, files: Sequence[OutgoingFile]
    ) -> ForwardAnswer:
        received = [self._carry(one) for one in files]
        sealed = self.retouch(segnatura)
        request = b"<forward>" + sealed + b"</forward>"
        reply, evidence = self._call(
            "forward",
            request,
            lambda: actions.receive_forward(
                area_code=to.aoo_code,
                peer=self._peer(sender_aoo),
                segnatura=sealed,
                files=self.tamper(received),
                evidence_request=request,
            ),
        )
        return ForwardAnswer(identifier=reply.identifier, anomaly=reply.anomaly, evidence=evidence)

    def _carry(self, file: OutgoingFile) -> IncomingFile:
        writer = blob_store.get().writer()
        with file.open() as stream:
            writer.write(stream.read())
        ref = writer.commit()
        return IncomingFile(name=file.name, media_type=file.media_type, size=ref.size, sha256=ref.sha256)

    def _peer(self, aoo_code: str) -> PeerIdentity:
        return PeerIdentity(certificate=PEER + aoo_code.encode(), aoo_code=self.peer or aoo_code)

    def confirm(
        self,
        *,
        sender_aoo: str,
        to: Endpoint,
        sender_identifier: Identifier,
        recipient_identifier: Identifier | None,
        anomaly: Anomaly | None,
    ) -> ForwardAnswer:
        request = _request("confirm", sender_identifier, recipient_identifier)
        reply, evidence = self._call(
            "confirm",
            request,
            lambda: actions.receive_confirmation(
                area_code=to.aoo_code,
                peer=self._peer(sender_aoo),
                sender_identifier=sender_identifier,
                recipient_identifier=recipient_identifier,
                anomaly=anomaly,
                evidence_request=request,
            ),
        )
        return ForwardAnswer(identifier=reply.identifier, anomaly=None, evidence=evidence)

    def annul_by_sender(self, **said: Any) -> AnnulAnswer:
        return self._annul("annul_by_sender", actions.receive_annulment_by_sender, **said)

    def annul_by_recipient(self, **said: Any) -> AnnulAnswer:
        return self._annul("annul_by_recipient", actions.receive_annulment_by_recipient, **said)

    def _annul(
        self,
        name: str,
        receive: Callable[..., AnnulReply],
        *,
        sender_aoo: str,
        to: Endpoint,
        sender_identifier: Identifier,
        recipient_identifier: Identifier,
        act: str,
        note: str | None,
    ) -> AnnulAnswer:
        request = _request(name, sender_identifier, recipient_identifier)
        reply, evidence = self._call(
            name,
            request,
            lambda: receive(
                area_code=to.aoo_code,
                peer=self._peer(sender_aoo),
                sender_identifier=sender_identifier,
                recipient_identifier=recipient_identifier,
                act=act,
                note=note,
                evidence_request=request,
            ),
        )
        return AnnulAnswer(
            sender_identifier=reply.sender_identifier,
            recipient_identifier=reply.recipient_identifier,
            anomaly=reply.anomaly,
            evidence=evidence,
        )


def _request(name: str, *identifiers: Identifier | None) -> bytes:
    return json.dumps([name, *(as_json(one) for one in identifiers if one)]).encode()


@dataclass
class Pair:
    """Massa Marittima sends, Sassetta receives, and the other way round."""

    massa: Town
    sassetta: Town
    wire: Wire
    seals: SealRing

    def party(self, town: Town, **changes: Any) -> PartyData:
        """A town as a recipient."""
        area = Area.objects.select_related("body").get(id=town.area_id)
        asked = {
            "kind": "administration",
            "name": area.body.name,
            "ipa_code": area.body.ipa_code,
            "aoo_code": area.code,
            "aoo_name": area.name,
        }
        return PartyData(**{**asked, **changes})

    def send(self, *, to: Town | None = None, confirm: bool = True, **changes: Any) -> RegistrationView:
        """Register in Massa Marittima and send, without running any job."""
        asked = {
            "actor": SYSTEM,
            "area_id": self.massa.area_id,
            "subject": SUBJECT,
            "classification": "6.10",
            "recipients": [self.party(to or self.sassetta, confirm=confirm)],
            "documents": [EnclosureData(self.massa.document_id, "Parere")],
        }
        with tenancy.scope(self.massa.body_id):
            return actions.register_and_send(**{**asked, **changes})

    def run(self) -> int:
        """Run every job that waits."""
        return jobs.drain(queues=["exchange"])

    def tick(self) -> None:
        """Let the ticks of both bodies look at the clock, then run what they made."""
        for town in (self.massa, self.sassetta):
            with tenancy.scope(town.body_id):
                actions.retry_due()
                actions.raise_overdue_incidents()
        self.run()

    def sent(self, registration_id: UUID) -> MessageRow:
        """The only message of a registration of Massa Marittima."""
        with tenancy.scope(self.massa.body_id):
            (row,) = queries.messages_of_registration(actor=SYSTEM, registration_id=registration_id)
        return row

    def received(self) -> list[MessageRow]:
        """What Sassetta received, newest first."""
        with tenancy.scope(self.sassetta.body_id):
            return list(queries.queue(actor=SYSTEM, area_id=self.sassetta.area_id, box="received").rows)

    def story(self, town: Town, message_id: UUID) -> list[TimelineEntry]:
        """The steps of a message."""
        with tenancy.scope(town.body_id):
            return queries.message_timeline(actor=SYSTEM, message_id=message_id)

    def by_clerk(self) -> None:
        """Let the clerk of Sassetta decide what is registered."""
        Area.objects.filter(id=self.sassetta.area_id).update(registers_incoming="by_clerk")

    def list_area(self, town: Town, **changes: Any) -> None:
        """Put a town in the index."""
        area = Area.objects.select_related("body").get(id=town.area_id)
        seal = self.seals.identities[town.code].certificate.public_bytes(Encoding.DER)
        asked = {
            "ipa_code": area.body.ipa_code,
            "body_name": area.body.name,
            "aoo_code": area.code,
            "aoo_name": area.name,
            "endpoint": f"https://127.0.0.1:1/aoo/{area.code}",
            "seal_certificates": (b64encode(seal).decode(),),
            "emails": ("protocollo@comune.example.it",),
            "phone": "0566 1",
        }
        actions.import_areas([(1, AreaEntry(**{**asked, **changes}))], source="demo")


def build_seals(*codes: str) -> SealRing:
    """Issue a seal of the test authority for each area, valid now."""
    now = clock.now()
    return SealRing(
        {code: issue_seal(f"Sigillo {code}", begin=now.replace(year=now.year - 1)) for code in codes}
    )


def issue_seal(common: str, **validity: Any) -> pki.Identity:
    """Issue one seal."""
    validity.setdefault("end", clock.now().replace(year=clock.now().year + 5))
    return pki.issue(common, pki.ec_key(), issuer=root(), **validity)


def root() -> pki.Identity:
    """The authority that both towns trust."""
    return pki.root()


__all__ = ["Conflict", "Pair", "SealRing", "Wire", "build_seals", "issue_seal", "root"]
