"""Reading a stored mail: ordinary, certified, a receipt; however badly it is made."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING

from crinale.connectors.pec import findings as f
from crinale.connectors.pec.describing import described, unreadable
from crinale.connectors.pec.envelopes import Envelope
from crinale.connectors.pec.findings import Findings
from crinale.connectors.pec.limits import MailLimits
from crinale.connectors.pec.oversize import is_stand_in
from crinale.connectors.pec.parts import PartReader, headers_begin, mapped
from crinale.spine.records.signatures.not_judged import is_about_the_file

if TYPE_CHECKING:
    from mmap import mmap

    from crinale.connectors.pec.provider_signature import Trust
    from crinale.spine.exchange.mail_values import ReadMail
    from crinale.spine.records.blobs import BlobRef
    from crinale.spine.records.ports import BlobStore

_log = logging.getLogger(__name__)


class MailReader:
    """Reads mails out of a blob store; their files go into the same store."""

    def __init__(self, store: BlobStore, trust: Trust, *, limits: MailLimits | None = None) -> None:
        self._store, self._trust, self._limits = store, trust, limits or MailLimits()

    def read(self, blob: BlobRef) -> ReadMail:
        """Read a stored mail. Never raises for what it contains; a store that fails does raise."""
        findings = Findings()
        with (
            contextlib.closing(self._store.open(blob.sha256)) as stream,
            mapped(stream, limit=self._limits.mail_bytes + 1) as data,
        ):
            try:
                return self._read(data, findings)
            except Exception as error:
                if not (isinstance(error, RecursionError) or is_about_the_file(error)):
                    raise
                _log.exception("the mail %s could not be read", blob.sha256)
                findings.add(f.NOT_UNDERSTOOD)
                return unreadable(findings)

    def _read(self, data: bytes | mmap, findings: Findings) -> ReadMail:
        start = headers_begin(data)
        if start >= len(data):
            findings.add(f.EMPTY_MAIL)
            return unreadable(findings)
        too_large = len(data) > self._limits.mail_bytes
        end = min(len(data), start + self._limits.header_bytes) if too_large else len(data)
        root = PartReader(self._limits, findings).entity(data, start, end)
        if not root.headers.fields:
            findings.add(f.NO_HEADERS)
            return unreadable(findings)
        stand_in = is_stand_in(data[:200], root)
        if too_large or stand_in:
            only_headers = Findings()
            only_headers.add(f.LEFT_ON_SERVER if stand_in else f.TOO_LARGE)
            return described(
                root.headers, root.headers, "unreadable", None, limits=self._limits, findings=only_headers
            )
        return Envelope(
            root, store=self._store, trust=self._trust, limits=self._limits, findings=findings
        ).read()
