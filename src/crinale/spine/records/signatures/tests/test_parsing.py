"""Hostile XML is refused at once, and by its right name."""

from __future__ import annotations

import time

import pytest

from crinale.kernel.errors import Invalid
from crinale.spine.records.signatures.canonical import attribute, text
from crinale.spine.records.signatures.parsing import (
    XmlDoctype,
    XmlEncoding,
    XmlMalformed,
    XmlRefused,
    XmlTooDeep,
    XmlTooLarge,
    parse_xml,
)

LAUGHS = (
    b'<!DOCTYPE lolz [<!ENTITY a0 "ha">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))
    + b"]><lolz>&a11;</lolz>"
)


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (LAUGHS, XmlDoctype),
        (b'<?xml version="1.0"?><!-- a --><?x y?>\n' + LAUGHS, XmlDoctype),
        (b'\xef\xbb\xbf<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x.dtd"><a/>', XmlDoctype),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', XmlDoctype),
        (LAUGHS.decode().encode("utf-16"), XmlEncoding),
        (LAUGHS.decode().encode("utf-16-le"), XmlEncoding),
        (b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a><a/>', XmlEncoding),
        (b"<a>" * 10_000 + b"</a>" * 10_000, XmlTooDeep),
        (b"<a>" * 65 + b"</a>" * 65, XmlTooDeep),
        (b"<a>" * 10_000_000, XmlTooLarge),
        (b"<a>" + b"x" * 100, XmlMalformed),
        (b"", XmlMalformed),
        (b"<a>&x;</a>", XmlMalformed),
        (b"<a b='1' b='2'/>", XmlMalformed),
        (b"<a>\x01</a>", XmlMalformed),
        (b"<a>\xff</a>", XmlMalformed),
        (b"<a/><b/>", XmlMalformed),
    ],
)
def test_hostile_texts_are_refused_quickly(data: bytes, refusal: type[XmlRefused]) -> None:
    begin = time.process_time()
    with pytest.raises(refusal):
        parse_xml(data)
    assert time.process_time() - begin < 0.5


def test_ordinary_documents_pass() -> None:
    assert parse_xml(b"<a>" * 64 + b"</a>" * 64).tag == "a"
    assert parse_xml(b'<?xml version="1.0" encoding="ISO-8859-1"?><a>perch\xe9</a>').text == "perché"
    assert parse_xml(b"<a>&lt;!DOCTYPE</a>").text == "<!DOCTYPE"


def test_a_deep_document_is_refused_with_long_texts_allowed() -> None:
    with pytest.raises(XmlTooDeep):
        parse_xml(b"<a>" * 10_000 + b"</a>" * 10_000, long_text=True)
    big = b"<a>" + b"A" * 11_000_000 + b"</a>"
    assert len(parse_xml(big, max_bytes=12_000_000, long_text=True).text or "") == 11_000_000
    with pytest.raises(XmlRefused):
        parse_xml(big, max_bytes=12_000_000)


def test_a_comment_cannot_cut_a_text_in_two() -> None:
    assert parse_xml(b"<a>roma<!-- x -->.example</a>").text == "roma.example"


def test_text_is_escaped_as_canonical_xml_wants() -> None:
    assert text("a<b>&\"'\r\n\t") == "a&lt;b&gt;&amp;\"'&#xD;\n\t"
    assert attribute("a<b>&\"'\r\n\t") == "a&lt;b>&amp;&quot;'&#xD;&#xA;&#x9;"
    for illegal in ("\x00", "\x0b", "\ud800", "\ufffe"):
        with pytest.raises(Invalid):
            text(illegal)
        with pytest.raises(Invalid):
            attribute(illegal)
