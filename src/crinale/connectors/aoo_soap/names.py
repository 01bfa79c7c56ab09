"""Namespaces and element names on the wire: SOAP 1.1, WS-Security 1.1, WS-Addressing, XOP, Allegato 6."""

from __future__ import annotations

from typing import Final

SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12: Final = "http://www.w3.org/2003/05/soap-envelope"
WSSE: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSSE11: Final = "http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd"
WSU: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
WSA: Final = "http://www.w3.org/2005/08/addressing"
DS: Final = "http://www.w3.org/2000/09/xmldsig#"
XOP: Final = "http://www.w3.org/2004/08/xop/include"
X509V3: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3"
BASE64: Final = (
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
)

PROT: Final = "http://www.agid.gov.it/protocollo/"
MSGPROT: Final = "http://www.agid.gov.it/protocollo/messaggi/"
RECIPIENT: Final = "http://ws.protocollo.comunicazione.aoo.destinatario/"
SENDER: Final = "http://ws.protocollo.comunicazione.aoo.mittente/"
EVIDENCE: Final = "urn:crinale:evidence"

ENVELOPE_TYPE: Final = "text/xml"
XOP_TYPE: Final = "application/xop+xml"
MULTIPART_TYPE: Final = "multipart/related"


def q(namespace: str, local: str) -> str:
    """Name of an element in the notation of lxml."""
    return f"{{{namespace}}}{local}"
