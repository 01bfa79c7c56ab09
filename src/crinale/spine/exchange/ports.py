"""The outside world as the exchange needs it: a transport that carries the four operations of Allegato 6.

A transport raises ``TransportFailure`` for whatever may pass by itself; an anomaly is an answer, not a
failure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from crinale.kernel.ports import Port
from crinale.spine.exchange.rules.anomalies import Anomaly, AnomalyCode
from crinale.spine.exchange.values import (
    AnnulAnswer,
    Endpoint,
    ForwardAnswer,
    OutgoingFile,
    TransportFailure,
    WireEvidence,
)
from crinale.spine.protocol.rules.identifier import Identifier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import BinaryIO

    from crinale.spine.records.signatures.certificates import TrustStore


class Transport(Protocol):
    """Carries messages to other areas; blocks until the answer, never called inside a transaction."""

    def forward(
        self, *, sender_aoo: str, to: Endpoint, segnatura: bytes, files: Sequence[OutgoingFile]
    ) -> ForwardAnswer:
        """MessaggioInoltro: the sealed segnatura and its files, primary document first."""

    def confirm(
        self,
        *,
        sender_aoo: str,
        to: Endpoint,
        sender_identifier: Identifier,
        recipient_identifier: Identifier | None,
        anomaly: Anomaly | None,
    ) -> ForwardAnswer:
        """ConfermaMessaggioInoltro: exactly one of the recipient's identifier and an anomaly."""

    def annul_by_sender(
        self,
        *,
        sender_aoo: str,
        to: Endpoint,
        sender_identifier: Identifier,
        recipient_identifier: Identifier,
        act: str,
        note: str | None,
    ) -> AnnulAnswer:
        """AnnullamentoInoltroMittente."""

    def annul_by_recipient(
        self,
        *,
        sender_aoo: str,
        to: Endpoint,
        sender_identifier: Identifier,
        recipient_identifier: Identifier,
        act: str,
        note: str,
    ) -> AnnulAnswer:
        """AnnullamentoInoltroDestinatario."""

    def restore(self, envelope: bytes, open_blob: Callable[[str], BinaryIO]) -> Iterable[bytes]:
        """Give a kept envelope as it was signed: files that were left out, by SHA-256, stand in it again."""


class IndexSource(Protocol):
    """Where a node takes the index of areas from: the hub."""

    def fetch(self, *, etag: str) -> tuple[str, bytes] | None:
        """Return the new edition as (etag, JSON), None if ``etag`` is still the newest.

        May raise TransportFailure.
        """


transport: Port[Transport] = Port("exchange.transport")
index_source: Port[IndexSource] = Port("exchange.index_source")
seal_trust: Port[TrustStore] = Port("exchange.seal_trust")  # whom to believe when a seal is verified

__all__ = [
    "AnnulAnswer",
    "Anomaly",
    "AnomalyCode",
    "Endpoint",
    "ForwardAnswer",
    "Identifier",
    "IndexSource",
    "OutgoingFile",
    "Transport",
    "TransportFailure",
    "WireEvidence",
    "index_source",
    "seal_trust",
    "transport",
]
