"""The official schemas and WSDLs of Allegato 6, where a copy of AgID's repository lies beside the project."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from crinale.connectors.aoo_soap import names

if TYPE_CHECKING:
    from crinale.connectors.aoo_soap.operations import Role

FOLDER = Path(
    os.environ.get("CRINALE_ALLEGATO6")
    or Path(__file__).resolve().parents[6] / "shared" / "specs" / "exchange" / "protocollo-comunicazione-aoo"
)
needed = pytest.mark.skipif(
    not FOLDER.is_dir(),
    reason="a copy of AgID/protocollo-comunicazione-aoo is needed (CRINALE_ALLEGATO6 may name its folder)",
)


def wsdl(role: Role) -> etree._Element:
    """The official WSDL of one interface."""
    return etree.parse(FOLDER / "interfaces_SOAP" / f"protocollo-{role}.wsdl").getroot()


@cache
def types(role: Role) -> etree.XMLSchema:
    """The types of the official WSDL, compiled."""
    schema = wsdl(role).find(
        "{http://schemas.xmlsoap.org/wsdl/}types/{http://www.w3.org/2001/XMLSchema}schema"
    )
    assert schema is not None
    text = etree.tostring(schema)
    # The W3C schema of signatures names a DTD that nobody has; its text is complete without.
    parser = etree.XMLParser(load_dtd=False, no_network=True, resolve_entities=False)
    return etree.XMLSchema(
        etree.fromstring(text, parser, base_url=(FOLDER / "interfaces_SOAP" / "types.xsd").as_uri())
    )


def problems(role: Role, envelope: bytes) -> list[str]:
    """What the official types have against the content of a body."""
    root = etree.fromstring(envelope, etree.XMLParser(huge_tree=True))
    body = root.find(names.q(names.SOAP, "Body"))
    assert body is not None
    content = etree.fromstring(etree.tostring(body[0]), etree.XMLParser(huge_tree=True))
    schema = types(role)
    schema.validate(content)
    return [entry.message for entry in schema.error_log]
