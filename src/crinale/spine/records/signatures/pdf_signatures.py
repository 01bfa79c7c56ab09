"""Whether the signatures inside a PDF are whole (PAdES, ETSI EN 319 142; ISO 32000 section 12.8).

Each signature must cover its whole revision, and its mathematics must agree. Revisions added afterwards, and
trust, are not judged here.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, BinaryIO, Final

from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.status import SignatureCoverageLevel

from crinale.spine.records.signatures.cms import (
    CmsProblem,
    CmsUnreadable,
    check_signed_data,
    check_time_stamp,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

_MAX_SIGNATURES: Final = 32
_CHUNK: Final = 1 << 18


def check_pdf_signatures(stream: BinaryIO) -> tuple[int, list[CmsProblem]]:
    """Check the signatures of a seekable PDF; give how many there are, and what is wrong.

    :raises CmsUnreadable: when the PDF or one of its signatures is damaged.
    """
    try:
        signatures = PdfFileReader(stream, strict=False).embedded_signatures[:_MAX_SIGNATURES]
        problems: list[CmsProblem] = []
        for signature in signatures:
            problems += _check(stream, signature)
    except (
        PdfError,
        SignatureValidationError,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        RecursionError,
    ) as error:
        raise CmsUnreadable(f"The PDF is damaged: {str(error)[:200]}") from None
    return len(signatures), problems


def _check(stream: BinaryIO, signature: EmbeddedPdfSignature) -> list[CmsProblem]:
    is_stamp = signature.sig_object_type == "/DocTimeStamp"
    about = "timestamp" if is_stamp else "signature"
    coverage = signature.evaluate_signature_coverage()
    if coverage < SignatureCoverageLevel.ENTIRE_REVISION:
        return [CmsProblem(about, f"{signature.field_name}: it does not cover the document")]
    digest_of = _digest_of(stream, [int(number) for number in signature.byte_range])
    data = bytes(signature.pkcs7_content)
    if is_stamp:
        found = check_time_stamp(data, digest_of=digest_of)
    else:
        found = check_signed_data(data, digest_of=digest_of)
    return [CmsProblem(one.about, f"{signature.field_name}: {one.detail}") for one in found]


def _digest_of(stream: BinaryIO, byte_range: list[int]) -> Callable[[str], bytes]:
    def compute(name: str) -> bytes:
        computed = hashlib.new(name, usedforsecurity=False)
        for start, length in zip(byte_range[::2], byte_range[1::2], strict=True):
            stream.seek(start)
            left = length
            while left > 0 and (chunk := stream.read(min(_CHUNK, left))):
                computed.update(chunk)
                left -= len(chunk)
        return computed.digest()

    return compute
