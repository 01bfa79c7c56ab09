"""The signature of a message: foreign tools agree with it, and whoever changes anything is found out."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from base64 import b64encode
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from crinale.connectors.aoo_soap import codec, evidence, names
from crinale.connectors.aoo_soap.operations import CONFIRM
from crinale.connectors.aoo_soap.refusals import (
    MessageRefused,
    NotSecured,
    StaleMessage,
    UntrustedCertificate,
    WrongMessage,
    WrongSignature,
)
from crinale.connectors.aoo_soap.tests import support
from crinale.connectors.aoo_soap.tests.messages import ADDRESSING, forwarded, receive, receive_packed, signed
from crinale.connectors.aoo_soap.ws_security import ANONYMOUS, Addressing
from crinale.spine.records.signatures.xmldsig import canonicalize

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crinale.spine.exchange.ports import OutgoingFile

XMLSEC1 = shutil.which("xmlsec1")
SMALL = [support.outgoing("a.pdf", os.urandom(5_000)), support.outgoing("b.txt", b"b", "text/plain")]
MIXED = [*SMALL, support.outgoing("c.zip", os.urandom(400_000), "application/zip")]


def test_a_message_says_who_signed_it_and_for_whom() -> None:
    message = receive_packed(forwarded(SMALL)).message

    assert message.certificate == support.key("sender").der
    assert (message.to, message.action, message.message_id) == (
        ADDRESSING.to,
        ADDRESSING.action,
        ADDRESSING.message_id,
    )
    assert message.sent_from == ADDRESSING.sent_from
    assert message.created == support.NOW
    assert message.confirms is None


def test_an_answer_confirms_the_signature_of_the_request() -> None:
    request = forwarded(SMALL)
    answering = Addressing(
        to=ANONYMOUS,
        action="a",
        message_id="urn:uuid:2",
        relates_to=request.message_id,
        confirms=request.signature,
    )

    answer = receive_packed(
        signed(codec.response_body(CONFIRM, sender=support.SENDER), addressing=answering)
    ).message

    assert answer.relates_to == request.message_id
    assert answer.confirms == request.signature


@pytest.mark.parametrize("files", [SMALL, MIXED], ids=["inline", "package"])
def test_what_is_written_is_canonical(files: list[OutgoingFile]) -> None:
    restored = b"".join(evidence.restore(forwarded(files).evidence(), _store(files).open))
    body = etree.fromstring(restored, etree.XMLParser(huge_tree=True)).find(f"{{{names.SOAP}}}Body")

    assert body is not None
    assert canonicalize(body) in restored


def _store(files: list[OutgoingFile]) -> support.MemoryStore:
    store = support.MemoryStore()
    for file in files:
        writer = store.writer()
        writer.write(file.open().read())
        writer.commit()
    return store


@pytest.mark.skipif(XMLSEC1 is None, reason="xmlsec1 is not installed")
@pytest.mark.parametrize("files", [SMALL, MIXED], ids=["inline", "package"])
def test_a_foreign_tool_verifies_the_message(files: list[OutgoingFile], tmp_path: Path) -> None:
    """xmlsec1 knows nothing of WS-Security tokens: it gets the certificate of the token as a key."""
    request = tmp_path / "request.xml"
    request.write_bytes(b"".join(evidence.restore(forwarded(files).evidence(), _store(files).open)))
    certificate, _key = support.key("sender").write(tmp_path, "sender")
    ids = [
        f"--id-attr:Id {namespace}:{element}"
        for namespace, element in [
            (names.SOAP, "Body"),
            (names.WSU, "Timestamp"),
            *((names.WSA, name) for name in ("To", "Action", "MessageID", "From")),
        ]
    ]
    command = f"{XMLSEC1} --verify --pubkey-cert-pem {certificate} {' '.join(ids)} {request}"
    # The first ds:Signature in document order is that of the message; the seal comes later, inside the Body.

    done = subprocess.run(command.split(), capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def _edited(change: Callable[[bytes], bytes], data: bytes) -> bytes:
    changed = change(data)
    assert changed != data
    return changed


def _swap(old: str, new: str) -> Callable[[bytes], bytes]:
    return lambda data: data.replace(old.encode(), new.encode())


def _flip_content(data: bytes) -> bytes:
    at = data.index(b'nomeFile="a.pdf">') + 2000
    return data[:at] + (b"A" if data[at : at + 1] != b"A" else b"B") + data[at + 1 :]


def _unsign(name: str) -> Callable[[bytes], bytes]:
    """Take one reference out of SignedInfo, as an attacker would who hopes that nobody counts them."""

    def change(data: bytes) -> bytes:
        return re.sub(rb'<ds:Reference URI="#%s">.*?</ds:Reference>' % name.encode(), b"", data)

    return change


TAMPERED: dict[str, tuple[Callable[[bytes], bytes], type[MessageRefused]]] = {
    "segnatura": (_swap("Comune di Sassetta", "Comune di Suvereto"), WrongSignature),
    "file": (_flip_content, WrongSignature),
    "file name": (_swap('nomeFile="b.txt">Yg==', 'nomeFile="c.txt">Yg=='), WrongSignature),
    "to": (_swap("/aoo/AZZ9PLU/protocollo", "/aoo/AZZ9PLV/protocollo"), WrongSignature),
    "message id": (_swap(">urn:uuid:1<", ">urn:uuid:2<"), WrongSignature),
    "expiry": (_swap("09:35:00.000Z", "10:25:00.000Z"), WrongSignature),
    "body unsigned": (_unsign("ws-body"), WrongSignature),
    "no signature": (
        lambda data: re.sub(rb"<ds:Signature .*?</ds:Signature>", b"", data, count=1),
        NotSecured,
    ),
    "no security": (lambda data: re.sub(rb"<wsse:Security .*</wsse:Security>", b"", data), NotSecured),
    "no header": (lambda data: re.sub(rb"<soap:Header>.*</soap:Header>", b"", data), NotSecured),
    "no message id": (lambda data: re.sub(rb"<wsa:MessageID .*?</wsa:MessageID>", b"", data), WrongSignature),
    "sha-1": (
        _swap("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1"),
        WrongSignature,
    ),
    "hmac": (
        _swap(
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2000/09/xmldsig#hmac-sha1"
        ),
        WrongSignature,
    ),
    "token not base64": (_swap('wsu:Id="ws-token">', 'wsu:Id="ws-token">?'), NotSecured),
    "token not a certificate": (
        lambda data: re.sub(rb'(wsu:Id="ws-token">)[^<]*', rb"\1" + b64encode(b"x"), data),
        NotSecured,
    ),
    "key info elsewhere": (_swap('URI="#ws-token"', 'URI="#ws-To"'), NotSecured),
    "two bodies": (
        lambda data: data.replace(
            b"</soap:Body></soap:Envelope>", b"</soap:Body><soap:Body/></soap:Envelope>"
        ),
        WrongMessage,
    ),
    "soap 1.2": (_swap(names.SOAP, names.SOAP12), WrongMessage),
}


@pytest.mark.parametrize("case", TAMPERED)
def test_a_changed_message_is_refused(case: str) -> None:
    change, expected = TAMPERED[case]
    genuine = forwarded(SMALL).on_the_wire()
    assert receive(genuine).message.message_id

    with pytest.raises(expected):
        receive(_edited(change, genuine))


def test_a_changed_attachment_is_refused() -> None:
    from crinale.connectors.aoo_soap.outgoing import pack

    wire = pack(forwarded(MIXED))
    data = bytearray(b"".join(wire.pieces()))
    data[-1000] ^= 1

    with pytest.raises(WrongSignature, match="Body"):
        receive(bytes(data), wire.content_type)


def test_a_wrapped_body_is_refused() -> None:
    """The signed body moves into the header, another takes its place: the classic signature wrapping."""
    genuine = forwarded(SMALL).on_the_wire().decode()
    body = genuine[genuine.index("<soap:Body") : genuine.index("</soap:Envelope>")]
    forged = body.replace(' wsu:Id="ws-body"', ' wsu:Id="other"').replace("seal-", "forged-")
    moved = genuine.replace(body, forged).replace("</soap:Header>", f"<x>{body}</x></soap:Header>")

    with pytest.raises(NotSecured, match="Body is not signed"):
        receive(moved.encode())


def test_a_repeated_id_is_refused() -> None:
    genuine = forwarded(SMALL).on_the_wire().decode()
    twice = genuine.replace("</soap:Header>", f'<x xmlns:wsu="{names.WSU}" wsu:Id="ws-body"/></soap:Header>')

    with pytest.raises(WrongSignature, match="more than once"):
        receive(twice.encode())


@pytest.mark.parametrize(
    ("later", "accepted"),
    [
        (timedelta(), True),
        (timedelta(minutes=5), True),
        (timedelta(minutes=7), False),
        (timedelta(minutes=-2), False),
    ],
)
def test_a_message_is_good_for_five_minutes(later: timedelta, *, accepted: bool) -> None:
    data = forwarded(SMALL).on_the_wire()
    if accepted:
        assert receive(data, instant=support.NOW + later).message.message_id
        return
    with pytest.raises(StaleMessage):
        receive(data, instant=support.NOW + later)


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (lambda: support.key("stranger", issuer="Other CA"), "unknown_issuer"),
        (lambda: support.key("old", expired=True), "expired"),
    ],
)
def test_a_certificate_must_be_known_and_valid(key: Callable[[], support.Key], reason: str) -> None:
    with pytest.raises(UntrustedCertificate, match=reason):
        receive_packed(forwarded(SMALL, key=key()))


def test_a_foreign_stack_may_write_it_differently() -> None:
    """Inclusive prefixes, other prefixes, indented header, lines in the base64: as foreign stacks do."""
    from crinale.connectors.aoo_soap.tests.foreign import foreign_forward

    received = receive(foreign_forward(SMALL, key=support.key("sender")))

    assert received.message.message_id == "urn:uuid:foreign"
    assert received.message.action is None
    assert [content.size for content in received.reading.contents] == [5_000, 1]
