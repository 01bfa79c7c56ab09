"""Whether the signatures inside a received XML file are whole (XAdES: invoices, reports, segnature)."""

from __future__ import annotations

from typing import BinaryIO, Final

from crinale.spine.records.signatures.algorithms import DS
from crinale.spine.records.signatures.certificates import load_der
from crinale.spine.records.signatures.parsing import MAX_BYTES, XmlRefused, parse_xml
from crinale.spine.records.signatures.reading import Flaw, SignatureRefused, base64_of
from crinale.spine.records.signatures.xmldsig import verify_signature

_MAX_SIGNATURES: Final = 16


def check_xml_signatures(stream: BinaryIO, *, size: int) -> tuple[int, list[str], list[str]]:
    """Check the mathematics of each ds:Signature.

    Give their number, what is wrong, what could not be judged.
    """
    if size > MAX_BYTES:
        return 0, [], ["the file is too large for its signatures to be checked"]
    try:
        root = parse_xml(stream.read())
    except XmlRefused as refusal:
        return 0, [], [str(refusal)]
    signatures = list(root.iter(f"{{{DS}}}Signature"))
    problems, not_judged = [], []
    for signature in signatures[:_MAX_SIGNATURES]:
        try:
            element = signature.find(f"{{{DS}}}KeyInfo/{{{DS}}}X509Data/{{{DS}}}X509Certificate")
            if element is None:
                not_judged.append("a signature without its certificate")
                continue
            verify_signature(signature, certificate=load_der(base64_of(element)))
        except SignatureRefused as refusal:
            # Other transforms and algorithms are legitimate in other people's files: they are left to a full
            # report.
            if refusal.flaw is Flaw.ALGORITHM:
                not_judged.append(refusal.detail)
            else:
                problems.append(str(refusal))
        except ValueError as error:
            problems.append(f"a certificate cannot be read: {error}")
    return len(signatures), problems, not_judged
