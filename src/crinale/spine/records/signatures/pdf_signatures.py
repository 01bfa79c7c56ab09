"""Whether the signatures inside a PDF are whole (PAdES, ETSI EN 319 142; ISO 32000 section 12.8).

Each signature must cover its whole revision, and its mathematics must agree. Revisions added afterwards, and
trust, are not judged here.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, BinaryIO, Final

from cryptography.exceptions import UnsupportedAlgorithm
from pyhanko.pdf_utils.crypt import AuthStatus, StandardSecurityHandler
from pyhanko.pdf_utils.misc import PdfDecodeLimitError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.status import SignatureCoverageLevel

from crinale.kernel.errors import CrinaleError
from crinale.spine.records.signatures.cms import (
    CmsProblem,
    CmsUnreadable,
    check_signed_data,
    check_time_stamp,
)
from crinale.spine.records.signatures.not_judged import NotJudged, is_about_the_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

_MAX_SIGNATURES: Final = 32
_CHUNK: Final = 1 << 18


def check_pdf_signatures(stream: BinaryIO) -> tuple[int, list[CmsProblem]]:
    """Check the signatures of a seekable PDF; give how many there are, and what is wrong.

    :raises CmsUnreadable: when the PDF or one of its signatures is damaged.
    :raises NotJudged: when only readers who have a key can open it, or a filter is needed that is not known.
    """
    try:
        reader = PdfFileReader(stream, strict=False)
        _open(reader)
        signatures = reader.embedded_signatures[:_MAX_SIGNATURES]
        problems: list[CmsProblem] = []
        for signature in signatures:
            problems += _check(stream, signature)
    except CrinaleError:
        raise
    except (NotImplementedError, UnsupportedAlgorithm, PdfDecodeLimitError) as error:
        raise NotJudged(f"the PDF cannot be read here: {str(error)[:200]}") from None
    except Exception as error:
        # A damaged PDF leads its reader anywhere: filters, types and attributes fail each in their own way.
        if not is_about_the_file(error):
            raise
        raise CmsUnreadable(f"The PDF is damaged: {str(error)[:200]}") from None
    return len(signatures), problems


def _open(reader: PdfFileReader) -> None:
    """Open a PDF that is encrypted only to restrict what its readers do with it: anybody may read it."""
    settings = reader.encrypt_dict
    if settings is None:
        return
    # Asked directly: the reader would also look at the file's own code of integrity (ISO 32004), whose key
    # anybody has where the password is empty. The signatures say more.
    handler = reader.security_handler if settings.get("/Filter") == "/Standard" else None
    if (
        not isinstance(handler, StandardSecurityHandler)
        or handler.authenticate("", id1=reader.document_id[0]).status == AuthStatus.FAILED
    ):
        raise NotJudged("the PDF is encrypted, and only its recipient can open it")


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
