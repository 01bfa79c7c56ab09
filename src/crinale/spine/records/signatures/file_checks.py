"""Whether a received file can be read, and its signatures, seals and time stamps are whole.

These are the checks behind the anomalies 003 to 006 of Allegato 6 AgID (section 3.1.1 C). A finding is
something that the sender must be told; what cannot be judged here (trust in signers, files too large) is
listed apart.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from crinale.spine.records.signatures import media_types
from crinale.spine.records.signatures.cms import (
    MAX_CMS_BYTES,
    NOT_JUDGED,
    CmsProblem,
    CmsUnreadable,
    check_signed_data,
    check_time_stamp,
    signed_content,
)
from crinale.spine.records.signatures.containers import (
    declared_problem,
    holds_signatures,
    is_archive,
    structure_problem,
)
from crinale.spine.records.signatures.media_types import HEAD_BYTES, TAIL_BYTES, detect_media_type
from crinale.spine.records.signatures.not_judged import NotJudged, is_about_the_file
from crinale.spine.records.signatures.xml_files import check_xml_signatures

if TYPE_CHECKING:
    from collections.abc import Callable

Source = Path | BinaryIO
_CHUNK: Final = 1 << 18
_MAX_NESTED: Final = 3
_MAX_PDF_BYTES: Final = 128 * 1024 * 1024  # read in pieces
_MAX_DETAIL: Final = 300
_log: Final = logging.getLogger(__name__)


class FindingCode(StrEnum):
    """The anomaly of Allegato 6 that a finding leads to: 003, 004, 005, 006."""

    UNREADABLE = "unreadable"
    SIGNATURE = "signature"
    TIMESTAMP = "timestamp"
    SEAL = "seal"


@dataclass(frozen=True, slots=True)
class FileFinding:
    """One thing that is wrong with a file."""

    code: FindingCode
    file_name: str
    detail: str


@dataclass(frozen=True, slots=True)
class FileFlags:
    """What the segnatura says of the file itself (marks in detached files are passed with those files)."""

    signed: bool = False
    sealed: bool = False
    time_stamped: bool = False


@dataclass(frozen=True, slots=True)
class FileReport:
    """Everything found in one file."""

    media_type: str
    findings: tuple[FileFinding, ...] = ()
    signatures: int = 0
    time_stamps: int = 0
    not_judged: tuple[str, ...] = ()


_NO_FLAGS: Final = FileFlags()


def check_file(
    source: Source,
    *,
    file_name: str,
    declared_mime: str = "",
    flags: FileFlags = _NO_FLAGS,
    content: Source | None = None,
) -> list[FileFinding]:
    """Give only what is wrong with a file; see :func:`examine_file`."""
    report = examine_file(
        source, file_name=file_name, declared_mime=declared_mime, flags=flags, content=content
    )
    return list(report.findings)


def examine_file(
    source: Source,
    *,
    file_name: str,
    declared_mime: str = "",
    flags: FileFlags = _NO_FLAGS,
    content: Source | None = None,
) -> FileReport:
    """Examine a file in pieces; ``content`` is the file that a detached signature or time stamp is about."""
    if isinstance(source, Path):
        with source.open("rb") as stream:
            return _Examination(stream, file_name, flags, content).run(declared_mime)
    return _Examination(source, file_name, flags, content).run(declared_mime)


class _Examination:
    """One run over one file, collecting what it meets."""

    def __init__(self, stream: BinaryIO, file_name: str, flags: FileFlags, content: Source | None) -> None:
        self.stream = stream
        self.file_name = file_name
        self.flags = flags
        self.content = content
        self.size = stream.seek(0, 2)
        self.findings: list[FileFinding] = []
        self.not_judged: list[str] = []
        self.signatures = 0
        self.stamps = 0

    def run(self, declared_mime: str) -> FileReport:
        head, tail = self._read(0, HEAD_BYTES), self._read(max(0, self.size - TAIL_BYTES), TAIL_BYTES)
        media_type = detect_media_type(head, tail=tail, file_name=self.file_name)
        problem = declared_problem(declared_mime, media_type, self.file_name)
        problem = problem or self._structure_problem(media_type, head, tail)
        if problem:
            self._found(FindingCode.UNREADABLE, problem)
        else:
            self._check_marks(media_type)
            self._check_declared_marks()
        return FileReport(
            media_type, tuple(self.findings), self.signatures, self.stamps, tuple(self.not_judged)
        )

    def _structure_problem(self, media_type: str, head: bytes, tail: bytes) -> str:
        try:
            return structure_problem(self.stream, media_type, size=self.size, head=head, tail=tail)
        except Exception as error:  # noqa: BLE001  no parser may end the examination
            self._cannot_judge(error)
            return ""

    def _cannot_judge(self, error: Exception) -> None:
        """Leave a file unjudged; what no parser should have raised is told to whoever runs the node."""
        if not is_about_the_file(error):
            raise error
        if isinstance(error, NotJudged):
            self.not_judged.append(str(error)[:_MAX_DETAIL])
            return
        _log.warning("The examination of %s was left unfinished.", self.file_name, exc_info=error)
        self.not_judged.append(f"the examination was left unfinished: {error}"[:_MAX_DETAIL])

    def _read(self, start: int, length: int) -> bytes:
        self.stream.seek(start)
        return self.stream.read(length)

    def _found(self, code: FindingCode, detail: str) -> None:
        self.findings.append(FileFinding(code, self.file_name, detail[:_MAX_DETAIL]))

    def _collect(self, problems: list[CmsProblem]) -> None:
        # The norm tells signatures of persons from seals of bodies; the mathematics is the same.
        mark = FindingCode.SEAL if self.flags.sealed and not self.flags.signed else FindingCode.SIGNATURE
        self.not_judged += [problem.detail for problem in problems if problem.about == NOT_JUDGED]
        for problem in (one for one in problems if one.about != NOT_JUDGED):
            self._found(FindingCode.TIMESTAMP if problem.about == "timestamp" else mark, problem.detail)

    def _check_marks(self, media_type: str) -> None:
        try:
            if media_type == media_types.PDF:
                self._check_pdf()
            elif media_type in media_types.STAMPS:
                self._check_stamp()
            elif media_type == media_types.CMS:
                self._check_cms()
            elif media_type == media_types.XML:
                self._check_xml()
            elif is_archive(media_type) and holds_signatures(self.stream):
                self.not_judged.append("the signatures inside an archive")
        except CmsUnreadable as damaged:
            stamp = media_type in media_types.STAMPS
            self._collect([CmsProblem("timestamp" if stamp else "signature", str(damaged))])
            self.signatures += 1
        except Exception as error:  # noqa: BLE001  no parser may end the examination
            self._cannot_judge(error)

    def _too_large(self, limit: int = MAX_CMS_BYTES) -> bool:
        if self.size <= limit:
            return False
        self.not_judged.append("the file is too large for its signatures to be checked")
        self.signatures += 1
        return True

    def _check_pdf(self) -> None:
        if not _contains(self.stream, b"/ByteRange") or self._too_large(_MAX_PDF_BYTES):
            return
        # Imported when a signed PDF comes: it costs a second that most processes never need.
        from crinale.spine.records.signatures.pdf_signatures import check_pdf_signatures

        self.stream.seek(0)
        count, problems = check_pdf_signatures(self.stream)
        self.signatures += count
        self._collect(problems)
        self._trust_later(count)

    def _check_cms(self) -> None:
        if self._too_large():
            return
        data, depth = self._read(0, self.size), 0
        while True:
            self.signatures += 1
            self._collect(check_signed_data(data, digest_of=self._digest_of_content()))
            inner = signed_content(data)
            depth += 1
            if (
                inner is None
                or depth >= _MAX_NESTED
                or detect_media_type(inner[:HEAD_BYTES]) != media_types.CMS
            ):
                break
            data = inner
        self._trust_later(1)

    def _check_stamp(self) -> None:
        if self._too_large():
            return
        self.stamps += 1
        self._collect(check_time_stamp(self._read(0, self.size), digest_of=self._digest_of_content()))
        self._trust_later(1)

    def _check_xml(self) -> None:
        self.stream.seek(0)
        count, problems, not_judged = check_xml_signatures(self.stream, size=self.size)
        self.signatures += count
        self.not_judged.extend(not_judged)
        self._collect([CmsProblem("signature", problem) for problem in problems])
        self._trust_later(count)

    def _trust_later(self, count: int) -> None:
        if count:
            self.not_judged.append("trust in the signers")

    def _check_declared_marks(self) -> None:
        """A file that is said to be signed and is not: the sender believes something that does not hold."""
        if self.signatures or self.stamps or self.not_judged:
            return  # where something could not be read, its absence cannot be told
        if self.flags.signed:
            self._found(FindingCode.SIGNATURE, "the file is said to be signed, and holds no signature")
        if self.flags.sealed:
            self._found(FindingCode.SEAL, "the file is said to be sealed, and holds no seal")

    def _digest_of_content(self) -> Callable[[str], bytes] | None:
        content = self.content
        if content is None:
            return None

        def compute(name: str) -> bytes:
            if isinstance(content, Path):
                with content.open("rb") as stream:
                    return _digest(stream, name)
            content.seek(0)
            return _digest(content, name)

        return compute


def _digest(stream: BinaryIO, name: str) -> bytes:
    computed = hashlib.new(name, usedforsecurity=False)
    while chunk := stream.read(_CHUNK):
        computed.update(chunk)
    return computed.digest()


def _contains(stream: BinaryIO, mark: bytes) -> bool:
    stream.seek(0)
    kept = b""
    while chunk := stream.read(_CHUNK):
        if mark in kept + chunk:
            return True
        kept = chunk[-len(mark) :]
    return False
