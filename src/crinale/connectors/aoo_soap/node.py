"""What the SOAP interfaces need of the node that they serve; ``config`` binds it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from crinale.connectors.aoo_soap.limits import Limits
from crinale.kernel.ports import Port

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crinale.connectors.aoo_soap.ws_security import Signer
    from crinale.spine.exchange.ports import Anomaly, Identifier
    from crinale.spine.exchange.values import (
        AnnulReply,
        ConfirmReply,
        ForwardReply,
        IncomingFile,
        PeerIdentity,
        WireRef,
    )
    from crinale.spine.records.ports import BlobStore
    from crinale.spine.records.signatures.certificates import TrustStore


class Desk(Protocol):
    """Who decides on what arrives: ``crinale.spine.exchange.actions``."""

    def receive_forward(
        self,
        *,
        area_code: str,
        peer: PeerIdentity,
        segnatura: bytes,
        files: Sequence[IncomingFile],
        evidence_request: bytes,
    ) -> ForwardReply:
        """MessaggioInoltro."""

    def receive_confirmation(
        self,
        *,
        area_code: str,
        peer: PeerIdentity,
        sender_identifier: Identifier,
        recipient_identifier: Identifier | None,
        anomaly: Anomaly | None,
        evidence_request: bytes,
    ) -> ConfirmReply:
        """ConfermaMessaggioInoltro."""

    def receive_annulment_by_sender(
        self,
        *,
        area_code: str,
        peer: PeerIdentity,
        sender_identifier: Identifier,
        recipient_identifier: Identifier,
        act: str,
        note: str | None,
        evidence_request: bytes,
    ) -> AnnulReply:
        """AnnullamentoInoltroMittente."""

    def receive_annulment_by_recipient(
        self,
        *,
        area_code: str,
        peer: PeerIdentity,
        sender_identifier: Identifier,
        recipient_identifier: Identifier,
        act: str,
        note: str,
        evidence_request: bytes,
    ) -> AnnulReply:
        """AnnullamentoInoltroDestinatario."""

    def keep_response(self, wire_id: WireRef, response_bytes: bytes, /) -> None:
        """Keep the signed answer beside the request."""


@dataclass(frozen=True)
class Node:
    """One node, as its SOAP interfaces see it.

    ``endpoint`` gives the address prefix of an area of this node as the index publishes it, None if the
    area is not here. ``peers`` gives the codes of the areas for which the index lists a message certificate
    (DER). ``signer`` gives the signer of an area of this node.
    """

    desk: Desk
    store: BlobStore
    trust: TrustStore
    endpoint: Callable[[str], str | None]
    peers: Callable[[bytes], frozenset[str]]
    signer: Callable[[str], Signer]
    limits: Limits = field(default_factory=Limits)


node: Final[Port[Node]] = Port("aoo_soap.node")
