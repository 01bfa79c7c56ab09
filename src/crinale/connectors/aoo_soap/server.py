"""The two interfaces of an area: ``<endpoint>/protocollo/destinatario`` and ``.../protocollo/mittente``.

POST takes a SOAP 1.1 message and dispatches by the element in its body (``soapAction`` is empty in Allegato
6). GET gives the WSDL, and the schemas with ``?xsd=``. Whatever is wrong becomes a fault with a stable code
and the reason in Italian and English; what the exchange decides about a message is an answer, not a fault.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import urlsplit

from django.http import HttpResponse, HttpResponseNotAllowed, HttpResponseNotFound
from django.views.decorators.csrf import csrf_exempt

from crinale.connectors.aoo_soap import codec, description, evidence, receiving
from crinale.connectors.aoo_soap.node import node as node_port
from crinale.connectors.aoo_soap.operations import OPERATIONS
from crinale.connectors.aoo_soap.reading import read_message
from crinale.connectors.aoo_soap.refusals import (
    InternalFailure,
    MessageRefused,
    NotSecured,
    NotUnderstood,
    TooLargeMessage,
    UnknownArea,
    WrongContentType,
    WrongMessage,
)
from crinale.connectors.aoo_soap.verifying import Verifier, parse
from crinale.connectors.aoo_soap.ws_security import ANONYMOUS, Addressing, new_message_id
from crinale.kernel import clock
from crinale.kernel.errors import Conflict, Invalid, NotVisible

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

    from crinale.connectors.aoo_soap.multipart import Readable
    from crinale.connectors.aoo_soap.operations import Operation, Role
    from crinale.connectors.aoo_soap.verifying import Message, Parts

XML: Final = "text/xml; charset=utf-8"
_STATUS: Final[dict[type[MessageRefused], HTTPStatus]] = {
    UnknownArea: HTTPStatus.NOT_FOUND,
    WrongContentType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    TooLargeMessage: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
}
_log = logging.getLogger(__name__)


@csrf_exempt
def interface(request: HttpRequest, code: str, role: Role) -> HttpResponse:
    """One of the two interfaces of one area."""
    if request.method in {"GET", "HEAD"}:
        return _describe(request, code, role)
    if request.method != "POST":
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    try:
        return HttpResponse(_serve(request, code, role), content_type=XML)
    except MessageRefused as refused:
        _log.info("refused at %s: %s", request.path, refused)
        return _fault(refused)
    except Exception:  # noqa: BLE001 - whatever it was, the peer gets a fault and the log the trace
        _log.exception("failure at %s", request.path)
        return _fault(InternalFailure())


def _fault(refused: MessageRefused) -> HttpResponse:
    status = _STATUS.get(type(refused), HTTPStatus.INTERNAL_SERVER_ERROR)
    return HttpResponse(codec.fault_envelope(refused), content_type=XML, status=status)


def _describe(request: HttpRequest, code: str, role: Role) -> HttpResponse:
    if "xsd" in request.GET:
        text = description.schema(request.GET["xsd"])
        return HttpResponse(text, content_type=XML) if text is not None else HttpResponseNotFound()
    prefix = node_port.get().endpoint(code)
    if prefix is None:
        return HttpResponseNotFound()
    return HttpResponse(description.wsdl(role, address(prefix, role)), content_type=XML)


def address(prefix: str, role: Role) -> str:
    """Address of an interface from the prefix in the index (Allegato 6, appendix B)."""
    return f"{prefix.rstrip('/')}/protocollo/{role}"


def _serve(request: HttpRequest, code: str, role: Role) -> bytes:
    arrived = clock.now()
    node = node_port.get()
    prefix = node.endpoint(code)
    if prefix is None:
        raise UnknownArea(code[:50])
    reading = read_message(
        # Django's own stream reads nothing when there is no Content-Length (chunked requests).
        cast("Readable", request.META["wsgi.input"]),
        declared_type=request.META.get("CONTENT_TYPE", ""),
        length=_length(request),
        store=node.store,
        limits=node.limits,
    )
    parts = parse(reading, node.limits)
    operation, element = codec.operation_of(parts.body, role)
    _check_understood(parts)
    message = Verifier(trust=node.trust, store=node.store).verify(parts, reading, instant=arrived)
    _check_addressed(message, address(prefix, role), request.path, operation)
    call = receiving.Call(
        node=node,
        area_code=code,
        operation=operation,
        request=element,
        message=message,
        reading=reading,
        evidence=evidence.of_reading(reading),
    )
    return _answer(call, arrived)


def _answer(call: receiving.Call, arrived: datetime) -> bytes:
    try:
        body, wire_id = receiving.answer(call)
    except NotVisible as error:
        raise WrongMessage("nothing here answers to these identifiers") from error
    except (Invalid, Conflict) as error:
        raise WrongMessage(str(error)[:500]) from error
    addressing = Addressing(
        to=ANONYMOUS,
        action=call.operation.action(call.operation.response),
        message_id=new_message_id(),
        relates_to=call.message.message_id,
        confirms=call.message.signature,
    )
    instant = max(arrived, clock.now())
    text = call.node.signer(call.area_code).sign(body, addressing=addressing, instant=instant).on_the_wire()
    call.node.desk.keep_response(wire_id, text)
    return text


def _length(request: HttpRequest) -> int | None:
    value = request.META.get("CONTENT_LENGTH") or ""
    return int(value) if value.isascii() and value.isdigit() else None


def _check_understood(parts: Parts) -> None:
    """A header that must be understood and is not stops the message (SOAP 1.1 section 4.2.3)."""
    for header in parts.header if parts.header is not None else ():
        name = str(header.tag)
        if header.get("{http://schemas.xmlsoap.org/soap/envelope/}mustUnderstand") in {"1", "true"} and not (
            name.endswith("}Security") or name.startswith("{http://www.w3.org/2005/08/addressing}")
        ):
            raise NotUnderstood(name)


def _check_addressed(message: Message, own: str, path: str, operation: Operation) -> None:
    """The message must be meant for this address: what was signed for one area is not accepted by another.

    Only paths are compared: behind a proxy the host that the sender wrote is not ours. Any Action will do
    that is not the one of another operation.
    """
    meant = urlsplit(message.to).path.rstrip("/").lower()
    if meant not in {path.rstrip("/").lower(), urlsplit(own).path.rstrip("/").lower()}:
        raise NotSecured(f"To is {message.to[:200]}")
    others = {other.action(other.request) for other in OPERATIONS if other is not operation}
    if message.action in others:
        raise NotSecured(f"Action is {message.action}")
