"""A MessaggioInoltro as a foreign stack might write it, signed with lxml and cryptography alone.

Prefixes are not ours, the header is indented, InclusiveNamespaces is used as in the ModI examples, base64
has lines, Action is not signed (ID_AUTH_SOAP_02 does not ask for it).
"""

from __future__ import annotations

import hashlib
from base64 import b64encode, encodebytes
from typing import TYPE_CHECKING

from lxml import etree

from crinale.connectors.aoo_soap import names
from crinale.connectors.aoo_soap.tests import support
from crinale.connectors.aoo_soap.tests.messages import TO
from crinale.spine.records.signatures.keys import SigningAlgorithm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crinale.spine.exchange.ports import OutgoingFile

EXC = "http://www.w3.org/2001/10/xml-exc-c14n#"
SIGNED = ("TS", "B", "id-to", "id-mid")


def foreign_forward(files: Sequence[OutgoingFile], *, key: support.Key) -> bytes:
    """The message as bytes."""
    root = etree.fromstring(_unsigned(files, key))
    references = "".join(_reference(root, name) for name in SIGNED)
    signature = etree.fromstring(
        f'<d:Signature xmlns:d="{names.DS}" xmlns:soapenv="{names.SOAP}">\n<d:SignedInfo>'
        f"{_c14n_element('CanonicalizationMethod')}"
        '<d:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>'
        f"{references}</d:SignedInfo>\n<d:SignatureValue/>\n<d:KeyInfo><w:SecurityTokenReference"
        f' xmlns:w="{names.WSSE}"><w:Reference URI="#X509-1" ValueType="{names.X509V3}"/>'
        "</w:SecurityTokenReference></d:KeyInfo></d:Signature>"
    )
    root[0][0].append(signature)
    info = etree.tostring(signature[0], method="c14n", exclusive=True, inclusive_ns_prefixes=["soapenv"])
    signature[1].text = encodebytes(key.sign(info, algorithm=SigningAlgorithm.RSA_SHA256)).decode()
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _unsigned(files: Sequence[OutgoingFile], key: support.Key) -> str:
    contents = "".join(
        f'<q:File q:nomeFile="{file.name}"'
        f' q:mimeType="{file.media_type}">\n{encodebytes(file.open().read()).decode()}</q:File>\n'
        for file in files
    )
    segnatura = support.segnatura(files).decode()
    segnatura = segnatura.replace("<prot:SegnaturaInformatica", "<q:Segnatura").replace(
        "</prot:SegnaturaInformatica", "</q:Segnatura"
    )
    return (
        f'<soapenv:Envelope xmlns:soapenv="{names.SOAP}" xmlns:u="{names.WSU}" xmlns:q="{names.MSGPROT}">'
        f'<soapenv:Header><w:Security xmlns:w="{names.WSSE}" soapenv:mustUnderstand="1">\n'
        f'<w:BinarySecurityToken EncodingType="{names.BASE64}" ValueType="{names.X509V3}" u:Id="X509-1">\n'
        f"{encodebytes(key.der).decode()}</w:BinarySecurityToken>\n"
        '<u:Timestamp u:Id="TS"><u:Created>2026-11-23T09:30:00Z</u:Created>\n'
        "<u:Expires>2026-11-23T10:00:00.5Z</u:Expires></u:Timestamp></w:Security>\n"
        f'<Action xmlns="{names.WSA}">urn:anything</Action>\n'
        f'<To xmlns="{names.WSA}" u:Id="id-to">\n  {TO}\n</To>'
        f'<MessageID xmlns="{names.WSA}" u:Id="id-mid">urn:uuid:foreign</MessageID>'
        f'</soapenv:Header>\n<soapenv:Body u:Id="B">\n'
        f'  <n:RequestMessageInoltro xmlns:n="{names.RECIPIENT}">\n'
        f"{segnatura}\n{contents}</n:RequestMessageInoltro>\n</soapenv:Body></soapenv:Envelope>"
    )


def _reference(root: etree._Element, name: str) -> str:
    (element,) = root.xpath("//*[@u:Id=$name]", name=name, namespaces={"u": names.WSU})
    canonical = etree.tostring(element, method="c14n", exclusive=True, inclusive_ns_prefixes=["soapenv"])
    digest = b64encode(hashlib.sha256(canonical).digest()).decode()
    return (
        f'<d:Reference URI="#{name}"><d:Transforms>{_c14n_element("Transform")}</d:Transforms>'
        '<d:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
        f"<d:DigestValue>{digest}</d:DigestValue></d:Reference>"
    )


def _c14n_element(element: str) -> str:
    return (
        f'<d:{element} Algorithm="{EXC}">'
        f'<e:InclusiveNamespaces xmlns:e="{EXC}" PrefixList="soapenv"/></d:{element}>'
    )
