"""What a foreign client meets over HTTP: descriptions, faults with a reason; what is refused is not kept."""

from __future__ import annotations

import io
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree

from crinale.connectors.aoo_soap import codec, names
from crinale.connectors.aoo_soap.limits import Limits
from crinale.connectors.aoo_soap.node import node as node_port
from crinale.connectors.aoo_soap.operations import CONFIRM, FORWARD
from crinale.connectors.aoo_soap.outgoing import pack
from crinale.connectors.aoo_soap.tests import official, support
from crinale.connectors.aoo_soap.tests.desk import RecordingDesk, application, make_node
from crinale.connectors.aoo_soap.tests.foreign import foreign_forward
from crinale.connectors.aoo_soap.tests.messages import TO, forwarded, receive, signed
from crinale.connectors.aoo_soap.ws_security import Addressing
from crinale.kernel import clock
from crinale.kernel.errors import NotVisible
from crinale.spine.exchange.ports import Anomaly, AnomalyCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crinale.connectors.aoo_soap.operations import Role

AREA = support.RECIPIENT.aoo_code
FILES = [support.outgoing("a.pdf", b"content")]


class Answer:
    """An HTTP response."""

    def __init__(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status, self.headers, self.body = int(status[:3]), dict(headers), body

    @property
    def reason(self) -> str:
        """The stable code of a fault."""
        return etree.fromstring(self.body).findtext(".//{urn:crinale:fault}motivo") or ""

    @property
    def faultcode(self) -> str:
        return etree.fromstring(self.body).findtext(".//faultcode") or ""


class Site:
    """The views of the connector, called as a WSGI server calls them."""

    def __init__(self) -> None:
        self.desk, self.store = RecordingDesk(), support.MemoryStore()

    def call(
        self,
        method: str,
        *,
        role: str = "destinatario",
        code: str = AREA,
        query: str = "",
        body: bytes = b"",
        declared: str | None = "text/xml; charset=utf-8",
        length: str | None = "",
    ) -> Answer:
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": f"/aoo/{code}/protocollo/{role}",
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "443",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": "https",
            "wsgi.input": io.BytesIO(body),
        }
        if declared is not None:
            environ["CONTENT_TYPE"] = declared
        if length is not None:
            environ["CONTENT_LENGTH"] = length or str(len(body))
        started: list[Any] = []
        chunks = application(environ, lambda status, headers: started.extend((status, headers)))
        status, headers = started
        return Answer(status, headers, b"".join(chunks))


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    with node_port.replaced(make_node(site.desk, site.store)), clock.frozen(support.NOW):
        yield site


def test_a_genuine_message_gets_a_signed_answer_that_is_kept(site: Site) -> None:
    envelope = forwarded(FILES)

    answer = site.call("POST", body=envelope.on_the_wire())

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert list(site.desk.responses.values()) == [answer.body]
    message = receive(answer.body).message
    assert message.relates_to == envelope.message_id
    assert message.confirms == envelope.signature
    assert message.certificate == support.key("recipient").der
    assert codec.read_answer(message.body, FORWARD) == codec.Answer(support.SENDER, None, None)


def test_a_chunked_request_without_length_is_read(site: Site) -> None:
    files = [support.outgoing("a.zip", bytes(200_000))]
    wire = pack(forwarded(files))

    answer = site.call("POST", body=b"".join(wire.pieces()), declared=wire.content_type, length=None)

    assert answer.status == 200
    assert site.desk.calls[0][1]["files"][0].size == 200_000


def test_a_foreign_stack_gets_its_answer(site: Site) -> None:
    answer = site.call("POST", body=foreign_forward(FILES, key=support.key("sender")))

    assert answer.status == 200, answer.body
    ((_name, received),) = site.desk.calls
    assert b"e:layout=" in received["evidence_request"]


def _confirm_refused() -> bytes:
    to = f"https://localhost/aoo/{AREA}/protocollo/mittente"
    body = codec.request_body(
        CONFIRM, sender=support.RECIPIENT, recipient=None, anomaly=Anomaly(AnomalyCode.UNREADABLE)
    )
    return signed(body, addressing=Addressing(to, "", "urn:uuid:3")).on_the_wire()


def test_a_refusal_finds_the_area_that_it_comes_from(site: Site) -> None:
    """It names no area: of those that the certificate serves, the one that was written to is meant."""
    node = make_node(site.desk, site.store)
    listed = frozenset({"A000001", support.SENDER.aoo_code})
    asked: list[str] = []

    def receive_confirmation(**values: Any) -> Any:
        asked.append(values["peer"].aoo_code)
        if values["peer"].aoo_code == "A000001":
            raise NotVisible
        return RecordingDesk.receive_confirmation(site.desk, **values)

    site.desk.receive_confirmation = receive_confirmation  # type: ignore[method-assign]
    object.__setattr__(node, "peers", lambda _certificate: listed)
    with node_port.replaced(node):
        answer = site.call("POST", role="mittente", body=_confirm_refused())

    assert answer.status == 200, answer.body
    assert asked == ["A000001", support.SENDER.aoo_code]


def _to(area: str = AREA, action: str = "") -> bytes:
    addressing = Addressing(TO.replace(AREA, area), action, "urn:uuid:1")
    return forwarded(FILES, addressing=addressing).on_the_wire()


@pytest.mark.parametrize(
    ("call", "status", "reason"),
    [
        ({"code": "A000000"}, 404, "unknown-area"),
        ({"declared": "application/soap+xml"}, 415, "content-type"),
        ({"declared": None}, 415, "content-type"),
        ({"length": str(1 << 40)}, 413, "too-large"),
        ({"length": "99999"}, 500, "truncated"),
        ({"role": "mittente"}, 500, "message"),
        ({"body": b"<a/>"}, 500, "message"),
        ({"body": b"nonsense"}, 500, "xml"),
        ({"body": b"<!DOCTYPE a><a/>"}, 500, "doctype"),
        ({"body": _to("A7654321")}, 500, "security"),
        ({"body": _to(action=CONFIRM.action(CONFIRM.request))}, 500, "security"),
        (
            {"body": forwarded(FILES, key=support.key("stranger", issuer="Other CA")).on_the_wire()},
            500,
            "certificate",
        ),
        ({"body": forwarded(FILES, key=support.key("unlisted")).on_the_wire()}, 500, "certificate"),
        ({"body": forwarded(FILES, key=support.key("recipient")).on_the_wire()}, 500, "certificate"),
        ({"body": forwarded([support.outgoing("a.pdf", b"")]).on_the_wire()}, 500, "base64"),
        (
            {
                "body": forwarded(FILES)
                .on_the_wire()
                .replace(b"<wsa:To ", b'<x soap:mustUnderstand="1"/><wsa:To ', 1)
            },
            500,
            "must-understand",
        ),
    ],
)
def test_what_cannot_be_accepted_is_a_fault_that_says_why(
    site: Site, call: dict[str, Any], status: int, reason: str
) -> None:
    answer = site.call("POST", **{"body": forwarded(FILES).on_the_wire(), **call})

    fault = "soap:MustUnderstand" if reason == "must-understand" else "soap:Client"
    assert (answer.status, answer.faultcode, answer.reason) == (status, fault, reason)
    assert not site.desk.calls
    assert not site.store.blobs


def test_a_failure_of_the_node_is_its_own_fault_and_tells_no_secret(site: Site) -> None:
    site.desk.error = RuntimeError("password")

    answer = site.call("POST", body=forwarded(FILES).on_the_wire())

    assert (answer.status, answer.faultcode, answer.reason) == (500, "soap:Server", "internal")
    assert b"password" not in answer.body


def test_a_message_too_long_for_the_node_is_refused(site: Site) -> None:
    node = make_node(site.desk, site.store, limits=Limits(total=1000))
    with node_port.replaced(node):
        answer = site.call("POST", body=forwarded(FILES).on_the_wire(), length=None)

    assert (answer.status, answer.reason) == (413, "too-large")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS"])
def test_other_methods_are_not_allowed(site: Site, method: str) -> None:
    answer = site.call(method)

    assert answer.status == 405
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize("query", ["", "wsdl", "WSDL"])
@pytest.mark.parametrize("role", ["destinatario", "mittente"])
def test_the_wsdl_says_where_it_answers(site: Site, role: str, query: str) -> None:
    answer = site.call("GET", role=role, query=query)

    assert answer.status == 200
    location = etree.fromstring(answer.body).find(".//{http://schemas.xmlsoap.org/wsdl/soap/}address")
    assert location is not None
    assert location.get("location") == f"https://localhost/aoo/{AREA}/protocollo/{role}"


def test_descriptions_that_are_not_there_are_not_found(site: Site) -> None:
    assert site.call("GET", code="A000000", query="wsdl").status == 404
    assert site.call("GET", query="xsd=../wsdl.py").status == 404


def test_the_schemas_are_served_beside_the_wsdl(site: Site) -> None:
    wanted, seen = ["messaggio_protocollo.xsd"], set()
    while wanted:
        name = wanted.pop()
        answer = site.call("GET", query=f"xsd={name}")
        assert answer.status == 200
        seen.add(name)
        for imported in etree.fromstring(answer.body).iter("{http://www.w3.org/2001/XMLSchema}import"):
            location = imported.get("schemaLocation", "")
            assert location.startswith("?xsd=")
            wanted += {location.removeprefix("?xsd=")} - seen
    assert len(seen) == 3


def _shape(element: etree._Element) -> object:
    """What a WSDL says, without prefixes, order of attributes, white space and addresses."""
    if element.tag == "{http://schemas.xmlsoap.org/wsdl/soap/}address":
        return element.tag
    skipped = {"schemaLocation", "version"}
    attributes = {
        name: value.rpartition(":")[2] for name, value in element.attrib.items() if name not in skipped
    }
    children = [_shape(child) for child in element if isinstance(child.tag, str)]
    if str(element.tag).endswith(("}schema", "}definitions")):
        children.sort(key=str)
    return element.tag, sorted(attributes.items()), children


@official.needed
@pytest.mark.parametrize("role", ["destinatario", "mittente"])
def test_our_wsdl_says_what_the_official_one_says(site: Site, role: Role) -> None:
    served = etree.fromstring(site.call("GET", role=role, query="wsdl").body)

    assert _shape(served) == _shape(official.wsdl(role))


def test_base64_of_the_token_is_the_certificate(site: Site) -> None:
    """The answer carries the certificate as the token profile says, so that any stack can verify it."""
    body = site.call("POST", body=forwarded(FILES).on_the_wire()).body
    token = etree.fromstring(body).find(f".//{names.q(names.WSSE, 'BinarySecurityToken')}")

    assert token is not None
    assert token.text == b64encode(support.key("recipient").der).decode()
