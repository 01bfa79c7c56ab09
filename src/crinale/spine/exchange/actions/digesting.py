"""The digests of received files.

SHA-256 is known from their storage, the others are computed when asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crinale.kernel.digests import CHUNK_BYTES
from crinale.spine.exchange.rules.digests import digest_anomaly
from crinale.spine.protocol.rules.digests import algorithm_name
from crinale.spine.records.ports import blob_store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crinale.spine.exchange.rules.anomalies import Anomaly
    from crinale.spine.exchange.values import IncomingFile
    from crinale.spine.protocol.rules.digests import Digest
    from crinale.spine.protocol.rules.segnatura_data import DocumentData


def check_digests(named: Sequence[DocumentData], files: Sequence[IncomingFile]) -> Anomaly | None:
    """Return anomaly 002, None when all files agree with the segnatura."""
    stated = {one.file_name: one.digest for one in named}
    return digest_anomaly(named, [(file.name, _digests(file, stated.get(file.name))) for file in files])


def _digests(file: IncomingFile, stated: Digest | None) -> dict[str, bytes]:
    digests = {algorithm_name(name): value for name, value in file.digests.items()}
    digests["SHA-256"] = bytes.fromhex(file.sha256)
    if stated is None or not stated.verifiable or stated.algorithm in digests:
        return digests
    computed = stated.new()
    with blob_store.get().open(file.sha256) as stream:
        while chunk := stream.read(CHUNK_BYTES):
            computed.update(chunk)
    digests[stated.algorithm] = computed.digest()
    return digests
