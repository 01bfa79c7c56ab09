"""What is malicious or broken is refused at once, with a clear fault, and costs the node next to nothing."""

from __future__ import annotations

import contextlib
import http.client
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from lxml import etree

if TYPE_CHECKING:
    from tests.faults.peer import Peer

pytestmark = pytest.mark.xdist_group("network")
RECIPIENT = "AI45401"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + level, b"&%c;" % (97 + level) * 10) for level in range(9))
    + b']><soap:Envelope xmlns:soap="%s"><soap:Body>&j;</soap:Body></soap:Envelope>' % SOAP.encode()
)
OUTSIDE = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY file SYSTEM "file:///etc/passwd">]>'
    b'<soap:Envelope xmlns:soap="%s"><soap:Body>&file;</soap:Body></soap:Envelope>' % SOAP.encode()
)
DEEP = b'<soap:Envelope xmlns:soap="%s"><soap:Body>' % SOAP.encode() + b"<x>" * 10_000 + b"</x>" * 10_000
TRUNCATED = b'<soap:Envelope xmlns:soap="%s"><soap:Body><tns:Request' % SOAP.encode()


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    seconds: float


def begun(peer: Peer, body: bytes, *, declared_length: int) -> http.client.HTTPSConnection:
    """Send bytes to the recipient's door, over TLS with a good certificate."""
    address = urlsplit(peer.network.area(RECIPIENT)["recipient_url"])
    connection = http.client.HTTPSConnection(
        address.hostname or "", address.port, context=peer.client_tls(), timeout=20
    )
    connection.putrequest("POST", address.path)
    connection.putheader("Content-Type", "text/xml; charset=utf-8")
    connection.putheader("Content-Length", str(declared_length))
    connection.endheaders()
    connection.send(body)
    return connection


def post(peer: Peer, body: bytes) -> Answer:
    """Send a whole request, and read what comes back."""
    begin = time.monotonic()
    connection = begun(peer, body, declared_length=len(body))
    response = connection.getresponse()
    answer = Answer(response.status, response.read(), time.monotonic() - begin)
    connection.close()
    return answer


def break_off(peer: Peer, body: bytes) -> float:
    """Promise ten megabytes, send less, end; return how long the other side held on."""
    connection = begun(peer, body, declared_length=10_000_000)
    begin = time.monotonic()
    connection.sock.shutdown(socket.SHUT_WR)
    with contextlib.suppress(ConnectionError):
        while connection.sock.recv(65536):
            pass
    connection.close()
    return time.monotonic() - begin


@pytest.mark.parametrize(
    "body",
    [BOMB, OUTSIDE, DEEP, TRUNCATED, b"", b"\x00" * 1000],
    ids=["bomb", "outside", "deep", "cut", "no", "nul"],
)
def test_it_is_refused_within_a_second_with_a_fault_that_says_why(peer: Peer, body: bytes) -> None:
    answer = post(peer, body)

    assert answer.status >= 400
    assert answer.seconds < 1
    fault = etree.fromstring(answer.body).find(f".//{{{SOAP}}}Fault")
    assert fault is not None
    assert fault.findtext("faultstring")
    assert b"root:" not in answer.body


def test_one_who_breaks_off_is_let_go_within_a_second(peer: Peer) -> None:
    assert break_off(peer, TRUNCATED) < 1


def test_after_all_that_good_letters_still_arrive(peer: Peer) -> None:
    for body in (BOMB, DEEP, TRUNCATED):
        post(peer, body)
    break_off(peer, TRUNCATED)
    letter = peer.letter()

    begin = time.monotonic()
    assert peer.send(letter).anomaly is None
    assert time.monotonic() - begin < 3
    assert peer.confirmation_of(letter)["anomaly"] is None
