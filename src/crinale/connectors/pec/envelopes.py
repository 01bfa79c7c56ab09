"""Envelopes and receipts of certified mail, opened: DPR 68/2005 and DM 2 November 2005 (RFC 6109).

A transport envelope is opened and what counts is the mail in it (``postacert.eml``); of a receipt only the
certification data count, because the mail that a complete one carries is ours.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from crinale.connectors.pec import findings as f
from crinale.connectors.pec.certification import NotCertification, claimed_kind, read_certification
from crinale.connectors.pec.contents import Contents
from crinale.connectors.pec.describing import described
from crinale.connectors.pec.parts import PartReader, headers_begin, mapped
from crinale.connectors.pec.provider_signature import ABSENT, is_signed, judge
from crinale.spine.records.signatures.parsing import XmlRefused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from mmap import mmap

    from crinale.connectors.pec.findings import Findings
    from crinale.connectors.pec.headers import Headers
    from crinale.connectors.pec.limits import MailLimits
    from crinale.connectors.pec.parts import Part
    from crinale.connectors.pec.provider_signature import Trust
    from crinale.spine.exchange.mail_values import CertificationData, EnvelopeSignature, MailKind, ReadMail
    from crinale.spine.records.ports import BlobStore

_OPENED: Final = frozenset({"certified", "anomaly_envelope"})
_CERTIFICATION: Final = "daticert.xml"
_INNER: Final = "postacert.eml"
_ENVELOPE_PARTS: Final = frozenset({_CERTIFICATION, _INNER, "smime.p7s"})


class Envelope:
    """One mail being read, with what its provider says around it."""

    def __init__(
        self, root: Part, *, store: BlobStore, trust: Trust, limits: MailLimits, findings: Findings
    ) -> None:
        self._root, self._findings, self._limits = root, findings, limits
        self._store, self._trust = store, trust
        self._headers = root.headers
        # The signature covers the first part only: nothing beside it belongs to the envelope.
        self._content = root.children[0] if is_signed(root) else root

    def read(self) -> ReadMail:
        """Read the mail in its envelope, or the receipt, or the mail as it stands."""
        claimed = claimed_kind(self._headers)
        if claimed is None:
            return self._ordinary("ordinary", self._headers, self._root)
        if claimed == "unreadable":
            self._findings.add(f.UNKNOWN_ENVELOPE)
            return self._ordinary("ordinary", self._headers, self._root)
        certification = self._certification(claimed)
        signature = self._signature(certification)
        kind: MailKind = claimed
        if certification is not None and certification.kind != claimed:
            # The headers are outside the signature, the data inside: they prevail, signed or not.
            self._findings.add(f.OTHER_KIND)
            kind = certification.kind
        read = self._opened(kind) if kind in _OPENED else self._receipt(kind)
        return _replaced(
            read, certification, signature, self._about(read, kind, certification), self._findings
        )

    def _ordinary(self, kind: MailKind, outer: Headers, root: Part, *, within: str = "") -> ReadMail:
        contents = Contents(self._store, self._limits, self._findings, within=within)
        contents.take(root)
        return self._described(outer, root.headers, kind, contents)

    def _described(self, outer: Headers, inner: Headers, kind: MailKind, contents: Contents) -> ReadMail:
        return described(outer, inner, kind, contents, limits=self._limits, findings=self._findings)

    def _receipt(self, kind: MailKind) -> ReadMail:
        contents = Contents(self._store, self._limits, self._findings)
        for leaf in self._content.leaves():
            if not _belongs_to_envelope(leaf):
                contents.take(leaf)
        return self._described(self._headers, self._headers, kind, contents)

    def _opened(self, kind: MailKind) -> ReadMail:
        inner = next((leaf for leaf in self._content.leaves() if _is_inner(leaf)), None)
        if inner is None:
            self._findings.add(f.NO_INNER_MAIL)
            return self._receipt(kind)
        with contextlib.ExitStack() as stack:
            data, start, end = inner.data, inner.start, inner.end
            if inner.encoding in {"base64", "quoted-printable"}:
                data = stack.enter_context(self._unpacked(inner))
                start, end = 0, len(data)
            start = headers_begin(data, start, end)
            mail = PartReader(self._limits, self._findings).entity(data, start, end)
            return self._ordinary(kind, self._headers, mail, within=f"{_INNER}/")

    @contextlib.contextmanager
    def _unpacked(self, inner: Part) -> Iterator[bytes | mmap]:
        """Give the bytes of a mail that is encoded within its envelope, which the norms do not foresee."""
        writer = self._store.writer(file_name=_INNER)
        try:
            for piece in inner.stream(self._findings):
                writer.write(piece)
            blob = writer.commit()
        finally:
            writer.abort()
        with (
            contextlib.closing(self._store.open(blob.sha256)) as stream,
            mapped(stream, limit=self._limits.mail_bytes) as data,
        ):
            yield data

    def _certification(self, claimed: MailKind) -> CertificationData | None:
        part = next((leaf for leaf in self._content.leaves() if _file_name(leaf) == _CERTIFICATION), None)
        if part is None:
            if claimed != "anomaly_envelope":  # by the norm it has none
                self._findings.add(f.NO_CERTIFICATION)
            return None
        limit = self._limits.certification_bytes
        try:
            return read_certification(part.content(self._findings, limit=limit + 1), limit=limit)
        except (XmlRefused, NotCertification):
            self._findings.add(f.WRONG_CERTIFICATION)
            return None

    def _signature(self, certification: CertificationData | None) -> EnvelopeSignature:
        if not is_signed(self._root):
            self._findings.add(f.NO_SIGNATURE)
            return ABSENT
        senders = self._headers.addresses("from", limit=1)
        found = judge(
            self._root,
            trust=self._trust,
            sender=senders[0][1] if senders else "",
            at=certification.at if certification else None,
            findings=self._findings,
        )
        if not found.intact:
            self._findings.add(f.BROKEN_SIGNATURE)
        elif not found.trusted:
            self._findings.add(f.UNTRUSTED_SIGNATURE)
        return found

    def _about(self, read: ReadMail, kind: MailKind, certification: CertificationData | None) -> str:
        """Give the mail of ours that this one refers to: a receipt by its reference, a mail by its answer."""
        if kind in _OPENED:
            return read.about
        named = self._headers.message_id("x-riferimento-message-id")
        certified = certification.original_message_id if certification else ""
        if named and certified and named != certified:
            self._findings.add(f.OTHER_KIND)
            return certified
        return named or certified or read.about


def _file_name(part: Part) -> str:
    return part.headers.file_name().strip().lower()


def _is_inner(part: Part) -> bool:
    return part.media_type == "message/rfc822" or _file_name(part) == _INNER


def _belongs_to_envelope(part: Part) -> bool:
    return _is_inner(part) or _file_name(part) in _ENVELOPE_PARTS


def _replaced(
    read: ReadMail,
    certification: CertificationData | None,
    signature: EnvelopeSignature,
    about: str,
    findings: Findings,
) -> ReadMail:
    return replace(
        read, certification=certification, signature=signature, about=about, findings=findings.all()
    )
