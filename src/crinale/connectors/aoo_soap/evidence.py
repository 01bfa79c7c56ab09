"""The signed envelopes that both sides keep, and how to get back the text that was signed.

An envelope is kept with ``xop:Include`` in the place of every file, whose name is the file's SHA-256: files
are in the blob store already, and a signature over an infoset is the same whether the content stands inline
or beside (XOP 1.0). ``restore`` puts the base64 text back, with the line breaks of the sender; what it
gives is valid against the WSDL and can be verified with any WS-Security tool.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from crinale.connectors.aoo_soap.base64_text import Layout, encode
from crinale.connectors.aoo_soap.outgoing import include

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    from crinale.connectors.aoo_soap.reading import Reading

_INCLUDE: Final = re.compile(
    rb'<xop:Include xmlns:xop="[^"]*"(?: xmlns:e="[^"]*" e:layout="(?P<layout>[^"]*)")?'
    rb' href="cid:(?P<sha256>[0-9a-f]{64})@sha256"></xop:Include>'
)


def of_reading(reading: Reading) -> bytes:
    """The envelope of a message that was read, to keep."""
    pieces, at = [], 0
    for mark, content in zip(reading.marks, reading.contents, strict=True):
        found = reading.skeleton.find(mark, at)
        if found < 0:  # an empty file
            continue
        layout = content.layout.write() if content.layout is not None else ""
        pieces += [reading.skeleton[at:found], include(content.sha256, layout)]
        at = found + len(mark)
    return b"".join((*pieces, reading.skeleton[at:]))


def restore(envelope: bytes, open_blob: Callable[[str], BinaryIO]) -> Iterator[bytes]:
    """The envelope with its files inline, in pieces; ``open_blob`` opens a file by its SHA-256."""
    at = 0
    for found in _INCLUDE.finditer(envelope):
        yield envelope[at : found.start()]
        with open_blob(found["sha256"].decode("ascii")) as stream:
            text = encode(stream)
            layout = found["layout"]
            lines = Layout.read(layout.decode("ascii")).apply(text) if layout else text
            for piece in lines:
                yield piece.replace(b"\r", b"&#xD;")
        at = found.end()
    yield envelope[at:]
